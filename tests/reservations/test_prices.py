"""The price of the cart stays, unless a better one comes."""

from decimal import Decimal

import pytest

from saleor_1c_plugin.reservations import holds
from saleor_1c_plugin.reservations.models import End, Hold
from saleor_1c_plugin.sandbox.models import CartLine

from .support import Shop, cart_id, charged, ends


def test_it_stays_whatever_1c_does(shop: Shop) -> None:
    line = shop.line()
    holds.create(cart_id(line))
    for price in ("150", "100.01", "9999"):
        shop.price(line.variant, price)
        assert charged(line) == Decimal(100)
    assert shop.buy(line.cart).lines.get().price == 100


def test_the_better_one_and_back(shop: Shop) -> None:
    line = shop.line()
    holds.create(cart_id(line))
    for price, paid in [("80", 80), ("90", 90), ("150", 100), ("70", 70), ("100", 100)]:
        shop.price(line.variant, price)
        assert charged(line) == Decimal(paid)
    shop.price(line.variant, "50")
    assert shop.buy(line.cart).lines.get().price == 50


def test_the_same_one_where_the_merchant_says_so(shop: Shop) -> None:
    shop.set(better_price="false")
    line = shop.line()
    holds.create(cart_id(line))
    for price in ("80", "150"):
        shop.price(line.variant, price)
        assert charged(line) == Decimal(100)
    assert shop.buy(line.cart).lines.get().price == 100


@pytest.mark.parametrize("better", ["true", "false"])
def test_the_live_one_when_it_is_over(shop: Shop, better: str) -> None:
    shop.set(better_price=better)
    line = shop.line()
    holds.create(cart_id(line))
    shop.price(line.variant, "80")
    charged(line)
    shop.pass_time(minutes=15)
    shop.price(line.variant, "170")
    assert charged(line) == Decimal(170)
    [hold] = holds.create(cart_id(line))
    assert hold.price == Decimal(170)


def test_it_is_given_back(shop: Shop) -> None:
    line = shop.line()
    holds.create(cart_id(line))
    shop.price(line.variant, "150")
    [hold] = holds.cancel(cart_id(line))
    assert (hold.end, charged(line)) == (End.CANCELLED, Decimal(150))
    assert holds.cancel(cart_id(line)) == []


def test_a_price_that_stayed_frozen_without_a_hold(shop: Shop) -> None:
    line = shop.line()
    CartLine.objects.update(frozen=Decimal(1))
    holds.create(cart_id(line))
    holds.cancel(cart_id(line))
    assert charged(line) == Decimal(100)
    assert ends(line) == [(str(line.pk), End.CANCELLED)]


def test_more_of_it_at_the_same_price(shop: Shop) -> None:
    line = shop.line(1)
    holds.create(cart_id(line))
    shop.price(line.variant, "150")
    shop.want(line, 9)
    assert charged(line) == Decimal(100)
    assert Hold.objects.get().quantity == 9
