"""Stocks of which more is held than they have.

Saleor sells to a buyer out of all the stocks that he can buy from, and takes what one of them lacks
(more is sold than it has, for 1C has found less) off what the others have. So what is held of a
stock may be there, and be missing all the same.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone
from saleor.shipping.models import ShippingZone
from saleor.warehouse.models import Allocation, Reservation, Stock, Warehouse

from ..carts import Overheld
from .cart_stock import are_sold_by_zones


@dataclass(frozen=True, slots=True)
class _Level:
    pk: int
    variant_id: int
    warehouse_id: Any
    #: Pieces that orders have not taken; less than none where they have taken more than there is.
    unsold: int
    held: int


def overheld(variant_ids: Collection[str] | None = None) -> Sequence[Overheld]:
    if variant_ids is None:
        # Those alone of which anything is held: the others need not be looked at.
        holding = Reservation.objects.filter(reserved_until__gt=timezone.now())
        stocks = Stock.objects.filter(product_variant__in=holding.values("stock__product_variant"))
    else:
        stocks = Stock.objects.filter(product_variant__in=[int(pk) for pk in variant_ids])
    stocks = _counted(stocks)
    short = Q(held__gt=Greatest(F("unsold"), 0)) | Q(unsold__lt=0)
    levels = _levels(stocks.filter(short))
    groups = {frozenset({level.pk}): [level] for level in levels}
    lacking = {level.variant_id for level in levels if level.unsold < 0}
    if lacking:
        whole = _levels(_counted(Stock.objects.filter(product_variant__in=lacking)))
        groups |= {frozenset(one.pk for one in group): group for group in _sold_together(whole)}
    found = [(group, _excess(group)) for _keys, group in sorted(groups.items(), key=_in_order)]
    return _told([(group, excess) for group, excess in found if excess > 0])


def _counted(stocks: QuerySet[Stock]) -> QuerySet[Stock]:
    live = Reservation.objects.filter(stock=OuterRef("pk"), reserved_until__gt=timezone.now())
    sold = Allocation.objects.filter(stock=OuterRef("pk"))
    counted: QuerySet[Stock] = stocks.annotate(
        unsold=F("quantity") - _sum(sold, "quantity_allocated"),
        held=_sum(live, "quantity_reserved"),
    )
    return counted


def _levels(stocks: QuerySet[Stock]) -> list[_Level]:
    names = ("pk", "product_variant_id", "warehouse_id", "unsold", "held")
    return [_Level(*row) for row in stocks.order_by("pk").values_list(*names)]


def _sold_together(levels: Iterable[_Level]) -> Iterable[list[_Level]]:
    """Those of one variant that one and the same buyer can buy from."""
    countries = {zone.pk: {str(one.code) for one in zone.countries} for zone in _zones()}
    places: dict[Any, set[tuple[int, str]]] = defaultdict(set)
    rows = Warehouse.objects.filter(pk__in={level.warehouse_id for level in levels})
    for pk, channel, zone in rows.values_list("pk", "channels", "shipping_zones").order_by():
        places[pk] |= {(channel, country) for country in countries.get(zone, ("",))}
    groups: dict[tuple[int, int, str], list[_Level]] = defaultdict(list)
    for level in levels:
        for place in places[level.warehouse_id]:
            groups[level.variant_id, *place].append(level)
    return groups.values()


def _zones() -> Iterable[ShippingZone]:
    """None where a channel sells from all its warehouses to everywhere."""
    return ShippingZone.objects.all() if are_sold_by_zones() else ()


def _in_order(group: tuple[frozenset[int], list[_Level]]) -> list[int]:
    return sorted(group[0])


def _excess(group: Iterable[_Level]) -> int:
    return sum(one.held for one in group) - max(sum(one.unsold for one in group), 0)


def _told(short: Sequence[tuple[list[_Level], int]]) -> Sequence[Overheld]:
    stocks = {level.pk for group, _excess in short for level in group}
    holds: dict[int, dict[str, int]] = defaultdict(dict)
    rows = Reservation.objects.filter(stock__in=stocks).not_expired()
    for stock_id, line_id, units in rows.values_list(
        "stock_id", "checkout_line_id", "quantity_reserved"
    ):
        holds[stock_id][str(line_id)] = units
    told = []
    for group, excess in short:
        lines: dict[str, int] = defaultdict(int)
        for level in group:
            for line_id, units in holds[level.pk].items():
                lines[line_id] += units
        keys = "+".join(str(level.pk) for level in group)
        told.append(Overheld(keys, str(group[0].variant_id), excess, dict(lines)))
    return told


def _sum(rows: QuerySet[Any], name: str) -> Coalesce:
    sums = rows.order_by().values("stock").annotate(sum=Sum(name)).values("sum")
    return Coalesce(Subquery(sums), 0)
