"""QIWI's stand-in: what tests of payments lean on has to be right itself."""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import requests

from saleor_1c_plugin.sandbox.standins.faults import Fault

from .standins import buyers
from .standins.qiwi import Qiwi

KEY = "qiwi-secret-key"
BACK = "http://shop.example/back?order=7"
_SECONDS = 30


@pytest.fixture
def qiwi() -> Iterator[Qiwi]:
    with Qiwi() as server:
        yield server


class Client:
    """A shop's."""

    def __init__(self, qiwi: Qiwi, key: str = KEY) -> None:
        self._url = qiwi.url
        self._headers = {"Authorization": f"Bearer {key}", "Accept": "application/json"}

    def call(self, method: str, path: str, body: object = None) -> requests.Response:
        return requests.request(
            method, self._url + path, json=body, headers=self._headers, timeout=_SECONDS
        )

    def create(self, bill: str = "b1", **fields: Any) -> requests.Response:
        until = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
        amount = {"value": "100.50", "currency": "RUB"}
        body = {"amount": amount, "comment": "Заказ", "expirationDateTime": until, **fields}
        return self.call("PUT", f"/bills/{bill}", body)

    def refund(self, refund: str, value: str) -> requests.Response:
        body = {"amount": {"value": value, "currency": "RUB"}}
        return self.call("PUT", f"/bills/b1/refunds/{refund}", body)


@pytest.fixture
def client(qiwi: Qiwi) -> Client:
    return Client(qiwi)


def refused(answer: requests.Response, status: int = 400) -> str:
    """By which code; errors are as documented."""
    assert answer.status_code == status, answer.text
    said = answer.json()
    assert said.keys() == {
        *("serviceName", "errorCode", "description", "userMessage", "datetime", "traceId")
    }
    return str(said["errorCode"])


def test_a_bill_and_its_refunds(qiwi: Qiwi, client: Client) -> None:
    bill = client.create().json()
    assert (bill["billId"], bill["siteId"], bill["amount"]) == (
        *("b1", "23044"),
        {"value": 100.5, "currency": "RUB"},
    )
    assert bill["status"]["value"] == "WAITING"
    url = f"{bill['payUrl']}&successUrl=http%3A%2F%2Fshop.example%2Fback%3Forder%3D7&paySource=qw"
    assert buyers.pay(url) == BACK
    assert client.call("GET", "/bills/b1").json()["status"]["value"] == "PAID"
    assert client.refund("r1", "100").json()["status"] == "PARTIAL"
    assert refused(client.refund("r2", "0.51")) == "refund.incorrect.amount"
    last = client.refund("r2", "0.50").json()
    assert last["status"] == "FULL"
    assert client.call("GET", "/bills/b1/refunds/r2").json() == last
    assert refused(client.call("GET", "/bills/b1/refunds/r3"), 404)
    assert refused(client.call("POST", "/bills/b1/reject", {}))
    assert qiwi.book.balance() == 0


def test_who_pays_by_card_stays_on_the_page(client: Client) -> None:
    url = f"{client.create().json()['payUrl']}&successUrl=http%3A%2F%2Fshop.example&paySource=card"
    assert buyers.pay(url) == ""


def test_what_was_made_is_made_once(qiwi: Qiwi, client: Client) -> None:
    first = client.create().json()
    assert client.create().json() == first
    qiwi.pay("b1")
    assert client.refund("r1", "1").json() == client.refund("r1", "1").json()
    qiwi.repeats = False
    assert refused(client.create()) == "api.invoice.exists"
    assert refused(client.refund("r1", "1")) == "api.refund.exists"
    assert str(qiwi.book.balance()) == "99.50"


def test_a_bill_is_withdrawn_or_expires(qiwi: Qiwi, client: Client) -> None:
    client.create()
    assert client.call("POST", "/bills/b1/reject", {}).json()["status"]["value"] == "REJECTED"
    client.create("b2")
    qiwi.later(timedelta(hours=2))
    assert client.call("GET", "/bills/b2").json()["status"]["value"] == "EXPIRED"


@pytest.mark.parametrize(
    "fields",
    [
        {"amount": {"value": "1.005", "currency": "RUB"}},
        {"amount": {"value": "0.00", "currency": "RUB"}},
        {"amount": {"value": "1000000", "currency": "RUB"}},
        {"amount": {"value": True, "currency": "RUB"}},
        {"amount": {"value": "1", "currency": "USD"}},
        {"amount": "1"},
        {"comment": "x" * 256},
        {"expirationDateTime": "2018-04-13T14:30:00+03:00"},
        {"expirationDateTime": "2999-04-13T14:30:00"},
        {"expirationDateTime": None},
        {"metadata": {}},
    ],
)
def test_what_is_not_as_documented_is_refused(client: Client, fields: dict[str, Any]) -> None:
    assert refused(client.create(**fields)) == "validation.error"


def test_who_is_not_known(qiwi: Qiwi, client: Client) -> None:
    client.create()
    assert refused(Client(qiwi, "wrong").call("GET", "/bills/b1"), 401) == "auth.unauthorized"
    qiwi.sites["999"] = "other"
    assert refused(Client(qiwi, "other").call("GET", "/bills/b1"), 404)


def test_notifications_come_until_they_are_understood(qiwi: Qiwi, client: Client) -> None:
    answers = [(500, b""), (200, b'{"error":"5"}'), (200, b'{"error":"0"}')]
    told: list[tuple[str | None, bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.append((self.headers["X-Api-Signature-SHA256"], body))
            status, answer = answers.pop(0)
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            """What comes is kept."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=[0.02])
    thread.start()
    qiwi.notifier.url = f"http://127.0.0.1:{server.server_port}/"
    client.create()
    qiwi.pay("b1")
    qiwi.notifier.wait()
    server.shutdown()
    thread.join()
    server.server_close()
    assert [one.status for one in qiwi.notifier.deliveries] == [500, 200, 200]
    (signature,) = {signature for signature, _ in told}
    fields = "RUB|100.50|b1|23044|PAID"
    assert signature == hmac.new(KEY.encode(), fields.encode(), hashlib.sha256).hexdigest()
    said = json.loads(told[-1][1])
    assert (said["version"], said["bill"]["status"]["value"]) == ("1", "PAID")
    assert said["bill"]["amount"] == {"value": "100.50", "currency": "RUB"}


def test_answers_are_lost(qiwi: Qiwi, client: Client) -> None:
    qiwi.faults.script.extend([Fault.LOST, Fault.DOWN])
    assert client.create().status_code >= 500
    assert client.create("b2").status_code >= 500
    assert list(qiwi.bills) == ["b1"]
