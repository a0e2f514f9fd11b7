"""What is laid beside what: pure, so that it can be tried on anything."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saleor_1c_plugin.orders.known import Knowledge
from saleor_1c_plugin.payments.provider import EntryKind
from saleor_1c_plugin.payments.registry.coverage import Coverage
from saleor_1c_plugin.payments.registry.matching import Listed, Outcome, Own, Row, Sold, match
from saleor_1c_plugin.payments.registry.totals import totals

AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
LISTED = Listed(
    "bank", EntryKind.PAYMENT, "p1", Decimal("10.00"), "RUB", AT, "a", "p1", Decimal("0.28")
)
OWN = Own("bank", EntryKind.PAYMENT, "p1", Decimal(10), "RUB", AT, "a", "p1", True, "charged")
SOLD = Sold("bank", EntryKind.PAYMENT, "p1", Decimal(10), "RUB", AT, "a", "o1", "1")
REFUND = replace(LISTED, kind=EntryKind.REFUND, reference="r1", amount=Decimal(4), fee=None)
OWN_REFUND = replace(OWN, kind=EntryKind.REFUND, reference="r1", amount=Decimal(4), state="done")
SOLD_REFUND = replace(SOLD, kind=EntryKind.REFUND, reference="r1", amount=Decimal(4))
TOLD = {"o1": Knowledge.CONFIRMED}


def always(provider: str, account: str, at: datetime) -> bool:
    return True


def never(provider: str, account: str, at: datetime) -> bool:
    return False


def outcome(
    listed: Listed | None,
    own: Own | None,
    sold: Sold | None,
    *,
    told: dict[str, Knowledge] | None = TOLD,
    is_loaded: Callable[[str, str, datetime], bool] = always,
) -> Outcome:
    """Of the one move of money."""
    sides = [[side] if side else [] for side in (listed, own, sold)]
    (row,) = match(*sides, told, is_loaded)  # type: ignore[arg-type]
    return row.outcome


@pytest.mark.parametrize(
    ("listed", "own", "sold", "expected"),
    [
        (LISTED, OWN, SOLD, Outcome.MATCHED),
        # Rows that were deleted here are no difference.
        (LISTED, None, SOLD, Outcome.MATCHED),
        (LISTED, None, None, Outcome.ONLY_PROVIDER),
        (None, OWN, SOLD, Outcome.ONLY_SHOP),
        (None, None, SOLD, Outcome.ONLY_SHOP),
        (None, OWN, None, Outcome.ONLY_SHOP),
        # Charged there, and here we wait for it.
        (LISTED, replace(OWN, is_moved=False, state="pending"), None, Outcome.STATE),
        # We know it, and the shop was not told.
        (LISTED, OWN, None, Outcome.STATE),
        (LISTED, replace(OWN, is_moved=False), SOLD, Outcome.STATE),
        (LISTED, OWN, replace(SOLD, currency="USD"), Outcome.CURRENCY),
        (LISTED, replace(OWN, currency="USD"), SOLD, Outcome.CURRENCY),
        (LISTED, OWN, replace(SOLD, amount=Decimal("9.99")), Outcome.AMOUNT),
        (LISTED, replace(OWN, amount=Decimal("10.01")), SOLD, Outcome.AMOUNT),
        # A dispute there, a refund here.
        (replace(REFUND, kind=EntryKind.CHARGEBACK), OWN_REFUND, SOLD_REFUND, Outcome.STATE),
        (REFUND, OWN_REFUND, SOLD_REFUND, Outcome.MATCHED),
    ],
)
def test_what_differs(
    listed: Listed | None, own: Own | None, sold: Sold | None, expected: Outcome
) -> None:
    assert outcome(listed, own, sold) is expected


def test_what_nothing_came_of_is_no_row() -> None:
    assert match([], [replace(OWN, is_moved=False)], [], TOLD, always) == []


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (None, Outcome.MATCHED),
        ({"o1": Knowledge.CONFIRMED}, Outcome.MATCHED),
        ({"o1": Knowledge.WAITING}, Outcome.NOT_IN_ONEC),
        ({}, Outcome.NOT_IN_ONEC),
    ],
)
def test_what_1c_does_not_know(told: dict[str, Knowledge] | None, expected: Outcome) -> None:
    assert outcome(LISTED, OWN, SOLD, told=told) is expected


def test_money_without_an_order_is_unknown_to_1c() -> None:
    assert outcome(LISTED, OWN, replace(SOLD, order_id="")) is Outcome.NOT_IN_ONEC


def test_what_is_not_loaded_is_not_missing() -> None:
    assert outcome(None, OWN, SOLD, is_loaded=never) is Outcome.UNLOADED


def test_charged_here_and_refunded_there() -> None:
    rows = match([LISTED, REFUND], [OWN], [SOLD], TOLD, always)
    assert [(row.outcome, row.fact.reference) for row in rows] == [
        (Outcome.STATE, "r1"),
        (Outcome.MATCHED, "p1"),
    ]


def test_what_the_shop_counts_twice_is_another_amount() -> None:
    (row,) = match([LISTED], [OWN], [SOLD, replace(SOLD, order_id="o2")], TOLD, always)
    assert row.outcome is Outcome.AMOUNT
    assert row.sold is not None
    assert row.sold.amount == 20


_facts = st.builds(
    Listed,
    provider=st.sampled_from(["bank", "kassa"]),
    kind=st.sampled_from(EntryKind),
    reference=st.sampled_from([f"r{number}" for number in range(6)]),
    amount=st.decimals(min_value=1, max_value=10**6, places=2),
    currency=st.sampled_from(["RUB", "USD"]),
    at=st.integers(0, 10**6).map(lambda seconds: AT + timedelta(seconds=seconds)),
    account=st.sampled_from(["a", "b"]),
    payment_id=st.sampled_from(["r0", "r1", "x"]),
    fee=st.none() | st.decimals(min_value=0, max_value=100, places=2),
)
_listed = st.lists(_facts, max_size=8, unique_by=lambda one: one.key)


def _as_own(one: Listed) -> Own:
    return Own(
        *(one.provider, one.kind, one.reference, one.amount, one.currency, one.at),
        *(one.account, one.payment_id, True, "charged"),
    )


def _as_sold(one: Listed) -> Sold:
    return Sold(
        *(one.provider, one.kind, one.reference, one.amount, one.currency, one.at),
        *(one.account, "o1", "1"),
    )


def _is_sorted(rows: list[Row]) -> bool:
    ranks = [list(Outcome).index(row.outcome) for row in rows]
    return ranks == sorted(ranks)


@given(_listed)
def test_equal_books_match_whatever_is_in_them(listed: list[Listed]) -> None:
    rows = match(listed, map(_as_own, listed), map(_as_sold, listed), TOLD, always)
    assert {row.outcome for row in rows} <= {Outcome.MATCHED}
    assert len(rows) == len(listed)


@given(_listed, _listed, _listed, st.randoms(use_true_random=False))
def test_each_move_is_one_row_in_whatever_order_they_come(
    listed: list[Listed], own: list[Listed], sold: list[Listed], chance: object
) -> None:
    sides = listed, [_as_own(one) for one in own], [_as_sold(one) for one in sold]
    rows = match(*sides, TOLD, always)
    keys = [row.fact.key for row in rows]
    assert len(keys) == len(set(keys))
    assert set(keys) == {one.key for side in sides for one in side}
    assert _is_sorted(rows)
    # No side's money is lost or counted twice.
    for name, side in zip(("listed", "own", "sold"), sides, strict=True):
        shown = [one for row in rows if (one := getattr(row, name)) is not None]
        assert sorted(one.key for one in shown) == sorted(one.key for one in side)
        assert sum(one.amount for one in shown) == sum(one.amount for one in side)
    shuffled = [sorted(side, key=lambda _: chance.random()) for side in sides]  # type: ignore[attr-defined]
    assert match(*shuffled, TOLD, always) == rows


@given(_listed.filter(bool), st.data())
def test_one_change_is_one_difference(listed: list[Listed], data: st.DataObject) -> None:
    number = data.draw(st.integers(0, len(listed) - 1))
    changed = listed[number]
    change = data.draw(st.sampled_from(["amount", "currency", "gone", "untold"]))
    books = [_as_own(one) for one in listed]
    shop = [_as_sold(one) for one in listed]
    told = TOLD
    match change:
        case "amount":
            shop[number] = replace(shop[number], amount=changed.amount + Decimal("0.01"))
        case "currency":
            shop[number] = replace(shop[number], currency="EUR")
        case "gone":
            listed = listed[:number] + listed[number + 1 :]
        case "untold":
            shop[number] = replace(shop[number], order_id="o2")
    expected = {
        "amount": Outcome.AMOUNT,
        "currency": Outcome.CURRENCY,
        "gone": Outcome.ONLY_SHOP,
        "untold": Outcome.NOT_IN_ONEC,
    }[change]
    rows = match_(listed, books, shop, told)
    different = [row for row in rows if row.outcome.is_difference]
    assert [(row.outcome, row.fact.key) for row in different] == [(expected, changed.key)]
    assert different == rows[:1]


def match_(
    listed: list[Listed], own: list[Own], sold: list[Sold], told: dict[str, Knowledge]
) -> list[Row]:
    return match(listed, own, sold, told, always)


@given(_listed, _listed)
def test_days_add_up_to_the_whole(listed: list[Listed], sold: list[Listed]) -> None:
    rows = match(listed, [], [_as_sold(one) for one in sold], TOLD, always)
    days = totals(rows, ZoneInfo("Europe/Moscow"))
    assert len({(day.day, day.provider, day.account, day.currency) for day in days}) == len(days)
    payments = [one for one in listed if one.kind is EntryKind.PAYMENT]
    refunds = [one for one in listed if one.kind is not EntryKind.PAYMENT]
    assert sum(day.paid for day in days) == sum(one.amount for one in payments)
    assert sum(day.given_back for day in days) == sum(one.amount for one in refunds)
    assert sum(day.fees for day in days) == sum(one.fee or 0 for one in listed)
    assert sum(day.without_fee for day in days) == sum(one.fee is None for one in payments)
    assert sum(day.sold + day.returned for day in days) == sum(one.amount for one in sold)
    assert sum(day.net for day in days) == sum(day.paid - day.given_back - day.fees for day in days)
    assert sum(day.differences for day in days) == sum(row.outcome.is_difference for row in rows)


_periods = st.lists(
    st.tuples(st.integers(0, 50), st.integers(0, 50)).map(sorted).map(tuple), max_size=6
)


@given(_periods, st.integers(0, 50))
def test_a_moment_is_covered_by_any_period(periods: list[tuple[int, int]], moment: int) -> None:
    def at(minute: int) -> datetime:
        return AT + timedelta(minutes=minute)

    coverage = Coverage((("bank", "a"), at(begins), at(ends)) for begins, ends in periods)
    assert coverage.has(("bank", "a"), at(moment)) is any(
        begins <= moment < ends for begins, ends in periods
    )
    assert not coverage.has(("bank", "b"), at(moment))
    whole = set().union(*(range(begins, ends) for begins, ends in periods))
    assert coverage.has_all(("bank", "a"), at(10), at(20)) is (set(range(10, 20)) <= whole)
