"""Many buyers at once, 1C among them: nothing is sold twice, and no unit is lost."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial

from django.db import connections
from django.db.models import Sum
from django.utils import timezone

from saleor_1c_plugin.reservations import holds
from saleor_1c_plugin.reservations.errors import ReservationError
from saleor_1c_plugin.reservations.models import Hold
from saleor_1c_plugin.sandbox.models import Cart, OrderLine, Reservation, Stock
from saleor_1c_plugin.store.orders import Forbidden

from .support import Shop, cart_id, goods

BUYERS = 12
KEYS = ("cup", "plate", "spoon")


def at_once(*works: Callable[[], object]) -> None:
    """Do all of these, each in a thread with its own connection."""

    def work(call: Callable[[], object]) -> None:
        try:
            call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        for done in [pool.submit(work, call) for call in works]:
            done.result()


def promised_twice() -> list[Stock]:
    now = timezone.now()
    rows = []
    for stock in Stock.objects.all():
        held = Reservation.objects.filter(stock=stock, reserved_until__gt=now)
        sold = OrderLine.objects.filter(variant=stock.variant, warehouse=stock.warehouse)
        units = {
            name: found.aggregate(units=Sum("quantity"))["units"] or 0
            for name, found in (("held", held), ("sold", sold))
        }
        if units["sold"] + units["held"] > max(stock.quantity, units["sold"]):
            rows.append(stock)
    return rows


def test_as_many_as_there_are_and_no_more(shop: Shop) -> None:
    variant = goods(quantity=7)
    lines = [shop.line(1, variant) for _ in range(BUYERS)]
    refused = []

    def reserve(cart: str) -> None:
        try:
            holds.create(cart)
        except ReservationError as error:
            refused.append(error.code)

    at_once(*(partial(reserve, cart_id(line)) for line in lines))
    assert len(refused) == BUYERS - 7
    assert (shop.free(variant), Hold.objects.live().count()) == (0, 7)


def test_one_buyer_in_many_carts_holds_no_more_than_he_may(shop: Shop) -> None:
    shop.set(units_per_buyer=3)
    lines = [shop.line(1, customer="anna@example.com") for _ in range(BUYERS)]

    def reserve(cart: str) -> None:
        with suppress(ReservationError):
            holds.create(cart)

    at_once(*(partial(reserve, cart_id(line)) for line in lines))
    assert Hold.objects.live().count() == 3


def test_everything_at_once(shop: Shop) -> None:
    shop.set(mode="automatic", guest_minutes=15)
    variants = [goods(key, 20) for key in KEYS]
    carts = [shop.cart() for _ in range(BUYERS)]

    def buyer(number: int) -> None:
        chance = random.Random(number)
        cart = carts[number]
        for _ in range(8):
            # In an order of their own: they would meet in the stocks.
            for variant in chance.sample(variants, 2):
                quantity = chance.randint(1, 3)
                cart.lines.update_or_create(variant=variant, defaults={"quantity": quantity})
            act = chance.choice([holds.create, holds.extend, holds.cancel, holds.review])
            with suppress(ReservationError):
                act(cart_id(cart))
            if chance.random() < 0.2:
                try:
                    shop.buy(cart)
                except Forbidden:
                    pass
                else:
                    cart = shop.cart()

    def onec() -> None:
        chance = random.Random(99)
        for _ in range(20):
            shop.on_hand(chance.choice(variants), chance.randint(5, 25))
            shop.price(chance.choice(variants), str(chance.randint(80, 120)))

    def sweeper() -> None:
        for _ in range(6):
            holds.sweep()

    at_once(*(partial(buyer, number) for number in range(BUYERS)), onec, sweeper)
    for cart in Cart.objects.all():
        holds.review(cart_id(cart))
    assert promised_twice() == []
    live = Hold.objects.live()
    held = Reservation.objects.filter(reserved_until__gt=timezone.now())
    units = {
        "holds": live.aggregate(units=Sum("quantity"))["units"],
        "rows": held.aggregate(units=Sum("quantity"))["units"],
    }
    assert units["holds"] == units["rows"]
    assert {str(row.line_id) for row in held} == {hold.line_id for hold in live}
