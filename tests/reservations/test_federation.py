"""The schema as a gateway sees it, and as it is published."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from graphene import Node
from graphql import build_ast_schema, parse

from saleor_1c_plugin.reservations.graphql import federation
from saleor_1c_plugin.reservations.graphql.printing import print_schema
from saleor_1c_plugin.reservations.graphql.schema import schema

from ..schema import path_of
from .storefront import ask, cart_of, checkout_id, line_id, post, reserved

pytestmark = pytest.mark.django_db

ENTITIES = """query ($of: [_Any!]!) { _entities(representations: $of) {
  __typename
  ... on Reservation { id frozenPrice { amount } }
  ... on Checkout { id reservations { id } reservationAllowance { isEnabled } }
  ... on CheckoutLine { id reservation { id livePrice { amount } } } } }"""


def entities(*representations: object) -> list[Any]:
    found: list[Any] = ask(ENTITIES, of=representations)["_entities"]
    return found


def undescribed(sdl: str) -> str:
    """Without descriptions, which graphql-core of this version can't read."""
    return re.sub(r'"""(.|\n)*?"""', "", sdl)


def test_the_schema_is_published_as_it_is() -> None:
    text = path_of("reservations").read_text(encoding="utf-8")
    assert text == print_schema(schema), "make schema"


def test_the_published_schema_is_one() -> None:
    text = undescribed(path_of("reservations").read_text(encoding="utf-8"))
    published = build_ast_schema(parse("schema { query: Query mutation: Mutation }" + text))
    assert set(schema.get_type_map()) <= set(published.get_type_map())


def test_a_gateway_learns_the_keys() -> None:
    sdl = ask("{ _service { sdl } }")["_service"]["sdl"]
    lines = [line.strip() for line in sdl.splitlines()]
    for line in (
        'extend type Checkout @key(fields: "id") {',
        'extend type CheckoutLine @key(fields: "id") {',
        'extend type ProductVariant @key(fields: "id channel") {',
        'type Reservation @key(fields: "id") {',
        "channel: String @external",
    ):
        assert line in lines
    assert lines.count("id: ID! @external") == 3
    # The protocol's own types are every subgraph's.
    assert not any(name in sdl for name in ("_entities", "_service", "_Any", "_Entity"))
    parse(undescribed(sdl))


def test_what_a_gateway_asks_for_comes_in_its_order() -> None:
    cart, bare = cart_of("cup", "plate"), cart_of("cup")
    first, second = reserved(cart)
    gone = Node.to_global_id("Reservation", uuid4())
    line, unreserved = first["lineId"], line_id(bare.lines.get())
    found = entities(
        {"__typename": "CheckoutLine", "id": line},
        {"__typename": "Reservation", "id": gone},
        {"__typename": "Checkout", "id": checkout_id(bare)},
        {"__typename": "Reservation", "id": second["id"]},
        {"__typename": "CheckoutLine", "id": unreserved},
        {"__typename": "Checkout", "id": checkout_id(cart)},
        {"__typename": "CheckoutLine", "id": line},
    )
    assert found[0] == {
        "__typename": "CheckoutLine",
        "id": line,
        "reservation": {"id": first["id"], "livePrice": {"amount": 100.0}},
    }
    assert found[1] is None
    assert found[2] == {
        "__typename": "Checkout",
        "id": checkout_id(bare),
        "reservations": [],
        "reservationAllowance": {"isEnabled": True},
    }
    assert found[3] == {
        "__typename": "Reservation",
        "id": second["id"],
        "frozenPrice": {"amount": 100.0},
    }
    assert found[4]["reservation"] is None
    assert {row["id"] for row in found[5]["reservations"]} == {first["id"], second["id"]}
    assert found[6] == found[0]


def test_a_cart_that_is_not_there_has_nothing() -> None:
    unknown = Node.to_global_id("Checkout", uuid4())
    [found] = entities({"__typename": "Checkout", "id": unknown})
    assert (found["reservations"], found["reservationAllowance"]) == ([], None)


@pytest.mark.parametrize(
    "wrong",
    [
        5,
        "text",
        {},
        {"id": "x"},
        {"__typename": "Reservation"},
        {"__typename": "Reservation", "id": 5},
        {"__typename": "Reservation", "id": "nonsense"},
        {"__typename": "Reservation", "id": Node.to_global_id("Reservation", 5)},
        {"__typename": "Checkout", "id": Node.to_global_id("CheckoutLine", 5)},
        {"__typename": "ProductVariant", "id": Node.to_global_id("ProductVariant", 5)},
        {"__typename": ["Checkout"], "id": "x"},
        {"__typename": "__Schema", "id": "x"},
    ],
)
def test_a_wrong_one_spoils_no_other(wrong: object) -> None:
    cart = cart_of("cup")
    response = post(ENTITIES, {"of": [wrong, {"__typename": "Checkout", "id": checkout_id(cart)}]})
    answer = response.json()
    assert response.status_code == 200
    assert answer["data"]["_entities"][0] is None
    assert answer["data"]["_entities"][1]["id"] == checkout_id(cart)
    [error] = answer["errors"]
    assert error["path"] == ["_entities", 0]
    assert error["message"] != "Internal Server Error"


def test_representations_within_the_query() -> None:
    cart = cart_of("cup")
    literal = f'{{__typename: "Checkout", id: "{checkout_id(cart)}"}}'
    query = f"{{ _entities(representations: [{literal}]) {{ ... on Checkout {{ id }} }} }}"
    assert ask(query) == {"_entities": [{"id": checkout_id(cart)}]}
    query = "{ _entities(representations: [5]) { __typename } }"
    assert post(query).status_code == 400


def test_no_more_than_so_many() -> None:
    one = {"__typename": "CheckoutLine", "id": Node.to_global_id("CheckoutLine", 1)}
    assert len(entities(*[one] * federation.LIMIT)) == federation.LIMIT
    query = "query ($of: [_Any!]!) { a: %s b: %s }".replace(
        "%s", "_entities(representations: $of) { __typename }"
    )
    answer = post(query, {"of": [one] * (federation.LIMIT // 2 + 1)}).json()
    assert answer["data"]["b"] is None
    assert "entity limit" in answer["errors"][0]["message"]


def test_a_query_for_each_type_however_many() -> None:
    carts = [cart_of(f"goods-{number}", "plate", quantity=1) for number in range(6)]
    query = """query ($of: [_Any!]!) { _entities(representations: $of) {
      ... on Reservation { id status }
      ... on Checkout { reservations { id frozenPrice { amount } variant { id } } }
      ... on CheckoutLine { reservation { id } } } }"""
    asked: list[dict[str, str]] = []
    for cart in carts:
        asked.append({"__typename": "Checkout", "id": checkout_id(cart)})
        for made in reserved(cart):
            asked.append({"__typename": "Reservation", "id": made["id"]})
            asked.append({"__typename": "CheckoutLine", "id": made["lineId"]})
    with CaptureQueriesContext(connection) as queries:
        found = ask(query, of=asked)["_entities"]
    assert len(queries) == 3
    assert all(found)
