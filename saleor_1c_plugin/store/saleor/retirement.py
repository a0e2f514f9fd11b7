"""Taking goods off the shop, and putting back what was only hidden."""

from collections.abc import Sequence

from saleor.order import OrderStatus
from saleor.order.models import OrderLine
from saleor.product.models import (
    Product,
    ProductChannelListing,
    ProductVariant,
    ProductVariantChannelListing,
)
from saleor.warehouse.models import Stock

from ..ports import Missing, Written

#: Private metadata of a product that we hid: the channels to show it in again.
HIDDEN = "onec.hidden"


def retire_products(product_ids: Sequence[str], how: Missing) -> Written:
    written = Written(ids=list(product_ids))
    products = list(Product.objects.filter(pk__in=[int(pk) for pk in product_ids]))
    pks = [product.pk for product in products]
    if how is Missing.DELETE:
        variants = list(
            ProductVariant.objects.filter(product_id__in=pks).values_list("pk", flat=True)
        )
        _drop_draft_lines(variants)
        Product.objects.filter(pk__in=pks).delete()
        written.follow_ups.products_deleted = [str(pk) for pk in pks]
    elif how is Missing.ZERO:
        _zero(Stock.objects.filter(product_variant__product_id__in=pks), written)
    elif how is Missing.HIDE:
        listings = ProductChannelListing.objects.filter(product_id__in=pks, is_published=True)
        shown: dict[int, list[int]] = {}
        for product_id, channel_id in listings.values_list("product_id", "channel_id"):
            shown.setdefault(product_id, []).append(channel_id)
        listings.update(is_published=False)
        for product in products:
            if product.pk in shown:
                product.private_metadata[HIDDEN] = shown[product.pk]
        Product.objects.bulk_update(products, ["private_metadata"], batch_size=500)
        written.follow_ups.products_updated = [str(pk) for pk in pks]
    return written


def retire_variants(variant_ids: Sequence[str], how: Missing) -> Written:
    written = Written(ids=list(variant_ids))
    pks = [int(pk) for pk in variant_ids]
    if how is Missing.DELETE:
        _drop_draft_lines(pks)
        ProductVariant.objects.filter(pk__in=pks).delete()
        written.follow_ups.variants_deleted = list(variant_ids)
    elif how is Missing.ZERO:
        _zero(Stock.objects.filter(product_variant_id__in=pks), written)
    elif how is Missing.HIDE:
        # A variant without a price in a channel can't be bought there.
        ProductVariantChannelListing.objects.filter(variant_id__in=pks).delete()
        written.follow_ups.variants_updated = list(variant_ids)
    return written


def restore_products(product_ids: Sequence[str]) -> Written:
    """Publish again what we hid; what an editor unpublished stays so."""
    products = list(
        Product.objects.filter(
            pk__in=[int(pk) for pk in product_ids], private_metadata__has_key=HIDDEN
        )
    )
    for product in products:
        channels = product.private_metadata.pop(HIDDEN)
        ProductChannelListing.objects.filter(product=product, channel_id__in=channels).update(
            is_published=True
        )
    Product.objects.bulk_update(products, ["private_metadata"], batch_size=500)
    written = Written(ids=list(product_ids))
    written.follow_ups.products_updated = [str(product.pk) for product in products]
    return written


def _zero(stocks: object, written: Written) -> None:
    rows = list(stocks.select_for_update(of=("self",)).exclude(quantity=0).order_by("pk"))  # type: ignore[attr-defined]
    for stock in rows:
        written.follow_ups.stocks_changed.append((str(stock.pk), stock.quantity, 0))
        stock.quantity = 0
    Stock.objects.bulk_update(rows, ["quantity"], batch_size=1000)


def _drop_draft_lines(variant_ids: Sequence[int]) -> None:
    """As Saleor does: a draft order keeps no line of what is deleted."""
    OrderLine.objects.filter(variant_id__in=variant_ids, order__status=OrderStatus.DRAFT).delete()
