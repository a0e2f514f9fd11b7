"""Amounts are shared out to the kopeck, and no line costs what its price can't say."""

from decimal import ROUND_HALF_UP, Decimal
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from saleor_1c_plugin.receipts.compose.spread import Part, split, spread

from .cases import BATCH, cases

amounts = st.one_of(st.integers(0, 1000), st.integers(0, 10_000_000_00))
quantities = st.one_of(
    st.integers(1, 100).map(Decimal),
    st.integers(1, 100_000).map(Decimal),
    st.decimals("0.001", 1000, places=3),
    st.decimals("0.1", 50, places=1),
)


@st.composite
def shares(draw: st.DrawFn) -> tuple[int, list[int]]:
    weights = draw(st.lists(amounts, min_size=1, max_size=20))
    return draw(st.integers(0, sum(weights))), weights


@cases(200)
@given(shares())
def test_shares_make_the_amount(case: tuple[int, list[int]]) -> None:
    check_shares(*case)


@cases(200)
@given(amounts, quantities)
@example(10000, Decimal(3))
@example(1, Decimal("1.5"))
@example(1000, Decimal("1.5"))
@example(5, Decimal("0.001"))
def test_parts_make_the_amount(amount: int, quantity: Decimal) -> None:
    check_parts(amount, quantity)


@cases(3, BATCH)
@given(st.integers(0, 2**64))
def test_by_the_thousand(seed: int) -> None:
    """What is drawn one by one is slow to draw."""
    chance = Random(seed)
    for _ in range(BATCH):
        weights = [
            chance.randint(0, 10 ** chance.randint(0, 9)) for _ in range(chance.randint(1, 12))
        ]
        check_shares(chance.randint(0, sum(weights)), weights)
        digits = chance.choice([0, 0, 1, 2, 3])
        quantity = Decimal(chance.randint(1, 10 ** chance.randint(1, 6))).scaleb(-digits)
        check_parts(chance.randint(0, 10 ** chance.randint(0, 9)), quantity)


def check_shares(amount: int, weights: list[int]) -> None:
    found = spread(amount, weights)
    assert sum(found) == amount
    assert found == spread(amount, weights)
    whole = sum(weights)
    for share, weight in zip(found, weights, strict=True):
        assert 0 <= share <= weight
        # Nobody is a kopeck away from what is due.
        assert whole == 0 or abs(share * whole - amount * weight) < whole


def check_parts(amount: int, quantity: Decimal) -> None:
    parts = split(amount, quantity)
    assert 1 <= len(parts) <= 2
    assert sum(part.amount for part in parts) == amount
    assert sum(part.quantity for part in parts) == quantity
    assert parts == split(amount, quantity)
    for part in parts:
        assert part.price >= 0
        assert part.quantity > 0
        exact = part.price * part.quantity
        assert exact.quantize(Decimal(1), ROUND_HALF_UP) == part.amount
    if len(parts) == 2:
        assert parts[1].price - parts[0].price == 1


def test_a_hundred_for_three() -> None:
    assert split(10000, Decimal(3)) == [
        Part(3333, Decimal(2), 6666),
        Part(3334, Decimal(1), 3334),
    ]


def test_nothing_is_shared_as_nothing() -> None:
    assert spread(0, [0, 5, 0]) == [0, 0, 0]
    assert spread(0, []) == []
    assert split(0, Decimal(4)) == [Part(0, Decimal(4), 0)]


def test_equal_lines_get_the_odd_kopeck_in_their_order() -> None:
    assert spread(100, [100, 100, 100]) == [34, 33, 33]


@pytest.mark.parametrize("amount", [-1, 11])
def test_what_does_not_fit_is_told(amount: int) -> None:
    with pytest.raises(ValueError, match="can't be shared"):
        spread(amount, [4, 6])
