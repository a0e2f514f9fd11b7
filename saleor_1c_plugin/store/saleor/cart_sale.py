"""What a new order takes from which stock: from each what it has.

Saleor counts what is free before it locks the stocks, and under the lock it looks at reservations
alone, not at what orders have (an iterator of the stocks' ids is used up by the first of two
queries). So two buyers who complete at once may both pass; and of several warehouses one may sell
what it has sold before, while another one has it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import F
from saleor.core.exceptions import InsufficientStock, InsufficientStockData
from saleor.product.models import ProductVariant
from saleor.warehouse.models import Allocation, Stock

from . import cart_stock
from .cart_reading import read_cart
from .cart_stock import Place

#: Order line and stock → units.
type _Taken = dict[tuple[Any, int], int]


def fit(order: Any) -> None:
    """Move what an order has just taken to the stocks that have it; they are locked.

    Raises
    ------
    InsufficientStock
        Together they have less. Saleor tells the buyer, as it does when it finds that itself.
    """
    rows = Allocation.objects.filter(order_line__order=order.pk, quantity_allocated__gt=0)
    taken: dict[str, _Taken] = defaultdict(dict)
    for variant_id, line_id, stock_id, units in rows.values_list(
        "stock__product_variant_id", "order_line_id", "stock_id", "quantity_allocated"
    ):
        taken[str(variant_id)][line_id, stock_id] = units
    cart = read_cart(order.checkout_token) if taken else None
    if cart is None:
        return
    places = cart_stock.locked_places(cart, taken)
    cart_lines = {line.id for line in cart.lines}
    for variant_id, before in taken.items():
        here = places.get(variant_id, ())
        if not {stock_id for _line, stock_id in before} <= {place.pk for place in here}:
            # Whoever takes from elsewhere knows why.
            continue
        after = _fitted(before, here, cart_lines)
        if after is None:
            variant = ProductVariant.objects.get(pk=variant_id)
            raise InsufficientStock([InsufficientStockData(variant=variant, available_quantity=0)])
        _write(before, after)


def _fitted(before: _Taken, places: Sequence[Place], cart_lines: set[str]) -> _Taken | None:
    """The same units, none from where there are none; ``None`` where there are not enough."""
    own: dict[int, int] = defaultdict(int)
    for (_line, stock_id), units in before.items():
        own[stock_id] += units
    free = {place.pk: place.unsold + own[place.pk] - place.held(cart_lines) for place in places}
    if sum(free.values()) < sum(own.values()):
        return None
    # What is too much of each, and how much more each has.
    room = {pk: max(units, 0) - own[pk] for pk, units in free.items()}
    after = dict(before)
    for (line, stock_id), units in before.items():
        for other in free:
            moved = min(-room[stock_id], room[other], units)
            if moved > 0:
                after[line, stock_id] -= moved
                after[line, other] = after.get((line, other), 0) + moved
                room[stock_id] += moved
                room[other] -= moved
                units -= moved
    return after


def _write(before: Mapping[tuple[Any, int], int], after: _Taken) -> None:
    changed = {key: units for key, units in after.items() if units != before.get(key, 0)}
    for (line, stock_id), units in changed.items():
        mine = Allocation.objects.filter(order_line=line, stock=stock_id)
        if not units:
            mine.delete()
        elif not mine.update(quantity_allocated=units):
            Allocation.objects.create(
                order_line_id=line, stock_id=stock_id, quantity_allocated=units
            )
        more = units - before.get((line, stock_id), 0)
        Stock.objects.filter(pk=stock_id).update(quantity_allocated=F("quantity_allocated") + more)
