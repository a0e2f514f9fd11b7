"""Receipts of goods that leave: what was paid before is set off, once."""

from dataclasses import replace
from decimal import Decimal

from saleor_1c_plugin.receipts.compose.document import (
    DELIVERY,
    Kind,
    Means,
    PaymentMethod,
    PaymentObject,
    Vat,
)

from .samples import TERMS, Till, charge, line, order, paid, problem, receipts, rows, shipment

ON_CREDIT = replace(TERMS, credit=True)
MARKED = {"onec.marking": "0104\x1d91AA\n0104\x1d91BB\n0104\x1d91CC"}


def test_what_was_paid_is_set_off_when_the_goods_leave() -> None:
    _, receipt = receipts(
        order(
            line("a", 3, "100.00"),
            line("gift", 1, "0.00"),
            delivery="10",
            payments=(charge("p", "110.00"),),
            shipments=(shipment("s", 1, {"a": 3, "gift": 1}),),
        )
    )
    assert receipt.kind is Kind.SELL
    assert rows(receipt.items) == [
        ("Товар a", "2", "33.33"),
        ("Товар a", "1", "33.34"),
        ("Товар gift", "1", "0.00"),
        ("Доставка", "1", "10.00"),
    ]
    assert {item.method for item in receipt.items} == {PaymentMethod.FULL_PAYMENT}
    assert {item.vat for item in receipt.items} == {Vat.RATE_22}
    assert paid(receipt) == {Means.PREPAID: "110.00"}


def test_parcels_share_the_price_out() -> None:
    _, one, other, last = receipts(
        order(
            line("a", 3, "100.00"),
            line("b", 1, "50.00"),
            delivery="10",
            payments=(charge("p", "160.00"),),
            shipments=(
                shipment("1", 1, {"a": 1}),
                shipment("2", 2, {"a": 1, "b": 1}),
                shipment("3", 3, {"a": 1}),
            ),
        )
    )
    assert rows(one.items) == [("Товар a", "1", "33.33"), ("Доставка", "1", "10.00")]
    assert rows(other.items) == [("Товар a", "1", "33.34"), ("Товар b", "1", "50.00")]
    assert rows(last.items) == [("Товар a", "1", "33.33")]


def test_what_is_still_owed_is_credit() -> None:
    _, receipt, *rest = receipts(
        order(
            line("a", 1, "100.00"),
            payments=(charge("p", "30.00"), charge("q", "70.00", 5)),
            shipments=(shipment("s", 1, {"a": 1}),),
        )
    )
    assert receipt.items[0].method is PaymentMethod.PARTIAL_PAYMENT
    assert paid(receipt) == {Means.PREPAID: "30.00", Means.CREDIT: "70.00"}
    (last,) = rest
    assert last.items[0].method is PaymentMethod.CREDIT_PAYMENT
    assert paid(last) == {Means.ELECTRONIC: "70.00"}


def test_unpaid_goods_wait_for_their_money_unless_they_are_sold_on_credit() -> None:
    now = order(line("a", 1, "100.00"), shipments=(shipment("s", 1, {"a": 1}),))
    assert receipts(now) == []
    (receipt,) = receipts(now, ON_CREDIT)
    assert receipt.items[0].method is PaymentMethod.CREDIT
    assert paid(receipt) == {Means.CREDIT: "100.00"}


def test_a_gift_card_alone_pays_for_goods_that_leave() -> None:
    (receipt,) = receipts(
        order(
            line("a", 1, "100.00"),
            gift_cards=(("1234", Decimal(100)),),
            shipments=(shipment("s", 1, {"a": 1}),),
        )
    )
    assert receipt.items[0].method is PaymentMethod.FULL_PAYMENT
    assert paid(receipt) == {Means.PREPAID: "100.00"}


def test_free_goods_alone_have_no_receipt() -> None:
    shipments = (shipment("s", 1, {"gift": 1}),)
    assert receipts(order(line("gift", 1, "0.00"), shipments=shipments)) == []


def test_the_rate_of_goods_is_that_of_the_day_on_which_they_leave() -> None:
    """Paid for at 20/120 in the old year; the rate of 2026 counts when they leave."""
    hours_back = -24 * 60
    now = order(
        line("a", 1, "100.00", "0.20"),
        created=charge("p", "1", hours_back).at,
        payments=(charge("p", "100.00", hours_back),),
        shipments=(shipment("s", 1, {"a": 1}),),
    )
    before, settled = receipts(now)
    assert (before.items[0].vat, settled.items[0].vat) == (Vat.RATE_20_120, Vat.RATE_22)


def test_marked_goods_have_an_item_a_code_and_none_before_they_leave() -> None:
    before, one, other = receipts(
        order(
            line("a", 3, "100.00", metadata=MARKED),
            payments=(charge("p", "100.00"),),
            shipments=(shipment("1", 1, {"a": 1}), shipment("2", 2, {"a": 2})),
        )
    )
    assert {(item.object, item.marking_code) for item in before.items} == {
        (PaymentObject.COMMODITY, "")
    }
    marked = [(item.marking_code, item.quantity, item.price) for item in one.items + other.items]
    assert marked == [
        ("0104\x1d91AA", 1, Decimal("33.33")),
        ("0104\x1d91BB", 1, Decimal("33.33")),
        ("0104\x1d91CC", 1, Decimal("33.34")),
    ]
    assert {item.object for item in one.items + other.items} == {PaymentObject.COMMODITY_WITH_CODE}


def test_codes_that_people_write_on_the_order() -> None:
    codes = '{"SKU-1": ["0104\\u001d91AA", {"code": "0104\\u001d91BB", "fraction": "1/20"}]}'
    _, settled = receipts(
        order(
            line("a", 2, "100.00", sku="SKU-1", metadata={"onec.marked": "true"}),
            metadata={"onec.marking": codes},
            payments=(charge("p", "100.00"),),
            shipments=(shipment("s", 1, {"a": 2}),),
        )
    )
    first, second = settled.items
    assert (first.marking_code, first.fraction) == ("0104\x1d91AA", None)
    assert second.fraction is not None
    assert (second.fraction.numerator, second.fraction.denominator) == (1, 20)


def test_marked_goods_do_not_leave_without_a_code() -> None:
    till = Till()
    now = order(
        line("a", 2, "100.00", metadata={"onec.marked": "true", "onec.marking": "0104\x1d91AA"}),
        payments=(charge("p", "100.00"),),
        shipments=(shipment("s", 1, {"a": 2}),),
    )
    _, told = till.look(now)
    assert told.receipt == "Товар a: нужно кодов маркировки 2, указано 1"
    # Once the codes are there, it is made under the same key.
    mended = order(
        line("a", 2, "100.00", metadata=MARKED), payments=now.payments, shipments=now.shipments
    )
    (again,) = till.look(mended)
    assert again.fact == told.fact
    assert not isinstance(again.receipt, str)


def test_a_parcel_that_never_left_is_taken_back() -> None:
    till = Till()
    now = order(
        line("a", 1, "100.00"),
        delivery="10",
        payments=(charge("p", "110.00"),),
        shipments=(shipment("s", 1, {"a": 1}),),
    )
    _, settled = till.made(now)
    cancelled = replace(
        now, shipments=(shipment("s", 1, {"a": 1}, cancelled=True),), updated=charge("", "1", 2).at
    )
    (back,) = till.look(cancelled)
    assert back.fact == "order:unshipped:s"
    assert not isinstance(back.receipt, str)
    assert back.receipt.kind is Kind.SELL_REFUND
    assert back.receipt.items == settled.items
    assert back.receipt.paid == settled.paid
    anew = replace(cancelled, shipments=(*cancelled.shipments, shipment("t", 3, {"a": 1})))
    (settled_anew,) = till.made(anew)
    assert settled_anew.items == settled.items


def test_the_order_is_changed_between_two_payments() -> None:
    till = Till()
    first = order(line("a", 2, "100.00"), line("b", 1, "50.00"), payments=(charge("1", "75.00"),))
    till.made(first)
    changed = order(
        line("a", 2, "100.00"),
        line("c", 1, "80.00"),
        payments=(*first.payments, charge("2", "105.00", 1)),
        shipments=(shipment("s", 2, {"a": 2, "c": 1}),),
    )
    second, settled = till.made(changed)
    # 25.00 that b was paid with serve the others.
    assert second.total == 105
    assert {item.line_id for item in second.items} == {"a", "c"}
    assert settled.total == 180
    assert paid(settled) == {Means.PREPAID: "180.00"}


def test_a_partner_sells_through_the_shop() -> None:
    agent = (
        '{"kind": "commission_agent", "name": "ООО Ромашка", "inn": "7707083893",'
        ' "phones": ["+74950000000"]}'
    )
    now = order(
        line("a", 1, "100.00", metadata={"onec.agent": agent}), payments=(charge("p", "100.00"),)
    )
    (receipt,) = receipts(now)
    (item,) = receipt.items
    assert item.agent is not None
    assert item.supplier is not None
    assert item.agent.name == "COMMISSION_AGENT"
    assert (item.supplier.name, item.supplier.tax_number) == ("ООО Ромашка", "7707083893")
    wrong = line("a", 1, "100.00", metadata={"onec.agent": agent.replace("3893", "3890")})
    assert "ИНН поставщика" in problem(order(wrong, payments=now.payments))
    assert DELIVERY not in {item.line_id for item in receipt.items}
