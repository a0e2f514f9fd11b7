"""Products and variants, in batches."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

from django.utils import timezone
from measurement.measures import Weight
from saleor.product.models import Product, ProductVariant

from .. import bulk
from ..ports import FieldGroup, ProductWrite, VariantWrite, Written
from .assignments import assign_to_products, assign_to_variants
from .text import base_slug, editorjs, plain, slugs

#: Columns of a product by who owns them; those of ``None`` are always ours.
_PRODUCT_COLUMNS: dict[FieldGroup | None, tuple[str, ...]] = {
    None: ("external_reference", "metadata", "tax_class_id", "updated_at", "search_index_dirty"),
    FieldGroup.NAME: ("name",),
    FieldGroup.DESCRIPTION: ("description", "description_plaintext"),
    FieldGroup.CATEGORY: ("category_id",),
    FieldGroup.PROPERTIES: ("weight",),
}
_VARIANT_COLUMNS: dict[FieldGroup | None, tuple[str, ...]] = {
    None: ("external_reference", "metadata", "sku", "updated_at"),
    FieldGroup.NAME: ("name",),
    FieldGroup.PROPERTIES: ("weight",),
}
#: What of a row that is there is kept where 1C says nothing.
_KEPT = ("pk", "external_reference", "metadata")
_NOTHING: Mapping[str, Any] = {}


def write_products(writes: Sequence[ProductWrite]) -> Written:
    known = _known(Product, writes, "category_id", "tax_class_id", "weight")
    new = list({write.key: write for write in writes if write.key not in known}.values())
    pks = {key: row["pk"] for key, row in known.items()}
    pks |= zip((write.key for write in new), bulk.new_ids(Product, len(new)), strict=True)
    now = timezone.now()
    _insert_products(new, pks, now)
    _update(
        Product,
        _PRODUCT_COLUMNS,
        [write for write in writes if write.key in known],
        lambda write: _product_values(write, known[write.key], now),
        pks,
    )
    created = {pks[write.key] for write in new}
    assign_to_products(
        [
            (pks[write.key], write.assignments)
            for write in writes
            if pks[write.key] in created or FieldGroup.PROPERTIES in write.fields
        ],
        created,
    )
    written = Written(ids=[str(pks[write.key]) for write in writes])
    written.follow_ups.products_created = [str(pk) for pk in created]
    written.follow_ups.products_updated = [str(row["pk"]) for row in known.values()]
    for index, write in enumerate(writes):
        if len(write.name) > 250:
            written.notes[index] = "Наименование длиннее 250 знаков, обрезано"
    return written


def _insert_products(new: Sequence[ProductWrite], pks: Mapping[str, int], now: datetime) -> None:
    bases = {base_slug(write.name) for write in new}
    taken = set(Product.objects.filter(slug__in=bases).values_list("slug", flat=True))
    free = slugs([(write.key, write.name) for write in new], taken)
    columns = [name for names in _PRODUCT_COLUMNS.values() for name in names]
    rows = []
    for write, slug in zip(new, free, strict=True):
        values = _product_values(write, _NOTHING, now)
        rows.append(
            (
                pks[write.key],
                int(write.product_type_id),
                slug,
                now,
                *(values[name] for name in columns),
            )
        )
    bulk.insert(Product, ("id", "product_type_id", "slug", "created_at", *columns), rows)


def _product_values(
    write: ProductWrite, old: Mapping[str, Any], now: datetime
) -> Mapping[str, object]:
    html = write.description_is_html
    return {
        "external_reference": write.key,
        "metadata": _metadata(old.get("metadata"), write.metadata),
        "tax_class_id": int(write.tax_class_id) if write.tax_class_id else old.get("tax_class_id"),
        "updated_at": now,
        "search_index_dirty": True,
        "name": write.name[:250],
        "description": _description(editorjs(write.description, is_html=html)),
        "description_plaintext": plain(write.description, is_html=html),
        "category_id": int(write.category_id) if write.category_id else old.get("category_id"),
        "weight": _weight(write.weight, old.get("weight")),
    }


def write_variants(writes: Sequence[VariantWrite]) -> Written:
    known = _known(ProductVariant, writes, "sku", "weight", "product_id")
    new = list({write.key: write for write in writes if write.key not in known}.values())
    pks = {key: row["pk"] for key, row in known.items()}
    pks |= zip((write.key for write in new), bulk.new_ids(ProductVariant, len(new)), strict=True)
    now = timezone.now()
    notes, skus = _skus(writes, known)
    columns = [name for names in _VARIANT_COLUMNS.values() for name in names]
    rows = []
    for write in new:
        values = _variant_values(write, _NOTHING, skus, now)
        row = (pks[write.key], int(write.product_id), now, *(values[name] for name in columns))
        rows.append(row)
    bulk.insert(ProductVariant, ("id", "product_id", "created_at", *columns), rows)
    _update(
        ProductVariant,
        _VARIANT_COLUMNS,
        [write for write in writes if write.key in known],
        lambda write: _variant_values(write, known[write.key], skus, now),
        pks,
    )
    owners = {key: row["product_id"] for key, row in known.items()}
    owners |= {write.key: int(write.product_id) for write in new}
    types = _touch_products(
        {owners[write.key] for write in writes},
        {owners[write.key]: pks[write.key] for write in reversed(new)},
        now,
    )
    created = {pks[write.key] for write in new}
    assign_to_variants(
        [
            (pks[write.key], types[owners[write.key]], write.assignments)
            for write in writes
            if pks[write.key] in created or FieldGroup.PROPERTIES in write.fields
        ],
        created,
    )
    written = Written(ids=[str(pks[write.key]) for write in writes], notes=notes)
    written.follow_ups.variants_created = [str(pk) for pk in created]
    written.follow_ups.variants_updated = [str(row["pk"]) for row in known.values()]
    return written


def _variant_values(
    write: VariantWrite, old: Mapping[str, Any], skus: Mapping[str, str | None], now: datetime
) -> Mapping[str, object]:
    return {
        "external_reference": write.key,
        "metadata": _metadata(old.get("metadata"), write.metadata),
        "sku": skus[write.key],
        "updated_at": now,
        "name": write.name[:255],
        "weight": _weight(write.weight, old.get("weight")),
    }


def _skus(
    writes: Sequence[VariantWrite], known: Mapping[str, Mapping[str, Any]]
) -> tuple[dict[int, str], dict[str, str | None]]:
    """SKU of each variant by key, and remarks where another variant has the one that it wants.

    The variants of the batch let go of theirs first: they may be about to exchange them.
    """
    wanted = {write.sku[:255] for write in writes if write.sku}
    taken = dict(
        ProductVariant.objects.filter(sku__in=wanted).values_list("sku", "external_reference")
    )
    mine = {row["external_reference"]: key for key, row in known.items()}
    owner = {sku: mine[holder] for sku, holder in taken.items() if holder in mine}
    foreign = taken.keys() - owner.keys()
    notes: dict[int, str] = {}
    skus: dict[str, str | None] = {}
    given: dict[str, str] = {}
    for index, write in enumerate(writes):
        sku = write.sku[:255] if write.sku else None
        if sku is not None and (sku in foreign or given.setdefault(sku, write.key) != write.key):
            notes[index] = f"Артикул «{sku}» уже занят другим вариантом, не записан"
            sku = None
        if sku is None and write.key in known and write.sku is None:
            # Nothing said: an editor's own SKU stays.
            sku = known[write.key]["sku"]
        skus[write.key] = sku
    moving = [known[key]["pk"] for sku, key in owner.items() if skus.get(key) != sku]
    if moving:
        ProductVariant.objects.filter(pk__in=moving).update(sku=None)
    return notes, skus


def _touch_products(
    product_ids: set[int], first_variants: Mapping[int, int], now: datetime
) -> dict[int, int]:
    """Let products be indexed anew, and have a default variant; their types by primary key."""
    types: dict[int, int] = {}
    headless: list[tuple[object, ...]] = []
    rest: list[int] = []
    for pk, type_id, default in Product.objects.filter(pk__in=product_ids).values_list(
        "pk", "product_type_id", "default_variant_id"
    ):
        types[pk] = type_id
        if default is None and pk in first_variants:
            headless.append((pk, first_variants[pk], True, now))
        else:
            rest.append(pk)
    bulk.update(Product, ("default_variant_id", "search_index_dirty", "updated_at"), headless)
    if rest:
        Product.objects.filter(pk__in=rest).update(search_index_dirty=True, updated_at=now)
    return types


def _update(
    model: Any,
    columns: Mapping[FieldGroup | None, Sequence[str]],
    writes: Sequence[Any],
    values_of: Any,
    pks: Mapping[str, int],
) -> None:
    """Write the columns that 1C owns, for all rows that share the same rule at once."""
    for fields in {write.fields for write in writes}:
        names = [
            name
            for group, owned in columns.items()
            if group is None or group in fields
            for name in owned
        ]
        rows = {}
        for write in writes:
            if write.fields == fields:
                values = values_of(write)
                rows[pks[write.key]] = (pks[write.key], *(values[name] for name in names))
        bulk.update(model, names, list(rows.values()))


def _known(
    model: Any, writes: Sequence[ProductWrite] | Sequence[VariantWrite], *columns: str
) -> dict[str, Mapping[str, Any]]:
    """Rows that exist, by key: by the id that the register has, else by the reference.

    Locked, since what they keep is written back.
    """
    names = (*_KEPT, *columns)
    rows = model.objects.select_for_update(of=("self",)).order_by("pk")
    ids = [int(write.store_id) for write in writes if write.store_id]
    by_pk = {row["pk"]: row for row in rows.filter(pk__in=ids).values(*names)} if ids else {}
    unknown = [
        write.key for write in writes if not write.store_id or int(write.store_id) not in by_pk
    ]
    by_key = (
        {
            row["external_reference"]: row
            for row in rows.filter(external_reference__in=unknown).values(*names)
        }
        if unknown
        else {}
    )
    found = {}
    for write in writes:
        row = by_pk.get(int(write.store_id)) if write.store_id else None
        row = row or by_key.get(write.key)
        if row is not None:
            found[write.key] = row
    return found


def _metadata(old: Mapping[str, str] | None, new: Mapping[str, str]) -> str:
    """Ours replaced, the others' left; as JSON."""
    kept = {key: text for key, text in (old or {}).items() if not key.startswith("onec.")}
    return json.dumps(kept | dict(new), ensure_ascii=False)


def _description(blocks: Mapping[str, Any] | None) -> str | None:
    """JSON as Saleor's own field would write it, sanitized by it."""
    if blocks is None:
        return None
    field = Product._meta.get_field("description")
    return str(field.get_db_prep_save(blocks, None))


def _weight(weight: Decimal | None, old: Weight | None) -> float | None:
    if weight is None:
        return _stored(old) if old is not None else None
    return _kilograms(weight)


@cache
def _kilograms(weight: Decimal) -> float | None:
    return _stored(Weight(kg=float(weight)))


def _stored(weight: Weight) -> float | None:
    """As the column has it, in the measure's standard unit."""
    stored: float | None = Product._meta.get_field("weight").get_prep_value(weight)
    return stored
