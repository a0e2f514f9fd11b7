"""The journal: events are written into it in the transactions in which they happen, once each.

Transactions do not commit in the order in which they began. So an event gets its number only when
it can be read by everybody: whoever has read up to a number has missed nothing before it.
"""

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, Min
from django.utils import timezone

from ..outbox.waking import wake
from .event import Customer, Event, Kind
from .models import Reader, Record

#: Takes the numbered events of a moment, inside the transaction that says so.
Take = Callable[[Sequence[tuple[int, Event]]], None]

_BATCH = 500
#: Of advisory locks: nobody else numbers events meanwhile.
_LOCK = 0x1C_0E7E47
_NUMBER = """
WITH last AS (SELECT coalesce(max(number), 0) AS number FROM onec_history_record),
fresh AS (
    SELECT id, row_number() OVER (ORDER BY id) AS place
    FROM onec_history_record WHERE number IS NULL
)
UPDATE onec_history_record AS record SET number = last.number + fresh.place
FROM last, fresh WHERE record.id = fresh.id
"""

logger = logging.getLogger(__name__)

_readers: dict[str, Take] = {}


def read_by(name: str, take: Take) -> None:
    """Have `take` called with every event from now on; called in ``AppConfig.ready()``.

    It runs in a transaction with the note of how far it came: it puts messages into the outbox, or
    writes rows, and calls nobody. What it raises is logged, and it gets the same events again.
    """
    _readers[name] = take


def record(events: Collection[Event]) -> int:
    """Write down what has happened, inside its transaction; how much of it is new."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "An event is written down in the transaction in which it happens"
        )
    keys = [event.key for event in events]
    known = set(Record.objects.filter(key__in=keys).values_list("key", flat=True))
    rows = [_row(event) for event in events if event.key not in known]
    if rows:
        Record.objects.bulk_create(rows, ignore_conflicts=True)
        if all(hook[1] is not _call for hook in connection.run_on_commit):
            transaction.on_commit(_call)
    return len(rows)


def now() -> datetime:
    """By this host's clock; aware."""
    return timezone.now()


def number() -> None:
    """Give numbers to the events that have none; those that are committed, in order."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        cursor.execute(_NUMBER)


def after(
    number: int, limit: int, kinds: Collection[Kind] = (), *, order_id: str = ""
) -> list[tuple[int, Event]]:
    """Numbered events that come after one, in order.

    Parameters
    ----------
    kinds
        Only these; empty: all.
    """
    rows = Record.objects.filter(number__gt=number).order_by("number")
    if kinds:
        rows = rows.filter(kind__in=[kind.value for kind in kinds])
    if order_id:
        rows = rows.filter(order_id=order_id)
    return [(row.number or 0, event_of(row)) for row in rows[:limit]]


def last() -> int:
    """Number of the newest event; 0: there is none."""
    return Record.objects.aggregate(last=Max("number"))["last"] or 0


def first() -> int:
    """Number of the oldest event that is kept; 0: there is none."""
    return Record.objects.aggregate(first=Min("number"))["first"] or 0


def read_on() -> None:
    """Tell every reader what it has not been told; safe to run at any time, also twice at once."""
    if Record.objects.filter(number=None).exists():
        number()
    for name, take in _readers.items():
        try:
            while _read(name, take):
                pass
        except Exception:
            # Whoever is broken must not keep the others from reading.
            logger.exception("Events can't be taken by %s", name)


def prune(days: int) -> int:
    """Forget what was written down more than so many days ago; how much that was.

    What is kept has no gaps: whoever asks for an event that is gone can be told so.
    """
    before = timezone.now() - timedelta(days=days)
    kept = Record.objects.filter(recorded__gte=before).aggregate(first=Min("number"))["first"]
    # The newest one stays: numbers are counted on from it.
    return Record.objects.filter(number__lt=last() if kept is None else kept).delete()[0]


def event_of(row: Record) -> Event:
    return Event(
        key=row.key,
        kind=Kind(row.kind),
        at=row.at,
        customer=Customer(row.customer_id, row.email, row.phone, row.name),
        channel=row.channel,
        order_id=row.order_id,
        order_number=row.order_number,
        data=row.data,
    )


def _row(event: Event) -> Record:
    who = event.customer
    values: Mapping[str, Any] = {
        "customer_id": who.id,
        "email": who.email,
        "phone": who.phone,
        # The shop's two columns are longer than this one.
        "name": who.name[:512],
        "data": dict(event.data),
    }
    return Record(
        key=event.key,
        kind=event.kind.value,
        at=event.at,
        channel=event.channel,
        order_id=event.order_id,
        order_number=event.order_number,
        **values,
    )


def _read(name: str, take: Take) -> bool:
    """Tell a reader of the next events; whether there may be more."""
    with transaction.atomic():
        # One that is new hears of what happens from now on.
        Reader.objects.get_or_create(name=name, defaults={"number": last()})
        reader = Reader.objects.select_for_update(skip_locked=True).filter(name=name).first()
        if reader is None:
            # Another worker tells it.
            return False
        events = after(reader.number, _BATCH)
        if not events:
            return False
        take(events)
        reader.number = events[-1][0]
        reader.save()
    return len(events) == _BATCH


def _call() -> None:
    # The task module imports this one: at import time it would be a circle.
    from .tasks import read_events

    wake(read_events, "the journal")
