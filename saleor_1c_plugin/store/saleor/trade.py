"""Prices into channel listings, quantities into stocks."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.utils import timezone
from saleor.channel.models import Channel
from saleor.discount.models import PromotionRule
from saleor.product.models import ProductChannelListing, ProductVariantChannelListing
from saleor.warehouse.models import Allocation, Stock

from .. import bulk
from ..ports import PriceWrite, StockWrite, Written

#: Private metadata of an order that 1C has taken over; the orders room sets it.
TAKEN = "onec.taken"
#: A product (or variant) and a channel, by primary key.
_Place = tuple[int, int]


def write_prices(writes: Sequence[PriceWrite]) -> Written:
    written = Written()
    channels = {channel.slug: channel for channel in Channel.objects.all()}
    wanted = {
        (int(write.variant_id), channels[write.channel].pk): (int(write.product_id), write.amount)
        for write in writes
    }
    variant_ids = {variant_id for variant_id, _ in wanted}
    there: dict[_Place, tuple[int, Decimal | None, Decimal | None]] = {
        (variant_id, channel_id): (pk, price, discounted)
        for pk, variant_id, channel_id, price, discounted in (
            ProductVariantChannelListing.objects.filter(variant_id__in=variant_ids).values_list(
                "pk", "variant_id", "channel_id", "price_amount", "discounted_price_amount"
            )
        )
    }
    discounting = PromotionRule.objects.filter(variants__in=variant_ids).exists()
    currencies = {channel.pk: channel.currency_code for channel in channels.values()}
    new: list[tuple[object, ...]] = []
    changed: list[tuple[object, ...]] = []
    gone: list[int] = []
    priced: set[int] = set()
    shown: set[_Place] = set()
    follow_ups = written.follow_ups
    touched: set[int] = set()
    for (variant_id, channel_id), (product_id, amount) in wanted.items():
        row = there.get((variant_id, channel_id))
        if amount is None:
            if row is None:
                continue
            gone.append(row[0])
        else:
            shown.add((product_id, channel_id))
            if row is None:
                new.append((variant_id, channel_id, currencies[channel_id], amount, amount))
            elif row[1] != amount:
                # A promotion's price is recalculated by Saleor itself, in the background.
                keep = discounting and row[2] is not None and row[2] <= amount
                changed.append((row[0], amount, row[2] if keep else amount))
            else:
                continue
        if row is not None:
            follow_ups.variants_updated.append(str(variant_id))
        priced.add(product_id)
        touched.add(channel_id)
    bulk.insert(
        ProductVariantChannelListing,
        ("variant_id", "channel_id", "currency", "price_amount", "discounted_price_amount"),
        new,
    )
    bulk.update(ProductVariantChannelListing, ("price_amount", "discounted_price_amount"), changed)
    if gone:
        ProductVariantChannelListing.objects.filter(pk__in=gone).delete()
    _list_products(shown, priced, currencies)
    follow_ups.products_priced = [str(pk) for pk in priced]
    follow_ups.channels_priced = [str(pk) for pk in sorted(touched)]
    return written


def _list_products(
    shown: Collection[_Place], priced: Collection[int], currencies: Mapping[int, str]
) -> None:
    """List products in the channels that they have a price in, at the lowest of their variants.

    A listing that is there is never published anew: an editor may have taken it back.
    """
    lowest: dict[_Place, Decimal] = {}
    for product_id, channel_id, amount in ProductVariantChannelListing.objects.filter(
        variant__product_id__in=priced, discounted_price_amount__isnull=False
    ).values_list("variant__product_id", "channel_id", "discounted_price_amount"):
        known = lowest.get((product_id, channel_id))
        lowest[product_id, channel_id] = amount if known is None else min(known, amount)
    there: set[_Place] = set()
    changed: list[tuple[object, ...]] = []
    for pk, product_id, channel_id, amount in ProductChannelListing.objects.filter(
        product_id__in={product_id for product_id, _ in shown} | set(priced)
    ).values_list("pk", "product_id", "channel_id", "discounted_price_amount"):
        there.add((product_id, channel_id))
        if product_id in priced and lowest.get((product_id, channel_id)) != amount:
            changed.append((pk, lowest.get((product_id, channel_id))))
    bulk.update(ProductChannelListing, ("discounted_price_amount",), changed)
    now = timezone.now()
    bulk.insert(
        ProductChannelListing,
        (
            *("product_id", "channel_id", "currency", "discounted_price_amount"),
            *("is_published", "published_at", "visible_in_listings", "available_for_purchase_at"),
        ),
        (
            (*place, currencies[place[1]], lowest.get(place), True, now, True, now)
            for place in shown
            if place not in there
        ),
    )


def write_stocks(writes: Sequence[StockWrite]) -> Written:
    wanted = {(int(write.variant_id), write.warehouse_id): write for write in writes}
    # The order in which Saleor itself locks stocks.
    rows = (
        Stock.objects.select_for_update(of=("self",))
        .filter(product_variant_id__in={variant_id for variant_id, _ in wanted})
        .order_by("pk")
        .values_list("pk", "product_variant_id", "warehouse_id", "quantity")
    )
    there = {
        (variant_id, str(warehouse_id)): (pk, quantity)
        for pk, variant_id, warehouse_id, quantity in rows
    }
    taken = _taken(pk for place, (pk, _) in there.items() if (w := wanted.get(place)) and w.is_free)
    new: list[tuple[int, str, int]] = []
    changed: list[tuple[int, int]] = []
    before: list[int] = []
    for place, write in wanted.items():
        known = there.get(place)
        if known is None:
            new.append((*place, write.quantity))
            continue
        quantity = write.quantity + taken.get(known[0], 0)
        if known[1] != quantity:
            changed.append((known[0], quantity))
            before.append(known[1])
    ids = bulk.new_ids(Stock, len(new))
    bulk.insert(
        Stock,
        ("id", "product_variant_id", "warehouse_id", "quantity"),
        ((pk, *row) for pk, row in zip(ids, new, strict=True)),
    )
    bulk.update(Stock, ("quantity",), changed)
    written = Written()
    written.follow_ups.stocks_changed = [
        *((str(pk), 0, quantity) for pk, (_, _, quantity) in zip(ids, new, strict=True)),
        *((str(pk), old, quantity) for (pk, quantity), old in zip(changed, before, strict=True)),
    ]
    return written


def _taken(stock_ids: Iterable[int]) -> Mapping[int, int]:
    """What is allocated to orders that 1C took already, and has subtracted itself."""
    ids = list(stock_ids)
    if not ids:
        return {}
    rows: Any = (
        Allocation.objects.filter(
            stock_id__in=ids, order_line__order__private_metadata__has_key=TAKEN
        )
        .values_list("stock_id")
        .annotate(sum=Sum("quantity_allocated"))
    )
    return dict(rows)
