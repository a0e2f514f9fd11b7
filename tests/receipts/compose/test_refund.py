"""Refunds mirror what was sold, and give back no more than was paid for it."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from saleor_1c_plugin.receipts.compose.document import Kind, Means, PaymentMethod, Vat
from saleor_1c_plugin.store.orders import Order, OrderStatus, PaymentKind

from .samples import Till, charge, line, order, paid, receipts, refund, rows, shipment

MARKED = {"onec.marking": "0104\x1d91AA\n0104\x1d91BB"}


def sold(*lines: object, **fields: object) -> Order:
    """Paid in full and shipped."""
    now = order(*lines, **fields)  # type: ignore[arg-type]
    cards = sum((amount for _, amount in now.gift_cards), Decimal(0))
    return replace(
        now,
        payments=(charge("p", str(now.total_gross - cards)),),
        shipments=(shipment("s", 1, {row.id: row.quantity for row in now.lines}),),
    )


def given_back(now: Order, amount: str, at: float = 48, **fields: object) -> Order:
    number = len(now.payments)
    return replace(now, payments=(*now.payments, refund(f"r{number}", amount, at, **fields)))


def returned(now: Order, back: dict[str, int]) -> Order:
    """As Saleor tells of it: what came back is taken out of the parcel that it left with."""
    left = {row.line_id: row.quantity for row in now.shipments[0].lines}
    for line_id, quantity in back.items():
        left[line_id] -= quantity
    return replace(
        now,
        shipments=(shipment("s", 1, left), shipment("back", 40, back, returned=True)),
    )


def test_a_prepayment_is_given_back_as_it_was_taken() -> None:
    now = order(line("a", 3, "100.00"), delivery="10", payments=(charge("p", "110.00"),))
    before, back = receipts(given_back(now, "110.00"))
    assert back.kind is Kind.SELL_REFUND
    assert back.items == before.items
    assert back.paid == before.paid


def test_all_is_given_back_after_the_goods_have_left() -> None:
    now = sold(line("a", 3, "100.00"), line("m", 2, "80.00", metadata=MARKED), delivery="10")
    _, settled, back = receipts(given_back(now, "190.00"))
    assert back.items == settled.items
    assert paid(back) == {Means.ELECTRONIC: "190.00"}


def test_an_old_rate_stays_an_old_rate() -> None:
    then = datetime(2025, 12, 1, tzinfo=UTC)
    now = sold(line("a", 1, "100.00", "0.20"), created=then)
    old = replace(
        now,
        payments=(replace(now.payments[0], at=then),),
        shipments=(replace(now.shipments[0], at=then),),
    )
    *_, back = receipts(given_back(old, "100.00"))
    assert back.items[0].vat is Vat.RATE_20


def test_goods_that_came_back_are_given_back_at_their_price() -> None:
    till = Till()
    now = sold(line("a", 3, "100.00"), line("b", 1, "50.00"), delivery="10")
    till.made(now)
    one = given_back(returned(now, {"a": 2}), "66.67")
    (back,) = till.made(one)
    assert rows(back.items) == [("Товар a", "1", "33.33"), ("Товар a", "1", "33.34")]
    assert not any(item.keeps for item in back.items)
    two = given_back(
        replace(one, shipments=(*one.shipments, shipment("2", 50, {"b": 1}, returned=True))),
        "60.00",
        60,
    )
    (with_delivery,) = till.made(two)
    assert rows(with_delivery.items) == [("Товар b", "1", "50.00"), ("Доставка", "1", "10.00")]


def test_a_code_comes_back_with_its_goods() -> None:
    till = Till()
    now = sold(line("m", 2, "80.01", metadata=MARKED))
    till.made(now)
    (back,) = till.made(given_back(returned(now, {"m": 1}), "40.00"))
    (item,) = back.items
    assert (item.marking_code, item.amount) == ("0104\x1d91AA", 40)


def test_a_part_of_the_price_comes_back_and_the_goods_do_not() -> None:
    now = sold(line("a", 2, "100.00"), line("m", 2, "50.00", metadata=MARKED))
    *_, back = receipts(given_back(now, "15.00"))
    assert rows(back.items) == [
        ("Товар a", "2", "5.00"),
        ("Товар m", "1", "2.50"),
        ("Товар m", "1", "2.50"),
    ]
    assert all(item.keeps and not item.marking_code for item in back.items)
    *_, rest = receipts(given_back(given_back(now, "15.00"), "135.00", 50))
    assert rest.total == 135
    assert {item.marking_code for item in rest.items} == {"", "0104\x1d91AA", "0104\x1d91BB"}


def test_goods_that_were_taken_out_of_the_order_are_given_back() -> None:
    till = Till()
    now = order(line("a", 2, "100.00"), line("b", 1, "50.00"), payments=(charge("p", "150.00"),))
    till.made(now)
    fewer = order(line("a", 1, "50.00"), payments=now.payments)
    (back,) = till.made(given_back(fewer, "100.00"))
    assert rows(back.items) == [("Товар a", "2", "25.00"), ("Товар b", "1", "50.00")]
    assert {item.method for item in back.items} == {PaymentMethod.FULL_PREPAYMENT}


def test_what_never_left_is_given_back_before_what_did() -> None:
    now = order(
        line("a", 1, "100.00"),
        line("b", 1, "50.00"),
        payments=(charge("p", "150.00"),),
        shipments=(shipment("s", 1, {"a": 1}),),
    )
    *_, back = receipts(given_back(now, "50.00"))
    (item,) = back.items
    assert (item.line_id, item.method) == ("b", PaymentMethod.FULL_PREPAYMENT)


def test_what_a_gift_card_paid_does_not_come_back_in_money() -> None:
    now = sold(line("a", 1, "100.00"), gift_cards=(("1234", Decimal(40)),))
    *_, kept = receipts(given_back(now, "60.00"))
    assert rows(kept.items) == [("Товар a", "1", "60.00")]
    assert kept.items[0].keeps
    *_, whole = receipts(given_back(replace(now, status=OrderStatus.RETURNED), "60.00"))
    assert rows(whole.items) == [("Товар a", "1", "100.00")]
    assert paid(whole) == {Means.ELECTRONIC: "60.00", Means.PREPAID: "40.00"}


def test_goods_on_credit_come_back() -> None:
    now = order(
        line("a", 1, "100.00"),
        payments=(charge("p", "30.00"),),
        shipments=(shipment("s", 1, {"a": 1}),),
    )
    *_, back = receipts(given_back(replace(now, status=OrderStatus.RETURNED), "30.00"))
    assert back.items[0].method is PaymentMethod.PARTIAL_PAYMENT
    assert paid(back) == {Means.ELECTRONIC: "30.00", Means.CREDIT: "70.00"}


def test_what_was_paid_off_is_owed_again() -> None:
    now = order(
        line("a", 1, "100.00"),
        payments=(charge("p", "30.00"), charge("q", "20.00", 2)),
        shipments=(shipment("s", 1, {"a": 1}),),
    )
    *_, back = receipts(given_back(now, "20.00"))
    assert [(item.method, item.amount) for item in back.items] == [
        (PaymentMethod.CREDIT_PAYMENT, 20)
    ]


def test_money_goes_back_the_way_on_which_it_came() -> None:
    now = order(line("a", 1, "100.00"), payments=(charge("p", "100.00", method="Наличные"),))
    _, back = receipts(given_back(now, "100.00", refunds="p", method="Банковская карта"))
    assert paid(back) == {Means.CASH: "100.00"}


def test_what_a_bank_took_back_is_a_refund() -> None:
    now = order(line("a", 1, "100.00"), payments=(charge("p", "100.00"),))
    chargeback = replace(refund("r", "100.00", 5), kind=PaymentKind.CHARGEBACK)
    _, back = receipts(replace(now, payments=(*now.payments, chargeback)))
    assert back.kind is Kind.SELL_REFUND


def test_more_than_was_taken_is_told() -> None:
    till = Till()
    now = order(line("a", 1, "100.00"), payments=(charge("p", "100.00"),))
    _, told = till.look(given_back(now, "100.01"))
    assert told.receipt == "Возвращается 100.01, а по чекам заказа получено только 100.00"
    assert told.kind is Kind.SELL_REFUND
