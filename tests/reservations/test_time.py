"""Time ends a hold, whoever works or doesn't; a payment prolongs it, within bounds."""

import json
from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from saleor_1c_plugin.reservations import holds
from saleor_1c_plugin.reservations.listener import listener
from saleor_1c_plugin.reservations.models import End, Hold
from saleor_1c_plugin.reservations.sweeping import KEPT
from saleor_1c_plugin.sandbox.models import Cart, Reservation

from .support import Shop, cart_id, charged, ends, facts, goods, seen

MINUTE = timedelta(minutes=1)


def test_stock_and_price_are_free_at_that_moment_with_no_worker(shop: Shop) -> None:
    line = shop.line(10)
    holds.create(cart_id(line))
    shop.price(line.variant, "150")
    shop.pass_time(minutes=14)
    assert (shop.free(line.variant), charged(line)) == (0, Decimal(100))
    shop.pass_time(minutes=1)
    assert shop.free(line.variant) == 10
    assert holds.of_cart(cart_id(line)) == []
    # Somebody else buys them before anybody has looked at the cart.
    assert shop.buy(shop.line(10).cart)
    assert charged(line) == Decimal(150)


def test_prices_are_never_valid_for_longer_than_what_is_held_at_them(shop: Shop) -> None:
    line = shop.line()
    assert listener.prices_end(cart_id(line)) is None
    [hold] = holds.create(cart_id(line))
    assert listener.prices_end(cart_id(line)) == hold.ends
    shop.pass_time(minutes=20)
    # Until it is settled they are wrong as soon as they are counted.
    end = listener.prices_end(cart_id(line))
    assert end is not None
    assert end < timezone.now()
    holds.review(cart_id(line))
    assert listener.prices_end(cart_id(line)) is None


def test_the_sweep_tidies_up_and_tells_once(shop: Shop) -> None:
    line, other = shop.line(), shop.line()
    holds.create(cart_id(line))
    shop.pass_time(minutes=10)
    holds.create(cart_id(other))
    shop.pass_time(minutes=6)
    holds.sweep()
    assert ends(line) == [(str(line.pk), End.EXPIRED)]
    assert ends(other) == [(str(other.pk), "")]
    assert Reservation.objects.count() == 1
    notice = facts(line)["onec.reservation_notice"]
    found = Hold.objects.get(end=End.EXPIRED)
    holds.sweep()
    again = Hold.objects.get(end=End.EXPIRED)
    assert (again.ended, facts(line)["onec.reservation_notice"]) == (found.ended, notice)


def test_old_ones_are_forgotten(shop: Shop) -> None:
    line = shop.line()
    holds.create(cart_id(line))
    holds.cancel(cart_id(line))
    shop.pass_time(days=KEPT.days - 1)
    holds.sweep()
    assert Hold.objects.count() == 1
    shop.pass_time(days=2)
    holds.sweep()
    assert not Hold.objects.exists()


def test_a_payment_in_progress_keeps_it_for_a_while(shop: Shop) -> None:
    line = shop.line(4)
    holds.create(cart_id(line))
    shop.price(line.variant, "150")
    shop.pass_time(minutes=14)
    shop.pay(line.cart, True)
    [hold] = holds.of_cart(cart_id(line))
    assert hold.ends - hold.term == 20 * MINUTE
    assert Reservation.objects.get().reserved_until == hold.ends
    shop.pass_time(minutes=20)
    assert (shop.free(line.variant), charged(line)) == (6, Decimal(100))
    # Another event of the same payment's adds nothing.
    shop.pay(line.cart, True)
    shop.pass_time(minutes=1)
    assert (shop.free(line.variant), charged(line)) == (10, Decimal(150))
    assert ends(line) == [(str(line.pk), End.EXPIRED)]


def test_a_payment_that_fails_within_the_term(shop: Shop) -> None:
    line = shop.line(4)
    [before] = holds.create(cart_id(line))
    shop.pay(line.cart, True)
    shop.pay(line.cart, False)
    [hold] = holds.of_cart(cart_id(line))
    assert hold.ends == hold.term == before.term
    assert Reservation.objects.get().reserved_until == before.term


def test_a_payment_that_fails_after_the_term(shop: Shop) -> None:
    line = shop.line(4)
    holds.create(cart_id(line))
    shop.pay(line.cart, True)
    shop.pass_time(minutes=20)
    assert shop.free(line.variant) == 6
    shop.pay(line.cart, False)
    assert shop.free(line.variant) == 10
    assert ends(line) == [(str(line.pk), End.EXPIRED)]


def test_a_payment_that_begins_too_late(shop: Shop) -> None:
    line = shop.line(4)
    holds.create(cart_id(line))
    shop.pass_time(minutes=16)
    shop.pay(line.cart, True)
    assert ends(line) == [(str(line.pk), End.EXPIRED)]


def test_it_is_bought_within_the_grace(shop: Shop) -> None:
    line = shop.line(10)
    holds.create(cart_id(line))
    shop.price(line.variant, "150")
    shop.pay(line.cart, True)
    shop.pass_time(minutes=30)
    assert shop.buy(line.cart).lines.get().price == 100
    assert ends(line) == [(str(line.pk), End.BOUGHT)]


def test_grace_comes_on_top_of_the_longest_too(shop: Shop) -> None:
    shop.set(longest_minutes=1)
    line = shop.line()
    holds.create(cart_id(line))
    shop.pay(line.cart, True)
    [hold] = holds.of_cart(cart_id(line))
    assert hold.ends == hold.latest + 20 * MINUTE


def test_an_end_that_nobody_could_have_set_is_not_believed(shop: Shop) -> None:
    line = shop.line(4)
    holds.create(cart_id(line))
    far = timezone.now() + timedelta(days=400)
    Hold.objects.update(ends=far, term=far)
    Reservation.objects.update(reserved_until=far)
    holds.review(cart_id(line))
    hold = Hold.objects.get()
    assert hold.ends == hold.latest == Reservation.objects.get().reserved_until


def test_a_clock_that_was_set_back(shop: Shop) -> None:
    line = shop.line(4)
    holds.create(cart_id(line))
    shop.pass_time(days=-300)
    holds.review(cart_id(line))
    hold = Hold.objects.get()
    assert hold.ends <= timezone.now() + timedelta(days=2)
    assert Reservation.objects.get().reserved_until == hold.ends


def test_a_clock_that_went_ahead(shop: Shop) -> None:
    line = shop.line(4)
    holds.create(cart_id(line))
    shop.pass_time(days=3000)
    assert (shop.free(line.variant), charged(line)) == (10, Decimal(100))
    assert ends(line) == [(str(line.pk), End.EXPIRED)]


def test_facts_of_cart_and_line(shop: Shop) -> None:
    line = shop.line(3)
    assert facts(line) == {}
    [first] = holds.create(cart_id(line))
    shop.pass_time(minutes=1)
    other = shop.line(1, goods("plate"), line.cart)
    [second] = holds.create(cart_id(line), [str(other.pk)])
    holds.review(cart_id(line))
    shown = facts(line)
    assert shown["onec.reservation"] == f"{first.pk},{second.pk}"
    assert shown["onec.reserved_until"].endswith("+00:00")
    other.refresh_from_db()
    assert other.metadata == {
        "onec.reserved_until": second.ends.isoformat(timespec="seconds").replace("Z", "+00:00")
    }
    holds.cancel(cart_id(line))
    assert facts(line) == {}
    other.refresh_from_db()
    assert other.metadata == {}


def test_the_notice_stands_until_it_is_held_again(shop: Shop) -> None:
    line = shop.line(3)
    holds.create(cart_id(line))
    shop.price(line.variant, "150")
    shop.pass_time(minutes=15)
    seen(line)
    [notice] = json.loads(facts(line)["onec.reservation_notice"])
    assert notice.pop("at").endswith("+00:00")
    assert notice == {
        "line": str(line.pk),
        "end": "expired",
        "price": "100.00",
        "livePrice": "150.00",
    }
    assert "onec.reserved_until" not in facts(line)
    holds.create(cart_id(line))
    assert "onec.reservation_notice" not in facts(line)


def test_nothing_to_do_writes_nothing(shop: Shop) -> None:
    line = shop.line(3)
    holds.create(cart_id(line))
    Cart.objects.update(metadata={"mine": "1"})
    holds.review(cart_id(line))
    assert facts(line) == {"mine": "1"}
