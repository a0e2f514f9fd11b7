"""Carts that were left and accounts that were made are found, once each."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models import F

from saleor_1c_plugin.history import finding, journal
from saleor_1c_plugin.history.event import Event, Kind
from saleor_1c_plugin.history.models import Mark, Record
from saleor_1c_plugin.history.tasks import look_through
from saleor_1c_plugin.sandbox.models import Cart, CartLine, Customer
from saleor_1c_plugin.store import current_carts
from tests.receipts import sales
from tests.sandbox.goods import CHANNEL, goods

from .conftest import configure
from .published import hold


@pytest.fixture
def wanted(kept: Any) -> Any:
    """Somebody wants to know of carts that were left for three hours."""
    configure(kept, history={"cart_hours": "3"})
    look_through()
    return kept


def cart(email: str = "anna@shop.example", quantity: int = 2) -> Cart:
    made, _ = Customer.objects.get_or_create(
        email=email, defaults={"first_name": "Анна", "phone": "+79161234567"}
    )
    found = Cart.objects.create(channel=CHANNEL, customer=made if email else None)
    CartLine.objects.create(cart=found, variant=goods("cup", 100, "150.00"), quantity=quantity)
    return found


def pass_time(hours: float) -> None:
    """For all carts, and for how far they were looked at."""
    by = timedelta(hours=hours)
    Cart.objects.update(touched=F("touched") - by)
    CartLine.objects.update(touched=F("touched") - by)
    Mark.objects.update(carts=F("carts") - by)


def found(kind: Kind) -> list[Event]:
    journal.number()
    return [event for _number, event in journal.after(0, 100, [kind])]


def test_a_cart_that_nobody_touched_is_told_of_once(wanted: Any) -> None:
    left = cart()
    pass_time(2.9)
    look_through()
    assert found(Kind.CART_LEFT) == []
    pass_time(0.2)
    look_through()
    look_through()
    (event,) = found(Kind.CART_LEFT)
    assert event.key == f"cart:{left.key}:left"
    assert (event.channel, event.order_id) == (CHANNEL, "")
    who = event.customer
    assert (who.email, who.name) == ("anna@shop.example", "Анна")
    assert (event.data["total"], event.data["currency"]) == ("300.00", "RUB")
    (line,) = event.data["lines"]
    assert (line["quantity"], line["total"]) == (2, "300.00")
    hold([(1, event)])
    # Touched and left again: once is enough.
    left.save()
    pass_time(4)
    look_through()
    assert len(found(Kind.CART_LEFT)) == 1


def test_a_cart_that_is_touched_is_not_left(wanted: Any) -> None:
    left = cart()
    pass_time(2)
    left.lines.get().save()
    pass_time(2)
    look_through()
    assert found(Kind.CART_LEFT) == []
    pass_time(2)
    look_through()
    assert len(found(Kind.CART_LEFT)) == 1


def test_whose_buyer_can_t_be_reached_and_what_is_empty_or_being_paid_is_no_news(
    wanted: Any,
) -> None:
    Cart.objects.create(channel=CHANNEL, customer=cart().customer)
    Cart.objects.update(is_being_paid=True)
    guest = Cart.objects.create(channel=CHANNEL)
    CartLine.objects.create(cart=guest, variant=goods("cup", 100, "150.00"))
    pass_time(4)
    look_through()
    assert found(Kind.CART_LEFT) == []


def test_carts_that_were_left_before_it_was_set_are_not_told(kept: Any) -> None:
    cart()
    pass_time(4)
    look_through()
    configure(kept, history={"cart_hours": "3"})
    look_through()
    cart("boris@shop.example")
    pass_time(3.1)
    look_through()
    assert [event.customer.email for event in found(Kind.CART_LEFT)] == ["boris@shop.example"]


def test_what_was_left_while_nobody_looked_for_long_is_no_news(wanted: Any) -> None:
    cart()
    pass_time(40)
    cart("boris@shop.example")
    pass_time(20)
    look_through()
    assert [event.customer.email for event in found(Kind.CART_LEFT)] == ["boris@shop.example"]


def test_many_carts_are_found_page_by_page(wanted: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "_BATCH", 2)
    for number in range(5):
        cart(f"n{number}@shop.example")
    # All at one moment.
    Cart.objects.update(touched=Cart.objects.first().touched)  # type: ignore[union-attr]
    CartLine.objects.update(touched=Cart.objects.first().touched)  # type: ignore[union-attr]
    pass_time(4)
    look_through()
    assert len(found(Kind.CART_LEFT)) == 5


def test_what_is_written_by_the_shop_itself_touches_no_cart(wanted: Any) -> None:
    left = cart()
    pass_time(4)
    with transaction.atomic():
        current_carts().tell(str(left.key), {"onec.reserved_until": "soon"}, {})
    look_through()
    assert len(found(Kind.CART_LEFT)) == 1


def test_an_account_that_was_made_is_told_of_once(kept: Any) -> None:
    Customer.objects.create(email="old@shop.example")
    Customer.objects.update(joined=F("joined") - timedelta(days=1))
    look_through()
    made = Customer.objects.create(
        email="anna@shop.example", first_name="Анна", last_name="Ли", phone="+79161234567"
    )
    look_through()
    look_through()
    (event,) = found(Kind.CUSTOMER_REGISTERED)
    assert event.key == f"customer:{made.pk}:registered"
    assert event.at == made.joined
    who = event.customer
    assert (who.id, who.email, who.phone) == (str(made.pk), made.email, "+79161234567")
    assert who.name == "Анна Ли"
    hold([(1, event)])


def test_many_accounts_are_found_page_by_page(kept: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    look_through()
    monkeypatch.setattr(finding, "_BATCH", 2)
    for number in range(5):
        Customer.objects.create(email=f"n{number}@shop.example")
    Customer.objects.update(joined=Customer.objects.first().joined)  # type: ignore[union-attr]
    look_through()
    assert len(found(Kind.CUSTOMER_REGISTERED)) == 5


def test_what_was_forgotten_as_too_old_is_not_told_again(kept: Any) -> None:
    configure(kept, history={"days": "2"})
    order = sales.order(1)
    assert Record.objects.filter(kind=Kind.ORDER_PLACED).exists()
    long_ago = order.created - timedelta(days=3)
    type(order).objects.update(created=long_ago)
    Mark.objects.update(began=long_ago)
    Record.objects.all().delete()
    sales.pay(order, "100.00")
    kinds = set(Record.objects.values_list("kind", flat=True))
    assert "payment.charged" in kinds
    assert "order.placed" not in kinds
