"""What a session of 1C's is given, and what it confirms."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from ...commerceml import writer
from ...commerceml.documents import Container
from ...commerceml.writer import Encoding
from ...store import bulk, current_orders
from .. import echo, news, sources
from ..models import HandOut, OrderRecord
from .documents import Composer
from .settings import OutgoingSettings

#: Orders that are in memory at a time.
_BATCH = 1000
#: What every 1C reads that names no version.
_OLDEST = "2.08"
_NEWEST = "3.1"


def give(
    session: str, target: BinaryIO, settings: OutgoingSettings, *, asked: str, encoding: Encoding
) -> None:
    """Write a package of what is news to `target`, and remember that `session` was given it.

    All or nothing: what the session was given before and has not confirmed is given anew.

    Parameters
    ----------
    session
        Key of the exchange.
    asked
        The version that 1C asked for, ``""`` when it did not.
    encoding
        Of the package: utf-8 or windows-1251.
    """
    news.look_through(settings)
    with _collector_paused(), transaction.atomic():
        HandOut.objects.filter(session=session).delete()
        waiting = list(news.unconfirmed().values_list("pk", flat=True)[: settings.portion])
        writer.write(
            target,
            _containers(session, waiting, Composer(settings)),
            schema=settings.schema or _spoken(asked),
            encoding=encoding,
            created=timezone.now().astimezone(settings.zone),
        )


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Keep the collector of cyclic garbage from going through the whole process, again and again.

    So many orders make it start often, and in a process with all of Saleor it took a fifth of the
    time. Orders and documents form no cycles: they go as soon as they are written.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _spoken(asked: str) -> str:
    """The version to write where 1C asked for `asked`."""
    try:
        major, minor = (int(part) for part in asked.split(".")[:2])
    except ValueError:
        return _OLDEST
    if major < 2:
        return _OLDEST
    return f"2.{minor:02d}" if major == 2 else _NEWEST


def confirm(session: str) -> int:
    """Take it that 1C has what `session` was given; returns the number of orders.

    An order that changed after it was given stays news.
    """
    # By itself, and first: who writes an order locks it before its record, and would wait for one
    # who holds the record and wants the order.
    given = HandOut.objects.filter(session=session, version__gte=F("order__confirmed"))
    current_orders().mark_taken(
        sources.orders_among(list(given.values_list("order__order_id", flat=True)))
    )
    record, hand_out = OrderRecord._meta.db_table, HandOut._meta.db_table
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {record} AS r SET confirmed = h.version, digest = h.digest "  # noqa: S608
            f"FROM {hand_out} AS h WHERE h.session = %s AND h.order_id = r.id "
            "AND h.version >= r.confirmed",
            [session],
        )
        count: int = cursor.rowcount
        HandOut.objects.filter(session=session).delete()
    return count


def forget(session: str) -> None:
    """The session is over: what it has not confirmed it never will."""
    HandOut.objects.filter(session=session).delete()


def _containers(session: str, waiting: list[int], composer: Composer) -> Iterator[Container]:
    now = timezone.now()
    for start in range(0, len(waiting), _BATCH):
        records = list(
            # Times cost more to read than all the rest, and nobody asks for them here.
            OrderRecord.objects.defer("changed", "applied_from")
            .filter(
                pk__in=bulk.any_of(waiting[start : start + _BATCH], "bigint"),
                version__gt=F("confirmed"),
            )
            .order_by("changed", "pk")
        )
        found = composer.documents(records)
        echo.pass_over(found)
        bulk.insert(
            HandOut,
            ("session", "order_id", "version", "digest", "given"),
            [
                (session, item.record.pk, item.record.version, item.digest, now)
                for item in found
                if item.are_news
            ],
        )
        for item in found:
            if item.container is not None and item.are_news:
                yield item.container
