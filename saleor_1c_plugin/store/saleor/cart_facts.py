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
_MERGED = "(COALESCE({old}, '{{}}') - {gone}) || {new}"
_CART = _MERGED.format(old="m.metadata", gone="%(gone)s::text[]", new="%(new)s::jsonb")
_LINE = _MERGED.format(
    old="l.metadata",
    gone="ARRAY(SELECT jsonb_array_elements_text(f.gone))",
    new="f.new",
)
_WRITE = f"""
WITH lines AS (
    UPDATE {CheckoutLine._meta.db_table} AS l SET metadata = {_LINE}
    FROM unnest(%(lines)s::uuid[], %(line_gone)s::jsonb[], %(line_new)s::jsonb[])
        AS f(line, gone, new)
    WHERE l.id = f.line AND l.checkout_id = %(id)s AND l.metadata IS DISTINCT FROM {_LINE}
)
INSERT INTO {CheckoutMetadata._meta.db_table} AS m (checkout_id, metadata, private_metadata)
SELECT {_KEY}, %(new)s::jsonb, '{{}}' FROM {Checkout._meta.db_table} WHERE {_KEY} = %(id)s
ON CONFLICT (checkout_id) DO UPDATE SET metadata = {_CART} WHERE m.metadata IS DISTINCT FROM {_CART}
"""  # noqa: S608


@writes
def tell(
    cart_id: str,
    facts: Mapping[str, str | None],
    lines: Mapping[str, Mapping[str, str | None]],
) -> None:
    told = [(line_id, *_parts(of_line)) for line_id, of_line in lines.items() if uuids([line_id])]
    gone, new = _parts(facts)
    with connection.cursor() as cursor:
        for checkout in uuids([cart_id]):
            cursor.execute(
                _WRITE,
                {
                    "id": checkout,
                    "gone": gone,
                    "new": json.dumps(new),
                    "lines": [line_id for line_id, _, _ in told],
                    "line_gone": [json.dumps(gone) for _, gone, _ in told],
                    "line_new": [json.dumps(new) for _, _, new in told],
                },
            )


def _parts(facts: Mapping[str, str | None]) -> tuple[list[str], dict[str, Any]]:
    """The keys that are to go, and what is to be there."""
    new = {key: value for key, value in facts.items() if value is not None}
    return [key for key in facts if key not in new], new
