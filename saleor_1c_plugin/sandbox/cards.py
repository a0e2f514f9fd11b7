"""Products and variants."""

from collections.abc import Sequence

from django.db.models import Q

from ..store.ports import FieldGroup, FollowUps, ProductWrite, VariantWrite, Written
from . import values
from .bulk import numbers, upsert
from .models import Product, Variant


def write_products(writes: Sequence[ProductWrite]) -> Written:
    def fill(row: Product, write: ProductWrite, new: bool) -> None:
        fields = frozenset(FieldGroup) if new else write.fields
        row.type_id = int(write.product_type_id)
        if FieldGroup.NAME in fields:
            row.name = write.name[:250]
        if FieldGroup.DESCRIPTION in fields:
            row.description = write.description
            row.description_is_html = write.description_is_html
        if FieldGroup.CATEGORY in fields:
            row.category_id = None if write.category_id is None else int(write.category_id)
        if FieldGroup.PROPERTIES in fields and write.weight is not None:
            row.weight = write.weight
        if write.tax_class_id is not None:
            row.tax_class_id = int(write.tax_class_id)
        row.metadata = {**row.metadata, **write.metadata}

    done = upsert(Product.objects.all(), writes, fill, _PRODUCT_FIELDS)
    notes = {
        index: f"Наименование длиннее 250 знаков и обрезано: «{write.name[:60]}…»"
        for index, write in enumerate(writes)
        if len(write.name) > 250
    }
    values.assign_to_products(
        (row, write.assignments)
        for row, write in zip(done.rows, writes, strict=True)
        if row.key in done.new or FieldGroup.PROPERTIES in write.fields
    )
    created, updated = done.created_and_updated()
    work = FollowUps(products_created=created, products_updated=updated)
    return Written(ids=done.ids, follow_ups=work, notes=notes)


def write_variants(writes: Sequence[VariantWrite]) -> Written:
    owners = _free_skus(writes)
    notes: dict[int, str] = {}
    index_of = {id(write): index for index, write in enumerate(writes)}

    def fill(row: Variant, write: VariantWrite, new: bool) -> None:
        fields = frozenset(FieldGroup) if new else write.fields
        row.product_id = int(write.product_id)
        if FieldGroup.NAME in fields:
            row.name = write.name[:255]
        if FieldGroup.PROPERTIES in fields and write.weight is not None:
            row.weight = write.weight
        row.metadata = {**row.metadata, **write.metadata}
        if write.sku is None:
            row.sku = None
        elif owners.setdefault(write.sku, row.key) == row.key:
            row.sku = write.sku[:255]
        else:
            notes[index_of[id(write)]] = (
                f"Артикул «{write.sku}» уже занят другим товаром, вариант записан без него"
            )
            row.sku = None

    done = upsert(
        Variant.objects.all(), writes, fill, ["product", "name", "weight", "metadata", "sku"]
    )
    values.assign_to_variants(
        (row, write.assignments)
        for row, write in zip(done.rows, writes, strict=True)
        if row.key in done.new or FieldGroup.PROPERTIES in write.fields
    )
    created, updated = done.created_and_updated()
    work = FollowUps(variants_created=created, variants_updated=updated)
    return Written(ids=done.ids, follow_ups=work, notes=notes)


_PRODUCT_FIELDS = [
    *("type", "name", "description", "description_is_html", "category", "weight", "tax_class"),
    "metadata",
]


def _free_skus(writes: Sequence[VariantWrite]) -> dict[str, str]:
    """SKU → key of who keeps it: variants outside the batch keep theirs.

    Those in the batch let go of theirs first, for they may be about to exchange them.
    """
    wanted = Variant.objects.filter(sku__in={write.sku for write in writes if write.sku})
    ids = numbers(write.store_id for write in writes if write.store_id is not None)
    batch = Q(key__in=[write.key for write in writes]) | Q(pk__in=ids)
    wanted.filter(batch).update(sku=None)
    return {sku: key for sku, key in wanted.values_list("sku", "key") if sku is not None}
