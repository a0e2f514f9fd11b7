"""What may be held, until when and at which price: without a shop."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from saleor_1c_plugin.reservations import notices, policy
from saleor_1c_plugin.reservations.errors import Code
from saleor_1c_plugin.reservations.models import Hold
from saleor_1c_plugin.reservations.settings import ReservationSettings
from saleor_1c_plugin.store.carts import BuyerKind, Cart, CartLine

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CART = Cart("c", "default-channel", "RUB", BuyerKind.GUEST)
LINE = CartLine("1", "2", 3, Decimal(100), categories=("cups", "dishes"))
SETTINGS = ReservationSettings(guest_minutes=15, longest_minutes=40, payment_minutes=20)


def a_hold(price: int | None = 100) -> Hold:
    term, latest = policy.terms(SETTINGS, CART, NOON)
    value = None if price is None else Decimal(price)
    return Hold(began=NOON, term=term, ends=term, latest=latest, price=value)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (LINE, None),
        (CartLine("1", "2", 3, None), Code.UNAVAILABLE),
        (CartLine("1", "2", 3, Decimal(1), is_gift=True), Code.NOT_RESERVABLE),
        (CartLine("1", "2", 3, Decimal(1), is_counted=False), Code.NOT_RESERVABLE),
        (CartLine("1", "2", 3, Decimal(1), categories=("sale",)), Code.NOT_RESERVABLE),
        (CartLine("1", "2", 3, Decimal(1), categories=("x", "sale")), Code.NOT_RESERVABLE),
    ],
)
def test_what_can_be_held(line: CartLine, code: Code | None) -> None:
    settings = ReservationSettings(excluded_categories=frozenset({"sale"}))
    assert policy.obstacle(settings, CART, line) is code
    assert policy.obstacle(None, CART, line) is Code.DISABLED
    assert policy.obstacle(ReservationSettings(guest_minutes=0), CART, line) is Code.DISABLED


def test_whose_units_count_together() -> None:
    anna = Cart("c", "default-channel", "RUB", BuyerKind.CUSTOMER, "7")
    assert policy.buyer_of(anna) == policy.account("7") != policy.buyer_of(CART)
    assert policy.buyer_of(Cart("7", "x", "RUB", BuyerKind.GUEST)) != policy.account("7")


def test_the_longest_is_never_less_than_the_term() -> None:
    settings = ReservationSettings(guest_minutes=15, longest_minutes=1)
    assert policy.terms(settings, CART, NOON) == (NOON + 15 * MINUTE, NOON + 15 * MINUTE)


@pytest.mark.parametrize(("after", "term"), [(0, None), (1, 16), (14, 29), (24, 39), (30, 40)])
def test_an_extension_begins_now(after: int, term: int | None) -> None:
    found = policy.extended(a_hold(), SETTINGS, CART, NOON + after * MINUTE)
    assert found == (None if term is None else NOON + term * MINUTE)


def test_what_is_at_its_longest_is_not_extended() -> None:
    hold = a_hold()
    hold.term = hold.latest
    assert policy.extended(hold, SETTINGS, CART, NOON + 30 * MINUTE) is None


@pytest.mark.parametrize(("is_being_paid", "minutes"), [(False, 15), (True, 35)])
def test_a_payment_prolongs_by_its_grace(is_being_paid: bool, minutes: int) -> None:
    found = policy.ends(a_hold(), SETTINGS, is_being_paid=is_being_paid)
    assert found == NOON + minutes * MINUTE


def test_no_end_is_later_than_the_latest() -> None:
    hold = a_hold()
    hold.term = NOON + timedelta(days=9)
    assert policy.ends(hold, SETTINGS, is_being_paid=False) == hold.latest


def test_a_clock_that_was_set_back() -> None:
    hold, before = a_hold(), NOON - timedelta(days=365)
    policy.follow_clock(hold, before)
    assert hold.began == before
    assert policy.ends(hold, SETTINGS, is_being_paid=False) == before + 15 * MINUTE
    assert hold.latest == before + 40 * MINUTE
    # Machines differ a little.
    policy.follow_clock(hold, before - timedelta(seconds=30))
    assert hold.began == before


@pytest.mark.parametrize(
    ("limit", "held", "left"), [(0, 99, None), (5, 0, 5), (5, 5, 0), (5, 9, 0)]
)
def test_units_left(limit: int, held: int, left: int | None) -> None:
    assert policy.units_left(ReservationSettings(units_per_buyer=limit), held) == left


@pytest.mark.parametrize(
    ("live", "better", "charged"),
    [
        (150, True, 100),
        (100, True, 100),
        (99, True, None),
        (99, False, 100),
        (150, False, 100),
        (None, True, None),
    ],
)
def test_the_price(live: int | None, better: bool, charged: int | None) -> None:
    line = CartLine("1", "2", 3, None if live is None else Decimal(live))
    settings = ReservationSettings(better_price=better)
    assert policy.charged(a_hold(), line, settings) == charged


def test_a_price_that_staff_set_is_left_alone() -> None:
    line = CartLine("1", "2", 3, Decimal(150), has_own_price=True)
    assert policy.charged(a_hold(), line, SETTINGS) is None
    assert policy.charged(a_hold(None), LINE, SETTINGS) is None


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [("100.000", "RUB", "100.00"), ("100.000", "JPY", "100"), ("1.005", "RUB", "1.005")],
)
def test_amounts_as_text(amount: str, currency: str, text: str) -> None:
    assert notices.money(Decimal(amount), currency) == text
