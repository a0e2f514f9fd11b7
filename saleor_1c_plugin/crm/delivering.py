"""Carrying messages of the outbox out in a CRM: an event, an order, an account, a farewell."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from ..configuration import SettingsError
from ..history import journal
from ..history.event import Customer, Event, Kind
from ..history.models import Record
from ..outbox.errors import Refused, Retry
from ..outbox.models import Message
from ..store import current_orders, current_store
from ..store.orders import Order
from . import back, erasing, people, portraits, resync, timeline
from .adapter import Contact, System
from .adapter import Kind as RecordKind
from .mirror import BUSY, Mirror, Standing
from .models import Person
from .orders import deal_of
from .proposals import hold
from .settings import CrmSettings
from .turns import turn


def deliver(system: System, message: Message) -> None:
    """Carry a message out; while the CRM is switched off, it is not for it."""
    saved = current_store().configuration(system.name)
    payload: Mapping[str, Any] = message.payload
    if "erase" in payload:
        erasing.carry_out(system, saved, payload["erase"])
        return
    settings = CrmSettings.load()
    if saved is None or settings is None:
        return
    try:
        mirror = Mirror(system, saved, settings)
    except SettingsError as error:
        raise Retry("The settings of the CRM can't be used") from error
    if "resync" in payload:
        resync.step(mirror, payload["resync"])
        return
    if "back" in payload:
        back.step(system, saved, payload["back"])
        return
    if not Person.objects.filter(pk=UUID(payload["person"]), marks__isnull=False).exists():
        # He was forgotten.
        return
    with turn(system.name, [payload["person"]]) as mine:
        if not mine:
            raise Retry("Another worker writes this customer", after=BUSY)
        if "there" in payload:
            back.see_one(system, saved, *payload["there"])
        elif not _carry_out(mirror, payload):
            hold(system, payload, message.key)


def _carry_out(mirror: Mirror, payload: Mapping[str, Any]) -> bool:
    """Whether it was possible: it is known who the customer is there."""
    person_id = payload["person"]
    event = _event(payload.get("event", ""))
    order = _order(event.order_id if event else payload.get("order", ""))
    if event is None and order is None and "customer" not in payload:
        return True
    customer_id = payload.get("customer", "") or (event.customer.id if event else "")
    wanted, is_whole = _portrait(person_id, event, order, customer_id)
    standing = mirror.contacts([wanted], complete=is_whole)[wanted.key]
    if standing.is_doubtful:
        return False
    if standing.problem:
        raise Refused(standing.problem)
    place = RecordKind.CONTACT, standing.id
    if order is not None and mirror.system.counts_in(mirror.saved, order.currency):
        place = RecordKind.DEAL, _deal(mirror, order, standing)
    if event is not None and event.kind in mirror.settings.timeline:
        mirror.note(event.key, *place, timeline.text(event, mirror.settings.language))
    return True


def _portrait(
    person_id: str, event: Event | None, order: Order | None, customer_id: str
) -> tuple[Contact, bool]:
    """A customer, and whether he is told of as a whole: by an order, or by his account."""
    onec_id = people.onec_ids([person_id]).get(person_id, "")
    if order is not None:
        return portraits.buyer(person_id, order, onec_id), True
    customer = event.customer if event else Customer()
    accounts = current_orders().read_customers([customer_id]) if customer_id else []
    if accounts:
        buyer, phone = accounts[0]
        return portraits.account(person_id, buyer, phone or customer.phone, onec_id), True
    is_whole = event is not None and event.kind == Kind.CUSTOMER_REGISTERED
    return portraits.contact(person_id, customer, onec_id), is_whole


def _deal(mirror: Mirror, order: Order, standing: Standing) -> str:
    written = mirror.deals([deal_of(mirror, order, standing.id)])[order.id]
    if written.problem or not written.id:
        raise Refused(written.problem or "The CRM has not said which deal it is")
    return written.id


def _event(key: str) -> Event | None:
    row = Record.objects.filter(key=key).first() if key else None
    return None if row is None else journal.event_of(row)


def _order(order_id: str) -> Order | None:
    return next(iter(current_orders().read_orders([order_id])), None) if order_id else None
