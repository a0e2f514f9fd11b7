"""The merchant's service hears of each hold: signed, once, in order."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from saleor_1c_plugin.outbox.http import signature
from saleor_1c_plugin.outbox.models import Message
from saleor_1c_plugin.reservations import holds
from saleor_1c_plugin.reservations.events import TOPIC

from .support import Shop, cart_id

SECRET = "s3cret"


class Service(HTTPServer):
    """Takes whatever comes."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        #: Of each request its body and its signature.
        self.requests: list[tuple[bytes, str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"

    @property
    def heard(self) -> list[tuple[Any, Any]]:
        bodies = [json.loads(body) for body, _signature in self.requests]
        return [(body["event"], body["reason"]) for body in bodies]


class Handler(BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append((body, self.headers["X-Signature"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None: ...


@pytest.fixture
def service(shop: Shop) -> Iterator[Service]:
    server = Service()
    thread = threading.Thread(target=server.serve_forever, args=[0.01], daemon=True)
    thread.start()
    shop.set(notify_url=server.url, notify_secret=SECRET)
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_from_the_beginning_to_the_end(shop: Shop, service: Service) -> None:
    line = shop.line(3, customer="anna@example.com")
    [hold] = holds.create(cart_id(line))
    shop.pass_time(minutes=20)
    holds.sweep()
    assert service.heard == [("created", None)]
    shop.pass_time(minutes=5)
    # Once, however often the sweep comes.
    holds.sweep()
    holds.sweep()
    assert service.heard == [("created", None), ("ending", None)]
    # Of the new end again.
    holds.extend(cart_id(line))
    shop.pass_time(minutes=26)
    holds.sweep()
    assert service.heard[2:] == [("ending", None)]
    shop.pass_time(minutes=5)
    holds.sweep()
    holds.sweep()
    assert service.heard[3:] == [("ended", "expired")]
    body, signed = service.requests[0]
    moment = signed.partition(",")[0].removeprefix("t=")
    assert signed.endswith(signature(body, SECRET, int(moment)))
    assert json.loads(body) == {
        "event": "created",
        "reservation": str(hold.pk),
        "checkout": cart_id(line),
        "line": str(line.pk),
        "variant": str(line.variant_id),
        "channel": "default-channel",
        "buyer": str(line.cart.customer_id),
        "quantity": 3,
        "price": "100.00",
        "currency": "RUB",
        "expiresAt": hold.ends.isoformat(timespec="seconds"),
        "reason": None,
        "order": None,
    }


def test_why_it_ended(shop: Shop, service: Service) -> None:
    bought, cancelled, fallen = shop.line(3), shop.line(1), shop.line(2)
    for line in (bought, cancelled, fallen):
        holds.create(cart_id(line))
    shop.buy(bought.cart)
    holds.cancel(cart_id(cancelled))
    shop.on_hand(fallen.variant, 0)
    assert service.heard[3:] == [
        ("ended", "bought"),
        ("ended", "cancelled"),
        ("ended", "stock_fell"),
    ]


def test_a_short_term_needs_no_reminder(shop: Shop, service: Service) -> None:
    shop.set(notify_url=service.url, notify_secret=SECRET, guest_minutes="4", longest_minutes="4")
    holds.create(cart_id(shop.line()))
    shop.pass_time(minutes=3)
    holds.sweep()
    assert service.heard == [("created", None)]


def test_nobody_wants_to_know(shop: Shop) -> None:
    line = shop.line()
    holds.create(cart_id(line))
    shop.pass_time(minutes=11)
    holds.sweep()
    shop.buy(line.cart)
    assert not Message.objects.filter(topic=TOPIC).exists()
