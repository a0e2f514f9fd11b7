"""Hearing of changes: every write of the shop's makes its order news, in the same transaction."""

from collections.abc import Collection

from django.db import connection

from .models import OrderRecord


def changed(order_ids: Collection[str]) -> None:
    """Count a change of each of these orders; what the shop calls from within its transaction."""
    if not order_ids:
        return
    table = connection.ops.quote_name(OrderRecord._meta.db_table)
    with connection.cursor() as cursor:
        # In one order, so that two transactions can't wait for each other.
        cursor.execute(
            f"INSERT INTO {table} AS r "  # noqa: S608
            "(order_id, version, confirmed, changed, digest, onec_number) "
            "SELECT id, 1, 0, clock_timestamp(), '', '' FROM unnest(%s::text[]) AS id "
            "ON CONFLICT (order_id) DO UPDATE "
            "SET version = r.version + 1, changed = EXCLUDED.changed",
            [sorted(set(order_ids))],
        )
