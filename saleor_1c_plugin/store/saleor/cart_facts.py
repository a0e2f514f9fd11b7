"""What a storefront that speaks only Saleor's own schema is told: metadata of cart and lines."""

import json
from collections.abc import Mapping
from typing import Any

from django.db import connection
from saleor.checkout.models import Checkout, CheckoutLine, CheckoutMetadata

from .uuids import uuids
from .writing import writes

_KEY = Checkout._meta.pk.column
#: Merged by the database: Saleor's own writes of metadata lock nothing.
_MERGED = "(COALESCE({old}metadata, '{{}}') - %(gone)s::text[]) || %(new)s::jsonb"


@writes
def tell(cart_id: str, facts: Mapping[str, str | None]) -> None:
    merged = _MERGED.format(old="m.")
    with connection.cursor() as cursor:
        for checkout in uuids([cart_id]):
            cursor.execute(
                f"INSERT INTO {CheckoutMetadata._meta.db_table} AS m "  # noqa: S608
                "(checkout_id, metadata, private_metadata) "
                f"SELECT {_KEY}, %(new)s::jsonb, '{{}}' FROM {Checkout._meta.db_table} "
                f"WHERE {_KEY} = %(id)s ON CONFLICT (checkout_id) DO UPDATE "
                f"SET metadata = {merged} WHERE m.metadata IS DISTINCT FROM {merged}",
                {"id": checkout, **_parameters(facts)},
            )


@writes
def tell_lines(cart_id: str, facts: Mapping[str, Mapping[str, str | None]]) -> None:
    merged = _MERGED.format(old="")
    with connection.cursor() as cursor:
        for line_id, told in facts.items():
            cursor.execute(
                f"UPDATE {CheckoutLine._meta.db_table} SET metadata = {merged} "  # noqa: S608
                "WHERE id = %(id)s AND checkout_id = %(cart)s "
                f"AND metadata IS DISTINCT FROM {merged}",
                {"id": line_id, "cart": cart_id, **_parameters(told)},
            )


def _parameters(facts: Mapping[str, str | None]) -> dict[str, Any]:
    new = {key: value for key, value in facts.items() if value is not None}
    return {"new": json.dumps(new), "gone": [key for key in facts if key not in new]}
