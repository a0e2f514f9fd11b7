"""Stock held for checkout lines, in Saleor's own reservations.

Saleor subtracts the reservations of others, until their time is over, from what it lets buyers
add, complete and see. Carts are locked before stocks, stocks in the order of their keys, as Saleor
does it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Min, Q, QuerySet, Sum
from django.utils import timezone
from saleor.channel.models import Channel
from saleor.checkout.models import Checkout, CheckoutLine
from saleor.site.models import SiteSettings
from saleor.warehouse.management import sort_stocks
from saleor.warehouse.models import Allocation, Reservation, Stock

from ..carts import Held, Lack, Wanted
from .uuids import uuids
from .writing import writes


@dataclass(slots=True)
class Place:
    """A stock, locked: pieces that orders have not taken, and what is held of them."""

    pk: int
    unsold: int
    #: Checkout line → units.
    holds: dict[Any, int] = field(default_factory=dict)

    def held(self, but: Collection[Any]) -> int:
        """What is held of it for other lines than these."""
        return sum(units for holder, units in self.holds.items() if holder not in but)

    def left(self, line_id: Any) -> int:
        """What the line may have of it, its own included."""
        return max(self.unsold - self.held([line_id]), 0)


@writes
def lock_cart(cart_id: str) -> bool:
    locked = Checkout.objects.select_for_update(of=("self",)).filter(pk__in=uuids([cart_id]))
    # A model's instance would tell of the opening of a cart.
    return locked.values_list("pk", flat=True).first() is not None


@writes
def hold(cart_id: str, wanted: Sequence[Wanted]) -> Mapping[str, Lack]:
    lines = {str(row["pk"]): row for row in _lines(cart_id, [one.line_id for one in wanted])}
    counted = [one for one in wanted if one.line_id in lines]
    if not counted:
        return {}
    places = locked_places(cart_id, {row["variant_id"] for row in lines.values()})
    lacking: dict[str, Lack] = {}
    held = []
    rows = []
    for one in counted:
        line = lines[one.line_id]
        here = places[line["variant_id"]]
        lack = _lack(here, line, one.share)
        if lack is not None:
            lacking[one.line_id] = lack
            continue
        held.append(line["pk"])
        rows += [
            Reservation(
                checkout_line_id=line["pk"],
                stock_id=stock_id,
                quantity_reserved=units,
                reserved_until=one.until,
            )
            for stock_id, units in _take(here, line)
        ]
    Reservation.objects.filter(checkout_line__in=held).delete()
    Reservation.objects.bulk_create(rows)
    return lacking


@writes
def set_until(line_ids: Collection[str], until: datetime) -> None:
    rows = Reservation.objects.filter(checkout_line__in=uuids(line_ids))
    rows.exclude(reserved_until=until).update(reserved_until=until)


@writes
def release(line_ids: Collection[str]) -> None:
    Reservation.objects.filter(checkout_line__in=uuids(line_ids)).delete()


def held(line_ids: Collection[str]) -> Mapping[str, Held]:
    rows = Reservation.objects.filter(checkout_line__in=uuids(line_ids)).not_expired()
    sums = rows.values_list("checkout_line_id").annotate(
        units=Sum("quantity_reserved"), until=Min("reserved_until")
    )
    return {str(pk): Held(units, until) for pk, units, until in sums.order_by()}


def _lines(cart_id: str, line_ids: Collection[str]) -> Iterable[dict[str, Any]]:
    preordered = Q(variant__is_preorder=True) & (
        Q(variant__preorder_end_date=None) | Q(variant__preorder_end_date__gt=timezone.now())
    )
    rows = (
        CheckoutLine.objects.filter(checkout__in=uuids([cart_id]), pk__in=uuids(line_ids))
        .filter(variant__track_inventory=True, quantity__gt=0)
        .exclude(preordered)
    )
    return list(rows.values("pk", "variant_id", "quantity"))


def locked_places(cart_id: str, variant_ids: Collection[int]) -> Mapping[int, list[Place]]:
    """Stocks that the cart's goods may come from, locked, in the order in which Saleor takes."""
    checkout = Checkout.objects.filter(pk__in=uuids([cart_id])).values(
        *("channel_id", "country", "shipping_address__country", "billing_address__country"),
        "collection_point_id",
    )[0]
    channel = Channel.objects.get(pk=checkout["channel_id"])
    country = (
        checkout["shipping_address__country"]
        or checkout["billing_address__country"]
        or checkout["country"]
    )
    stocks = _sources(channel.slug, str(country), checkout["collection_point_id"])
    rows = list(
        for_update(stocks.filter(product_variant__in=variant_ids)).values(
            "pk", "product_variant_id", "warehouse_id", "quantity"
        )
    )
    keys = [row["pk"] for row in rows]
    sold = dict(
        Allocation.objects.filter(stock__in=keys, quantity_allocated__gt=0)
        .values_list("stock")
        .annotate(units=Sum("quantity_allocated"))
        .order_by()
    )
    holds: dict[int, dict[Any, int]] = defaultdict(dict)
    live = Reservation.objects.filter(stock__in=keys, quantity_reserved__gt=0).not_expired()
    for stock_id, line_id, units in live.values_list(
        "stock_id", "checkout_line_id", "quantity_reserved"
    ):
        holds[stock_id][line_id] = units
    strategy = channel.allocation_strategy
    rows = sort_stocks(strategy, rows, channel, sold, checkout["collection_point_id"])
    places: dict[int, list[Place]] = defaultdict(list)
    for row in rows:
        unsold = row["quantity"] - sold.get(row["pk"], 0)
        places[row["product_variant_id"]].append(Place(row["pk"], unsold, holds[row["pk"]]))
    return places


def _sources(channel: str, country: str, collection_point: Any) -> Any:
    """Stocks that Saleor would let this cart buy from."""
    if collection_point:
        return Stock.objects.for_channel_and_click_and_collect(channel)
    if are_sold_by_zones():
        return Stock.objects.for_channel_and_country(channel, country)
    return Stock.objects.for_channel(channel)


def are_sold_by_zones() -> bool:
    """A warehouse sells to the countries of its shipping zones alone; 3.22 knows nothing else."""
    return getattr(
        SiteSettings.objects.first(), "use_legacy_shipping_zone_stock_availability", True
    )


def for_update(stocks: QuerySet[Stock]) -> QuerySet[Stock]:
    return stocks.order_by("pk").select_for_update(of=("self",))


def _lack(places: Sequence[Place], line: Mapping[str, Any], share: int) -> Lack | None:
    # What one stock lacks Saleor takes off what the others have.
    unsold = max(sum(place.unsold for place in places), 0)
    others = sum(place.held([line["pk"]]) for place in places)
    if others + line["quantity"] > unsold:
        return Lack.STOCK
    return Lack.SHARE if others + line["quantity"] > unsold * share // 100 else None


def _take(places: Sequence[Place], line: Mapping[str, Any]) -> Iterable[tuple[int, int]]:
    needed = line["quantity"]
    for place in places:
        units = min(place.left(line["pk"]), needed)
        place.holds.pop(line["pk"], None)
        if units:
            place.holds[line["pk"]] = units
            needed -= units
            yield place.pk, units
