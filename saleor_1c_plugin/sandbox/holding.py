"""Stock that carts hold: whole lines, each in one warehouse, as an order's line is shipped.

Carts are locked before stocks, and stocks before what is held of them.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import groupby

from django.db.models import Min, QuerySet, Sum

from ..store.carts import Held, Lack, Overheld, Wanted
from . import stock
from .models import Cart, CartLine, Reservation, Stock, in_force
from .stock import Level, Place


def hold(cart: Cart, wanted: Sequence[tuple[CartLine, Wanted]]) -> dict[str, Lack]:
    """Hold the goods of these lines of `cart`; returns those that can't be held, and why."""
    levels = stock.lock({line.variant_id for line, _ in wanted}, cart)
    rows: list[Reservation] = []
    lacks: dict[str, Lack] = {}
    for line, wish in wanted:
        match _find(line, wish.share, levels):
            case Lack() as lack:
                lacks[wish.line_id] = lack
            case Level(row=row):
                rows.append(
                    Reservation(
                        line=line, stock=row, quantity=line.quantity, reserved_until=wish.until
                    )
                )
    Reservation.objects.filter(line_id__in=[row.line_id for row in rows]).delete()
    Reservation.objects.bulk_create(rows)
    return lacks


def set_until(untils: Mapping[int, datetime]) -> None:
    """Move the end of what is held; what is over already may be somebody else's by now."""
    rows = in_force(_locked(untils))
    for line_id, until in untils.items():
        rows.filter(line_id=line_id).update(reserved_until=until)


def release(line_ids: Collection[int]) -> None:
    _locked(line_ids).delete()


def held(line_ids: Collection[int]) -> dict[int, Held]:
    """Id of a line → what is held for it at this moment."""
    rows = in_force(Reservation.objects.filter(line_id__in=line_ids)).order_by()
    sums = rows.values_list("line_id").annotate(units=Sum("quantity"), until=Min("reserved_until"))
    return {line_id: Held(units, until) for line_id, units, until in sums}


def overheld(variant_ids: Collection[int] | None) -> list[Overheld]:
    """Stocks that carts hold too much of; they are locked, so that two don't both put it right."""
    held_here = in_force(Reservation.objects.all()).values("stock")
    suspects = Stock.objects.filter(pk__in=held_here)
    if variant_ids is not None:
        suspects = suspects.filter(variant_id__in=variant_ids)
    found = stock.lock_rows(Stock.objects.filter(pk__in=stock.overdrawn(suspects)))
    excess = stock.overdrawn(Stock.objects.filter(pk__in=[row.pk for row in found]))
    rows = in_force(Reservation.objects.filter(stock__in=excess)).order_by("stock", "pk")
    lines = {
        stock_id: {str(row.line_id): row.quantity for row in group}
        for stock_id, group in groupby(rows, key=lambda row: row.stock_id)
    }
    return [
        Overheld(
            stock_id=str(row.pk),
            variant_id=str(row.variant_id),
            # Orders may have been promised more than there is, carts or no carts.
            excess=min(excess[row.pk], sum(lines[row.pk].values())),
            lines=lines[row.pk],
        )
        for row in found
        if row.pk in lines
    ]


def _find(line: CartLine, share: int, levels: Mapping[Place, Level]) -> Level | Lack:
    """The stock that `line` can be held in."""
    here = [level for place, level in levels.items() if place[0] == line.variant_id]
    found = next((level for level in here if level.free >= line.quantity), None)
    if found is None:
        return Lack.STOCK
    most = sum(max(level.unsold, 0) for level in here) * share // 100
    others = sum(level.reserved for level in here)
    return found if others + line.quantity <= most else Lack.SHARE


def _locked(line_ids: Collection[int]) -> QuerySet[Reservation]:
    """What is or was held for these lines, its stocks locked first."""
    rows = Reservation.objects.filter(line_id__in=line_ids)
    stock.lock_rows(Stock.objects.filter(pk__in=rows.values("stock")))
    return rows
