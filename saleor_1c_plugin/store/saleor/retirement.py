"""Taking goods off the shop, and putting back what was only hidden."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from saleor.attribute import AttributeInputType
from saleor.attribute.models import AttributeValue
from saleor.core.utils.events import call_event
from saleor.order import OrderStatus
from saleor.order.models import OrderLine
from saleor.plugins.manager import get_plugins_manager
from saleor.product.models import (
    Product,
    ProductChannelListing,
    ProductVariant,
    ProductVariantChannelListing,
)
from saleor.warehouse.models import Stock
from saleor.webhook.event_types import WebhookEventAsyncType
from saleor.webhook.utils import get_webhooks_for_event

from ..ports import Missing, Written
from .listeners import overridden
from .trade import reprice

#: Private metadata of a product that we hid: the channels to show it in again.
HIDDEN = "onec.hidden"


def retire_products(product_ids: Sequence[str], how: Missing) -> Written:
    written = Written(ids=list(product_ids))
    products = list(Product.objects.filter(pk__in=[int(pk) for pk in product_ids]))
    pks = [product.pk for product in products]
    if how is Missing.DELETE:
        variants: dict[int, list[int]] = {}
        for pk, product_id in ProductVariant.objects.filter(product_id__in=pks).values_list(
            "pk", "product_id"
        ):
            variants.setdefault(product_id, []).append(pk)
        _drop_what_belongs([pk for owned in variants.values() for pk in owned], pks)
        Product.objects.filter(pk__in=pks).delete()
        _tell("product_deleted", [(product, variants.get(product.pk, [])) for product in products])
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
    variants = list(ProductVariant.objects.filter(pk__in=pks))
    if how is Missing.DELETE:
        _drop_what_belongs(pks, [])
        ProductVariant.objects.filter(pk__in=pks).delete()
        reprice({variant.product_id for variant in variants})
        _tell("product_variant_deleted", [(variant,) for variant in variants])
    elif how is Missing.ZERO:
        _zero(Stock.objects.filter(product_variant_id__in=pks), written)
    elif how is Missing.HIDE:
        # A variant without a price in a channel can't be bought there.
        ProductVariantChannelListing.objects.filter(variant_id__in=pks).delete()
        reprice({variant.product_id for variant in variants})
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


def _drop_what_belongs(variant_ids: Sequence[int], product_ids: Sequence[int]) -> None:
    """As Saleor does: no draft order keeps a line of what is deleted, nor do own values stay."""
    OrderLine.objects.filter(variant_id__in=variant_ids, order__status=OrderStatus.DRAFT).delete()
    AttributeValue.objects.filter(
        Q(variantassignments__variant_id__in=variant_ids)
        | Q(productvalueassignment__product_id__in=product_ids),
        attribute__input_type__in=AttributeInputType.TYPES_WITH_UNIQUE_VALUES,
    ).delete()


def _tell(event: str, gone: Sequence[tuple[Any, ...]]) -> None:
    """Send the event for each object after the commit: no later work could load what is gone."""
    manager = get_plugins_manager(allow_replica=False)
    webhooks = get_webhooks_for_event(getattr(WebhookEventAsyncType, event.upper()))
    if webhooks or overridden(manager, event):
        for arguments in gone:
            call_event(getattr(manager, event), *arguments, webhooks=webhooks)
