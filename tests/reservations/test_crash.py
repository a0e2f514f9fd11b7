"""A process may die between any two steps: nothing is half done, and the next run does it all."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection
from django.db.models import Model

from saleor_1c_plugin.outbox.models import Message
from saleor_1c_plugin.reservations import holds
from saleor_1c_plugin.reservations.models import End, Hold
from saleor_1c_plugin.sandbox.models import Cart, CartLine, Reservation, Stock

from .support import Shop, cart_id, charged

TABLES = [Hold, Reservation, CartLine, Cart, Message]


@contextmanager
def failing(model: type[Model]) -> Iterator[None]:
    """Every write of this table fails, as if the process or the database went down there."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE OR REPLACE FUNCTION fail() RETURNS trigger AS "
            "$$ BEGIN RAISE EXCEPTION 'gone'; END $$ LANGUAGE plpgsql"
        )
        cursor.execute(
            f"CREATE TRIGGER fail BEFORE INSERT OR UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION fail()"
        )
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TRIGGER fail ON {table}")


def state() -> list[object]:
    return [
        list(model.objects.order_by("pk").values())  # type: ignore[attr-defined]
        for model in (*TABLES, Stock)
    ]


@pytest.fixture
def shop(shop: Shop) -> Shop:
    # Nobody delivers in between: the receiver is not there.
    shop.set(notify_url="http://127.0.0.1:9/", notify_secret="s")
    return shop


def whole_or_not_at_all(model: type[Model], act: Callable[[], object]) -> None:
    before = state()
    with failing(model), pytest.raises(DatabaseError, match="gone"):
        act()
    assert state() == before
    act()


@pytest.mark.parametrize("model", TABLES)
def test_it_begins(shop: Shop, model: type[Model]) -> None:
    line = shop.line(3)
    whole_or_not_at_all(model, lambda: holds.create(cart_id(line)))
    assert (shop.free(line.variant), charged(line)) == (7, Decimal(100))
    assert Message.objects.count() == 1


@pytest.mark.parametrize("model", [Hold, Reservation, CartLine, Cart])
def test_it_is_extended(shop: Shop, model: type[Model]) -> None:
    line = shop.line(3)
    holds.create(cart_id(line))
    shop.pass_time(minutes=5)
    whole_or_not_at_all(model, lambda: holds.extend(cart_id(line)))
    assert Reservation.objects.get().reserved_until == Hold.objects.get().ends


@pytest.mark.parametrize("model", TABLES)
def test_it_is_given_back(shop: Shop, model: type[Model]) -> None:
    line = shop.line(3)
    holds.create(cart_id(line))
    shop.price(line.variant, "150")
    whole_or_not_at_all(model, lambda: holds.cancel(cart_id(line)))
    assert (shop.free(line.variant), charged(line)) == (10, Decimal(150))


@pytest.mark.parametrize("model", TABLES)
def test_it_is_over(shop: Shop, model: type[Model]) -> None:
    line = shop.line(3)
    holds.create(cart_id(line))
    shop.price(line.variant, "150")
    shop.pass_time(minutes=16)
    whole_or_not_at_all(model, lambda: holds.review(cart_id(line)))
    assert charged(line) == Decimal(150)
    assert Hold.objects.get().end == End.EXPIRED
    assert Message.objects.count() == 2


@pytest.mark.parametrize("model", TABLES)
def test_a_sweep_that_fails_for_one_cart_comes_again(shop: Shop, model: type[Model]) -> None:
    lines = [shop.line(3), shop.line(2)]
    for line in lines:
        holds.create(cart_id(line))
    shop.pass_time(minutes=16)
    before = state()
    with failing(model):
        holds.sweep()
    assert state() == before
    holds.sweep()
    assert [hold.end for hold in Hold.objects.all()] == [End.EXPIRED] * 2


@pytest.mark.parametrize("model", [Hold, Reservation])
def test_stock_falls_and_what_is_released_is_not_noted(shop: Shop, model: type[Model]) -> None:
    """An import goes on without its listener; what it left is put right by the sweep."""
    line = shop.line(3)
    holds.create(cart_id(line))
    with failing(model):
        shop.on_hand(line.variant, 2)
    assert Hold.objects.live().count() == Reservation.objects.count() == 1
    holds.sweep()
    assert (Hold.objects.get().end, shop.free(line.variant)) == (End.STOCK_FELL, 2)
