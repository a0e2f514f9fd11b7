"""What is on hand, and what of it is promised: nothing is sold or shipped twice."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import F, IntegerField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from .models import OrderLine, Stock, held

#: Ids of a variant and of a warehouse.
Place = tuple[int, int]
_LEFT = F("quantity") - F("shipped")


@dataclass(slots=True)
class Level:
    """A stock, locked, and how much of it open orders hold."""

    row: Stock
    held: int

    @property
    def free(self) -> int:
        return self.row.quantity - self.held


def promised(lines: QuerySet[OrderLine]) -> dict[Place, int]:
    """How much of each stock those of the `lines` hold that are to be shipped yet."""
    rows = held(lines).filter(variant__isnull=False, warehouse__isnull=False).order_by()
    totals = rows.values_list("variant_id", "warehouse_id").annotate(total=Sum(_LEFT))
    return {(variant_id, warehouse_id): total for variant_id, warehouse_id, total in totals}


def lock(variant_ids: Collection[int]) -> dict[Place, Level]:
    """Stocks of these goods, which nobody else sells or ships from until the commit.

    They are in the order of their warehouses.
    """
    # In the order of the keys, as every writer of stocks locks them.
    locked = Stock.objects.select_for_update().filter(variant_id__in=variant_ids).order_by("pk")
    rows = sorted(locked, key=lambda row: row.warehouse_id)
    # Read under the locks: the lines of an order that has just been taken are in it.
    taken = promised(OrderLine.objects.filter(variant_id__in=variant_ids))
    return {
        place: Level(row, taken.get(place, 0))
        for row in rows
        for place in [(row.variant_id, row.warehouse_id)]
    }


def with_free(stocks: QuerySet[Stock]) -> QuerySet[Stock]:
    """`stocks` with `free`: what a buyer may still have."""
    lines = OrderLine.objects.filter(
        variant=OuterRef("variant"), warehouse=OuterRef("warehouse")
    ).order_by()
    total = held(lines).values("variant").annotate(total=Sum(_LEFT)).values("total")
    return stocks.annotate(
        free=F("quantity") - Coalesce(Subquery(total, output_field=IntegerField()), 0)
    )
