"""What the address of the storefront's GraphQL takes for a request, and what it doesn't."""

import json
import logging
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from graphene import Node
from graphql.utils.introspection_query import introspection_query

from saleor_1c_plugin.reservations.graphql import limits

from .storefront import URL, ask, post

pytestmark = pytest.mark.django_db

TRIFLE = "{ __typename }"


def error_of(response: Any) -> tuple[int, str, str]:
    """Status, message and code of the one error."""
    assert response["Content-Type"] == "application/json"
    assert "data" not in response.json()
    [error] = response.json()["errors"]
    return response.status_code, error["message"], error["extensions"]["exception"]["code"]


def raw(body: bytes, content_type: str = "application/json") -> Any:
    return Client(enforce_csrf_checks=True).generic("POST", URL, body, content_type)


def test_a_query_is_answered() -> None:
    response = raw(json.dumps({"query": TRIFLE}).encode())
    assert response.status_code == 200
    assert response.json() == {"data": {"__typename": "Query"}}
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS"])
def test_only_post(method: str) -> None:
    response = Client().generic(method, URL)
    assert response.status_code == 405
    assert response["Allow"] == "OPTIONS, POST"
    assert error_of(response)[2] == "GraphQLError"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"5",
        b"\xff\xfe",
        b'{"query": 1e',
        b'{"query": ' + b"9" * 5000 + b"}",
        b"[" * 100_000,
        b'[{"query": "{ __typename }"}]',
        b"{}",
        b'{"query": null}',
        b'{"query": "  "}',
        b'{"query": {"a": 1}}',
        b'{"query": "{ __typename }", "variables": []}',
        b'{"query": "{ __typename }", "variables": "{}"}',
        b'{"query": "{ __typename }", "operationName": 5}',
    ],
    ids=lambda body: body[:30].decode("latin-1"),
)
def test_what_is_no_request(body: bytes) -> None:
    status, message, code = error_of(raw(body))
    assert status == 400
    assert message != "Internal Server Error"
    assert code == "GraphQLError"


def test_other_types_of_content() -> None:
    body = json.dumps({"query": TRIFLE}).encode()
    # Forms and plain text are what other sites' pages can send without asking.
    for content_type in ("text/plain", "application/x-www-form-urlencoded", ""):
        assert error_of(raw(body, content_type))[0] == 400


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "GraphQLSyntaxError"),
        ("{ reservation(id: \\x) }", "GraphQLSyntaxError"),
        ("\ud800", "GraphQLSyntaxError"),
        ("{ nothing }", "GraphQLError"),
        ("{ reservation { id } }", "GraphQLError"),
        ("{ reservations }", "GraphQLError"),
        ("{ ...Nothing }", "GraphQLError"),
        ("query A { __typename } query B { __typename }", "GraphQLError"),
        ("query ($id: ID!) { reservation(id: $id) { id } }", "GraphQLError"),
        ("fragment A on Query { __typename }", "GraphQLError"),
        ("type Query { a: Int }", "GraphQLError"),
    ],
)
def test_what_is_no_query(query: str, code: str) -> None:
    status, message, told = error_of(post(query))
    assert (status, told) == (400, code)
    assert message != "Internal Server Error"


def test_an_operation_that_is_not_there() -> None:
    assert error_of(post(TRIFLE, operationName="Other"))[0] == 400


def test_nobody_subscribes() -> None:
    answer = post("subscription { reservations { id } }").json()
    assert answer["data"] is None
    assert "subscriptions" in answer["errors"][0]["message"]


def test_one_of_several_operations() -> None:
    response = post("query A { __typename } mutation B { __typename }", operationName="B")
    assert response.json() == {"data": {"__typename": "Mutation"}}


def test_a_request_that_is_too_large() -> None:
    body = json.dumps({"query": TRIFLE, "variables": {"x": "x" * limits.BODY}}).encode()
    assert error_of(raw(body))[:2] == (413, "Request body exceeds maximum size.")
    assert error_of(post("#" * limits.TEXT + TRIFLE))[0] == 413


def nested(levels: int) -> str:
    """A query that goes so deep."""
    return "{ __schema { queryType " + "{ ofType " * levels + "{ name }" + " }" * levels + " } }"


def test_a_query_that_is_too_deep() -> None:
    assert post(nested(15)).status_code == 200
    for query in (nested(30), nested(1500), "{a" * 9000, "{a(b:" + "[" * 9000):
        status, message, code = error_of(post(query))
        assert (status, code) == (400, "QueryCostError")
        assert "nested" in message


def test_fragments_that_never_end() -> None:
    query = "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }"
    status, _, code = error_of(post(query))
    assert (status, code) == (400, "QueryCostError")


def test_fragments_that_multiply() -> None:
    parts = [f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(15)]
    query = "{ ...F0 } " + " ".join(parts) + " fragment F15 on Query { __typename }"
    status, message, code = error_of(post(query))
    assert (status, code) == (400, "QueryCostError")
    assert "cost" in message


def test_a_query_that_asks_for_too_much() -> None:
    field = "r%d: reservationAllowance(checkoutId: $id) { term }"
    variables = {"id": Node.to_global_id("Checkout", 1)}
    for count, status in ((10, 200), (40, 400)):
        query = "query ($id: ID!) {" + " ".join(field % number for number in range(count)) + "}"
        assert post(query, variables).status_code == status
    assert error_of(post("{ " + "__typename " * 1000 + "}"))[2] == "QueryCostError"


def test_tools_may_ask_for_the_schema() -> None:
    names = {kind["name"] for kind in ask(introspection_query)["__schema"]["types"]}
    assert {"Reservation", "ReservationErrorCode", "Money"} <= names


def test_introspection_does_not_multiply() -> None:
    query = "name"
    for _ in range(4):
        query = f"fields {{ type {{ {query} }} }}"
    assert error_of(post(f"{{ __schema {{ types {{ {query} }} }} }}"))[2] == "QueryCostError"


def test_what_goes_wrong_inside_stays_inside(caplog: pytest.LogCaptureFixture) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE onec_reservations_hold RENAME TO onec_secret")
    identifier = Node.to_global_id("Reservation", "0" * 32)
    with caplog.at_level(logging.ERROR):
        response = post("query ($id: ID!) { reservation(id: $id) { id } }", {"id": identifier})
    assert response.status_code == 200
    [error] = response.json()["errors"]
    assert response.json()["data"] == {"reservation": None}
    assert error["message"] == "Internal Server Error"
    assert error["extensions"] == {"exception": {"code": "InternalServerError"}}
    assert "onec_reservations_hold" not in response.content.decode()
    # Whoever runs the shop learns it.
    told = [record for record in caplog.records if record.name.startswith("saleor_1c_plugin")]
    assert "onec_reservations_hold" in str(told[0].exc_info)
