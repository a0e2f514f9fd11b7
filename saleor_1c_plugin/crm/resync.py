"""Sending all customers and all orders anew: step after step, each a message of the outbox.

How far it came is in a row, written with the next step's message: a worker that died costs the
step that it was in, and whatever that has made is found again. A pace is kept by the CRM's own.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from ..history.event import Customer
from ..history.facts import customer_of
from ..outbox import messages
from ..outbox.errors import Refused
from ..store import current_orders
from ..store.orders import Account, Order
from . import people, portraits
from .adapter import System
from .mirror import Mirror
from .models import Resync
from .orders import deal_of
from .proposals import hold
from .turns import turn

_OBJECT = "resync"
#: All of a step's are written within a minute.
_ORDERS_AT_A_TIME = 25
_COUNTED_AT_A_TIME = 1000
#: Before all orders.
_FIRST = datetime(1970, 1, 1, tzinfo=UTC)


def begin(system: System) -> None:
    """Send everybody and everything anew, from the beginning."""
    with transaction.atomic():
        Resync.objects.get_or_create(system=system.name)
        row = Resync.objects.select_for_update().get(system=system.name)
        fresh = Resync(system=system.name, run=row.run + 1, began=timezone.now())
        fresh.save(force_update=True)
        _next(system, fresh)


def step(mirror: Mirror, run: int) -> None:
    """Do the next part; of an earlier time that was begun anew, nothing."""
    row = Resync.objects.filter(system=mirror.system.name, run=run, ended=None).first()
    if row is None:
        return
    if row.customers_total is None:
        totals = {"customers_total": _customers_total(), "orders_total": _orders_total()}
        _done(mirror.system, row, totals)
        return
    made = row.customer_moment or _FIRST
    people_at_a_time = mirror.system.people_at_a_time()
    accounts = current_orders().registered_since(made, row.customer, people_at_a_time)
    if accounts:
        problems = _customers(mirror, accounts, run)
        moved = {
            "customer_moment": accounts[-1].made,
            "customer": accounts[-1].buyer.id,
            "customers_done": F("customers_done") + len(accounts),
        }
        _done(mirror.system, row, moved, problems)
        return
    moment = row.order_moment or _FIRST
    changed = current_orders().changed_since(moment, row.order, _ORDERS_AT_A_TIME)
    if changed:
        problems = _orders(mirror, [order_id for _moment, order_id in changed], run)
        last, order_id = changed[-1]
        moved = {
            "order_moment": last,
            "order": order_id,
            "orders_done": F("orders_done") + len(changed),
        }
        _done(mirror.system, row, moved, problems)
        return
    _done(mirror.system, row, {"ended": timezone.now()})


def _customers(mirror: Mirror, found: Sequence[Account], run: int) -> Collection[str]:
    """Write accounts; what the CRM says against some of them."""
    told = [Customer(id=one.buyer.id, email=one.buyer.email, phone=one.phone) for one in found]
    persons = people.persons([(customer, "") for customer in told])
    accounts = {
        str(person.pk): (account.buyer, account.phone)
        for account, person in zip(found, persons, strict=True)
        if person is not None
    }
    with turn(mirror.system.name, list(accounts)) as mine:
        known = people.onec_ids(list(mine))
        wanted = [
            portraits.account(key, *accounts[key], known.get(key, "")) for key in sorted(mine)
        ]
        standing = mirror.contacts(wanted) if wanted else {}
    for key, (buyer, _phone) in accounts.items():
        payload = {"person": key, "customer": buyer.id}
        name = f"resync:{run}:customer:{buyer.id}"
        if key not in mine:
            # Somebody writes it now: afterwards.
            _append(mirror.system, payload, name)
        elif standing[key].is_doubtful:
            hold(mirror.system, payload, name)
    return [one.problem for one in standing.values() if one.problem]


def _orders(mirror: Mirror, ids: Sequence[str], run: int) -> Collection[str]:
    """Write orders; what the CRM says against some of them."""
    theirs: dict[str, list[Order]] = {}
    orders = current_orders().read_orders(ids)
    persons = people.persons([(customer_of(order), order.id) for order in orders])
    for order, person in zip(orders, persons, strict=True):
        if person is not None:
            theirs.setdefault(str(person.pk), []).append(order)
    problems: list[str] = []
    with turn(mirror.system.name, list(theirs)) as mine:
        known = people.onec_ids(list(mine))
        wanted = [
            # Of several orders the last one says how he is to be reached now.
            portraits.buyer(key, theirs[key][-1], known.get(key, ""))
            for key in sorted(mine)
        ]
        standing = mirror.contacts(wanted) if wanted else {}
        deals = []
        for key, one in standing.items():
            problems += [one.problem] if one.problem else []
            for order in theirs[key]:
                if not mirror.system.counts_in(mirror.saved, order.currency):
                    continue
                if one.is_doubtful:
                    hold(mirror.system, _payload(key, order), _name(run, order))
                elif one.id:
                    try:
                        deals.append(deal_of(mirror, order, one.id))
                    except Refused as error:
                        problems.append(error.reason)
        written = mirror.deals(deals) if deals else {}
    problems += [deal.problem for deal in written.values() if deal.problem]
    for key in theirs.keys() - mine:
        for order in theirs[key]:
            _append(mirror.system, _payload(key, order), _name(run, order))
    return problems


def _payload(person: str, order: Order) -> dict[str, str]:
    return {"person": person, "order": order.id}


def _name(run: int, order: Order) -> str:
    return f"resync:{run}:order:{order.id}"


def _append(system: System, payload: Mapping[str, Any], key: str) -> None:
    with transaction.atomic():
        messages.append(system.topic, payload["person"], payload, key=key)


def _done(
    system: System, row: Resync, moved: Mapping[str, Any], problems: Collection[str] = ()
) -> None:
    """Note how far it came, and have the next step done."""
    told: dict[str, Any] = {}
    if problems:
        told = {"problems": F("problems") + len(problems), "problem": next(iter(problems))}
    with transaction.atomic():
        # Whoever was held up does not set back what another worker has done since.
        same = Resync.objects.filter(
            system=row.system,
            run=row.run,
            customers_total=row.customers_total,
            customer_moment=row.customer_moment,
            customer=row.customer,
            order=row.order,
            order_moment=row.order_moment,
        )
        if same.update(**moved, **told) and "ended" not in moved:
            _next(system, Resync.objects.get(system=row.system))


def _next(system: System, row: Resync) -> None:
    place = f"{row.customers_total is not None}:{row.customers_done}:{row.orders_done}"
    messages.append(system.topic, _OBJECT, {"resync": row.run}, key=f"resync:{row.run}:{place}")


def _customers_total() -> int:
    total, moment, last = 0, _FIRST, ""
    while found := current_orders().registered_since(moment, last, _COUNTED_AT_A_TIME):
        total += len(found)
        moment, last = found[-1].made, found[-1].buyer.id
    return total


def _orders_total() -> int:
    total, moment, last = 0, _FIRST, ""
    while rows := current_orders().changed_since(moment, last, _COUNTED_AT_A_TIME):
        total += len(rows)
        moment, last = rows[-1]
    return total
