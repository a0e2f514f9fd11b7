"""1C's stock falls below what is held: the newest holds are released, and no unit is sold twice."""

from decimal import Decimal

from saleor_1c_plugin.reservations import holds, tasks
from saleor_1c_plugin.reservations.models import End
from saleor_1c_plugin.sandbox.models import Reservation, Stock

from .support import Shop, cart_id, charged, ends, facts, goods


def test_the_newest_go_first(shop: Shop) -> None:
    lines = [shop.line(quantity) for quantity in (3, 2, 4)]
    for line in lines:
        holds.create(cart_id(line))
    shop.price(lines[0].variant, "150")
    shop.on_hand(lines[0].variant, 4)
    assert [ends(line)[0][1] for line in lines] == ["", End.STOCK_FELL, End.STOCK_FELL]
    # Told, and priced as it is now, at once: not by the sweep.
    assert [charged(line) for line in lines] == [100, 150, 150]
    assert '"end": "stock_fell"' in facts(lines[1])["onec.reservation_notice"]
    assert (shop.free(lines[0].variant), Reservation.objects.count()) == (1, 1)


def test_no_more_go_than_must(shop: Shop) -> None:
    lines = [shop.line(quantity) for quantity in (3, 2, 4)]
    for line in lines:
        holds.create(cart_id(line))
    shop.on_hand(lines[0].variant, 5)
    assert [ends(line)[0][1] for line in lines] == ["", "", End.STOCK_FELL]


def test_what_orders_have_is_not_there_either(shop: Shop) -> None:
    sold = shop.line(4)
    shop.buy(sold.cart)
    line = shop.line(6)
    holds.create(cart_id(line))
    shop.on_hand(line.variant, 9)
    assert ends(line) == [(str(line.pk), End.STOCK_FELL)]
    assert shop.free(line.variant) == 5


def test_another_warehouse_has_it(shop: Shop) -> None:
    line = shop.line(3)
    [before] = holds.create(cart_id(line))
    shop.price(line.variant, "150")
    shop.on_hand(line.variant, 5, warehouse=1)
    shop.on_hand(line.variant, 2)
    # The same hold goes on, as if nothing had been.
    [hold] = holds.of_cart(cart_id(line))
    assert (hold.pk, hold.ends, hold.end, hold.ended) == (before.pk, before.ends, "", None)
    assert Reservation.objects.get().stock == Stock.objects.get(quantity=5)
    assert charged(line) == Decimal(100)
    assert "onec.reservation_notice" not in facts(line)


def test_workers_are_down(shop: Shop, monkeypatch: object) -> None:
    lines = [shop.line(6), shop.line(4)]
    for line in lines:
        holds.create(cart_id(line))
    shop.price(lines[0].variant, "150")
    monkeypatch.setattr(tasks.review, "apply_async", _no_broker)  # type: ignore[attr-defined]
    shop.on_hand(lines[0].variant, 7)
    # The units are free at once; the price when anybody looks at the cart.
    assert shop.free(lines[0].variant) == 1
    assert [charged(line) for line in lines] == [100, 150]
    shop.on_hand(lines[0].variant, 5)
    holds.sweep()
    assert [ends(line)[0][1] for line in lines] == [End.STOCK_FELL] * 2


def test_a_fall_that_nobody_told_of(shop: Shop) -> None:
    lines = [shop.line(6), shop.line(4)]
    for line in lines:
        holds.create(cart_id(line))
    Stock.objects.update(quantity=6)
    holds.sweep()
    assert [ends(line)[0][1] for line in lines] == ["", End.STOCK_FELL]


def test_in_automatic_channels_it_is_held_again_when_there_is_enough(shop: Shop) -> None:
    shop.set(mode="automatic")
    line = shop.line(6)
    shop.on_hand(line.variant, 5)
    assert ends(line) == [(str(line.pk), End.STOCK_FELL)]
    shop.want(line, 5)
    assert ends(line)[-1] == (str(line.pk), "")


def test_other_goods_are_left_alone(shop: Shop) -> None:
    line = shop.line(6)
    other = shop.line(6, goods("plate"))
    holds.create(cart_id(line))
    holds.create(cart_id(other))
    shop.on_hand(line.variant, 0)
    assert ends(other) == [(str(other.pk), "")]
    assert ends(line) == [(str(line.pk), End.STOCK_FELL)]
    assert shop.free(line.variant) == 0


def _no_broker(*_args: object, **_options: object) -> None:
    from kombu.exceptions import OperationalError

    raise OperationalError
