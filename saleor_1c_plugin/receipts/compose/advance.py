"""Money without goods: what is paid too much, and what is paid off."""

from decimal import Decimal

from ...store.orders import Order
from .document import Item, PaymentMethod, PaymentObject, TaxSystem, Vat
from .goods import Goods, money, short
from .position import Position
from .rates import general


def overpaid(position: Position, amount: int) -> Item:
    """Kopecks for which nothing is ordered: they can be set off, or given back, later."""
    return _payment(
        f"Аванс по заказу {position.order.number}",
        amount,
        PaymentMethod.ADVANCE,
        _rate(position),
    )


def credit_payment(order: Order, amount: int) -> Item:
    """Kopecks of what the buyer owes; the tax was told when the goods were handed over."""
    return _payment(
        f"Оплата кредита по заказу {order.number}",
        amount,
        PaymentMethod.CREDIT_PAYMENT,
        Vat.NONE,
    )


def gift_card(position: Position, goods: Goods, amount: int) -> list[Item]:
    """Kopecks for gift cards that are bought."""
    rate = position.vat(goods, advance=True)
    return goods.items(amount, goods.units, PaymentMethod.ADVANCE, rate)


def _payment(name: str, amount: int, method: PaymentMethod, rate: Vat) -> Item:
    price = money(amount)
    return Item(short(name), price, Decimal(1), price, method, PaymentObject.PAYMENT, rate)


def _rate(position: Position) -> Vat:
    """The highest rate of the order's: what the money will buy is not known."""
    if not position.goods:
        is_taxed = position.terms.tax_system is TaxSystem.OSN
        return (is_taxed and general(position.day).calculated) or Vat.NONE
    highest = max(
        position.goods, key=lambda one: Decimal(-1) if one.tax_rate is None else one.tax_rate
    )
    return position.vat(highest, advance=True)
