"""Bringing into the shop what people have changed in a CRM: each record in one transaction.

What was seen is kept in the same transaction: what was taken once is not taken again.
"""

import logging
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from ..history import journal
from ..history.event import Customer, Event, Kind
from ..history.facts import customer_of
from ..history.settings import is_kept
from ..orders.customers import normal_phone
from ..store import current_orders
from ..store.orders import Buyer, CustomerChange, Order
from ..store.ports import StoreError
from . import news
from .adapter import System
from .back_settings import Action, BackSettings
from .models import Link, Mark
from .returning import Comment, ContactThere, DealThere, Responsible

#: Letters of a comment that go into the order's history.
_LONGEST = 4000
#: Orders in which an account's phones are looked for.
_ORDERS = 20

logger = logging.getLogger(__name__)


def deal(
    system: System,
    settings: BackSettings,
    link: Link,
    there: DealThere,
    version: str,
    since: datetime,
) -> None:
    """Take what is new about a deal."""
    orders = current_orders()
    with transaction.atomic():
        row = _locked(link)
        if row is None:
            return
        order = None
        if orders.lock(row.ours):
            order = next(iter(orders.read_orders([row.ours])), None)
        if order is not None:
            changes = list(_about_deal(system, row, there))
            comments = news.comments(there.comments, since, _known(system, there))
            values = _values(system, there.responsible, there.tags)
            values[_key(system, "stage")] = there.stage
            values[_key(system, "stage_name")] = there.stage_name
            for comment in comments:
                _keep_comment(system, order, comment)
                values[_key(system, "comment")] = _clean(comment.text)
                changes.append(("comment", comment.id, comment.author))
            orders.write_private_metadata(order.id, values)
            if news.stage(there, row.stage, row.seen):
                _act(system, settings, order, there)
            _tell(system, row, changes, customer_of(order), order)
        _keep(row, news.of_deal(there, row.stage), version)


def contact(
    system: System, settings: BackSettings, link: Link, there: ContactThere, version: str
) -> None:
    """Take what is new about a contact; of a guest's there is nowhere to keep it."""
    with transaction.atomic():
        row = _locked(link)
        if row is None:
            return
        accounts = _accounts(row)
        for buyer, _phone in accounts:
            values = _values(system, there.responsible, there.tags)
            try:
                with transaction.atomic():
                    current_orders().write_customer_metadata(buyer.id, values)
            except StoreError as error:
                # Somebody of the staff has ordered, whom only others may change.
                logger.warning("A customer can't be changed: %s", error)
        changes = list(_about(there.responsible, there.tags, row.seen))
        if settings.contacts and len(accounts) == 1 and _rename(row, there, *accounts[0]):
            changes.append(("contact", "", ""))
        if accounts:
            buyer, phone = accounts[0]
            _tell(system, row, changes, Customer(id=buyer.id, email=buyer.email, phone=phone))
        _keep(row, news.of_contact(there), version)


def _locked(link: Link) -> Link | None:
    return Link.objects.select_for_update().filter(pk=link.pk, theirs=link.theirs).first()


def _keep(row: Link, seen: dict[str, Any], version: str) -> None:
    told = {"turn": row.seen.get("turn", 0)}
    row.seen = {**seen, **told, **news.of_version(version, row.seen, time.time())}
    row.save(update_fields=["seen"])


type _Change = tuple[str, str, str]


def _about_deal(system: System, row: Link, there: DealThere) -> Iterator[_Change]:
    if news.stage(there, row.stage, row.seen):
        yield "stage", there.stage, there.stage_name
    yield from _about(there.responsible, there.tags, row.seen)


def _about(responsible: Responsible, tags: tuple[str, ...], seen: news.Seen) -> Iterator[_Change]:
    """What, its value, and the same for people."""
    if news.responsible(responsible, seen):
        yield "responsible", responsible.id, responsible.name
    if news.tags(tags, seen):
        yield "tags", ", ".join(sorted(tags)), ""


def _values(system: System, responsible: Responsible, tags: tuple[str, ...]) -> dict[str, str]:
    return {
        _key(system, "responsible"): responsible.name,
        _key(system, "responsible_id"): responsible.id,
        _key(system, "tags"): ", ".join(sorted(tags)),
    }


def _key(system: System, name: str) -> str:
    return f"onec.crm.{system.name}.{name}"


def _known(system: System, there: DealThere) -> set[str]:
    """Of the comments those that are ours, or were taken."""
    ids = [comment.id for comment in there.comments]
    rows = Link.objects.filter(
        system=system.name, of__in=[Link.Of.FACT, Link.Of.COMMENT], theirs__in=ids
    )
    return set(rows.values_list("theirs", flat=True))


def _keep_comment(system: System, order: Order, comment: Comment) -> None:
    Link.objects.create(
        system=system.name,
        of=Link.Of.COMMENT,
        ours=f"comment:{comment.id}",
        theirs=comment.id,
    )
    who = ", ".join(filter(None, (system.title, comment.author)))
    current_orders().add_note(order.id, f"{who}: {_clean(comment.text)}")


def _clean(text: str) -> str:
    """What was written, without the zero bytes that are no text of the database's."""
    return text.replace("\0", "").strip()[:_LONGEST]


def _act(system: System, settings: BackSettings, order: Order, there: DealThere) -> None:
    action = settings.actions.get(there.stage)
    if action is None:
        return
    orders = current_orders()
    try:
        with transaction.atomic():
            match action:
                case Action.CONFIRM:
                    orders.confirm(order.id)
                case Action.CANCEL:
                    orders.cancel(order.id)
    except StoreError as error:
        stage = there.stage_name or there.stage
        orders.add_note(order.id, f"{system.title}, {stage}: {error}")


def _accounts(row: Link) -> list[tuple[Buyer, str]]:
    """Of the customer that a contact is, each with its phone."""
    marks = Mark.objects.filter(person=UUID(row.ours), mark__startswith="user:")
    ids = [mark.partition(":")[2] for mark in marks.values_list("mark", flat=True)]
    return list(current_orders().read_customers(ids)) if ids else []


def _rename(row: Link, there: ContactThere, buyer: Buyer, phone: str) -> bool:
    """Change the account; whether there was anything."""
    names = news.names(there, row.seen)
    number = news.phone(there, row.seen, phone, _phones_of_orders(buyer.id))
    change = CustomerChange(names.first_name, names.last_name, number)
    if change == CustomerChange():
        return False
    try:
        with transaction.atomic():
            return current_orders().change_customer(buyer.id, change)
    except StoreError as error:
        logger.warning("A customer can't be changed: %s", error)
        return False


def _phones_of_orders(customer_id: str) -> set[str]:
    orders = current_orders()
    found = orders.read_orders(orders.orders_of(customer_id, _ORDERS))
    addresses = [address for order in found for address in (order.billing, order.shipping)]
    return {normal_phone(one.phone) for one in addresses if one and one.phone}


def _tell(
    system: System,
    row: Link,
    changes: list[_Change],
    customer: Customer,
    order: Order | None = None,
) -> None:
    """Write down in the journal what was changed."""
    turn = row.seen.get("turn", 0)
    about: dict[str, Any] = {}
    if order is not None:
        about = {
            "channel": order.channel,
            "order_id": order.id,
            "order_number": order.number,
        }
    events = [
        Event(
            key=f"crm:{row.pk}:{turn + place}",
            kind=Kind.CRM_CHANGED,
            at=journal.now(),
            customer=customer,
            data={"system": system.name, "what": what, "value": value, "name": name},
            **about,
        )
        for place, (what, value, name) in enumerate(changes, 1)
    ]
    row.seen = {**row.seen, "turn": turn + len(events)}
    if events and is_kept():
        journal.record(events)
