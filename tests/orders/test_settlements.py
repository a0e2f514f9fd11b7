"""Payments, refunds and gift cards as documents."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from saleor_1c_plugin.commerceml.documents import Document, Operation
from saleor_1c_plugin.orders.outgoing.compose import compose
from saleor_1c_plugin.store.orders import Payment, PaymentKind

from .samples import ORDER
from .strategies import TERMS

AT = datetime(2026, 3, 31, 22, 0, tzinfo=UTC)


def documents(*payments: Payment) -> tuple[Document, ...]:
    order = replace(ORDER, payments=payments, gift_cards=(), shipments=())
    return compose(order, TERMS).others


def charge(method: str = "", gateway: str = "", **values: object) -> Payment:
    payment = Payment("pay", PaymentKind.CHARGE, Decimal("10.00"), AT, method, gateway)
    return replace(payment, **values)


@pytest.mark.parametrize(
    ("method", "gateway", "operation"),
    [
        ("Наличные курьеру", "", Operation.CASH_PAYMENT),
        ("Наложенный платёж", "", Operation.CASH_PAYMENT),
        ("Безналичный расчёт", "", Operation.CASHLESS_PAYMENT),
        ("По счёту", "", Operation.CASHLESS_PAYMENT),
        ("Банковская карта", "yookassa", Operation.CARD_PAYMENT),
        ("bank_card", "yookassa", Operation.CARD_PAYMENT),
        ("Оплата в терминале", "acquiring", Operation.CARD_PAYMENT),
        ("", "mirumee.payments.dummy", Operation.CASHLESS_PAYMENT),
    ],
)
def test_ways_of_paying(method: str, gateway: str, operation: Operation) -> None:
    (document,) = documents(charge(method, gateway))
    assert document.operation is operation
    assert document.requisite("Метод оплаты") == (method or gateway)


def test_a_payment_belongs_to_its_order() -> None:
    (document,) = documents(charge("Карта", "yookassa", reference="2f3a"))
    assert (document.id, document.number, document.basis) == ("pay", "2f3a", ORDER.id)
    assert (document.amount, document.currency) == (Decimal("10.00"), "RUB")
    assert f"{document.issued} {document.issued_at}" == "2026-04-01 01:00:00"
    assert document.counterparties == compose(ORDER, TERMS).order.counterparties
    assert document.requisite("Метод оплаты ИД") == "yookassa"
    assert document.requisite("Оплачен") == "true"


def test_own_words_say_how_1c_books_it() -> None:
    terms = replace(TERMS, operations={"dummy": Operation.CARD_PAYMENT})
    order = replace(ORDER, payments=(charge("", "dummy"),), gift_cards=(), shipments=())
    assert compose(order, terms).others[0].operation is Operation.CARD_PAYMENT


def test_money_goes_back_the_way_it_came() -> None:
    cash = charge("Наличные")
    refund = Payment("back", PaymentKind.REFUND, Decimal("4.00"), AT, refunds="pay")
    card = replace(refund, id="card", method="Карта", refunds="")
    lost = replace(refund, id="lost", kind=PaymentKind.CHARGEBACK, refunds="")
    _, back, by_card, chargeback = documents(cash, refund, card, lost)
    assert (back.operation, back.amount) == (Operation.CASH_REFUND, Decimal("4.00"))
    assert back.requisite("Возврат") == "true"
    assert back.requisite("Возврат по оплате ИД") == "pay"
    assert by_card.operation is Operation.CASHLESS_REFUND
    assert chargeback.operation is Operation.CASHLESS_REFUND
    assert chargeback.requisite("Причина возврата") == "Отзыв платежа банком"


def test_what_1c_told_of_and_what_is_only_held_are_no_documents() -> None:
    held = Payment("hold", PaymentKind.AUTHORISED, Decimal("10.00"), AT)
    assert documents(held, charge("Карта", from_onec=True)) == ()
    order = replace(ORDER, payments=(held, charge("Карта", from_onec=True)))
    assert compose(order, TERMS).order.payments == ()


def test_schema_209_lists_the_charges_in_the_order() -> None:
    (payment,) = compose(ORDER, TERMS).order.payments
    assert (payment.number, payment.transaction, payment.amount) == (
        "2f3a",
        "2f3a",
        Decimal("1000.00"),
    )
    assert (payment.method, payment.method_id) == ("Банковская карта", "yookassa")
    assert payment.at == datetime(2026, 4, 1, 0, 30, 15)  # noqa: DTZ001


def test_a_gift_card_is_an_advance_and_no_discount() -> None:
    container = compose(ORDER, TERMS)
    card = container.others[0]
    assert (card.operation, card.amount, card.basis) == (
        Operation.OTHER,
        Decimal("500.00"),
        ORDER.id,
    )
    assert card.requisite("Метод оплаты") == "Подарочная карта"
    assert card.requisite("Подарочная карта") == "4321"
    assert container.order.amount == ORDER.total_gross
