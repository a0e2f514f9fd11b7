"""Which facts call for a receipt, once each, and whose they are."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from saleor_1c_plugin.receipts.compose.correction import corrected as put_right
from saleor_1c_plugin.receipts.compose.document import Correction, Kind, Means, Receipt
from saleor_1c_plugin.receipts.facts import Known, corrected, needed, undone
from saleor_1c_plugin.store.orders import Order, PaymentKind

from .samples import NOON, TERMS, Till, charge, hours, line, order, paid, receipts, refund, shipment

PAID = order(
    line("a", 1, "100.00"),
    payments=(charge("p", "100.00"),),
    shipments=(shipment("s", 1, {"a": 1}),),
)


def test_facts_have_keys_of_their_own_in_the_order_of_time() -> None:
    now = replace(PAID, payments=(*PAID.payments, refund("r", "10.00", 2)))
    found = needed(now, TERMS, [])
    assert [(item.fact, item.happened, item.moved) for item in found] == [
        ("order:payment:p", NOON, 100),
        ("order:shipment:s", hours(1), 0),
        ("order:refund:r", hours(2), 10),
    ]


@pytest.mark.parametrize(
    ("at", "method", "end"),
    [
        # Moscow's evening of Tuesday; of Friday; its Saturday, still Friday in UTC.
        (datetime(2026, 2, 3, 20, tzinfo=UTC), "", datetime(2026, 2, 4, 21, tzinfo=UTC)),
        (datetime(2026, 2, 6, 12, tzinfo=UTC), "", datetime(2026, 2, 9, 21, tzinfo=UTC)),
        (datetime(2026, 2, 6, 22, tzinfo=UTC), "", datetime(2026, 2, 9, 21, tzinfo=UTC)),
        # Before New Year, which ends with a moved day off; before a Saturday that is worked.
        (datetime(2025, 12, 30, 12, tzinfo=UTC), "", datetime(2026, 1, 12, 21, tzinfo=UTC)),
        (datetime(2025, 10, 31, 12, tzinfo=UTC), "", datetime(2025, 11, 1, 21, tzinfo=UTC)),
        (datetime(2026, 2, 6, 12, tzinfo=UTC), "наличные", datetime(2026, 2, 6, 21, tzinfo=UTC)),
    ],
)
def test_deadline(at: datetime, method: str, end: datetime) -> None:
    payment = replace(charge("p", "100.00", method=method), at=at)
    (item,) = needed(order(line("a", 1, "100.00"), payments=(payment,)), TERMS, [])
    assert item.deadline == end


def test_what_is_known_is_not_needed_again() -> None:
    till = Till()
    assert len(till.made(PAID)) == 2
    assert till.made(PAID) == []


def test_a_receipt_that_is_to_be_made_anew_is_made_where_it_was() -> None:
    """A register has turned the prepayment down, after the goods were settled."""
    till = Till()
    first, _ = till.made(PAID)
    mended = replace(PAID, buyer=replace(PAID.buyer, email="right@example.com"))
    known = [replace(one, receipt=None) if ":payment:" in one.fact else one for one in till.known]
    (again,) = needed(mended, TERMS, known)
    assert isinstance(again.receipt, Receipt)
    assert again.receipt.items == first.items
    assert again.receipt.buyer.email == "right@example.com"


def test_what_follows_on_a_problem_waits() -> None:
    till = Till()
    now = replace(PAID, buyer=replace(PAID.buyer, email=""), billing=None)
    now = replace(now, payments=(*now.payments, refund("r", "100.00", 2)))
    first, second = till.look(now)
    assert isinstance(first.receipt, str)
    assert isinstance(second.receipt, str)
    assert second.receipt.startswith("Сначала нужно исправить предыдущий чек заказа")
    mended = replace(now, buyer=PAID.buyer)
    assert [item.fact for item in till.look(mended)] == [
        "order:payment:p",
        "order:shipment:s",
        "order:refund:r",
    ]


def test_a_dropped_receipt_is_not_made_and_counts_for_nothing() -> None:
    till = Till()
    unpaid = replace(PAID, shipments=())
    till.made(unpaid)
    till.drop("order:payment:p")
    # Its money is somebody else's, and with it the goods.
    assert till.made(PAID) == []
    given_back = replace(PAID, payments=(*PAID.payments, refund("r", "10.00", 2)))
    assert till.made(given_back) == []


def test_a_payment_that_is_noticed_late_pays_what_is_owed() -> None:
    till = Till()
    part = replace(PAID, payments=(charge("q", "10.00"),))
    till.made(part)
    (late,) = till.made(replace(part, payments=(charge("p", "90.00", 0.5), *part.payments)))
    assert paid(late) == {Means.ELECTRONIC: "90.00"}
    assert late.items[0].method.name == "CREDIT_PAYMENT"


def one_c(order: Order) -> Order:
    return replace(
        order, payments=tuple(replace(payment, from_onec=True) for payment in order.payments)
    )


def test_what_onec_told_of_is_onecs() -> None:
    assert receipts(one_c(PAID)) == []
    assert len(receipts(one_c(PAID), replace(TERMS, onec_payments=True))) == 2
    # Goods of which 1C says that they left are ours where the money is.
    told = replace(PAID, shipments=(replace(PAID.shipments[0], from_onec=True),))
    assert len(receipts(told)) == 2


def test_a_bank_transfer_needs_no_receipt() -> None:
    """Nor do the goods that it pays for, also where they leave before the money comes."""
    transfer = charge("p", "100.00", 5, gateway="saleor1c.invoice")
    now = replace(PAID, payments=(transfer, refund("r", "100.00", 9, refunds="p")))
    credit = replace(TERMS, credit=True)
    assert receipts(now) == []
    promise = replace(transfer, id="t", kind=PaymentKind.PROMISED, at=NOON)
    assert receipts(replace(now, payments=(promise, *now.payments)), credit) == []


def test_goods_that_others_money_pays_in_part() -> None:
    half = charge("t", "60.00", 0, from_onec=True)
    _, settled = receipts(replace(PAID, payments=(half, charge("p", "40.00"))))
    assert paid(settled) == {Means.PREPAID: "100.00"}


def test_what_was_before_the_beginning_is_somebody_elses() -> None:
    since = replace(TERMS, since=hours(0.5))
    later = replace(PAID, payments=(*PAID.payments, charge("q", "5.00", 2)))
    (receipt,) = receipts(later, since)
    assert receipt.total == 5
    assert receipts(PAID, replace(TERMS, since=hours(2))) == []


def test_what_was_paid_before_the_beginning_is_given_back_by_a_person() -> None:
    now = replace(PAID, payments=(*PAID.payments, refund("r", "100.00", 2, refunds="p")))
    (told,) = needed(now, replace(TERMS, since=hours(1.5)), [])
    assert isinstance(told.receipt, str)


def test_a_refund_that_onec_told_of_is_onecs() -> None:
    back = refund("r", "100.00", 2, refunds="p", from_onec=True)
    assert len(receipts(replace(PAID, payments=(*PAID.payments, back)))) == 2


def test_a_corrected_receipt_counts_as_it_should_have_been() -> None:
    till = Till()
    unshipped = replace(PAID, shipments=())
    (wrong,) = till.made(unshipped)
    (item,) = wrong.items
    right = replace(
        wrong,
        items=(replace(item, price=Decimal("60.00"), amount=Decimal("60.00")),),
        paid={Means.ELECTRONIC: Decimal("60.00")},
    )
    why = Correction(NOON.date(), reason="Неверная сумма", sign="1234567890")
    back, anew = put_right(wrong, right, why)
    assert (back.kind, anew.kind) == (Kind.SELL_REFUND_CORRECTION, Kind.SELL_CORRECTION)
    assert back.items == wrong.items
    assert back.correction is why
    fact = till.known[0].fact
    till.known += [Known(undone(fact), back), Known(corrected(fact), anew)]
    assert till.made(unshipped) == []
    (settled,) = till.made(PAID)
    assert paid(settled) == {Means.PREPAID: "60.00", Means.CREDIT: "40.00"}


def test_a_corrected_refund_leaves_the_goods_with_the_buyer() -> None:
    till = Till()
    now = replace(PAID, payments=(*PAID.payments, refund("r", "100.00", 2)))
    *_, wrong = till.made(now)
    right = replace(
        wrong,
        items=tuple(
            replace(item, price=Decimal(10), amount=Decimal(10), keeps=True) for item in wrong.items
        ),
        paid={Means.ELECTRONIC: Decimal(10)},
    )
    back, anew = put_right(wrong, right, Correction(NOON.date(), reason="Вернули меньше"))
    assert (back.kind, anew.kind) == (Kind.SELL_CORRECTION, Kind.SELL_REFUND_CORRECTION)
    fact = "order:refund:r"
    till.known += [Known(undone(fact), back), Known(corrected(fact), anew)]
    (rest,) = till.made(replace(now, payments=(*now.payments, refund("q", "90.00", 3))))
    assert rest.total == 90
    assert till.made(now) == []
