"""The storefront's GraphQL: what buyers ask and change, and what they are refused."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from graphene import Node

from saleor_1c_plugin.reservations.models import End, Hold
from saleor_1c_plugin.sandbox.models import Customer, Price

from ..sandbox.goods import CHANNEL, goods
from .storefront import ask, cart_of, change, checkout_id, line_id, post, reserved

pytestmark = pytest.mark.django_db

ONE = "query ($id: ID!) { reservation(id: $id) { id status endedAt extendableUntil } }"
OF_CART = """query ($id: ID!) { reservations(checkoutId: $id) {
  id status livePrice { amount } frozenPrice { amount } } }"""
OWN = "{ reservations { id checkoutId livePrice { amount } } }"
ALLOWANCE = """query ($id: ID!) { reservationAllowance(checkoutId: $id) {
  isEnabled isAutomatic term unitsLeft } }"""


@pytest.fixture(autouse=True)
def _accounts(settings: Any) -> None:
    settings.ONEC_CART_STORE = "tests.reservations.storefront.CartsOfAccounts"


def customer(name: str) -> Customer:
    return Customer.objects.create(email=f"{name}@example.com")


def configure(settings: Any, **values: object) -> None:
    settings.ONEC_CONFIGURATION = {**settings.ONEC_CONFIGURATION, "reservations": values}


def test_a_line_is_reserved() -> None:
    cart = cart_of("cup", "plate")
    line = cart.lines.get(variant=goods("cup"))
    payload = change("reservationCreate", checkout_id(cart), [line_id(line)])
    assert payload["errors"] == []
    [found] = payload["reservations"]
    assert found["status"] == "ACTIVE"
    assert found["quantity"] == 2
    assert found["endedAt"] is None
    assert (found["checkoutId"], found["lineId"]) == (checkout_id(cart), line_id(line))
    assert found["frozenPrice"] == {
        "amount": 100.0,
        "currency": "RUB",
        "fractionalAmount": 10000,
        "fractionDigits": 2,
    }
    assert found["livePrice"] == {"amount": 100.0}
    assert found["variant"] == {
        "id": Node.to_global_id("ProductVariant", line.variant_id),
        "channel": CHANNEL,
    }
    ends = datetime.fromisoformat(found["expiresAt"])
    assert timezone.now() < ends <= datetime.fromisoformat(found["extendableUntil"])
    hold = Hold.objects.get()
    assert (hold.line_id, hold.ends) == (str(line.pk), ends)


def test_all_lines_are_reserved_and_told_of() -> None:
    cart = cart_of("cup", "plate")
    ids = {found["id"] for found in reserved(cart)}
    assert len(ids) == 2
    told = ask(OF_CART, id=checkout_id(cart))["reservations"]
    assert {found["id"] for found in told} == ids
    assert {found["status"] for found in told} == {"ACTIVE"}


def test_what_is_reserved_stays_as_it_is() -> None:
    cart = cart_of("cup")
    assert reserved(cart) == reserved(cart)


def test_the_live_price_goes_its_own_way() -> None:
    cart = cart_of("cup")
    reserved(cart)
    Price.objects.filter(variant=goods("cup")).update(amount=Decimal("120.50"))
    [found] = ask(OF_CART, id=checkout_id(cart))["reservations"]
    assert (found["frozenPrice"], found["livePrice"]) == ({"amount": 100.0}, {"amount": 120.5})


def test_goods_that_are_off_sale_have_no_live_price() -> None:
    cart = cart_of("cup")
    [made] = reserved(cart)
    Price.objects.filter(variant=goods("cup")).delete()
    found = ask("query ($id: ID!) { reservation(id: $id) { livePrice { amount } } }", id=made["id"])
    assert found["reservation"] == {"livePrice": None}


def test_it_is_extended(settings: Any) -> None:
    configure(settings, guest_minutes="20")
    cart = cart_of("cup")
    [made] = reserved(cart)
    Hold.objects.update(
        ends=timezone.now() + timedelta(minutes=1), term=timezone.now() + timedelta(minutes=1)
    )
    payload = change("reservationExtend", checkout_id(cart))
    assert payload["errors"] == []
    [found] = payload["reservations"]
    assert found["id"] == made["id"]
    ends = datetime.fromisoformat(found["expiresAt"])
    assert ends > timezone.now() + timedelta(minutes=19)


def test_it_is_not_extended_for_ever(settings: Any) -> None:
    configure(settings, guest_minutes="20", longest_minutes="20")
    cart = cart_of("cup")
    reserved(cart)
    payload = change("reservationExtend", checkout_id(cart))
    assert payload["reservations"] == []
    assert payload["errors"][0]["code"] == "NOT_EXTENDABLE"


def test_it_is_cancelled() -> None:
    cart = cart_of("cup", "plate")
    reserved(cart)
    line = cart.lines.get(variant=goods("cup"))
    payload = change("reservationCancel", checkout_id(cart), [line_id(line)])
    assert payload["errors"] == []
    [gone] = payload["reservations"]
    assert gone["status"] == "CANCELLED"
    assert gone["endedAt"] is not None
    assert gone["extendableUntil"] is None
    [left] = ask(OF_CART, id=checkout_id(cart))["reservations"]
    assert left["id"] != gone["id"]
    assert ask(ONE, id=gone["id"])["reservation"]["status"] == "CANCELLED"


def test_it_has_expired_by_the_clock() -> None:
    cart = cart_of("cup")
    [made] = reserved(cart)
    over = timezone.now() - timedelta(seconds=1)
    Hold.objects.update(ends=over, term=over)
    told = ask(ONE, id=made["id"])["reservation"]
    assert told["status"] == "EXPIRED"
    assert told["extendableUntil"] is None
    assert datetime.fromisoformat(told["endedAt"]) >= over
    assert ask(OF_CART, id=checkout_id(cart))["reservations"] == []


@pytest.mark.parametrize("end", End)
def test_every_end_has_a_status(end: End) -> None:
    [made] = reserved(cart_of("cup"))
    Hold.objects.update(end=end, ended=timezone.now())
    assert ask(ONE, id=made["id"])["reservation"]["status"] == end.name


def test_what_may_be_reserved(settings: Any) -> None:
    configure(settings, mode="on_request", guest_minutes="20", units_per_buyer="5")
    cart = cart_of("cup")
    told = {"isEnabled": True, "isAutomatic": False, "term": 1200}
    assert ask(ALLOWANCE, id=checkout_id(cart))["reservationAllowance"] == {
        **told,
        "unitsLeft": 5,
    }
    reserved(cart)
    assert ask(ALLOWANCE, id=checkout_id(cart))["reservationAllowance"]["unitsLeft"] == 3
    configure(settings, guest_minutes="20")
    assert ask(ALLOWANCE, id=checkout_id(cart))["reservationAllowance"]["unitsLeft"] is None


def test_a_buyer_sees_what_is_the_buyers_own() -> None:
    anna, boris = customer("anna"), customer("boris")
    carts = {who: cart_of("cup", quantity=1, customer=who) for who in (anna, boris)}
    for cart in (*carts.values(), cart_of("cup", quantity=1)):
        reserved(cart)
    for who, cart in carts.items():
        [own] = ask(OWN, buyer=str(who.pk))["reservations"]
        assert own["checkoutId"] == checkout_id(cart)
    assert ask(OWN)["reservations"] == []
    assert ask(OWN, buyer="999999")["reservations"] == []


def test_a_reservation_does_not_give_its_cart_away() -> None:
    anna = customer("anna")
    cart = cart_of("cup", customer=anna)
    [made] = reserved(cart)
    query = """query ($id: ID!, $of: [_Any!]!) {
      reservation(id: $id) { id checkoutId }
      _entities(representations: $of) {
        ... on Reservation { checkoutId } ... on CheckoutLine { reservation { checkoutId } } } }"""
    of = [
        {"__typename": "Reservation", "id": made["id"]},
        {"__typename": "CheckoutLine", "id": made["lineId"]},
    ]
    for buyer, told in (
        ("", None),
        (str(customer("boris").pk), None),
        (str(anna.pk), checkout_id(cart)),
    ):
        answer = ask(query, buyer, id=made["id"], of=of)
        assert answer["reservation"] == {"id": made["id"], "checkoutId": told}
        assert answer["_entities"] == [{"checkoutId": told}, {"reservation": {"checkoutId": told}}]


def test_a_cart_that_is_not_there() -> None:
    unknown = Node.to_global_id("Checkout", uuid4())
    assert ask(OF_CART, id=unknown)["reservations"] == []
    assert ask(ALLOWANCE, id=unknown)["reservationAllowance"] is None
    assert ask(ONE, id=Node.to_global_id("Reservation", uuid4()))["reservation"] is None
    for name in ("reservationCreate", "reservationExtend", "reservationCancel"):
        payload = change(name, unknown)
        assert payload["reservations"] == []
        [error] = payload["errors"]
        assert (error["code"], error["field"]) == ("NOT_FOUND", "checkoutId")


def test_a_line_of_another_cart() -> None:
    cart, other = cart_of("cup"), cart_of("cup")
    foreign = line_id(other.lines.get())
    payload = change("reservationCreate", checkout_id(cart), [foreign])
    [error] = payload["errors"]
    assert (error["code"], error["field"]) == ("NOT_FOUND", "lineIds")
    assert error["lines"] == [foreign]
    assert not Hold.objects.exists()


def test_there_is_not_enough() -> None:
    cart = cart_of("cup", "plate", quantity=2)
    line = cart.lines.get(variant=goods("cup"))
    line.quantity = 11
    line.save()
    payload = change("reservationCreate", checkout_id(cart))
    assert payload["reservations"] == []
    [error] = payload["errors"]
    assert (error["code"], error["lines"]) == ("INSUFFICIENT_STOCK", [line_id(line)])
    assert error["message"]
    # The other line could have been reserved: all or nothing.
    assert not Hold.objects.exists()


def test_more_than_a_buyer_may(settings: Any) -> None:
    configure(settings, units_per_buyer="1")
    payload = change("reservationCreate", checkout_id(cart_of("cup")))
    assert [error["code"] for error in payload["errors"]] == ["BUYER_LIMIT"]


def test_more_than_may_be_reserved_altogether(settings: Any) -> None:
    configure(settings, share_percent="10")
    payload = change("reservationCreate", checkout_id(cart_of("cup")))
    assert [error["code"] for error in payload["errors"]] == ["STOCK_SHARE"]


def test_a_kind_of_buyer_that_reserves_nothing(settings: Any) -> None:
    configure(settings, guest_minutes="0")
    cart = cart_of("cup")
    payload = change("reservationCreate", checkout_id(cart))
    assert [error["code"] for error in payload["errors"]] == ["DISABLED"]
    assert not ask(ALLOWANCE, id=checkout_id(cart))["reservationAllowance"]["isEnabled"]


WRONG_IDS = [
    "",
    "nonsense",
    "Ж" * 10,
    Node.to_global_id("Checkout", "not-a-key"),
    Node.to_global_id("Checkout", "5\0"),
    Node.to_global_id("Checkout", "9" * 400),
    Node.to_global_id("Product", 5),
    Node.to_global_id("CheckoutLine", "../5"),
]


@pytest.mark.parametrize("wrong", WRONG_IDS)
def test_an_id_that_is_none(wrong: str) -> None:
    for name in ("reservationCreate", "reservationExtend", "reservationCancel"):
        [error] = change(name, wrong)["errors"]
        assert (error["code"], error["field"]) == ("INVALID", "checkoutId")
    cart = cart_of("cup")
    lines = [line_id(cart.lines.get()), wrong]
    [error] = change("reservationCreate", checkout_id(cart), lines)["errors"]
    assert (error["code"], error["field"]) == ("INVALID", "lineIds")
    assert not Hold.objects.exists()
    for query in (ONE, OF_CART, ALLOWANCE):
        response = post(query, {"id": wrong})
        [told] = response.json()["errors"]
        assert response.status_code == 200
        assert told["message"].startswith("Invalid ID: ")
        assert told["extensions"] == {"exception": {"code": "InvalidId"}}


def test_no_lines_are_not_all_lines() -> None:
    cart = cart_of("cup")
    [error] = change("reservationCreate", checkout_id(cart), [])["errors"]
    assert (error["code"], error["field"]) == ("INVALID", "lineIds")
    assert not Hold.objects.exists()


def test_a_reservation_is_no_number() -> None:
    [told] = post(ONE, {"id": Node.to_global_id("Reservation", 5)}).json()["errors"]
    assert told["message"].endswith("Expected: Reservation.")


def test_a_cart_is_read_once_for_all_its_lines() -> None:
    one = cart_of("cup")
    many = cart_of(*(f"goods-{number}" for number in range(8)))
    counts = []
    for cart in (one, many):
        reserved(cart)
        with CaptureQueriesContext(connection) as queries:
            told = ask(OF_CART, id=checkout_id(cart))["reservations"]
        assert len(told) == cart.lines.count()
        assert all(found["livePrice"] for found in told)
        counts.append(len(queries))
    assert counts[0] == counts[1]
