"""A storefront: carts to reserve in, and what its GraphQL is answered."""

from typing import Any

from django.http import HttpRequest
from django.test import Client
from graphene import Node

from saleor_1c_plugin.sandbox.carts import SandboxCartStore
from saleor_1c_plugin.sandbox.models import Cart, CartLine, Customer

from ..sandbox.goods import CHANNEL, goods

URL = "/reservations/graphql/"
_SCHEME = "Bearer "


class CartsOfAccounts(SandboxCartStore):
    """The mini-shop with a sign-in: a buyer's token is the account's id."""

    def buyer_of(self, request: HttpRequest) -> str:
        header = request.headers.get("Authorization", "")
        return header.removeprefix(_SCHEME) if header.startswith(_SCHEME) else ""


def cart_of(*keys: str, quantity: int = 2, customer: Customer | None = None) -> Cart:
    """A cart with a line for each of these goods."""
    cart = Cart.objects.create(channel=CHANNEL, customer=customer)
    for key in keys:
        cart.lines.create(variant=goods(key), quantity=quantity)
    return cart


def checkout_id(cart: Cart) -> str:
    made: str = Node.to_global_id("Checkout", cart.key)
    return made


def line_id(line: CartLine) -> str:
    made: str = Node.to_global_id("CheckoutLine", line.pk)
    return made


def post(query: str, variables: object = None, buyer: str = "", **body: object) -> Any:
    """The response to a query."""
    headers = {"Authorization": _SCHEME + buyer} if buyer else {}
    return Client().post(
        URL,
        {"query": query, "variables": variables, **body},
        content_type="application/json",
        headers=headers,
    )


def ask(query: str, buyer: str = "", **variables: object) -> dict[str, Any]:
    """The data of an answer without errors."""
    response = post(query, variables, buyer)
    answer: dict[str, Any] = response.json()
    assert response.status_code == 200, answer
    assert "errors" not in answer, answer
    data: dict[str, Any] = answer["data"]
    return data


_CHANGE = """mutation ($checkout: ID!, $lines: [ID!]) {
  %s(checkoutId: $checkout, lineIds: $lines) {
    reservations { id status quantity expiresAt extendableUntil endedAt lineId checkoutId
      frozenPrice { amount currency fractionalAmount fractionDigits } livePrice { amount }
      variant { id channel } }
    errors { field message code lines } } }"""


def change(name: str, checkout: str, lines: list[str] | None = None) -> dict[str, Any]:
    """The answer to ``reservationCreate`` and the like."""
    payload: dict[str, Any] = ask(_CHANGE % name, checkout=checkout, lines=lines)[name]
    return payload


def reserved(cart: Cart) -> list[dict[str, Any]]:
    """All lines of a cart, reserved now."""
    payload = change("reservationCreate", checkout_id(cart))
    assert payload["errors"] == []
    found: list[dict[str, Any]] = payload["reservations"]
    return found
