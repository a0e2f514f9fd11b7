"""Stock held for checkout lines, in Saleor's own reservations.

Saleor subtracts the reservations of others, until their time is over, from what it lets buyers
add, complete and see. Carts are locked before stocks, stocks in the order of their keys, as Saleor
does it.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid4

from django.db.models import Min, Q, QuerySet, Sum
from django.db.models.expressions import RawSQL
from django.db.models.functions import Now
from saleor.channel.models import Channel
from saleor.checkout.models import Checkout, CheckoutLine
from saleor.site.models import SiteSettings
from saleor.warehouse.management import sort_stocks
from saleor.warehouse.models import Allocation, Reservation, Stock

from ..carts import Held, Lack, Wanted
from .prepared import prepared
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
    lines = {str(row["pk"]): row for key in uuids([cart_id]) for row in _line_rows(key)}
    counted = [one for one in wanted if one.line_id in lines]
    if not counted:
        return {}
    # Of all lines, as for a sale: in its transaction something may be held first, and who locks
    # in parts meets others half-way.
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


def lock_goods(cart_id: str) -> Collection[str]:
    """Keep a cart's goods from being held or sold until the commit; ids of the variants."""
    variants = {row["variant_id"] for key in uuids([cart_id]) for row in _line_rows(key)}
    if variants:
        locked_places(cart_id, variants)
    return {str(pk) for pk in variants}


def _lines(key: UUID) -> Any:
    """Those whose stock is counted."""
    preordered = Q(variant__is_preorder=True) & (
        Q(variant__preorder_end_date=None) | Q(variant__preorder_end_date__gt=Now())
    )
    rows = CheckoutLine.objects.filter(
        checkout_id=key, variant__track_inventory=True, quantity__gt=0
    )
    return rows.exclude(preordered).values("pk", "variant_id", "quantity")


def _destination(key: UUID) -> Any:
    return Checkout.objects.filter(pk=key).values(
        *("channel_id", "channel__slug", "channel__allocation_strategy", "country"),
        *("shipping_address__country", "billing_address__country", "collection_point_id"),
    )


def locked_places(cart_id: str, variant_ids: Collection[int]) -> Mapping[int, list[Place]]:
    """Stocks that the cart's goods may come from, locked, in the order in which Saleor takes."""
    (checkout,) = (row for key in uuids([cart_id]) for row in _destination_row(key))
    channel = Channel(
        pk=checkout["channel_id"],
        slug=checkout["channel__slug"],
        allocation_strategy=checkout["channel__allocation_strategy"],
    )
    country = (
        checkout["shipping_address__country"]
        or checkout["billing_address__country"]
        or checkout["country"]
    )
    stocks = _source_rows(
        channel.slug,
        str(country),
        is_collected=bool(checkout["collection_point_id"]),
        by_zones=are_sold_by_zones(),
    )
    rows = stocks(_array(variant_ids))
    keys = [row["pk"] for row in rows]
    sold = {row["stock_id"]: row["units"] for row in _sold_rows(_array(keys))}
    holds: dict[int, dict[Any, int]] = defaultdict(dict)
    live = Reservation.objects.filter(stock__in=keys, quantity_reserved__gt=0).not_expired()
    for stock_id, line_id, units in live.values_list(
        "stock_id", "checkout_line_id", "quantity_reserved"
    ):
        holds[stock_id][line_id] = units
    strategy = channel.allocation_strategy
    if len({row["product_variant_id"] for row in rows}) < len(rows):
        rows = sort_stocks(strategy, rows, channel, sold, checkout["collection_point_id"])
    places: dict[int, list[Place]] = defaultdict(list)
    for row in rows:
        unsold = row["quantity"] - sold.get(row["pk"], 0)
        places[row["product_variant_id"]].append(Place(row["pk"], unsold, holds[row["pk"]]))
    return places


@lru_cache(maxsize=1000)
def _source_rows(
    channel: str, country: str, *, is_collected: bool, by_zones: bool
) -> Callable[[str], list[dict[str, Any]]]:
    """Locks the stocks of such goods that Saleor would let such a cart buy from."""

    def make(variants: str) -> Any:
        if is_collected:
            stocks = Stock.objects.for_channel_and_click_and_collect(channel)
        elif by_zones:
            stocks = Stock.objects.for_channel_and_country(channel, country)
        else:
            stocks = Stock.objects.for_channel(channel)
        chosen = stocks.filter(product_variant__in=_unnest(variants))
        return for_update(chosen).values("pk", "product_variant_id", "warehouse_id", "quantity")

    return prepared(make, _array([-1]))


def _sold(stocks: str) -> Any:
    rows = Allocation.objects.filter(quantity_allocated__gt=0, stock__in=_unnest(stocks))
    return rows.values("stock_id").annotate(units=Sum("quantity_allocated")).order_by()


def _unnest(keys: str) -> RawSQL:
    return RawSQL("SELECT unnest(%s::int[])", [keys])


def _array(keys: Iterable[int]) -> str:
    return "{" + ",".join(map(str, keys)) + "}"


def are_sold_by_zones() -> bool:
    """A warehouse sells to the countries of its shipping zones alone; 3.22 knows nothing else."""
    name = "use_legacy_shipping_zone_stock_availability"
    if not hasattr(SiteSettings, name):
        return True
    return bool(SiteSettings.objects.values_list(name, flat=True)[0])


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


_line_rows = prepared(_lines, uuid4())
_destination_row = prepared(_destination, uuid4())
_sold_rows = prepared(_sold, _array([-1]))
