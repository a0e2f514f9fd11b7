"""Stock held for checkout lines, in Saleor's own reservations.

Saleor subtracts the reservations of others, until their time is over, from what it lets buyers
add, complete and see. Carts are locked before stocks, stocks in the order of their keys, as Saleor
does it.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid4

from django.db import connection
from django.db.models import F, Min, QuerySet, Sum, UUIDField, Value
from django.db.models.expressions import RawSQL
from django.utils import timezone
from saleor.channel.models import Channel
from saleor.checkout.models import Checkout
from saleor.site.models import SiteSettings
from saleor.warehouse.management import sort_stocks
from saleor.warehouse.models import Allocation, Reservation, Stock

from ..carts import Cart, CartLine, Held, Lack, Wanted
from ..prepared import prepared
from .uuids import uuids
from .writing import writes

#: Stands for the present in queries that are made once.
_SOME_TIME = datetime(1970, 1, 1, tzinfo=UTC)
_TABLE = Reservation._meta.db_table
_DELETE = f"DELETE FROM {_TABLE} WHERE checkout_line_id = ANY(%s::uuid[])"  # noqa: S608
_INSERT = f"""
INSERT INTO {_TABLE} (checkout_line_id, stock_id, quantity_reserved, reserved_until)
SELECT * FROM unnest(%s::uuid[], %s::int[], %s::int[], %s::timestamptz[])
"""  # noqa: S608
_SET_UNTIL = f"""
UPDATE {_TABLE} AS r SET reserved_until = u.until
FROM unnest(%s::uuid[], %s::timestamptz[]) AS u(line, until)
WHERE r.checkout_line_id = u.line AND r.reserved_until <> u.until
"""  # noqa: S608


@dataclass(slots=True)
class Place:
    """A stock, locked: pieces that orders have not taken, and what is held of them."""

    pk: int
    unsold: int
    #: Checkout line → units.
    holds: dict[str, int] = field(default_factory=dict)

    def held(self, but: Collection[str]) -> int:
        """What is held of it for other lines than these."""
        return sum(units for holder, units in self.holds.items() if holder not in but)

    def left(self, line_id: str) -> int:
        """What the line may have of it, its own included."""
        return max(self.unsold - self.held([line_id]), 0)


@writes
def lock_cart(cart_id: str) -> bool:
    return any(_locked_row(key) for key in uuids([cart_id]))


@writes
def hold(cart: Cart, wanted: Sequence[Wanted]) -> Mapping[str, Lack]:
    lines = {line.id: line for line in cart.lines if _has_stock(line)}
    counted = [one for one in wanted if one.line_id in lines]
    if not counted:
        return {}
    # Of all lines, as for a sale: in its transaction something may be held first, and who locks
    # in parts meets others half-way.
    places = locked_places(cart, {line.variant_id for line in lines.values()})
    lacking: dict[str, Lack] = {}
    rows: list[tuple[str, int, int, datetime]] = []
    for one in counted:
        line = lines[one.line_id]
        here = places[line.variant_id]
        lack = _lack(here, line, one.share)
        if lack is not None:
            lacking[one.line_id] = lack
            continue
        rows += [(line.id, stock_id, units, one.until) for stock_id, units in _take(here, line)]
    if rows:
        columns = [list(column) for column in zip(*rows, strict=True)]
        with connection.cursor() as cursor:
            cursor.execute(_DELETE, columns[:1])
            cursor.execute(_INSERT, columns)
    return lacking


@writes
def set_until(untils: Mapping[str, datetime]) -> None:
    there = {line_id: until for line_id, until in untils.items() if uuids([line_id])}
    with connection.cursor() as cursor:
        cursor.execute(_SET_UNTIL, [list(there), list(there.values())])


@writes
def release(line_ids: Collection[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_DELETE, [_array(uuids(line_ids))])


def held(line_ids: Collection[str]) -> Mapping[str, Held]:
    return {
        str(row["checkout_line_id"]): Held(row["units"], row["until"])
        for row in _held_rows(_array(uuids(line_ids)), timezone.now())
    }


def lock_goods(cart: Cart) -> Collection[str]:
    """Keep a cart's goods from being held or sold until the commit; ids of the variants."""
    variants = {line.variant_id for line in cart.lines if _has_stock(line)}
    if variants:
        locked_places(cart, variants)
    return variants


def locked_places(cart: Cart, variant_ids: Collection[str]) -> Mapping[str, list[Place]]:
    """Stocks that the cart's goods may come from, locked, in the order in which Saleor takes."""
    country, _, collection_point = cart.place.partition(" ")
    stocks = _source_rows(
        cart.channel,
        country,
        is_collected=bool(collection_point),
        by_zones=are_sold_by_zones(),
    )
    rows = stocks(_array(variant_ids))
    sold: dict[int, int] = {}
    holds: dict[int, dict[str, int]] = defaultdict(dict)
    # Only now: others may have taken something while the locks were waited for.
    for row in _taken_rows(_array(row["pk"] for row in rows), timezone.now()):
        if row["line"] is None:
            sold[row["stock_id"]] = row["units"]
        else:
            holds[row["stock_id"]][str(row["line"])] = row["units"]
    if len({row["product_variant_id"] for row in rows}) < len(rows):
        channel = Channel.objects.get(slug=cart.channel)
        point = UUID(collection_point) if collection_point else None
        rows = sort_stocks(channel.allocation_strategy, rows, channel, sold, point)
    places: dict[str, list[Place]] = defaultdict(list)
    for row in rows:
        unsold = row["quantity"] - sold.get(row["pk"], 0)
        place = Place(row["pk"], unsold, holds[row["pk"]])
        places[str(row["product_variant_id"])].append(place)
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


def _taken(stocks: str, now: datetime) -> Any:
    """What orders have of stocks, and what carts hold of them: rows of the latter have a line."""
    chosen = {"stock__in": _unnest(stocks)}
    sold = Allocation.objects.filter(quantity_allocated__gt=0, **chosen).order_by()
    live = Reservation.objects.filter(
        quantity_reserved__gt=0, reserved_until__gt=now, **chosen
    ).order_by()
    return (
        sold.values("stock_id")
        .annotate(line=Value(None, output_field=UUIDField()), units=Sum("quantity_allocated"))
        .union(
            live.values("stock_id").annotate(
                line=F("checkout_line_id"), units=F("quantity_reserved")
            ),
            all=True,
        )
    )


def _held(lines: str, now: datetime) -> Any:
    rows = Reservation.objects.filter(
        checkout_line__in=RawSQL("SELECT unnest(%s::uuid[])", [lines]), reserved_until__gt=now
    ).order_by()
    return rows.values("checkout_line_id").annotate(
        units=Sum("quantity_reserved"), until=Min("reserved_until")
    )


def _locked(key: UUID) -> Any:
    rows = Checkout.objects.filter(pk=key).order_by()
    return rows.select_for_update(of=("self",)).values("pk")


def _unnest(keys: str) -> RawSQL:
    return RawSQL("SELECT unnest(%s::int[])", [keys])


def _array(keys: Iterable[object]) -> str:
    return "{" + ",".join(map(str, keys)) + "}"


def are_sold_by_zones() -> bool:
    """A warehouse sells to the countries of its shipping zones alone; 3.22 knows nothing else."""
    name = "use_legacy_shipping_zone_stock_availability"
    if not hasattr(SiteSettings, name):
        return True
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {name} FROM {SiteSettings._meta.db_table}")  # noqa: S608
        return bool(cursor.fetchone()[0])


def for_update(stocks: QuerySet[Stock]) -> QuerySet[Stock]:
    return stocks.order_by("pk").select_for_update(of=("self",))


def _has_stock(line: CartLine) -> bool:
    return line.is_counted and line.quantity > 0


def _lack(places: Sequence[Place], line: CartLine, share: int) -> Lack | None:
    # What one stock lacks Saleor takes off what the others have.
    unsold = max(sum(place.unsold for place in places), 0)
    others = sum(place.held([line.id]) for place in places)
    if others + line.quantity > unsold:
        return Lack.STOCK
    return Lack.SHARE if others + line.quantity > unsold * share // 100 else None


def _take(places: Sequence[Place], line: CartLine) -> Iterable[tuple[int, int]]:
    needed = line.quantity
    for place in places:
        units = min(place.left(line.id), needed)
        place.holds.pop(line.id, None)
        if units:
            place.holds[line.id] = units
            needed -= units
            yield place.pk, units


_locked_row = prepared(_locked, uuid4())
_held_rows = prepared(_held, _array([uuid4()]), _SOME_TIME)
_taken_rows = prepared(_taken, _array([-1]), _SOME_TIME)
