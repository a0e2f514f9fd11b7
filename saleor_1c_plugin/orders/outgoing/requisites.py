"""Requisites of an order: what 1C's mapping of a site's orders goes by.

Names as 1C's samples, its modules and the sites that work with them spell them ("Статуса заказа
ИД" and the two names of the delivery method among them). "Дата изменения статуса" is left out: it
would make every save of an order news.
"""

from collections.abc import Iterator
from decimal import Decimal

from ...commerceml.documents import Counterparty
from ...store.orders import Named, Order, OrderStatus, PaymentKind
from .receipts import receipt_requisites
from .settlements import GIFT_CARD, method_name
from .sums import ZERO
from .terms import Terms
from .text import one_line

_CANCELLED = {OrderStatus.CANCELLED, OrderStatus.EXPIRED}
_FINAL = {OrderStatus.SHIPPED, OrderStatus.RETURNED}
#: A word of the method of what is paid by a document that has a number.
_INVOICE = "счёт"
#: Metadata that a reservation leaves on its order.
RESERVATION = "onec.reservation"
RESERVED_UNTIL = "onec.reserved_until"


def order_requisites(
    order: Order, amount: Decimal, buyer: Counterparty, terms: Terms
) -> tuple[tuple[str, str], ...]:
    """Requisites of the order whose document comes to `amount`; those that say nothing are left.

    "Заказ оплачен" counts gift cards, and payments that 1C told of.
    """
    requisites = dict(
        (
            *_payment(order, terms),
            *_state(order, terms),
            *_delivery(order, buyer),
            *_extras(order, amount, buyer, terms),
            *receipt_requisites(order, terms),
            *terms.requisites,
        )
    )
    return tuple((name, value) for name, value in requisites.items() if value)


def _payment(order: Order, terms: Terms) -> Iterator[tuple[str, str]]:
    charges = [payment for payment in order.payments if payment.kind is PaymentKind.CHARGE]
    held = [payment for payment in order.payments if payment.kind is PaymentKind.AUTHORISED]
    promised = [payment for payment in order.payments if payment.kind is PaymentKind.PROMISED]
    if first := (charges or held or promised[-1:])[:1]:
        yield "Метод оплаты", method_name(first[0])
        yield "Метод оплаты ИД", one_line(first[0].gateway)
    elif order.gift_cards:
        yield "Метод оплаты", GIFT_CARD
        yield "Метод оплаты ИД", "gift_card"
    if charges:
        yield "Дата оплаты", terms.local(charges[-1].at).isoformat(" ")
        yield "Номер платежного документа", charges[-1].reference or charges[-1].id
        yield "Сумма оплаты", f"{order.paid:f}"
    if promised and _INVOICE in method_name(promised[-1]).casefold():
        # The buyer's bank will name it, and not the order.
        yield "Номер счёта на оплату", one_line(promised[-1].reference)
    if held:
        yield "Авторизовано", f"{sum((payment.amount for payment in held), ZERO):f}"


def _state(order: Order, terms: Terms) -> Iterator[tuple[str, str]]:
    cancelled = order.status in _CANCELLED
    confirmed = order.status is not OrderStatus.UNCONFIRMED and not cancelled
    paid = order.paid + _by_gift_cards(order) >= order.total_gross
    status = terms.status or Named(order.status.value, terms.status_name(order.status))
    yield "Заказ оплачен", _switch(paid)
    yield "Доставка разрешена", _switch(confirmed)
    yield "Отменен", _switch(cancelled)
    yield "Финальный статус", _switch(order.status in _FINAL)
    yield "Статус заказа", status.name
    yield "Статуса заказа ИД", status.id
    yield "Сайт", terms.site
    yield "Канал", one_line(order.channel)


def _delivery(order: Order, buyer: Counterparty) -> Iterator[tuple[str, str]]:
    name = one_line(order.delivery_name)
    if order.pickup_id:
        name = name or "Самовывоз"
    yield "Способ доставки", name
    yield "Способ доставки ИД", order.delivery_id
    yield "Метод доставки ИД", order.delivery_id
    yield "Адрес доставки", buyer.address.text if order.shipping and buyer.address else ""
    yield "Пункт самовывоза", one_line(order.pickup_name) or order.pickup_id


def _extras(
    order: Order, amount: Decimal, buyer: Counterparty, terms: Terms
) -> Iterator[tuple[str, str]]:
    gift_cards = _by_gift_cards(order)
    yield "Промокод", one_line(order.voucher_code)
    yield GIFT_CARD, ", ".join(one_line(code) for code, _ in order.gift_cards)
    yield "Сумма подарочных карт", f"{gift_cards:f}" if gift_cards else ""
    # A company's has a field; a sole trader is a person, and a person has none for it.
    yield "ОГРН", "" if buyer.is_company else buyer.ogrn
    yield "Номер резерва", _listed(order.metadata.get(RESERVATION, ""))
    yield "Резерв до", terms.moment(order.metadata.get(RESERVED_UNTIL, ""))
    # The lines are what 1C adds up; a shop that counts otherwise must be seen to.
    yield "Сумма на сайте", f"{order.total_gross:f}" if order.total_gross != amount else ""


def _by_gift_cards(order: Order) -> Decimal:
    return sum((amount for _, amount in order.gift_cards), ZERO)


def _listed(text: str) -> str:
    """Ids that commas part, as 1C shows them in one line."""
    return ", ".join(filter(None, map(one_line, text.split(","))))


def _switch(value: bool) -> str:
    return "true" if value else "false"
