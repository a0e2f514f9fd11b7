"""Whatever happens to an order, its receipts agree with each other, its money and its goods."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from hypothesis import event, given
from hypothesis import strategies as st

from saleor_1c_plugin.receipts.compose.check import problems
from saleor_1c_plugin.receipts.compose.document import Item, Means, PaymentMethod, Receipt
from saleor_1c_plugin.receipts.facts import Needed, Terms, needed
from saleor_1c_plugin.store.orders import Order

from .cases import cases
from .histories import CENT, Step, histories, received
from .samples import TERMS, Till

BEFORE = (PaymentMethod.FULL_PREPAYMENT, PaymentMethod.PREPAYMENT, PaymentMethod.ADVANCE)
terms = st.builds(
    lambda one, credit: replace(TERMS, one_receipt=one, credit=credit), st.booleans(), st.booleans()
)


def check_receipt(receipt: Receipt) -> None:
    assert problems(receipt) == []
    assert sum(item.amount for item in receipt.items) == sum(receipt.paid.values())
    assert all(amount > 0 for amount in receipt.paid.values())
    for item in receipt.items:
        assert item.price >= 0
        assert item.quantity > 0
        assert (item.price * item.quantity).quantize(CENT, ROUND_HALF_UP) == item.amount


def is_goods(item: Item) -> bool:
    return item.method not in BEFORE and item.method is not PaymentMethod.CREDIT_PAYMENT


def is_undo(fact: str) -> bool:
    return ":unshipped:" in fact


def check_books(order: Order, till: Till) -> dict[str, Decimal]:
    """All that was registered up to now, as a whole; units that are settled, by line."""
    sold: defaultdict[tuple[str, bool], Decimal] = defaultdict(Decimal)
    settled: defaultdict[str, Decimal] = defaultdict(Decimal)
    prepaid = sum((amount for _, amount in order.gift_cards), Decimal(0))
    set_off = credit = paid_off = moved = Decimal(0)
    codes: Counter[str] = Counter()
    for known in till.known:
        if known.receipt is None:
            continue
        receipt = known.receipt
        sign = -1 if receipt.kind.is_refund else 1
        moved += sign * receipt.moved
        set_off += sign * receipt.paid.get(Means.PREPAID, Decimal(0))
        credit += sign * receipt.paid.get(Means.CREDIT, Decimal(0))
        for item in receipt.items:
            sold[item.line_id, is_goods(item)] += sign * item.amount
            if item.method in BEFORE:
                prepaid += sign * item.amount
            elif item.method is PaymentMethod.CREDIT_PAYMENT:
                paid_off += sign * item.amount
            elif sign > 0 or is_undo(known.fact):
                settled[item.line_id] += sign * item.quantity
            if item.marking_code:
                codes[item.marking_code] += sign
        assert set_off <= prepaid
        assert 0 <= paid_off <= credit
        assert all(amount >= 0 for amount in sold.values())
        assert all(count in (0, 1) for count in codes.values())
    assert moved == received(order)
    # What was sold and not taken back is paid for in money, set off, or owed.
    assert sum(sold.values()) == moved + set_off + credit
    return settled


def check_units(settled: dict[str, Decimal], orders: Iterable[Order], *, left: bool) -> None:
    """No unit is settled twice, or before it has `left`."""
    most: defaultdict[str, int] = defaultdict(int, delivery=1)
    ever: defaultdict[str, int] = defaultdict(int, delivery=1)
    for order in orders:
        for line in order.lines:
            most[line.id] = max(most[line.id], line.quantity)
        gone: defaultdict[str, int] = defaultdict(int)
        for shipment in order.shipments:
            for row in shipment.lines:
                gone[row.line_id] += row.quantity
        for line_id, units in gone.items():
            ever[line_id] = max(ever[line_id], units)
    for line_id, units in settled.items():
        assert 0 <= units <= most[line_id]
        assert not left or units <= ever[line_id]


def check_found(order: Order, found: Iterable[Needed]) -> None:
    payments = {payment.id: payment for payment in order.payments}
    for item in found:
        receipt = item.receipt
        assert isinstance(receipt, Receipt), receipt
        check_receipt(receipt)
        _, kind, id_ = item.fact.split(":")
        if kind in ("payment", "refund"):
            assert receipt.moved == payments[id_].amount
            assert receipt.kind.is_refund == (kind == "refund")
        else:
            assert receipt.moved == 0
        assert item.kind is receipt.kind


@cases(150)
@given(histories(), terms)
def test_one_thing_after_another(steps: list[Step], terms: Terms) -> None:
    till = Till(terms)
    for place, step in enumerate(steps, 1):
        event(step.name)
        again = needed(step.order, till.terms, till.known)
        found = till.look(step.order)
        assert found == again
        if found and ":unshipped:" in found[0].fact and isinstance(found[0].receipt, str):
            # A part of what never left was paid off or given back: a person takes it over.
            event("left to a person")
            till.drop(found[0].fact)
            found = till.look(step.order)
        check_found(step.order, found)
        settled = check_books(step.order, till)
        orders = [one.order for one in steps[:place]]
        check_units(settled, orders, left=not till.terms.one_receipt)
        assert needed(step.order, till.terms, till.known) == []


@cases(100)
@given(histories(), terms)
def test_all_at_once(steps: list[Step], terms: Terms) -> None:
    """A worker that was away for days."""
    if not steps:
        return
    till = Till(terms)
    order = steps[-1].order
    found = till.look(order)
    assert found == needed(order, till.terms, [])
    check_found(order, found)
    settled = check_books(order, till)
    check_units(settled, [step.order for step in steps], left=not till.terms.one_receipt)
    assert needed(order, till.terms, till.known) == []
