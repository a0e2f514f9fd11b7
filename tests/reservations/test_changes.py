"""The cart changes: quantity, lines, buyer, address; the goods do."""

from decimal import Decimal

from django.db import transaction

from saleor_1c_plugin.reservations import holds
from saleor_1c_plugin.reservations.models import End, Hold
from saleor_1c_plugin.sandbox.models import Cart, CartLine, Customer, Reservation
from saleor_1c_plugin.sandbox.retirement import retire_products, retire_variants
from saleor_1c_plugin.store.ports import Missing

from .support import Shop, cart_id, charged, ends, goods


def test_fewer_and_more(shop: Shop) -> None:
    line = shop.line(3)
    [before] = holds.create(cart_id(line))
    for quantity in (1, 10):
        shop.want(line, quantity)
        [hold] = holds.of_cart(cart_id(line))
        assert (hold.pk, hold.quantity, hold.ends) == (before.pk, quantity, before.ends)
        assert shop.free(line.variant) == 10 - quantity


def test_more_than_can_be_held(shop: Shop) -> None:
    line = shop.line(3)
    holds.create(cart_id(line))
    shop.price(line.variant, "150")
    assert charged(line) == Decimal(100)
    shop.want(line, 11)
    assert ends(line) == [(str(line.pk), End.CHANGED)]
    assert (shop.free(line.variant), charged(line)) == (10, Decimal(150))


def test_more_than_the_share(shop: Shop) -> None:
    shop.set(share_percent=50)
    line = shop.line(3)
    holds.create(cart_id(line))
    # Less may be held by now; what is held stays.
    shop.on_hand(line.variant, 4)
    shop.want(line, 2)
    assert ends(line) == [(str(line.pk), "")]
    shop.want(line, 3)
    assert ends(line) == [(str(line.pk), End.CHANGED)]


def test_a_line_is_taken_out(shop: Shop) -> None:
    line = shop.line(3)
    other = shop.line(1, goods("plate"), line.cart)
    holds.create(cart_id(line))
    removed = str(line.pk)
    line.delete()
    assert sorted(ends(other)) == [(removed, End.REMOVED), (str(other.pk), "")]
    assert shop.free(goods()) == 10


def test_a_cart_that_nobody_told_of_is_gone(shop: Shop) -> None:
    line = shop.line(3)
    holds.create(cart_id(line))
    cart, pk = line.cart, str(line.pk)
    # As a statement of SQL would do it: without a signal.
    for model in (Reservation, CartLine, Cart):
        model.objects.all()._raw_delete("default")  # type: ignore[attr-defined]
    assert Hold.objects.live().exists()
    holds.sweep()
    assert ends(cart) == [(pk, End.REMOVED)]


def test_a_guest_signs_in(shop: Shop) -> None:
    shop.set(units_per_buyer=4)
    anna = Customer.objects.create(email="anna@example.com")
    at_home = shop.line(2, goods("plate"), customer="anna@example.com")
    holds.create(cart_id(at_home))
    line = shop.line(3)
    [before] = holds.create(cart_id(line))
    line.cart.customer = anna
    line.cart.save()
    [hold] = holds.of_cart(cart_id(line))
    # What was held stays, though it is more than one buyer may hold, and as long as it was.
    assert (hold.pk, hold.kind, hold.ends) == (before.pk, "customer", before.ends)
    assert {hold.quantity for hold in holds.of_buyer(str(anna.pk))} == {2, 3}
    assert holds.allowance(cart_id(line)).units_left == 0
    shop.want(line, 4)
    assert ends(line) == [(str(line.pk), End.CHANGED)]


def test_goods_that_are_hidden(shop: Shop) -> None:
    line = shop.line(3)
    holds.create(cart_id(line))
    retire_products([str(line.variant.product_id)], Missing.HIDE)
    holds.sweep()
    assert ends(line) == [(str(line.pk), End.UNAVAILABLE)]
    assert shop.free(line.variant) == 10


def test_goods_that_are_deleted(shop: Shop) -> None:
    line = shop.line(3)
    holds.create(cart_id(line))
    pk = str(line.pk)
    with transaction.atomic():
        retire_variants([str(line.variant_id)], Missing.DELETE)
    holds.sweep()
    assert ends(line.cart) == [(pk, End.REMOVED)]
    assert not Reservation.objects.exists()


def test_units_that_somebody_took_away(shop: Shop) -> None:
    """A shop's own reservation may replace ours, or delete it."""
    line = shop.line(3)
    [before] = holds.create(cart_id(line))
    Reservation.objects.all().delete()
    holds.sweep()
    assert shop.free(line.variant) == 7
    assert holds.of_cart(cart_id(line)) == [before]
    Reservation.objects.update(reserved_until=before.began, quantity=1)
    holds.review(cart_id(line))
    row = Reservation.objects.get()
    assert (row.quantity, row.reserved_until) == (3, before.ends)


def test_an_end_that_somebody_moved(shop: Shop) -> None:
    line = shop.line(3)
    [hold] = holds.create(cart_id(line))
    Reservation.objects.update(reserved_until=hold.latest)
    holds.review(cart_id(line))
    assert Reservation.objects.get().reserved_until == hold.ends


def test_it_is_bought(shop: Shop) -> None:
    line = shop.line(10)
    [hold] = holds.create(cart_id(line))
    order = shop.buy(line.cart)
    found = holds.find(str(hold.pk))
    assert found is not None
    assert (found.end, found.order_id, found.is_settled) == (End.BOUGHT, str(order.key), True)
    assert (shop.free(line.variant), Reservation.objects.count()) == (0, 0)
    assert order.metadata["onec.reservation"] == str(hold.pk)


def test_it_is_bought_when_its_time_is_over(shop: Shop) -> None:
    line = shop.line(10)
    holds.create(cart_id(line))
    shop.price(line.variant, "150")
    shop.pass_time(minutes=15)
    order = shop.buy(line.cart)
    assert order.lines.get().price == 150
    assert ends(line) == [(str(line.pk), End.EXPIRED)]
    assert "onec.reservation" not in order.metadata
