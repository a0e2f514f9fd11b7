"""A receipt that was kept is read back as it was."""

import json
from datetime import date
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from saleor_1c_plugin.receipts import stored
from saleor_1c_plugin.receipts.compose.document import (
    AgentKind,
    Buyer,
    Correction,
    Fraction,
    Item,
    Kind,
    Means,
    Measure,
    PaymentMethod,
    PaymentObject,
    Receipt,
    Supplier,
    TaxSystem,
    Vat,
)

_texts = st.text(max_size=12)
_money = st.decimals(min_value=0, max_value=10**9, places=2)
_items = st.builds(
    Item,
    name=_texts,
    price=_money,
    quantity=st.decimals(min_value=0, max_value=10**6, places=3),
    amount=_money,
    method=st.sampled_from(PaymentMethod),
    object=st.sampled_from(PaymentObject),
    vat=st.sampled_from(Vat),
    measure=st.sampled_from(Measure),
    marking_code=_texts,
    fraction=st.none() | st.builds(Fraction, st.integers(1, 9), st.integers(1, 9)),
    agent=st.none() | st.sampled_from(AgentKind),
    supplier=st.none() | st.builds(Supplier, _texts, _texts, st.lists(_texts).map(tuple)),
    line_id=_texts,
)
_receipts = st.builds(
    Receipt,
    kind=st.sampled_from(Kind),
    tax_system=st.sampled_from(TaxSystem),
    items=st.lists(_items, max_size=3).map(tuple),
    paid=st.dictionaries(st.sampled_from(Means), _money),
    buyer=st.builds(Buyer, _texts, _texts, _texts, _texts),
    correction=st.none()
    | st.builds(Correction, st.dates(date(2000, 1, 1)), st.booleans(), _texts, _texts, _texts),
    place=_texts,
    gateway=_texts,
    gateway_reference=_texts,
)


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(_receipts)
def test_it_is_the_same(receipt: Receipt) -> None:
    assert stored.load(json.loads(json.dumps(stored.dump(receipt)))) == receipt


def test_money_is_text_as_a_person_writes_it() -> None:
    kept = stored.dump(Receipt(Kind.SELL, TaxSystem.OSN, (), {Means.CASH: Decimal("1E+3")}))
    assert kept["paid"] == {"cash": "1000"}
