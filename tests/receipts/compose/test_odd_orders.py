"""Orders as they should not be: a receipt or a problem in words, and never an exception."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from saleor_1c_plugin.receipts.compose.check import problems
from saleor_1c_plugin.receipts.compose.document import Receipt
from saleor_1c_plugin.receipts.facts import Terms, needed
from saleor_1c_plugin.store.orders import Order
from tests.orders.strategies import orders

from .cases import cases
from .samples import TERMS, Till

terms = st.builds(
    lambda one, credit, onec: replace(TERMS, one_receipt=one, credit=credit, onec_payments=onec),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)


@cases(60)
@given(orders(), terms, st.sampled_from(["RUB", "RUB", ""]), st.sampled_from(["a@b.ru", ""]))
def test_there_is_a_word_for_everything(
    order: Order, terms: Terms, currency: str, email: str
) -> None:
    order = replace(
        order,
        currency=currency or order.currency,
        buyer=replace(order.buyer, email=email or order.buyer.email),
    )
    till = Till(terms)
    for item in till.look(order):
        if isinstance(item.receipt, Receipt):
            assert problems(item.receipt) == []
        else:
            assert item.receipt.strip()
    # What can't be made is told again, what was made is not.
    left = {item.fact for item in needed(order, terms, till.known)}
    assert left == {item.fact for item in till.known if item.receipt is None}
