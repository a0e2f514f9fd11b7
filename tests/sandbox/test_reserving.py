"""A buyer reserves on the cart's page, and buys at the price that it showed."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from saleor_1c_plugin.reservations.models import End, Hold
from saleor_1c_plugin.sandbox.models import Cart, Customer, Order, Reservation, Variant
from saleor_1c_plugin.sandbox.order_reading import order_data
from saleor_1c_plugin.store.carts import BuyerKind

from .goods import goods
from .test_buying import check_out
from .test_carts import Committing, free, on_hand, price

pytestmark = pytest.mark.django_db


def buyer(quantity: int = 2, variant: Variant | None = None) -> Client:
    client = Client()
    client.post("/cart/", {"variant": (variant or goods()).pk, "quantity": quantity})
    return client


def press(client: Client, action: str, line: str = "") -> Any:
    return client.post("/cart/reservations/", {"action": action, "line": line})


def row(client: Client) -> Any:
    [only] = client.get("/cart/").context["rows"]
    return only


def buttons(client: Client) -> set[str]:
    page = client.get("/cart/").content.decode()
    return set(re.findall(r'name="action" value="(\w+)"', page))


def pass_time(**values: Any) -> None:
    """As if all holds had begun that much earlier."""
    gone = timedelta(**values)
    for hold in Hold.objects.filter(end=""):
        for name in ("began", "ends", "term", "latest"):
            setattr(hold, name, getattr(hold, name) - gone)
        hold.save()
    for kept in Reservation.objects.all():
        kept.reserved_until -= gone
        kept.save()


def test_a_line_is_reserved_extended_and_let_go() -> None:
    client = buyer(4)
    assert buttons(client) == {"create"}
    line = str(row(client).line.pk)
    assert press(client, "create", line).url == "/cart/"
    hold = Hold.objects.get()
    page = client.get("/cart/").content.decode()
    assert f'datetime="{timezone.localtime(hold.ends):%Y-%m-%dT%H:%M:%S%z}"' in page
    assert 880 < row(client).seconds <= 900
    assert buttons(client) == {"extend", "cancel"}
    assert (free(goods()), row(buyer(7)).problem) == (6, True)
    pass_time(minutes=5)
    assert row(client).seconds <= 600
    assert press(client, "extend", line).url == "/cart/"
    assert row(client).seconds > 880
    assert press(client, "cancel", line).url == "/cart/"
    assert Hold.objects.get().end == End.CANCELLED
    assert (free(goods()), buttons(client)) == (10, {"create"})


def test_the_price_stays_when_1c_raises_it() -> None:
    client = buyer()
    press(client, "create")
    price(goods(), "150")
    page = client.get("/cart/").content.decode()
    assert (row(client).price, row(client).is_dearer) == (Decimal(100), True)
    assert "150,00" in page
    check_out(client)
    order = order_data(Order.objects.get())
    assert order.total_gross == Decimal(550)
    hold = Hold.objects.get()
    assert (hold.end, hold.order_id) == (End.BOUGHT, order.id)
    assert order.metadata["onec.reservation"] == str(hold.pk)
    assert free(goods()) == 8


def test_when_time_is_out_the_cart_says_so_and_costs_what_is_asked() -> None:
    client = buyer()
    press(client, "create")
    price(goods(), "150")
    pass_time(minutes=16)
    page = client.get("/cart/")
    assert [item.price for item in page.context["rows"]] == [Decimal(150)]
    [notice] = page.context["notices"]
    assert (notice.price, notice.line.quantity) == (Decimal(150), 2)
    assert 'id="notices"' in page.content.decode()
    assert Hold.objects.get().end == End.EXPIRED
    press(client, "create")
    assert not client.get("/cart/").context["notices"]


def test_a_buyer_who_comes_too_late_pays_what_is_asked() -> None:
    client = buyer()
    press(client, "create")
    price(goods(), "150")
    pass_time(minutes=16)
    check_out(client)
    assert order_data(Order.objects.get()).total_gross == Decimal(650)
    assert Hold.objects.get().end == End.EXPIRED


def test_an_unchanged_price_is_no_news() -> None:
    client = buyer()
    press(client, "create")
    pass_time(minutes=16)
    [notice] = client.get("/cart/").context["notices"]
    assert notice.price is None


def test_less_stock_than_is_held_lets_the_newest_go(
    django_capture_on_commit_callbacks: Committing,
) -> None:
    first, second = buyer(3), buyer(4)
    press(first, "create")
    press(second, "create")
    with django_capture_on_commit_callbacks(execute=True):
        on_hand(goods(), 5)
    assert row(first).hold is not None
    assert row(second).hold is None
    assert [notice.line.quantity for notice in second.get("/cart/").context["notices"]] == [4]


@pytest.mark.parametrize(
    ("action", "line", "status"),
    [
        ("create", "x", 409),
        ("create", "0", 409),
        ("extend", "", 409),
        ("fly", "", 400),
        ("", "", 400),
        ("create", "\0", 400),
        ("create", "1" * 21, 400),
    ],
)
def test_what_can_not_be_done_is_told(action: str, line: str, status: int) -> None:
    client = buyer()
    answer = press(client, action, line)
    assert answer.status_code == status
    assert bool(answer.context["refusal"]) is (status == 409)
    assert not Hold.objects.exists()


def test_what_is_not_there_is_not_reserved() -> None:
    client = buyer(11)
    assert not buttons(client)
    answer = press(client, "create")
    assert answer.status_code == 409
    assert answer.context["refusal"] in answer.content.decode()


def test_without_a_cart_there_is_nothing_to_reserve() -> None:
    client = Client()
    assert press(client, "create").url == "/cart/"
    assert client.get("/reservations/").status_code == 404
    assert client.get("/cart/reservations/").status_code == 405


def test_another_site_reserves_nothing() -> None:
    client = Client(enforce_csrf_checks=True)
    assert press(client, "create").status_code == 403


def test_a_company_reserves_for_longer(
    django_capture_on_commit_callbacks: Committing,
) -> None:
    client = buyer()
    press(client, "create")
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/cart/buyer/", {"email": "anna@example.com", "for_company": "on"})
    hold = Hold.objects.get()
    assert (hold.kind, hold.buyer_id) == (BuyerKind.COMPANY, str(Customer.objects.get().pk))
    assert hold.end == ""
    press(client, "cancel")
    press(client, "create")
    assert row(client).seconds > 23 * 3600


def test_more_of_a_held_line_is_held_too(django_capture_on_commit_callbacks: Committing) -> None:
    client = buyer(2)
    press(client, "create")

    def put(quantity: int) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            client.post("/cart/", {"variant": goods().pk, "quantity": quantity})

    put(5)
    assert (row(client).hold.quantity, free(goods())) == (5, 5)
    put(0)
    assert (Hold.objects.get().end, free(goods())) == (End.REMOVED, 10)


def test_where_nothing_is_reserved_there_is_no_button(settings: Any) -> None:
    client = buyer()
    settings.ONEC_CONFIGURATION = {**settings.ONEC_CONFIGURATION, "reservations": None}
    assert not buttons(client)
    assert press(client, "create").status_code == 409
    assert Cart.objects.get().lines.exists()
