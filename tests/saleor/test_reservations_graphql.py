"""The storefront's GraphQL of reservations beside a real Saleor's own."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from django.test import Client
from saleor.account.models import User
from saleor.channel.models import Channel
from saleor.checkout.models import Checkout
from saleor.core.jwt import create_access_token
from saleor.plugins.models import PluginConfiguration

from .sales import api, committed, delivery, goods, sell_on_trust, start

URL = "/plugins/saleor1c.reservations/graphql/"
CREATE = """mutation ($id: ID!) { reservationCreate(checkoutId: $id) {
  reservations { id checkoutId lineId expiresAt frozenPrice { amount currency fractionalAmount }
    livePrice { amount } variant { id channel } }
  errors { code message lines } } }"""
OWN = "{ reservations { id checkoutId } }"


@pytest.fixture(autouse=True)
def _reserving(shop: None) -> None:
    sell_on_trust()
    delivery("300")
    PluginConfiguration.objects.create(
        identifier="saleor1c.reservations",
        channel=Channel.objects.get(slug="main"),
        active=True,
        name="reservations",
        configuration=[],
    )


def cart(stock: int = 100, quantity: int = 2) -> str:
    with committed():
        return start({goods("a", "99.90", stock=stock): quantity})[0]


def post(query: str, token: str = "", url: str = URL, **variables: object) -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return Client(headers=headers).post(
        url,
        json.dumps({"query": query, "variables": variables}),
        content_type="application/json",
    )


def ask(query: str, token: str = "", url: str = URL, **variables: object) -> Mapping[str, Any]:
    answer = post(query, token, url, **variables).json()
    assert "errors" not in answer, answer
    data: Mapping[str, Any] = answer["data"]
    return data


def reserved(checkout: str) -> Mapping[str, Any]:
    with committed():
        payload = ask(CREATE, id=checkout)["reservationCreate"]
    assert payload["errors"] == []
    [found] = payload["reservations"]
    return found  # type: ignore[no-any-return]


def test_a_guest_reserves() -> None:
    checkout = cart()
    found = reserved(checkout)
    assert found["checkoutId"] == checkout
    assert found["frozenPrice"] == {"amount": 99.9, "currency": "RUB", "fractionalAmount": 9990}
    assert found["livePrice"] == {"amount": 99.9}
    told = api(
        """query ($id: ID!) { checkout(id: $id) { stockReservationExpires
        metafield(key: "onec.reserved_until") lines { id } } }""",
        "checkout",
        id=checkout,
    )
    assert told["lines"] == [{"id": found["lineId"]}]
    # A storefront that asks Saleor alone sees the same moment.
    assert told["metafield"][:19] == found["expiresAt"][:19]
    assert told["stockReservationExpires"][:19] == found["expiresAt"][:19]


def test_there_is_not_enough() -> None:
    first = cart(stock=3)
    variant = Checkout.objects.get().lines.get().variant
    with committed():
        second = start({variant: 2})[0]
    found = reserved(first)
    payload = ask(CREATE, id=second)["reservationCreate"]
    assert payload["reservations"] == []
    [error] = payload["errors"]
    assert error["code"] == "INSUFFICIENT_STOCK"
    assert error["lines"] != [found["lineId"]]


def test_the_account_of_a_token() -> None:
    anna, boris = (
        User.objects.create(email=f"{name}@example.com", is_active=True)
        for name in ("anna", "boris")
    )
    checkout = cart()
    Checkout.objects.update(user=anna)
    found = reserved(checkout)
    own = ask(OWN, create_access_token(anna))["reservations"]
    assert own == [{"id": found["id"], "checkoutId": checkout}]
    assert ask(OWN, create_access_token(boris))["reservations"] == []
    assert ask(OWN)["reservations"] == []
    assert post(OWN, "no-token").status_code == 200


def test_a_gateway_goes_from_saleor_to_reservations_and_back() -> None:
    checkout = cart()
    found = reserved(checkout)
    query = """query ($of: [_Any!]!) { _entities(representations: $of) {
      ... on Checkout { id reservations { variant { __typename id channel } } }
      ... on CheckoutLine { reservation { id } } } }"""
    of = [
        {"__typename": "Checkout", "id": checkout},
        {"__typename": "CheckoutLine", "id": found["lineId"]},
    ]
    cart_entity, line_entity = ask(query, of=of)["_entities"]
    assert line_entity == {"reservation": {"id": found["id"]}}
    [reservation] = cart_entity["reservations"]
    query = """query ($of: [_Any!]!) { _entities(representations: $of) {
      ... on ProductVariant { sku } } }"""
    [variant] = ask(query, url="/graphql/", of=[reservation["variant"]])["_entities"]
    assert variant == {"sku": "sku-a"}


def test_where_it_is_off_the_storefront_is_told_so() -> None:
    PluginConfiguration.objects.update(active=False)
    payload = ask(CREATE, id=cart())["reservationCreate"]
    assert [error["code"] for error in payload["errors"]] == ["DISABLED"]
