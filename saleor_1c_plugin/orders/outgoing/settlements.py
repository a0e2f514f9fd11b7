"""Money as documents: payments, refunds and gift cards."""

from collections.abc import Iterator
from uuid import uuid5

from ...commerceml.documents import Counterparty, Document, Operation, SitePayment
from ...store.orders import Order, Payment, PaymentKind
from .counterparty import NAMESPACE
from .terms import Terms
from .text import one_line

GIFT_CARD = "Подарочная карта"

#: What gives a payment back; money comes back from a card by the bank.
_REFUNDS = {
    Operation.CASH_PAYMENT: Operation.CASH_REFUND,
    Operation.CASHLESS_PAYMENT: Operation.CASHLESS_REFUND,
    Operation.CARD_PAYMENT: Operation.CASHLESS_REFUND,
}

_NO_PAYMENTS = (PaymentKind.AUTHORISED, PaymentKind.PROMISED)


def site_payments(order: Order, terms: Terms) -> tuple[SitePayment, ...]:
    """The charges as schema 2.09 lists them in the order itself; 1C's own are not among them."""
    return tuple(
        SitePayment(
            number=payment.reference or payment.id,
            transaction=payment.reference or payment.id,
            at=terms.local(payment.at),
            amount=payment.amount,
            method=method_name(payment),
            method_id=one_line(payment.gateway),
        )
        for payment in order.payments
        if payment.kind is PaymentKind.CHARGE and not payment.from_onec
    )


def payment_documents(
    order: Order, counterparties: tuple[Counterparty, ...], terms: Terms
) -> Iterator[Document]:
    """Gift cards, then payments and refunds in the order's order; not what 1C told of itself.

    A gift card is an advance that was paid when it was bought: no money moves now, so it is
    booked as none of the ways of paying. What is only authorised or promised is no payment yet.
    """
    issued = terms.local(order.created)
    for index, (code, amount) in enumerate(order.gift_cards, 1):
        key = f"gift card\n{order.id}\n{index}".encode(errors="replace")
        yield Document(
            id=str(uuid5(NAMESPACE, key)),
            number=f"{order.number}-{index}",
            kind=Operation.OTHER,
            issued=issued.date(),
            issued_at=issued.time(),
            currency=order.currency,
            rate=terms.rate,
            amount=amount,
            basis=order.id,
            counterparties=counterparties,
            requisites=(
                ("Метод оплаты", GIFT_CARD),
                ("Метод оплаты ИД", "gift_card"),
                (GIFT_CARD, one_line(code)),
                ("Оплачен", "true"),
                ("Отменен", "false"),
            ),
        )
    operations = {payment.id: _operation(payment, terms) for payment in order.payments}
    for payment in order.payments:
        if payment.from_onec or payment.kind in _NO_PAYMENTS:
            continue
        operation = operations[payment.id]
        refund = payment.kind is not PaymentKind.CHARGE
        if refund:
            operation = _REFUNDS.get(
                operations.get(payment.refunds, operation), Operation.CASHLESS_REFUND
            )
        at = terms.local(payment.at)
        yield Document(
            id=payment.id,
            number=payment.reference or payment.id,
            kind=operation,
            issued=at.date(),
            issued_at=at.time(),
            currency=order.currency,
            rate=terms.rate,
            amount=payment.amount,
            basis=order.id,
            counterparties=counterparties,
            requisites=_requisites(payment, refund=refund),
        )


def method_name(payment: Payment) -> str:
    return one_line(payment.method) or one_line(payment.gateway) or "Оплата на сайте"


def _requisites(payment: Payment, *, refund: bool) -> tuple[tuple[str, str], ...]:
    found = [("Метод оплаты", method_name(payment))]
    if gateway := one_line(payment.gateway):
        found.append(("Метод оплаты ИД", gateway))
    found += [("Оплачен", "true"), ("Отменен", "false")]
    if refund:
        found.append(("Возврат", "true"))
        if payment.refunds:
            found.append(("Возврат по оплате ИД", payment.refunds))
    if payment.kind is PaymentKind.CHARGEBACK:
        found.append(("Причина возврата", "Отзыв платежа банком"))
    return tuple(found)


def _operation(payment: Payment, terms: Terms) -> Operation:
    words = f"{payment.method} {payment.gateway}".casefold()
    return next(
        (operation for word, operation in terms.operations.items() if word in words),
        Operation.CASHLESS_PAYMENT,
    )
