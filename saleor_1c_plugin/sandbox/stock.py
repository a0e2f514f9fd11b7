"""What is on hand, and what of it is promised or held: nothing is sold or shipped twice.

What a cart holds is nobody else's until the moment that it was held for, by the clock of whoever
asks; nothing has to be tidied up for it to be free again.
"""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import F, IntegerField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Coalesce

from .models import Cart, OrderLine, Reservation, Stock, held, in_force

#: Ids of a variant and of a warehouse.
Place = tuple[int, int]
_LEFT = F("quantity") - F("shipped")


@dataclass(slots=True)
class Level:
    """A stock, locked, and how much of it open orders and others' carts hold."""

    row: Stock
    held: int
    reserved: int

    @property
    def unsold(self) -> int:
        """On hand and not promised to an order, whichever cart holds it."""
        return self.row.quantity - self.held

    @property
    def free(self) -> int:
        return self.unsold - self.reserved


def promised(lines: QuerySet[OrderLine]) -> dict[Place, int]:
    """How much of each stock those of the `lines` hold that are to be shipped yet."""
    rows = held(lines).filter(variant__isnull=False, warehouse__isnull=False).order_by()
    totals = rows.values_list("variant_id", "warehouse_id").annotate(total=Sum(_LEFT))
    return {(variant_id, warehouse_id): total for variant_id, warehouse_id, total in totals}


def lock(variant_ids: Collection[int], cart: Cart | None = None) -> dict[Place, Level]:
    """Stocks of these goods, which nobody else sells, holds or ships from until the commit.

    They are in the order of their warehouses. What `cart` holds counts as free.
    """
    locked = lock_rows(Stock.objects.filter(variant_id__in=variant_ids))
    rows = sorted(locked, key=lambda row: row.warehouse_id)
    # Read under the locks: the lines of an order that has just been taken are in it.
    taken = promised(OrderLine.objects.filter(variant_id__in=variant_ids))
    reserved = _reserved(variant_ids, cart)
    return {
        place: Level(row, taken.get(place, 0), reserved.get(row.pk, 0))
        for row in rows
        for place in [(row.variant_id, row.warehouse_id)]
    }


def lock_rows(stocks: QuerySet[Stock]) -> list[Stock]:
    """`stocks`, locked in the order of the keys, as every writer of stocks locks them."""
    return list(stocks.select_for_update(of=("self",)).order_by("pk"))


def with_free(stocks: QuerySet[Stock], cart: Cart | None = None) -> QuerySet[Stock]:
    """`stocks` with `free`: what a buyer may still have, the one with that `cart` if given."""
    return stocks.annotate(free=_free(cart))


def overdrawn(stocks: QuerySet[Stock]) -> dict[int, int]:
    """Id of a stock → how much more of it is promised and held than there is."""
    rows = stocks.annotate(free=_free()).filter(free__lt=0).values_list("pk", "free")
    return {pk: -free for pk, free in rows}


def _free(cart: Cart | None = None) -> CombinedExpression:
    lines = OrderLine.objects.filter(
        variant=OuterRef("variant"), warehouse=OuterRef("warehouse")
    ).order_by()
    total = held(lines).values("variant").annotate(total=Sum(_LEFT)).values("total")
    others = _not_of(cart, Reservation.objects.filter(stock=OuterRef("pk"))).order_by()
    reserved = others.values("stock").annotate(total=Sum("quantity")).values("total")
    return (
        F("quantity")
        - Coalesce(Subquery(total, output_field=IntegerField()), 0)
        - Coalesce(Subquery(reserved, output_field=IntegerField()), 0)
    )


def _reserved(variant_ids: Collection[int], cart: Cart | None) -> dict[int, int]:
    """Id of a stock → how much of it is held for carts other than `cart`."""
    rows = _not_of(cart, Reservation.objects.filter(stock__variant_id__in=variant_ids))
    return dict(rows.order_by().values_list("stock_id").annotate(total=Sum("quantity")))


def _not_of(cart: Cart | None, rows: QuerySet[Reservation]) -> QuerySet[Reservation]:
    live = in_force(rows)
    return live if cart is None else live.exclude(line__cart=cart)
