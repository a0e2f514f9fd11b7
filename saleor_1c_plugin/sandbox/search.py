"""What a buyer finds goods by."""

from collections.abc import Iterable, Sequence

from django.db import connection, transaction

from .bulk import BATCH, numbers, unique
from .models import Product, Variant

#: Of advisory locks: nobody else writes texts meanwhile.
_LOCK = 0x1C_5EA2


def products_of(variant_ids: Iterable[str]) -> list[str]:
    """Ids of the products that the variants belong to."""
    rows = Variant.objects.filter(pk__in=numbers(variant_ids))
    return [str(pk) for pk in rows.values_list("product_id", flat=True).distinct()]


@transaction.atomic
def refresh(product_ids: Sequence[str]) -> None:
    """Write anew what each product is found by: its name, articles, and its attributes' values.

    One at a time: of two, the one that has read first could write last, and what was changed
    between them would not be found.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    ids = numbers(unique(product_ids))
    for start in range(0, len(ids), BATCH):
        rows = Product.objects.filter(pk__in=ids[start : start + BATCH]).prefetch_related(
            "attribute_values__choice",
            "variants__attribute_values__choice",
        )
        changed = []
        for row in rows:
            text = _document(row)
            if row.search != text:
                row.search = text
                changed.append(row)
        Product.objects.bulk_update(changed, ["search"])


def _document(product: Product) -> str:
    variants = product.variants.all()
    values = [
        *product.attribute_values.all(),
        *(value for variant in variants for value in variant.attribute_values.all()),
    ]
    words = [product.name]
    words += [text for variant in variants for text in (variant.name, variant.sku or "")]
    words += [str(value.value) for value in values]
    # Sorted: rows come in any order, and the same words must be the same text.
    return "\n".join(sorted({word.casefold() for word in words if word}))
