"""Which payment a receipt is about, for registers that a provider keeps."""

from saleor_1c_plugin.receipts.compose.document import Kind, Receipt
from saleor_1c_plugin.receipts.facts import Known, needed

from .samples import TERMS, charge, line, order, refund, shipment

YOOKASSA = {"gateway": "saleor1c.yookassa"}


def about(*payments: object, **fields: object) -> list[tuple[Kind, str, str]]:
    made = order(line("a", 2, "200"), payments=payments, **fields)
    receipts = [item.receipt for item in needed(made, TERMS, [])]
    assert all(isinstance(receipt, Receipt) for receipt in receipts)
    return [
        (receipt.kind, receipt.gateway, receipt.gateway_reference)
        for receipt in receipts
        if isinstance(receipt, Receipt)
    ]


def test_a_payment_and_a_refund_are_their_own() -> None:
    assert about(
        charge("p1", "200", reference="2a-payment", **YOOKASSA),
        refund("r1", "100", 1, reference="2b-refund", refunds="p1", **YOOKASSA),
    ) == [
        (Kind.SELL, "saleor1c.yookassa", "2a-payment"),
        (Kind.SELL_REFUND, "saleor1c.yookassa", "2b-refund"),
    ]


def test_goods_that_leave_are_of_the_last_payment_before() -> None:
    assert about(
        charge("p1", "50", reference="cash-1", gateway="other"),
        charge("p2", "100", 1, reference="2a-payment", **YOOKASSA),
        charge("p3", "50", 9, reference="cash-2", gateway="other"),
        shipments=(shipment("s1", 2, {"a": 1}),),
    ) == [
        (Kind.SELL, "other", "cash-1"),
        (Kind.SELL, "saleor1c.yookassa", "2a-payment"),
        (Kind.SELL, "saleor1c.yookassa", "2a-payment"),
        (Kind.SELL, "other", "cash-2"),
    ]


def test_goods_that_come_back_unsettled_are_of_no_payment() -> None:
    paid = charge("p1", "200", reference="2a-payment", **YOOKASSA)
    sent = order(line("a", 2, "200"), payments=(paid,), shipments=(shipment("s1", 2, {"a": 2}),))
    known = [
        Known(item.fact, item.receipt if isinstance(item.receipt, Receipt) else None)
        for item in needed(sent, TERMS, [])
    ]
    back = order(
        line("a", 2, "200"),
        payments=(paid,),
        shipments=(shipment("s1", 2, {"a": 2}, cancelled=True),),
    )
    (undone,) = [item.receipt for item in needed(back, TERMS, known)]
    assert isinstance(undone, Receipt)
    assert (undone.kind, undone.gateway, undone.gateway_reference) == (Kind.SELL_REFUND, "", "")
