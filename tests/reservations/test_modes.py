"""What is held: by itself or on request, for whom, how much, how long."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from saleor_1c_plugin.reservations import holds
from saleor_1c_plugin.reservations.errors import Code, ReservationError
from saleor_1c_plugin.reservations.models import End, Hold
from saleor_1c_plugin.sandbox.models import Category, Product

from .support import CHANNEL, Shop, cart_id, charged, ends, goods

MINUTE = timedelta(minutes=1)


def refused(call: object, *args: object) -> tuple[Code, tuple[str, ...]]:
    with pytest.raises(ReservationError) as caught:
        call(*args)  # type: ignore[operator]
    assert str(caught.value)
    return caught.value.code, caught.value.line_ids


def test_on_request_nothing_is_held_until_asked(shop: Shop) -> None:
    line = shop.line(3)
    other = shop.line(1, goods("plate"), line.cart)
    assert not Hold.objects.exists()
    [hold] = holds.create(cart_id(line), [str(line.pk)])
    assert (hold.quantity, hold.price, hold.currency) == (3, Decimal(100), "RUB")
    assert (hold.buyer_id, hold.kind, hold.channel) == ("", "guest", CHANNEL)
    assert (shop.free(line.variant), shop.free(other.variant)) == (7, 10)
    assert holds.of_cart(cart_id(line)) == [hold]
    assert holds.find(str(hold.pk)) == hold


def test_the_whole_cart(shop: Shop) -> None:
    line = shop.line(3)
    other = shop.line(1, goods("plate"), line.cart)
    held = holds.create(cart_id(line))
    assert [hold.line_id for hold in held] == [str(line.pk), str(other.pk)]


def test_what_is_held_stays_as_it_is(shop: Shop) -> None:
    line = shop.line(3)
    first = holds.create(cart_id(line))
    shop.pass_time(minutes=5)
    again = holds.create(cart_id(line), [str(line.pk), str(line.pk)])
    assert again == first
    assert again[0].ends < timezone.now() + 11 * MINUTE
    assert Hold.objects.count() == 1


def test_automatic(shop: Shop) -> None:
    shop.set(mode="automatic")
    line = shop.line(3)
    assert shop.free(line.variant) == 7
    assert ends(line) == [(str(line.pk), "")]
    assert holds.allowance(cart_id(line)).is_automatic
    # What can't be held is simply not: the buyer may still have luck.
    other = shop.line(8)
    assert ends(other) == []
    shop.want(other, 7)
    assert ends(other) == [(str(other.pk), "")]


@pytest.mark.parametrize("end", [End.CANCELLED, End.EXPIRED])
def test_what_the_buyer_gave_back_or_lost_is_not_held_again_by_itself(shop: Shop, end: End) -> None:
    shop.set(mode="automatic")
    line = shop.line(3)
    if end is End.CANCELLED:
        assert [hold.end for hold in holds.cancel(cart_id(line))] == [end]
    else:
        shop.pass_time(minutes=16)
    shop.want(line, 4)
    assert ends(line) == [(str(line.pk), end)]
    assert (shop.free(line.variant), charged(line)) == (10, Decimal(100))
    holds.create(cart_id(line))
    assert ends(line) == [(str(line.pk), end), (str(line.pk), "")]


@pytest.mark.parametrize(
    ("values", "minutes"),
    [
        ({}, 15),
        ({"customer": "anna@example.com"}, 30),
        ({"customer": "anna@example.com", "for_company": True}, 1440),
    ],
)
def test_the_term_is_that_of_the_kind(shop: Shop, values: dict[str, object], minutes: int) -> None:
    line = shop.line(**values)  # type: ignore[arg-type]
    [hold] = holds.create(cart_id(line))
    assert hold.ends - hold.began == hold.term - hold.began == minutes * MINUTE
    assert hold.latest - hold.began == 2880 * MINUTE
    assert holds.allowance(cart_id(line)).term == minutes * MINUTE


def test_a_kind_that_may_not(shop: Shop) -> None:
    shop.set(guest_minutes=0)
    line = shop.line()
    assert refused(holds.create, cart_id(line)) == (Code.DISABLED, (str(line.pk),))
    assert not holds.allowance(cart_id(line)).is_enabled


def test_a_channel_that_is_off(shop: Shop) -> None:
    shop.set(channel=CHANNEL, on=False)
    line = shop.line()
    assert refused(holds.create, cart_id(line))[0] is Code.DISABLED
    assert holds.allowance(cart_id(line)).units_left == 0


def test_a_channel_that_is_switched_off_holds_nothing_any_more(shop: Shop) -> None:
    line = shop.line()
    holds.create(cart_id(line))
    shop.price(line.variant, "150")
    shop.set(channel=CHANNEL, on=False)
    holds.sweep()
    assert ends(line) == [(str(line.pk), End.CANCELLED)]
    assert (shop.free(line.variant), charged(line)) == (10, Decimal(150))


def test_extension_up_to_the_longest(shop: Shop) -> None:
    shop.set(longest_minutes=40)
    line = shop.line()
    [hold] = holds.create(cart_id(line))
    shop.pass_time(minutes=10)
    [longer] = holds.extend(cart_id(line))
    assert longer == hold
    assert 14 * MINUTE < longer.ends - timezone.now() <= 15 * MINUTE
    shop.pass_time(minutes=14)
    [longer] = holds.extend(cart_id(line), [str(line.pk)])
    shop.pass_time(minutes=14)
    [longest] = holds.extend(cart_id(line))
    assert longest.ends == longest.latest
    assert refused(holds.extend, cart_id(line)) == (Code.NOT_EXTENDABLE, (str(line.pk),))
    # 38 minutes are over.
    assert shop.free(line.variant) == 8
    shop.pass_time(minutes=2)
    assert shop.free(line.variant) == 10
    assert refused(holds.extend, cart_id(line), [str(line.pk)])[0] is Code.NOT_EXTENDABLE


def test_one_that_cannot_be_extended_does_not_keep_the_others_back(shop: Shop) -> None:
    shop.set(guest_minutes=10, longest_minutes=15)
    line = shop.line()
    first = holds.create(cart_id(line))[0].pk
    shop.pass_time(minutes=6)
    holds.extend(cart_id(line))
    other = shop.line(1, goods("plate"), line.cart)
    second = holds.create(cart_id(line), [str(other.pk)])[0].pk
    shop.pass_time(minutes=1)
    held = {hold.pk: hold for hold in holds.extend(cart_id(line))}
    assert held[first].ends == held[first].latest
    assert held[second].ends > timezone.now() + 9 * MINUTE
    both = [str(line.pk), str(other.pk)]
    assert refused(holds.extend, cart_id(line), both) == (Code.NOT_EXTENDABLE, (str(line.pk),))


def test_units_of_one_buyer_count_over_all_carts(shop: Shop) -> None:
    shop.set(units_per_buyer=5)
    first = shop.line(3, customer="anna@example.com")
    second = shop.line(2, goods("plate"), customer="anna@example.com")
    third = shop.line(1, goods("spoon"), second.cart)
    holds.create(cart_id(first))
    assert holds.allowance(cart_id(second)).units_left == 2
    ids = (str(second.pk), str(third.pk))
    assert refused(holds.create, cart_id(second)) == (Code.BUYER_LIMIT, ids)
    holds.create(cart_id(second), [str(second.pk)])
    assert holds.allowance(cart_id(second)).units_left == 0
    buyer_id = str(first.cart.customer_id)
    assert [hold.quantity for hold in holds.of_buyer(buyer_id)] == [3, 2]
    # More of what is held are new units too.
    shop.want(second, 3)
    assert ends(second) == [(str(second.pk), End.CHANGED)]
    # Somebody else has units of his own.
    holds.create(cart_id(shop.line(5)))
    assert refused(holds.create, cart_id(shop.line(6)))[0] is Code.BUYER_LIMIT


def test_a_share_of_what_is_free(shop: Shop) -> None:
    shop.set(share_percent=50)
    holds.create(cart_id(shop.line(3)))
    line = shop.line(3)
    assert refused(holds.create, cart_id(line)) == (Code.STOCK_SHARE, (str(line.pk),))
    shop.want(line, 2)
    holds.create(cart_id(line))
    # It may be bought all the same.
    assert shop.buy(shop.line(5).cart)


def test_more_than_there_is(shop: Shop) -> None:
    line = shop.line(11)
    other = shop.line(1, goods("plate"), line.cart)
    assert refused(holds.create, cart_id(line)) == (Code.INSUFFICIENT_STOCK, (str(line.pk),))
    assert shop.free(other.variant) == 10
    assert not Hold.objects.exists()


def test_excluded_categories(shop: Shop) -> None:
    shop.set(excluded_categories="sale, dishes", mode="automatic")
    top = Category.objects.create(key="dishes", name="Посуда")
    variant = goods()
    below = Category.objects.create(key="cups", name="Чашки", parent=top)
    Product.objects.filter(pk=variant.product_id).update(category=below)
    line = shop.line(1, variant)
    assert ends(line) == []
    assert refused(holds.create, cart_id(line)) == (Code.NOT_RESERVABLE, (str(line.pk),))
    other = shop.line(1, goods("plate"), line.cart)
    assert ends(other) == [(str(other.pk), "")]


def test_what_is_never_held_does_not_keep_the_rest_back(shop: Shop) -> None:
    shop.set(excluded_categories="sale")
    never = shop.line(1)
    top = Category.objects.create(key="sale", name="Распродажа")
    Product.objects.filter(pk=never.variant.product_id).update(category=top)
    other = shop.line(1, goods("plate"), never.cart)
    assert [hold.line_id for hold in holds.create(cart_id(never))] == [str(other.pk)]
    both = [str(never.pk), str(other.pk)]
    assert refused(holds.create, cart_id(never), both) == (Code.NOT_RESERVABLE, (str(never.pk),))


@pytest.mark.parametrize("name", ["Оптовая", "Прочая"])
def test_excluded_price_types(shop: Shop, settings: object, name: str) -> None:
    settings.ONEC_CONFIGURATION = {  # type: ignore[attr-defined]
        "catalog": {"price_types": "Оптовая = usd\nРозничная = default-channel\n* = usd"}
    }
    shop.set(excluded_price_types=name)
    assert refused(holds.create, cart_id(shop.line(channel="usd")))[0] is Code.DISABLED
    assert holds.create(cart_id(shop.line()))


def test_what_is_not_for_sale(shop: Shop) -> None:
    line = shop.line()
    shop.price(line.variant, None)
    assert refused(holds.create, cart_id(line)) == (Code.UNAVAILABLE, (str(line.pk),))


@pytest.mark.parametrize("call", [holds.create, holds.extend, holds.cancel, holds.allowance])
def test_what_is_no_cart(shop: Shop, call: object) -> None:
    for nothing in ("", "x", "\0", "7f1d3c0e-6b1f-4b0e-9d5e-000000000000"):
        assert refused(call, nothing)[0] is Code.NOT_FOUND
    assert holds.of_cart("x") == holds.of_buyer("x") == []
    assert holds.find("x") is holds.find("7f1d3c0e-6b1f-4b0e-9d5e-000000000000") is None


def test_a_line_of_another_cart(shop: Shop) -> None:
    line, other = shop.line(), shop.line()
    ids = [str(line.pk), str(other.pk), "x"]
    assert refused(holds.create, cart_id(line), ids) == (Code.NOT_FOUND, tuple(ids[1:]))
    assert refused(holds.extend, cart_id(line), ids)[0] is Code.NOT_EXTENDABLE
    holds.create(cart_id(other))
    assert holds.cancel(cart_id(line), ids) == []
    assert ends(other) == [(str(other.pk), "")]
