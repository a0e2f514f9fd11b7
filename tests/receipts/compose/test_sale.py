"""Receipts of payments: what they are for, at which rate, and what they come to."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from saleor_1c_plugin.receipts.compose.document import (
    DELIVERY,
    Kind,
    Means,
    PaymentMethod,
    PaymentObject,
    Vat,
)
from saleor_1c_plugin.store.orders import PaymentKind

from .samples import (
    NOON,
    TERMS,
    Till,
    charge,
    line,
    order,
    paid,
    problem,
    receipts,
    rows,
    shipment,
)

ONE_RECEIPT = replace(TERMS, one_receipt=True)


def test_all_is_paid_before_the_goods_leave() -> None:
    (receipt,) = receipts(
        order(
            line("a", 3, "100.00"),
            line("b", 1, "50.00", "0.10"),
            line("gift", 1, "0.00"),
            delivery="300",
            delivery_name="Курьер",
            payments=(charge("p", "450.00"),),
        )
    )
    assert receipt.kind is Kind.SELL
    assert rows(receipt.items) == [
        ("Товар a", "2", "33.33"),
        ("Товар a", "1", "33.34"),
        ("Товар b", "1", "50.00"),
        ("Доставка (Курьер)", "1", "300.00"),
    ]
    assert {item.method for item in receipt.items} == {PaymentMethod.FULL_PREPAYMENT}
    assert [item.vat for item in receipt.items] == [
        Vat.RATE_22_122,
        Vat.RATE_22_122,
        Vat.RATE_10_110,
        Vat.RATE_22_122,
    ]
    assert [item.line_id for item in receipt.items] == ["a", "a", "b", DELIVERY]
    assert receipt.items[-1].object is PaymentObject.SERVICE
    assert paid(receipt) == {Means.ELECTRONIC: "450.00"}
    assert receipt.place == "https://shop.example"
    assert (receipt.buyer.email, receipt.buyer.phone) == ("buyer@example.com", "+79990000000")


def test_parts_of_the_price_make_the_price() -> None:
    first, second, third = receipts(
        order(
            line("a", 3, "100.00"),
            line("b", 1, "0.01"),
            payments=(charge("1", "33.33"), charge("2", "0.01", 1), charge("3", "66.67", 2)),
        )
    )
    for receipt in (first, second, third):
        assert {item.method for item in receipt.items} == {PaymentMethod.PREPAYMENT}
    of_a = [
        item.amount
        for receipt in (first, second, third)
        for item in receipt.items
        if item.line_id == "a"
    ]
    assert sum(of_a) == 100


def test_one_receipt_way_settles_at_the_payment() -> None:
    (receipt,) = receipts(
        order(
            line("a", 3, "100.00"),
            line("gift", 1, "0.00"),
            payments=(charge("p", "100.00"),),
            shipments=(shipment("s", 1, {"a": 3, "gift": 1}),),
        ),
        ONE_RECEIPT,
    )
    assert [item.name for item in receipt.items] == ["Товар a", "Товар a", "Товар gift"]
    assert {item.method for item in receipt.items} == {PaymentMethod.FULL_PAYMENT}
    assert {item.vat for item in receipt.items} == {Vat.RATE_22}


def test_one_receipt_way_waits_for_the_last_part() -> None:
    first, second = receipts(
        order(
            line("a", 1, "100.00"),
            payments=(charge("1", "40.00"), charge("2", "60.00", 1)),
        ),
        ONE_RECEIPT,
    )
    assert first.items[0].method is PaymentMethod.PREPAYMENT
    assert rows(second.items) == [("Товар a", "1", "100.00")]
    assert second.items[0].method is PaymentMethod.FULL_PAYMENT
    assert paid(second) == {Means.ELECTRONIC: "60.00", Means.PREPAID: "40.00"}


def test_what_is_paid_too_much_is_an_advance() -> None:
    (receipt,) = receipts(order(line("a", 1, "100.00"), payments=(charge("p", "120.00"),)))
    goods, more = receipt.items
    assert goods.method is PaymentMethod.FULL_PREPAYMENT
    assert (more.method, more.object) == (PaymentMethod.ADVANCE, PaymentObject.PAYMENT)
    assert (more.name, more.amount, more.vat) == ("Аванс по заказу 1001", 20, Vat.RATE_22_122)


def test_an_advance_pays_for_what_is_added_later() -> None:
    till = Till()
    now = order(line("a", 1, "100.00"), payments=(charge("p", "120.00"),))
    till.made(now)
    payments = (*now.payments, charge("q", "30.00", 1))
    (receipt,) = till.made(order(line("a", 1, "100.00"), line("b", 1, "50.00"), payments=payments))
    assert rows(receipt.items) == [("Товар b", "1", "30.00")]
    assert receipt.items[0].method is PaymentMethod.PREPAYMENT


def test_goods_are_paid_for_when_they_are_handed_over() -> None:
    """To the courier, in cash: nothing was settled before."""
    now = order(
        line("a", 2, "100.00"),
        delivery="10",
        payments=(charge("p", "110.00", 5, method="Наличными курьеру"),),
        shipments=(shipment("s", 1, {"a": 2}),),
    )
    (receipt,) = receipts(now)
    assert rows(receipt.items) == [("Товар a", "2", "50.00"), ("Доставка", "1", "10.00")]
    assert {item.method for item in receipt.items} == {PaymentMethod.FULL_PAYMENT}
    assert {item.vat for item in receipt.items} == {Vat.RATE_22}
    assert paid(receipt) == {Means.CASH: "110.00"}


def test_goods_that_left_are_the_buyers_at_the_first_part_of_their_price() -> None:
    first, second = receipts(
        order(
            line("a", 1, "100.00"),
            payments=(charge("1", "30.00", 2), charge("2", "70.00", 3)),
            shipments=(shipment("s", 1, {"a": 1}),),
        )
    )
    assert first.items[0].method is PaymentMethod.PARTIAL_PAYMENT
    assert paid(first) == {Means.ELECTRONIC: "30.00", Means.CREDIT: "70.00"}
    (item,) = second.items
    assert (item.method, item.object) == (PaymentMethod.CREDIT_PAYMENT, PaymentObject.PAYMENT)
    assert (item.amount, item.vat) == (70, Vat.NONE)


def test_one_payment_for_what_has_left_and_for_what_is_to_come() -> None:
    (receipt,) = receipts(
        order(
            line("a", 1, "100.00"),
            line("b", 1, "50.00"),
            payments=(charge("p", "150.00", 2),),
            shipments=(shipment("s", 1, {"a": 1}),),
        )
    )
    assert [(item.line_id, item.method) for item in receipt.items] == [
        ("a", PaymentMethod.FULL_PAYMENT),
        ("b", PaymentMethod.FULL_PREPAYMENT),
    ]


@pytest.mark.parametrize(
    "card",
    [{"metadata": {"onec.ТипНоменклатуры": "Подарочный сертификат"}}, {"is_gift_card": True}],
)
def test_a_gift_card_that_is_bought_is_an_advance(card: dict[str, Any]) -> None:
    """And its leaving is nobody's settlement."""
    (receipt,) = receipts(
        order(
            line("card", 2, "2000.00", **card),
            payments=(charge("p", "2000.00"),),
            shipments=(shipment("s", 1, {"card": 2}),),
        )
    )
    (item,) = receipt.items
    assert (item.method, item.object) == (PaymentMethod.ADVANCE, PaymentObject.PAYMENT)
    assert (item.quantity, item.price, item.vat) == (2, 1000, Vat.RATE_22_122)


def test_a_gift_card_that_is_used_leaves_a_part_to_pay() -> None:
    before, settled = receipts(
        order(
            line("a", 1, "100.00"),
            gift_cards=(("1234", Decimal("40.00")),),
            payments=(charge("p", "60.00"),),
            shipments=(shipment("s", 1, {"a": 1}),),
        )
    )
    assert before.items[0].method is PaymentMethod.PREPAYMENT
    assert settled.items[0].method is PaymentMethod.FULL_PAYMENT
    assert paid(settled) == {Means.PREPAID: "100.00"}


def test_the_day_is_the_sellers() -> None:
    """Ordered at 20 %, and paid for in Moscow's new year, which is still the old one in UTC."""
    moment = datetime(2025, 12, 31, 21, 30, tzinfo=UTC)
    payment = replace(charge("p", "100.00"), at=moment)
    now = order(
        line("a", 1, "100.00", "0.20"),
        created=datetime(2025, 12, 30, tzinfo=UTC),
        payments=(payment,),
    )
    assert receipts(now)[0].items[0].vat is Vat.RATE_22_122
    earlier = replace(payment, at=datetime(2025, 12, 31, 20, 30, tzinfo=UTC))
    assert receipts(replace(now, payments=(earlier,)))[0].items[0].vat is Vat.RATE_20_120


def test_prices_that_are_no_money_yet_have_no_receipt() -> None:
    now = order(line("a", 1, "100.00"), payments=(charge("p", "100.00"),))
    for kind in (PaymentKind.AUTHORISED, PaymentKind.PROMISED):
        held = replace(now.payments[0], kind=kind)
        assert receipts(replace(now, payments=(held,))) == []


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"buyer": replace(order().buyer, email="кто-то"), "billing": None}, "контакт покупателя"),
        ({"currency": "USD"}, "только в рублях"),
        ({"metadata": {"onec.marking": "["}}, "не JSON"),
    ],
)
def test_what_is_to_be_mended_is_told(fields: dict[str, object], words: str) -> None:
    now = order(line("a", 1, "100.00"), payments=(charge("p", "100.00"),), **fields)
    assert words in problem(now)


def test_a_rate_that_is_not_in_force_names_the_goods() -> None:
    now = order(line("a", 1, "100.00", "0.20"), payments=(charge("p", "100.00"),))
    assert problem(now).startswith("Товар a: Ставка НДС 20% на 03.02.2026 не действует")
    assert now.created == NOON
