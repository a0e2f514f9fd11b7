"""Hearing of changes: every write of the shop's makes its order news, in the same transaction."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from django.db import connection, transaction
from django.db.models import F, QuerySet

from ..order_looks import LATEST_COMMIT
from ..store import bulk, current_orders
from . import sources
from .models import OrderRecord, Watermark
from .outgoing import push
from .outgoing.settings import OutgoingSettings

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BATCH = 1000
_TABLE = OrderRecord._meta.db_table
#: In one order, so that two transactions can't wait for each other.
_COUNT = f"""
INSERT INTO {_TABLE} AS r (order_id, version, confirmed, changed, digest, onec_number)
SELECT id, 1, 0, clock_timestamp(), '', '' FROM unnest(%s::text[]) AS id
ON CONFLICT (order_id) DO UPDATE SET version = r.version + 1, changed = EXCLUDED.changed
RETURNING order_id
"""  # noqa: S608
_COUNT_KNOWN = f"""
UPDATE {_TABLE} AS r SET version = r.version + 1, changed = clock_timestamp()
FROM (
    SELECT order_id FROM {_TABLE} WHERE order_id = ANY(%s::text[]) ORDER BY order_id FOR UPDATE
) AS known
WHERE r.order_id = known.order_id
RETURNING r.order_id
"""  # noqa: S608


def changed(order_ids: Collection[str], *, only_known: bool = False) -> None:
    """Count a change of each of these orders; the shop calls it inside its transaction.

    A shop may also write a single row without one: then the news has one of its own.

    Parameters
    ----------
    only_known
        Of those that no change has been counted of yet, none is.
    """
    if order_ids:
        with transaction.atomic(savepoint=False):
            counted = _count(_COUNT_KNOWN if only_known else _COUNT, order_ids)
            if counted:
                push.announce(counted)


def unconfirmed() -> QuerySet[OrderRecord]:
    """Orders that 1C does not know as they are, longest waiting first."""
    return OrderRecord.objects.filter(version__gt=F("confirmed")).order_by("changed", "pk")


def are_there() -> bool:
    """Whether there is anything that 1C has not confirmed."""
    return unconfirmed().exists()


def look_through(settings: OutgoingSettings) -> None:
    """Find the changes that nobody told of: bulk writes, what only time has changed, and orders
    that were not wanted before.

    Goes by the shop's time of an order's last change, from where the last call came to; what was
    heard of already is left alone.
    """
    mark, _ = Watermark.objects.get_or_create(pk=1, defaults={"moment": _EPOCH, "began": _EPOCH})
    if mark.wanted != settings.wanted:
        mark.wanted = settings.wanted
        mark.moment = settings.since_moment or mark.began
        mark.save()
    moment, order_id = max(mark.moment - LATEST_COMMIT, _EPOCH), ""
    while rows := current_orders().changed_since(moment, order_id, _BATCH):
        with transaction.atomic():
            changed(_unheard(rows))
            moment, order_id = rows[-1]
            Watermark.objects.filter(pk=1, moment__lt=moment).update(moment=moment)
    for document_ids in sources.changed_by_time():
        changed(document_ids)


def _unheard(rows: Sequence[tuple[datetime, str]]) -> list[str]:
    records = OrderRecord.objects.filter(
        order_id__in=bulk.any_of([order_id for _, order_id in rows], "text")
    )
    # Nearly all were counted after the last of these moments: their own need not be read.
    counted = set(records.filter(changed__gte=rows[-1][0]).values_list("order_id", flat=True))
    left = {order_id: moment for moment, order_id in rows if order_id not in counted}
    heard = dict(records.values_list("order_id", "changed")) if left else {}
    return [
        order_id
        for order_id, moment in left.items()
        if order_id not in heard or heard[order_id] < moment
    ]


def _count(statement: str, order_ids: Collection[str]) -> list[str]:
    """Ids of the orders that a change was counted of."""
    with connection.cursor() as cursor:
        cursor.execute(statement, [sorted(set(order_ids))])
        return [row[0] for row in cursor.fetchall()]
