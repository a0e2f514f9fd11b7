"""The journal page by page over HTTP, and the schema that it keeps."""

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.db.models import F
from django.test import Client
from django.utils import timezone
from jsonschema import Draft202012Validator

from saleor_1c_plugin.history import facts, journal, schema, wire
from saleor_1c_plugin.history.event import Customer, Event, Kind
from saleor_1c_plugin.history.models import Record
from saleor_1c_plugin.outbox import messages
from saleor_1c_plugin.outbox.models import Circuit, Message
from saleor_1c_plugin.reservations import holds
from saleor_1c_plugin.sandbox.valkey import free_port
from saleor_1c_plugin.store.orders import Payment, PaymentKind, Shipment, ShipmentLine
from tests.exchange.test_reservations import cart
from tests.orders.samples import CREATED, ORDER
from tests.receipts import sales
from tests.serving import served

from .conftest import configure
from .published import strict

TOKEN = "letters-of-the-token"
SAMPLES = Path(__file__).parents[2] / "sample_config/events"


@pytest.fixture
def open_feed(kept: Any) -> Any:
    configure(kept, history={"feed_token": TOKEN})
    return kept


def write(count: int, kind: Kind = Kind.ORDER_PLACED, *, name: str = "o") -> None:
    who = Customer(email="anna@shop.example")
    with transaction.atomic():
        journal.record(
            [
                Event(f"{name}{n}:{kind.value}", kind, timezone.now(), who, "main", f"{name}{n}")
                for n in range(count)
            ]
        )
    journal.number()


def ask(token: str | None = TOKEN, **query: object) -> tuple[int, dict[str, Any]]:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    response = Client(headers=headers).get("/events/feed", query)
    assert response["Content-Type"] == "application/json"
    assert response["Cache-Control"] == "no-store"
    return response.status_code, response.json()


def read_all(**query: object) -> list[int]:
    """All numbers, page by page, as a system reads them."""
    numbers: list[int] = []
    while True:
        status, page = ask(**query)
        assert status == 200
        numbers += [event["number"] for event in page["events"]]
        if page["next"] == page["last"]:
            return numbers
        assert page["events"]
        query["after"] = page["next"]


@pytest.mark.parametrize("limit", [1, 3, 7, 8, 1000])
def test_page_by_page_nothing_is_missed_and_nothing_comes_twice(open_feed: Any, limit: int) -> None:
    write(7)
    assert read_all(limit=limit) == list(
        Record.objects.order_by("number").values_list("number", flat=True)
    )


def test_whoever_has_read_to_the_end_asks_again_from_there(open_feed: Any) -> None:
    status, page = ask()
    assert (status, page) == (200, {"events": [], "next": 0, "last": 0})
    write(2)
    _, page = ask(after=page["next"])
    assert len(page["events"]) == 2
    assert ask(after=page["next"]) == (200, {"events": [], "next": 2, "last": 2})
    write(1, Kind.ORDER_PAID)
    _, page = ask(after=page["next"])
    assert [event["kind"] for event in page["events"]] == ["order.paid"]


def test_kinds_are_chosen_and_the_others_are_passed_over(open_feed: Any) -> None:
    write(3)
    write(2, Kind.ORDER_PAID)
    write(4, Kind.ORDER_STATUS)
    assert read_all(kinds="order.paid", limit=1) == [4, 5]
    assert read_all(kinds="order.paid, order.placed", limit=2) == [1, 2, 3, 4, 5]
    # To the end: what nobody asked for is not looked through again.
    assert ask(kinds="order.paid")[1]["next"] == 9
    assert ask(kinds="cart.left") == (200, {"events": [], "next": 9, "last": 9})


def test_what_was_pruned_is_told(open_feed: Any) -> None:
    write(3)
    write(3, Kind.ORDER_PAID)
    Record.objects.filter(number__lte=4).update(recorded=F("recorded") - timedelta(days=9))
    assert journal.prune(8) == 4
    assert ask(after=4)[0] == 200
    for after in (0, 3):
        status, answer = ask(after=after)
        assert status == 410
        assert (answer["first"], answer["last"]) == (5, 6)
    assert read_all(limit=1) == [5, 6]


def test_what_is_kept_has_no_gaps(open_feed: Any) -> None:
    write(4)
    # Written down long ago in a transaction that ended late.
    Record.objects.filter(number=3).update(recorded=F("recorded") - timedelta(days=9))
    assert journal.prune(8) == 0
    Record.objects.update(recorded=F("recorded") - timedelta(days=9))
    assert journal.prune(8) == 3
    assert ask(after=3)[1]["last"] == 4


def test_a_shop_that_was_brought_back_from_a_copy_says_so(open_feed: Any) -> None:
    write(3)
    status, answer = ask(after=7)
    assert (status, answer["last"]) == (410, 3)


@pytest.mark.parametrize("token", [None, "", "x", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), "токен"])
def test_nobody_else_reads_it(open_feed: Any, token: str | None) -> None:
    write(1)
    given = token.encode().decode("latin-1") if token else token
    status, answer = ask(given)
    assert (status, list(answer)) == (401, ["error"])
    basic = Client(headers={"Authorization": f"Basic {TOKEN}"}).get("/events/feed")
    assert basic.status_code == 401
    assert basic["WWW-Authenticate"].startswith("Bearer ")
    assert Client().get("/events/feed", {"token": TOKEN}).status_code == 401


def test_without_a_token_there_is_no_feed(kept: Any) -> None:
    assert ask("")[0] == 404
    configure(kept, history=None)
    assert ask("")[0] == 404


@pytest.mark.parametrize(
    "query",
    [
        {"after": "-1"},
        {"after": "x"},
        {"after": "1" * 40},
        {"after": "１"},
        {"limit": "0"},
        {"limit": "1001"},
        {"limit": "1e2"},
        {"kinds": "order.placed,nonsense"},
        {"kinds": "\0"},
    ],
)
def test_nonsense_is_answered_with_what_is_wrong(open_feed: Any, query: Mapping[str, str]) -> None:
    status, answer = ask(**query)
    assert status == 400
    (name,) = query
    assert name in answer["error"] or name == "kinds"


def test_it_can_only_be_read(open_feed: Any) -> None:
    client = Client(headers={"Authorization": f"Bearer {TOKEN}"}, enforce_csrf_checks=True)
    response = client.post("/events/feed")
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD")


def way(kept: Any) -> None:
    """An order's, with a reservation before it, and a return after it."""
    reservations = {"mode": "on_request", "guest_minutes": "15", "longest_minutes": "60"}
    configure(kept, reservations=reservations)
    held = cart(2)
    holds.create(held)
    holds.cancel(held)
    order = sales.order(2)
    sales.pay(order, "200.00")
    sales.ship(order, 1)
    sales.ship(order)
    sales.give_back(order, "100.00")
    journal.read_on()


def test_every_event_is_as_the_schema_says(open_feed: Any) -> None:
    response = Client().get("/events/schema")
    assert response["Content-Type"] == "application/schema+json"
    told = response.json()
    Draft202012Validator.check_schema(told)
    way(open_feed)
    _, page = ask(limit=1000)
    validator = Draft202012Validator(
        strict(told), format_checker=Draft202012Validator.FORMAT_CHECKER
    )
    seen = set()
    for event in page["events"]:
        validator.validate(event)
        seen.add(event["kind"])
    assert seen >= {
        *("reservation.made", "reservation.ended", "order.placed", "order.status", "order.paid"),
        *("payment.charged", "payment.refunded", "receipt.registered", "shipment.sent"),
    }
    page_only = {"$ref": "urn:saleor-1c-plugin:event#/$defs/page", "$defs": {"event": told}}
    Draft202012Validator(page_only).validate(page)
    assert not Draft202012Validator(page_only).is_valid({**page, "events": [{}]})


def test_an_event_that_is_not_as_the_schema_says_is_found(open_feed: Any) -> None:
    sales.order(1)
    journal.read_on()
    placed = ask()[1]["events"][0]
    validator = Draft202012Validator(schema.published())
    assert validator.is_valid(placed)
    assert not validator.is_valid({**placed, "data": {**placed["data"], "total": 100.0}})
    assert not validator.is_valid({**placed, "kind": "order.lost"})
    assert not validator.is_valid({**placed, "number": 0})
    # It grows: readers pass over what they do not know.
    assert validator.is_valid({**placed, "more": 1, "data": {**placed["data"], "more": 1}})


def test_all_kinds_have_their_data_described() -> None:
    assert {kind.value for kind in Kind} <= set(schema.published()["$defs"])


def test_shipments_and_payments_of_all_kinds_are_as_the_schema_says() -> None:
    payments = tuple(
        Payment(f"p{n}", kind, Decimal("12.50"), CREATED) for n, kind in enumerate(PaymentKind)
    )
    sent = Shipment("s1", "", CREATED, (ShipmentLine("line-1", 1),), tracking="RA1")
    shipments = (
        sent,
        replace(sent, id="s2", cancelled=True),
        replace(sent, id="s3", returned=True),
    )
    order = replace(ORDER, payments=payments, shipments=shipments, paid=Decimal(1800))
    validator = Draft202012Validator(strict(schema.published()))
    found = facts.of_order(order, CREATED)
    for number, event in enumerate(found, 1):
        validator.validate(json.loads(json.dumps(wire.as_json(number, event))))
    kinds = {event.kind for event in found}
    assert kinds >= {kind for kind in Kind if kind.value.startswith(("payment.", "shipment."))}


def test_the_sample_reader_reads_on_from_where_it_was(open_feed: Any, tmp_path: Path) -> None:
    reached = tmp_path / "reached.txt"

    def run(address: str) -> list[str]:
        done = subprocess.run(
            [sys.executable, SAMPLES / "read_events.py", reached],
            env={"ONEC_FEED": f"{address}/events/feed", "ONEC_TOKEN": TOKEN},
            capture_output=True,
            check=True,
            text=True,
        )
        return done.stdout.splitlines()

    with served() as address:
        write(150)
        assert len(run(address)) == 150
        assert run(address) == []
        order = sales.order(2)
        journal.read_on()
        assert run(address)[0] == f"151 order.placed {order.pk} 200.00"


def test_the_sample_receiver_takes_what_is_ours_and_nothing_else(kept: Any) -> None:
    secret, port = "letters-of-a-secret", free_port()
    address = f"http://127.0.0.1:{port}/"
    receiver = subprocess.Popen(
        [sys.executable, SAMPLES / "receive_events.py", str(port)],
        env={"ONEC_SECRET": secret},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    lines: list[str] = []
    try:
        _wait_for(port)
        configure(kept, history={"webhooks": address, "secret": "another-letters-of-it"})
        journal.read_on()
        order = sales.order(1)
        configure(kept, history={"webhooks": address, "secret": secret})
        waiting = Message.objects.filter(state="pending")
        assert [row.reason for row in waiting if row.reason] == ["HTTP 403"]
        deadline = time.monotonic() + 120
        while waiting.all().exists():
            assert time.monotonic() < deadline, list(waiting.all().values("key", "reason"))
            # Nor is the receiver left alone any more.
            Circuit.objects.all().delete()
            messages.send_again(waiting)
            time.sleep(0.05)
        reading = threading.Thread(target=lambda: lines.extend(receiver.stdout or ()), daemon=True)
        reading.start()
    finally:
        receiver.terminate()
        receiver.wait(10)
    reading.join(10)
    assert lines == [
        f"order.placed {order.pk} anna@shop.example\n",
        f"order.status {order.pk} anna@shop.example\n",
    ]


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 120
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert time.monotonic() < deadline
        time.sleep(0.05)
