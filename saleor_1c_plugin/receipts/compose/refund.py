"""Money that goes back to the buyer.

A refund mirrors what was sold: names, rates and codes are those of the receipts that sold it, also
where a rate has changed since. What it gives back is found by its amount, in this order: all that
was paid; what was paid for goods that the order does not have any more; goods that came back;
what was paid for goods that never left. An amount that fits none of these is spread, over what was
paid before goods first, then as a part of the price of goods that the buyer keeps.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from ...store.orders import OrderStatus
from .document import DELIVERY, Item, Kind, Means, PaymentMethod, Receipt
from .goods import kopecks, money, unmarked
from .ledger import Lot, Prepaid, is_handed_over
from .position import Position, handing_over, part
from .problem import Problem
from .spread import split, spread

_OVER = (OrderStatus.RETURNED, OrderStatus.CANCELLED, OrderStatus.EXPIRED)


@dataclass(frozen=True, slots=True)
class _Back:
    """Units of a lot that are given back, for so many kopecks."""

    lot: Lot
    units: Decimal
    value: int


def refund(position: Position, amount: int, means: Means) -> Receipt:
    """The receipt of a refund of `amount` kopecks.

    Raises
    ------
    ~.problem.Problem
        By the receipts there is not so much to give back.
    """
    ledger = position.ledger
    if amount > ledger.money:
        raise Problem(
            f"Возвращается {money(amount)}, а по чекам заказа получено только "
            f"{money(max(0, ledger.money))}"
        )
    paid = {means: amount}
    if amount == ledger.money and (whole := _whole(position)) is not None:
        items, set_off = whole
        return position.receipt(Kind.SELL_REFUND, items, paid | set_off)
    prepaid = [entry for entry in ledger.prepaid if entry.amount]
    too_much = _too_much(position, prepaid)
    if amount == sum(too_much):
        items = _mirror_parts(prepaid, too_much)
    elif (back := _came_back(position, amount)) is not None:
        items = _mirror_goods(back, PaymentMethod.FULL_PAYMENT)
    else:
        items = _spread(position, prepaid, too_much, amount)
    return position.receipt(Kind.SELL_REFUND, items, paid)


def undo(position: Position, settled: Receipt) -> Receipt | None:
    """The receipt that takes a settlement back: its goods have never left after all.

    ``None``: all of it was given back in another way. What was set off by it can be set off again.

    Raises
    ------
    ~.problem.Problem
        A part of it was given back.
    """
    items = [item for item in settled.items if is_handed_over(item)]
    ledger = position.ledger
    value, units = 0, Decimal(0)
    for line_id in dict.fromkeys(item.line_id for item in items):
        own = [item for item in items if item.line_id == line_id]
        lots = [lot for lot in ledger.lots if lot.line_id == line_id]
        value += min(sum(lot.value for lot in lots), sum(kopecks(item.amount) for item in own))
        units += min(
            sum((lot.units for lot in lots), Decimal(0)),
            sum((item.quantity for item in own), Decimal(0)),
        )
    if not units:
        return None
    credit = kopecks(settled.paid.get(Means.CREDIT, Decimal(0)))
    total = sum(kopecks(item.amount) for item in items)
    if value < total or units < sum(item.quantity for item in items) or credit > ledger.credit:
        raise Problem(
            "Отгрузка отменена, но часть её товаров уже возвращена или оплачена: "
            "оформите возврат вручную"
        )
    return position.receipt(
        Kind.SELL_REFUND, items, {Means.PREPAID: total - credit, Means.CREDIT: credit}
    )


def _whole(position: Position) -> tuple[list[Item], dict[Means, int]] | None:
    """All that was sold, and what of it was not paid in money.

    ``None``: a part was not, and the goods are the buyer's still.
    """
    ledger = position.ledger
    lots = [lot for lot in ledger.lots if lot.units or lot.value]
    without_money = ledger.without_money()
    if (ledger.credit or without_money) and not (
        position.order.status in _OVER or _all_came_back(position, lots)
    ):
        return None
    prepaid = [entry for entry in ledger.prepaid if entry.amount]
    paid = sum(lot.value for lot in lots) - ledger.credit
    goods = [_Back(lot, lot.units, lot.value) for lot in lots]
    items = _mirror_goods(goods, handing_over(paid, ledger.credit))
    items += _mirror_parts(prepaid, [entry.amount for entry in prepaid])
    return items, {Means.PREPAID: without_money, Means.CREDIT: ledger.credit}


def _all_came_back(position: Position, lots: Sequence[Lot]) -> bool:
    lines = {lot.line_id for lot in lots if lot.units} - {DELIVERY}
    return all(
        position.returned(line_id) >= sum(lot.units for lot in lots if lot.line_id == line_id)
        for line_id in lines
    )


def _too_much(position: Position, prepaid: Sequence[Prepaid]) -> list[int]:
    """Of each entry, what is more than its line costs now; all of what is for no line."""
    needed = {goods.line_id: position.open_value(goods) for goods in position.goods}
    found = []
    for entry in prepaid:
        kept = min(entry.amount, needed.get(entry.line_id, 0))
        if entry.line_id in needed:
            needed[entry.line_id] -= kept
        found.append(entry.amount - kept)
    return found


def _came_back(position: Position, amount: int) -> list[_Back] | None:
    """Goods that came back and cost just `amount`, with the delivery or without."""
    lots = [lot for lot in position.ledger.lots if lot.units]
    lines = [
        (own, units)
        for line_id in dict.fromkeys(lot.line_id for lot in lots)
        if (own := [lot for lot in lots if lot.line_id == line_id])
        and (units := min(position.returned(line_id), sum(lot.units for lot in own)))
    ]
    if not lines:
        return None
    delivery = [_Back(lot, lot.units, lot.value) for lot in lots if lot.line_id == DELIVERY]
    for extra in [[], delivery] if delivery else [[]]:
        found = _choose(lines, amount - sum(back.value for back in extra))
        if found is not None:
            return found + extra
    return None


def _choose(lines: Sequence[tuple[list[Lot], Decimal]], amount: int) -> list[_Back] | None:
    """So many units of each line that cost `amount` together; ``None``: none do.

    Units of a line differ by a kopeck where its price could not be divided.
    """
    choices = []
    for lots, units in lines:
        ways = [_pick(lots, units, dear) for dear in range(int(units) + 1)]
        choices.append(sorted(ways, key=_worth))
    left = amount - sum(_worth(ways[0]) for ways in choices)
    found: list[_Back] = []
    for ways in choices:
        cheapest = _worth(ways[0])
        best = max(
            (way for way in ways if _worth(way) - cheapest <= left), key=_worth, default=None
        )
        if best is None:
            return None
        left -= _worth(best) - cheapest
        found += best
    return None if left else found


def _pick(lots: Sequence[Lot], units: Decimal, dear: int) -> list[_Back]:
    """`dear` units of the dearest lots, and the rest of the cheapest ones."""
    by_price = sorted(lots, key=lambda lot: lot.value / lot.units)
    taken: dict[int, Decimal] = {}
    for order, wanted in ((by_price[::-1], Decimal(dear)), (by_price, units - dear)):
        for lot in order:
            some = min(wanted, lot.units - taken.get(id(lot), Decimal(0)))
            if some > 0:
                taken[id(lot)] = taken.get(id(lot), Decimal(0)) + some
                wanted -= some
    return [
        _Back(lot, some, part(lot.value, some, lot.units))
        for lot in by_price
        for some in [taken.get(id(lot))]
        if some
    ]


def _worth(back: Iterable[_Back]) -> int:
    return sum(row.value for row in back)


def _spread(
    position: Position, prepaid: Sequence[Prepaid], too_much: Sequence[int], amount: int
) -> list[Item]:
    """Items over `amount` where it fits nothing."""
    ledger = position.ledger
    first = min(amount, sum(too_much))
    of_first = spread(first, too_much)
    left = amount - first
    rest = [entry.amount - some for entry, some in zip(prepaid, too_much, strict=True)]
    second = min(left, sum(rest))
    of_second = spread(second, rest)
    left -= second
    shares = [one + other for one, other in zip(of_first, of_second, strict=True)]
    items = _mirror_parts(prepaid, shares)
    if ledger.credit > 0 and left:
        # The goods are the buyer's, and he owes that money again.
        credits = [entry for entry in ledger.credit_paid if entry.amount]
        third = min(left, sum(entry.amount for entry in credits))
        items += _mirror_parts(credits, spread(third, [entry.amount for entry in credits]))
        left -= third
    if left:
        lots = [lot for lot in ledger.lots if lot.value]
        if left > sum(lot.value for lot in lots):
            raise Problem("Сумма возврата больше, чем стоило проданное по чекам заказа")
        for lot, share in zip(lots, spread(left, [lot.value for lot in lots]), strict=True):
            items += _reduction(lot, share)
    return items


def _mirror_goods(back: Sequence[_Back], method: PaymentMethod) -> list[Item]:
    items: list[Item] = []
    for row in back:
        item = replace(row.lot.item, method=method)
        # Where units are gone and a part of their price is not, it is a price of its own.
        items += _resized(item, row.value, row.units or Decimal(1))
    return items


def _mirror_parts(entries: Sequence[Prepaid], shares: Sequence[int]) -> list[Item]:
    items: list[Item] = []
    for entry, share in zip(entries, shares, strict=True):
        if share:
            items += _resized(entry.item, share, entry.item.quantity)
    return items


def _reduction(lot: Lot, value: int) -> list[Item]:
    """Part of a price: a code would say that its goods are for sale again."""
    if not value:
        return []
    item = replace(
        lot.item,
        method=PaymentMethod.FULL_PAYMENT,
        object=unmarked(lot.item.object),
        marking_code="",
        fraction=None,
        keeps=True,
    )
    return _resized(item, value, lot.units or Decimal(1))


def _resized(item: Item, value: int, units: Decimal) -> list[Item]:
    if value == kopecks(item.amount) and units == item.quantity:
        return [item]
    return [
        replace(item, price=money(one.price), quantity=one.quantity, amount=money(one.amount))
        for one in split(value, units)
    ]
