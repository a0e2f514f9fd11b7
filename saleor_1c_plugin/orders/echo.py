"""Changes that are no news to 1C: its own, and those that its documents don't show."""

from collections.abc import Sequence

from django.db import connection
from django.db.models import F

from .models import OrderRecord
from .outgoing.documents import Composer, Documents


def is_news(record: OrderRecord, composer: Composer) -> bool:
    """Whether the shop has changed what 1C knows of the order; other writes are none."""
    if record.version == record.confirmed:
        return False
    (found,) = composer.documents([record])
    return found.are_news


def settle(record: OrderRecord, composer: Composer, *, had_news: bool) -> None:
    """Take what 1C's own document did to the order for known to 1C.

    Called in the transaction that applied the document, with the record locked.

    Parameters
    ----------
    record
        As it was locked.
    had_news
        There was a change of the shop's that 1C had not taken: then the order stays news.
    """
    record.refresh_from_db()
    if had_news or record.version == record.confirmed:
        return
    (found,) = composer.documents([record])
    OrderRecord.objects.filter(pk=record.pk).update(confirmed=F("version"), digest=found.digest)


def pass_over(found: Sequence[Documents]) -> None:
    """Count as confirmed what is no news, and forget what nobody wants in 1C.

    Forgotten, an order is found anew when the merchant wants others, or when it changes. One that
    has changed since it was looked at is left as it is.
    """
    table = OrderRecord._meta.db_table
    seen = "(SELECT * FROM unnest(%s::bigint[], %s::bigint[]) AS s (id, version)) AS s"
    with connection.cursor() as cursor:
        if unwanted := [item for item in found if item.unwanted]:
            cursor.execute(
                f"DELETE FROM {table} AS r USING {seen} "  # noqa: S608
                "WHERE r.id = s.id AND r.version = s.version",
                _versions(unwanted),
            )
        if known := [item for item in found if not item.unwanted and not item.are_news]:
            cursor.execute(
                f"UPDATE {table} AS r SET confirmed = s.version FROM {seen} "  # noqa: S608
                "WHERE r.id = s.id AND s.version > r.confirmed",
                _versions(known),
            )


def _versions(found: Sequence[Documents]) -> list[list[int]]:
    return [[item.record.pk for item in found], [item.record.version for item in found]]
