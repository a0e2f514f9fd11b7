"""Lines of 1C's documents against those of the shop's order.

Lines are compared by goods, not one by one: 1C may join what the shop keeps apart. Money is
compared in what the shop's prices are entered in, with tax or without.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ...commerceml.documents import Document, DocumentLine
from ...money import quantize
from ...store.orders import LineChange, Order, OrderLine, ShipmentLine
from ..outgoing.lines import DELIVERY, own_key
from .errors import Refused

_KOPECK = Decimal("0.01")


@dataclass(slots=True)
class _Goods:
    """All that a document asks of one goods."""

    name: str
    quantity: int = 0
    money: Decimal = Decimal(0)


def check_sums(document: Document) -> None:
    """Say whether the lines make up the document's sum, to a kopeck a line.

    Raises
    ------
    Refused
        They don't, or one has an impossible quantity or sum.
    """
    for line in document.lines:
        if line.quantity < 0 or line.amount < 0:
            raise Refused(
                f"Строка «{line.name}»: отрицательное количество или сумма "
                f"({line.quantity} на {line.amount})"
            )
    told = sum((_less_discounts(line) for line in document.lines), Decimal(0))
    on_top = sum((_tax(line, included=False) for line in document.lines), Decimal(0))
    above = sum((tax.amount for tax in document.taxes if not tax.included), Decimal(0))
    most = _KOPECK * len(document.lines)
    if all(abs(document.amount - told - tax) > most for tax in (Decimal(0), on_top, above)):
        raise Refused(
            f"Сумма документа {document.amount} не сходится с суммой строк {told + on_top}"
        )


def missing(order: Order | None, lines: Iterable[DocumentLine]) -> set[str]:
    """1C's ids of the goods in these lines that the order hasn't."""
    return {
        line.id
        for line in lines
        if line.id and not is_delivery(line) and not (order and _own(order, line.id))
    }


def is_delivery(line: DocumentLine) -> bool:
    """Whether the line is no goods of the shop's."""
    return line.id == DELIVERY or line.is_service


def changes(
    order: Order, document: Document, variants: Mapping[str, str]
) -> Sequence[LineChange] | None:
    """How the order's lines should be; ``None`` where they are so already.

    Parameters
    ----------
    order
        The shop's.
    document
        One whose sums add up.
    variants
        1C's id of an offer → the shop's of the variant, for goods that the order hasn't.

    Raises
    ------
    Refused
        The document names goods that the shop does not know, or parts of a piece.
    """
    wanted: list[LineChange] = []
    differ = False
    left = {line.id for line in order.lines}
    for key, goods in _gather(order, document.lines, order.prices_with_tax).items():
        own = _own(order, key)
        left -= {line.id for line in own}
        quantity = sum(line.quantity for line in own)
        unit = _unit(goods.money, goods.quantity, order.currency)
        present = _unit(_entered(order, own), quantity, order.currency)
        if own and (quantity, present) == (goods.quantity, unit):
            wanted += [LineChange(line.quantity, id=line.id) for line in own]
            continue
        differ = True
        if not goods.quantity:
            continue
        if own:
            price = None if unit == present else unit
            wanted.append(LineChange(goods.quantity, id=own[0].id, unit_price=price))
        else:
            variant = _variant(key, goods, variants)
            wanted.append(LineChange(goods.quantity, variant_id=variant, unit_price=unit))
    if not wanted:
        raise Refused("В документе не осталось товаров")
    return wanted if differ or left else None


def new_lines(
    document: Document, variants: Mapping[str, str], currency: str
) -> tuple[LineChange, ...]:
    """Lines of an order that the shop does not have; raises as :func:`changes` does."""
    gathered = _gather(None, document.lines, with_tax=True)
    lines = tuple(
        LineChange(
            goods.quantity,
            variant_id=_variant(key, goods, variants),
            unit_price=_unit(goods.money, goods.quantity, currency),
        )
        for key, goods in gathered.items()
        if goods.quantity
    )
    if not lines:
        raise Refused("В документе нет товаров")
    return lines


def shipped(order: Order, lines: Iterable[DocumentLine]) -> tuple[ShipmentLine, ...]:
    """Which of the order's lines left, and how many of each; raises as :func:`changes` does."""
    quantities: dict[str, int] = {}
    for key, goods in _gather(order, lines, order.prices_with_tax).items():
        own = _own(order, key)
        if not own:
            raise Refused(f"В заказе нет товара «{goods.name}» ({key}), отгруженного в 1С")
        rest = goods.quantity
        for line in own:
            # More than is left is the shop's to refuse: the last line takes it.
            free = rest if line is own[-1] else min(rest, line.quantity - line.shipped)
            if free > 0:
                quantities[line.id] = quantities.get(line.id, 0) + free
                rest -= free
    return tuple(ShipmentLine(line_id, quantity) for line_id, quantity in quantities.items())


def delivery_differs(order: Order, document: Document) -> bool:
    """Whether the document has another price for the delivery than the shop."""
    told = [
        _money(line, order.prices_with_tax)
        for line in document.lines
        if is_delivery(line) and not _own(order, line.id)
    ]
    present = order.delivery_gross if order.prices_with_tax else order.delivery_net
    return bool(told) and quantize(sum(told, Decimal(0)), order.currency) != present


def _gather(
    order: Order | None, lines: Iterable[DocumentLine], with_tax: bool
) -> dict[str, _Goods]:
    gathered: dict[str, _Goods] = {}
    for line in lines:
        if is_delivery(line) and not (order and _own(order, line.id)):
            continue
        pieces = line.quantity * (line.unit.ratio if line.unit else 1)
        if pieces < 0 or pieces != pieces.to_integral_value():
            raise Refused(
                f"«{line.name}»: количество {pieces} — не целое число штук, "
                "магазин продаёт только целыми"
            )
        goods = gathered.setdefault(line.id, _Goods(line.name))
        goods.quantity += int(pieces)
        goods.money += _money(line, with_tax)
    return gathered


def _own(order: Order, key: str) -> list[OrderLine]:
    """The order's lines of these goods, under the id that they went out by."""
    return [line for line in order.lines if key and key == (line.key or own_key(line))]


def _variant(key: str, goods: _Goods, variants: Mapping[str, str]) -> str:
    try:
        return variants[key]
    except KeyError:
        raise Refused(f"Товара «{goods.name}» ({key}) в магазине нет") from None


def _unit(money: Decimal, quantity: int, currency: str) -> Decimal:
    return quantize(money / (quantity or 1), currency)


def _entered(order: Order, lines: Iterable[OrderLine]) -> Decimal:
    totals = (line.total_gross if order.prices_with_tax else line.total_net for line in lines)
    return sum(totals, Decimal(0))


def _money(line: DocumentLine, with_tax: bool) -> Decimal:
    money = _less_discounts(line)
    if with_tax:
        return money + _tax(line, included=False)
    return money - _tax(line, included=True)


def _less_discounts(line: DocumentLine) -> Decimal:
    return line.amount - sum((d.amount for d in line.discounts if not d.included), Decimal(0))


def _tax(line: DocumentLine, *, included: bool) -> Decimal:
    return sum((tax.amount for tax in line.taxes if tax.included is included), Decimal(0))
