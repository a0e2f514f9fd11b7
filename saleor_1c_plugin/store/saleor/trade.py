"""Prices into channel listings, quantities into stocks."""

from collections.abc import Sequence

from django.db.models import Sum
from django.utils import timezone
from saleor.channel.models import Channel
from saleor.discount.models import PromotionRule
from saleor.product.models import (
    Product,
    ProductChannelListing,
    ProductVariant,
    ProductVariantChannelListing,
)
from saleor.warehouse.models import Allocation, Stock

from ..ports import PriceWrite, StockWrite, Written

#: Private metadata of an order that 1C has taken over; the orders room sets it.
TAKEN = "onec.taken"


def write_prices(writes: Sequence[PriceWrite]) -> Written:
    written = Written()
    channels = {channel.slug: channel for channel in Channel.objects.all()}
    variant_ids = {int(write.variant_id) for write in writes}
    product_ids = {int(write.product_id) for write in writes}
    listings = {
        (row.variant_id, row.channel_id): row
        for row in ProductVariantChannelListing.objects.filter(variant_id__in=variant_ids)
    }
    discounting = PromotionRule.objects.filter(variants__in=variant_ids).exists()
    new, changed, gone = [], [], []
    priced: set[int] = set()
    shown: dict[tuple[int, int], Channel] = {}
    for write in writes:
        channel = channels[write.channel]
        key = (int(write.variant_id), channel.pk)
        row = listings.get(key)
        if write.amount is None:
            if row is not None:
                gone.append(row.pk)
                priced.add(int(write.product_id))
            continue
        shown[int(write.product_id), channel.pk] = channel
        if row is None:
            new.append(
                ProductVariantChannelListing(
                    variant_id=key[0],
                    channel=channel,
                    currency=channel.currency_code,
                    price_amount=write.amount,
                    discounted_price_amount=write.amount,
                )
            )
        elif row.price_amount != write.amount:
            row.price_amount = write.amount
            # A promotion's price is recalculated by Saleor itself, in the background.
            if not discounting or (row.discounted_price_amount or 0) > write.amount:
                row.discounted_price_amount = write.amount
            changed.append(row)
        else:
            continue
        priced.add(int(write.product_id))
        written.follow_ups.channels_priced.append(str(channel.pk))
    ProductVariantChannelListing.objects.bulk_create(new)
    ProductVariantChannelListing.objects.bulk_update(
        changed, ["price_amount", "discounted_price_amount"], batch_size=1000
    )
    ProductVariantChannelListing.objects.filter(pk__in=gone).delete()
    _show(shown, product_ids)
    _lowest(priced)
    follow_ups = written.follow_ups
    follow_ups.products_priced = [str(pk) for pk in priced]
    follow_ups.channels_priced = sorted(set(follow_ups.channels_priced))
    follow_ups.variants_updated = [str(row.variant_id) for row in changed]
    return written


def _show(shown: dict[tuple[int, int], Channel], product_ids: set[int]) -> None:
    """List products in the channels that they now have a price in; never one that is there."""
    there = set(
        ProductChannelListing.objects.filter(product_id__in=product_ids).values_list(
            "product_id", "channel_id"
        )
    )
    now = timezone.now()
    ProductChannelListing.objects.bulk_create(
        [
            ProductChannelListing(
                product_id=product_id,
                channel=channel,
                currency=channel.currency_code,
                is_published=True,
                published_at=now,
                visible_in_listings=True,
                available_for_purchase_at=now,
            )
            for (product_id, channel_id), channel in shown.items()
            if (product_id, channel_id) not in there
        ]
    )


def _lowest(product_ids: set[int]) -> None:
    """A product listing shows the lowest price among its variants."""
    lowest: dict[tuple[int, int], object] = {}
    rows = ProductVariantChannelListing.objects.filter(
        variant__product_id__in=product_ids, discounted_price_amount__isnull=False
    ).values_list("variant__product_id", "channel_id", "discounted_price_amount")
    for product_id, channel_id, amount in rows:
        known = lowest.get((product_id, channel_id))
        lowest[product_id, channel_id] = amount if known is None else min(known, amount)
    changed = []
    for listing in ProductChannelListing.objects.filter(product_id__in=product_ids):
        amount = lowest.get((listing.product_id, listing.channel_id))
        if listing.discounted_price_amount != amount:
            listing.discounted_price_amount = amount
            changed.append(listing)
    ProductChannelListing.objects.bulk_update(changed, ["discounted_price_amount"], batch_size=1000)


def write_stocks(writes: Sequence[StockWrite]) -> Written:
    written = Written()
    # The order in which Saleor itself locks stocks.
    rows = (
        Stock.objects.select_for_update(of=("self",))
        .filter(product_variant_id__in={int(write.variant_id) for write in writes})
        .order_by("pk")
    )
    stocks = {(row.product_variant_id, str(row.warehouse_id)): row for row in rows}
    taken = _taken([row.pk for row in stocks.values()]) if any(w.is_free for w in writes) else {}
    new, changed = [], []
    for write in writes:
        stock = stocks.get((int(write.variant_id), write.warehouse_id))
        if stock is None:
            stock = Stock(product_variant_id=int(write.variant_id), warehouse_id=write.warehouse_id)
            before = 0
            stock.quantity = write.quantity
            new.append((stock, before))
            continue
        quantity = write.quantity + (taken.get(stock.pk, 0) if write.is_free else 0)
        if stock.quantity != quantity:
            changed.append((stock, stock.quantity))
            stock.quantity = quantity
    Stock.objects.bulk_create([stock for stock, _ in new])
    Stock.objects.bulk_update([stock for stock, _ in changed], ["quantity"], batch_size=1000)
    written.follow_ups.stocks_changed = [
        (str(stock.pk), before, stock.quantity) for stock, before in (*new, *changed)
    ]
    return written


def _taken(stock_ids: Sequence[int]) -> dict[int, int]:
    """What is allocated to orders that 1C took already, and has subtracted itself."""
    rows = (
        Allocation.objects.filter(
            stock_id__in=stock_ids, order_line__order__private_metadata__has_key=TAKEN
        )
        .values("stock_id")
        .annotate(sum=Sum("quantity_allocated"))
    )
    return {row["stock_id"]: row["sum"] for row in rows}


def products_of(variant_ids: Sequence[str]) -> list[int]:
    """Products of these variants."""
    rows = Product.objects.filter(variants__in=ProductVariant.objects.filter(pk__in=variant_ids))
    return list(rows.distinct().values_list("pk", flat=True))
