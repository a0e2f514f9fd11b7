"""Products and variants, in batches."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from measurement.measures import Weight
from saleor.product.models import Product, ProductVariant

from ..ports import FieldGroup, ProductWrite, VariantWrite, Written
from .assignments import assign_to_products, assign_to_variants
from .text import base_slug, editorjs, plain, slugs

_PRODUCT_FIELDS = [
    "name",
    "description",
    "description_plaintext",
    "category",
    "tax_class",
    "weight",
    "metadata",
    "search_index_dirty",
    "external_reference",
    "updated_at",
]
_VARIANT_FIELDS = ["name", "sku", "weight", "metadata", "external_reference", "updated_at"]


def write_products(writes: Sequence[ProductWrite]) -> Written:
    from django.utils import timezone

    written = Written()
    known = _known(Product, writes)
    rows: list[Product] = []
    new: list[tuple[ProductWrite, Product]] = []
    now = timezone.now()
    for index, write in enumerate(writes):
        product = known.get(write.key)
        if product is None:
            product = Product(
                product_type_id=int(write.product_type_id), external_reference=write.key
            )
            _fill_product(product, write, frozenset(FieldGroup))
            new.append((write, product))
        else:
            _fill_product(product, write, write.fields)
            product.external_reference = write.key
        product.updated_at = now
        rows.append(product)
        if len(write.name) > 250:
            written.notes[index] = "Наименование длиннее 250 знаков, обрезано"
    bases = {base_slug(write.name) for write, _ in new}
    taken = set(Product.objects.filter(slug__in=bases).values_list("slug", flat=True))
    for (_, product), slug in zip(
        new, slugs([(write.key, write.name) for write, _ in new], taken), strict=True
    ):
        product.slug = slug
    Product.objects.bulk_create([product for _, product in new])
    old = [product for product in rows if product.external_reference in known]
    Product.objects.bulk_update(old, _PRODUCT_FIELDS, batch_size=500)
    created = {product.pk for _, product in new}
    assign_to_products(
        [
            (product.pk, write.assignments)
            for product, write in zip(rows, writes, strict=True)
            if product.pk in created or FieldGroup.PROPERTIES in write.fields
        ]
    )
    written.ids = [str(product.pk) for product in rows]
    for product in rows:
        target = written.follow_ups
        (target.products_created if product.pk in created else target.products_updated).append(
            str(product.pk)
        )
    return written


def _fill_product(product: Product, write: ProductWrite, fields: frozenset[FieldGroup]) -> None:
    if FieldGroup.NAME in fields:
        product.name = write.name[:250]
    if FieldGroup.DESCRIPTION in fields:
        product.description = editorjs(write.description, is_html=write.description_is_html)
        product.description_plaintext = plain(write.description, is_html=write.description_is_html)
    if FieldGroup.CATEGORY in fields and write.category_id:
        product.category_id = int(write.category_id)
    if write.tax_class_id:
        product.tax_class_id = int(write.tax_class_id)
    if write.weight is not None:
        product.weight = _kilograms(write.weight)
    product.metadata = _metadata(product.metadata, write.metadata)
    product.search_index_dirty = True


def write_variants(writes: Sequence[VariantWrite]) -> Written:
    from django.utils import timezone

    written = Written()
    known = _known(ProductVariant, writes)
    products = Product.objects.in_bulk({int(write.product_id) for write in writes})
    skus = {write.sku for write in writes if write.sku}
    owner = dict(
        ProductVariant.objects.filter(sku__in=skus).values_list("sku", "external_reference")
    )
    rows: list[ProductVariant] = []
    new: list[ProductVariant] = []
    now = timezone.now()
    for index, write in enumerate(writes):
        variant = known.get(write.key)
        sku = write.sku[:255] if write.sku else None
        if sku is not None and owner.setdefault(sku, write.key) != write.key:
            written.notes[index] = f"Артикул «{sku}» уже занят другим вариантом, не записан"
            sku = None
        if variant is None:
            variant = ProductVariant(external_reference=write.key, product_id=int(write.product_id))
            variant.name = write.name[:255]
            new.append(variant)
        elif FieldGroup.NAME in write.fields:
            variant.name = write.name[:255]
        if sku is not None or variant.pk is None:
            variant.sku = sku
        if write.weight is not None:
            variant.weight = _kilograms(write.weight)
        variant.external_reference = write.key
        variant.metadata = _metadata(variant.metadata, write.metadata)
        variant.updated_at = now
        rows.append(variant)
    ProductVariant.objects.bulk_create(new)
    old = [variant for variant in rows if variant.external_reference in known]
    ProductVariant.objects.bulk_update(old, _VARIANT_FIELDS, batch_size=500)
    created = {variant.pk for variant in new}
    assign_to_variants(
        [
            (variant.pk, products[variant.product_id].product_type_id, write.assignments)
            for variant, write in zip(rows, writes, strict=True)
            if variant.pk in created or FieldGroup.PROPERTIES in write.fields
        ]
    )
    first: dict[int, int] = {}
    for variant in new:
        if products[variant.product_id].default_variant_id is None:
            first.setdefault(variant.product_id, variant.pk)
    headless = []
    for product_id, variant_id in first.items():
        products[product_id].default_variant_id = variant_id
        headless.append(products[product_id])
    Product.objects.bulk_update(headless, ["default_variant"], batch_size=500)
    Product.objects.filter(pk__in=products).update(search_index_dirty=True, updated_at=now)
    written.ids = [str(variant.pk) for variant in rows]
    for variant in rows:
        target = written.follow_ups
        (target.variants_created if variant.pk in created else target.variants_updated).append(
            str(variant.pk)
        )
    return written


def _known(model: Any, writes: Sequence[ProductWrite] | Sequence[VariantWrite]) -> dict[str, Any]:
    """Rows that exist, by key: by the id that the register has, else by the reference."""
    by_pk = model.objects.in_bulk([int(w.store_id) for w in writes if w.store_id])
    by_key = {
        row.external_reference: row
        for row in model.objects.filter(external_reference__in=[write.key for write in writes])
    }
    found = {}
    for write in writes:
        row = by_pk.get(int(write.store_id)) if write.store_id else None
        row = row or by_key.get(write.key)
        if row is not None:
            found[write.key] = row
    return found


def _metadata(old: Mapping[str, str] | None, new: Mapping[str, str]) -> dict[str, str]:
    """Ours replaced, the others' left."""
    return {k: v for k, v in (old or {}).items() if not k.startswith("onec.")} | dict(new)


def _kilograms(weight: Decimal) -> Weight:
    return Weight(kg=float(weight))
