"""YooKassa's stand-in: what tests of payments lean on has to be right itself."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

import pytest
import requests
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions

from saleor_1c_plugin.sandbox.standins.faults import Fault, Faults

from ..browsing import follow, waiting
from ..commerceml.shared import DATA
from .standins import buyers
from .standins.base import StandIn
from .standins.contract import Elsewhere
from .standins.yookassa import EVENTS, FILE, PREFIX, YooKassa
from .standins.yookassa_objects import METHODS

SHOP = ("100500", "test_secret-key")
RETURN = "http://shop.example/back?order=7"
_SECONDS = 30


class Client:
    """A shop's, which asks with a new key each time, unless it is given one."""

    def __init__(self, url: str, auth: tuple[str, str] | None = SHOP) -> None:
        self._url = url
        self._auth = auth

    def get(self, path: str, **query: Any) -> requests.Response:
        return requests.get(self._url + path, params=query, auth=self._auth, timeout=_SECONDS)

    def post(self, path: str, body: Any, key: str | None = "new") -> requests.Response:
        headers = {} if key is None else {"Idempotence-Key": str(uuid4()) if key == "new" else key}
        return requests.post(
            self._url + path, json=body, headers=headers, auth=self._auth, timeout=_SECONDS
        )

    def create(self, amount: str = "100.00", key: str = "new", **fields: Any) -> dict[str, Any]:
        answer = self.post("/payments", order(amount, **fields), key)
        assert answer.status_code == 200, answer.text
        return answer.json()  # type: ignore[no-any-return]

    def refund(self, payment: str, amount: str, key: str = "new") -> requests.Response:
        return self.post("/refunds", {"payment_id": payment, "amount": rubles(amount)}, key)

    def capture(self, payment: str, amount: str = "") -> requests.Response:
        body = {"amount": rubles(amount)} if amount else {}
        return self.post(f"/payments/{payment}/capture", body)


class Shop:
    """Where notifications go: takes those that it is not told to refuse."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        self.statuses: list[int] = []
        self.page = ""
        shop = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = shop.statuses.pop(0) if shop.statuses else 200
                if status == 200:
                    shop.told.append(json.loads(body))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def do_GET(self) -> None:
                """The page that a buyer is on, or comes back to."""
                body = shop.page.encode() if self.path == "/cart" else b"<h1>Thanks</h1>"
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Not needed."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=[0.02])
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def events(self) -> list[str]:
        assert {one["type"] for one in self.told} <= {"notification"}
        return [one["event"] for one in self.told]


def rubles(amount: str) -> dict[str, str]:
    return {"value": amount, "currency": "RUB"}


def order(amount: str = "100.00", **fields: Any) -> dict[str, Any]:
    return {
        "amount": rubles(amount),
        "capture": True,
        "confirmation": {"type": "redirect", "return_url": RETURN},
        "description": "Заказ № 7",
        "metadata": {"attempt": "a-1"},
        **fields,
    }


@pytest.fixture
def yookassa() -> Iterator[YooKassa]:
    with YooKassa() as server:
        yield server


@pytest.fixture
def held(yookassa: YooKassa) -> YooKassa:
    """Where the contract is looked at."""
    if yookassa.contract is None:
        pytest.skip("YooKassa's OpenAPI description is not here (set ONEC_SHARED_DATA)")
    return yookassa


@pytest.fixture
def client(yookassa: YooKassa) -> Client:
    return Client(yookassa.url)


@pytest.fixture
def shop(yookassa: YooKassa) -> Iterator[Shop]:
    made = Shop()
    yookassa.notifier.url = made.url
    yield made
    yookassa.notifier.stop()
    made.stop()


def taken(server: StandIn) -> list[tuple[str, str]]:
    """Violations, which are expected here."""
    found = [(one.side, one.where) for one in server.violations]
    server.violations.clear()
    return found


def assert_refused(answer: requests.Response, parameter: str, status: int = 400) -> None:
    assert answer.status_code == status, answer.text
    said = answer.json()
    assert (said["type"], said.get("parameter", "")) == ("error", parameter), said


# The way of a payment.


def test_a_payment_in_one_stage(yookassa: YooKassa, client: Client, shop: Shop) -> None:
    payment = client.create("1234.50")
    assert (payment["status"], payment["paid"], payment["test"]) == ("pending", False, True)
    assert payment["metadata"] == {"attempt": "a-1"}

    assert buyers.pay(payment["confirmation"]["confirmation_url"]) == RETURN
    yookassa.notifier.wait()
    now = client.get(f"/payments/{payment['id']}").json()
    assert (now["status"], now["paid"], now["refundable"]) == ("succeeded", True, True)
    assert now["income_amount"] == rubles("1199.93")
    assert "confirmation" not in now
    assert shop.told == [{"type": "notification", "event": "payment.succeeded", "object": now}]
    assert yookassa.book.charged(payment["id"]) == Decimal("1234.50")
    assert yookassa.book.held() == 0

    # Whoever opens the page again is sent back, and pays nothing.
    again = requests.get(
        payment["confirmation"]["confirmation_url"], timeout=_SECONDS, allow_redirects=False
    )
    assert (again.status_code, again.headers["Location"]) == (303, RETURN)
    assert yookassa.book.charged() == Decimal("1234.50")


def test_a_declined_payment(yookassa: YooKassa, client: Client, shop: Shop) -> None:
    payment = client.create()
    assert buyers.decline(payment["confirmation"]["confirmation_url"]) == RETURN
    yookassa.notifier.wait()
    now = client.get(f"/payments/{payment['id']}").json()
    assert now["status"] == "canceled"
    assert now["cancellation_details"] == {
        "party": "payment_network",
        "reason": "insufficient_funds",
    }
    assert shop.events() == ["payment.canceled"]
    assert yookassa.book.entries == []


def test_less_is_captured_than_was_held(yookassa: YooKassa, client: Client, shop: Shop) -> None:
    payment = client.create("100.00", capture=False)["id"]
    assert_refused(client.capture(payment), "payment_id")
    yookassa.pay(payment)
    assert client.get(f"/payments/{payment}").json()["status"] == "waiting_for_capture"
    assert yookassa.book.held(payment) == 100
    assert_refused(client.capture(payment, "100.01"), "amount")

    answer = client.capture(payment, "60.40").json()
    assert (answer["status"], answer["amount"]) == ("succeeded", rubles("60.40"))
    assert_refused(client.capture(payment), "payment_id")
    assert yookassa.book.charged() == Decimal("60.40")
    assert yookassa.book.held() == 0
    yookassa.notifier.wait()
    assert shop.events() == ["payment.waiting_for_capture", "payment.succeeded"]


def test_what_is_held_is_let_go(yookassa: YooKassa, client: Client, shop: Shop) -> None:
    payment = client.create(capture=False)["id"]
    cancel = f"/payments/{payment}/cancel"
    assert_refused(client.post(cancel, {}), "payment_id")
    yookassa.pay(payment)
    answer = client.post(cancel, {}).json()
    assert answer["status"] == "canceled"
    assert answer["cancellation_details"]["reason"] == "canceled_by_merchant"
    assert (yookassa.book.held(), yookassa.book.charged()) == (0, 0)
    yookassa.notifier.wait()
    assert shop.events() == ["payment.waiting_for_capture", "payment.canceled"]


def test_time_runs_out(yookassa: YooKassa, client: Client, shop: Shop) -> None:
    unpaid, held = client.create()["id"], client.create(capture=False)["id"]
    yookassa.pay(held)
    expires = client.get(f"/payments/{held}").json()["expires_at"]
    yookassa.later(timedelta(hours=1))
    yookassa.later(timedelta(days=7))
    assert expires < yookassa.now().isoformat()
    reasons = [
        client.get(f"/payments/{one}").json()["cancellation_details"] for one in (unpaid, held)
    ]
    assert reasons == [
        {"party": "yoo_money", "reason": "expired_on_confirmation"},
        {"party": "yoo_money", "reason": "expired_on_capture"},
    ]
    assert yookassa.book.held() == 0
    assert_refused(client.capture(held), "payment_id")


def test_refunds_never_exceed_the_payment(yookassa: YooKassa, client: Client, shop: Shop) -> None:
    payment = client.create("100.00")["id"]
    assert_refused(client.refund(payment, "1.00"), "payment_id")
    yookassa.pay(payment)
    assert client.refund(payment, "30.10").json()["status"] == "succeeded"
    assert_refused(client.refund(payment, "69.91"), "amount")
    last = client.refund(payment, "69.90").json()
    assert client.get(f"/refunds/{last['id']}").json() == last

    now = client.get(f"/payments/{payment}").json()
    assert (now["status"], now["refundable"]) == ("succeeded", False)
    assert now["refunded_amount"] == rubles("100.00")
    assert yookassa.book.balances() == {payment: 0}
    yookassa.notifier.wait()
    assert shop.events() == ["payment.succeeded", "refund.succeeded", "refund.succeeded"]


def test_refunds_under_way_count_until_they_fail(client: Client, yookassa: YooKassa) -> None:
    yookassa.refunds_wait = True
    payment = client.create("100.00")["id"]
    yookassa.pay(payment)
    first = client.refund(payment, "80.00").json()
    assert first["status"] == "pending"
    assert_refused(client.refund(payment, "20.01"), "amount")
    assert yookassa.book.balance(payment) == 100

    yookassa.fail_refund(first["id"])
    failed = client.get(f"/refunds/{first['id']}").json()
    assert failed["cancellation_details"]["reason"] == "insufficient_funds"
    second = client.refund(payment, "100.00").json()
    yookassa.settle_refund(second["id"])
    assert yookassa.book.balance(payment) == 0


@pytest.mark.parametrize("method", METHODS)
def test_every_method_is_told_of_as_described(
    yookassa: YooKassa, client: Client, method: str
) -> None:
    payment = client.create(payment_method_data={"type": method})["id"]
    yookassa.pay(payment)
    now = client.get(f"/payments/{payment}").json()
    assert (now["status"], now["payment_method"]["type"]) == ("succeeded", method)
    assert client.refund(payment, "1.00").status_code == 200


def test_the_widget_sends_the_buyer_where_the_shop_says(yookassa: YooKassa, client: Client) -> None:
    payment = client.create(confirmation={"type": "embedded"})
    token = payment["confirmation"]["confirmation_token"]
    frame = f"{yookassa.address}/widget/{token}"
    back = "http://shop.example/?a=1&b=2"
    url = requests.Request("GET", frame, params={"return_url": back}).prepare().url
    assert buyers.pay(str(url)) == back
    assert yookassa.book.charged(payment["id"]) == 100
    script = requests.get(f"{yookassa.address}/checkout-widget/v1/checkout-widget.js", timeout=9)
    assert f"{yookassa.address}/widget/" in script.text


def test_a_browser_pays_on_the_page(
    yookassa: YooKassa, client: Client, shop: Shop, browser: Chrome
) -> None:
    back = f"{shop.url}thanks?order=7"
    payment = client.create(confirmation={"type": "redirect", "return_url": back})
    browser.get(payment["confirmation"]["confirmation_url"])
    follow(browser, browser.find_element(By.CSS_SELECTOR, "button[value=pay]"))
    assert browser.current_url == back
    assert yookassa.book.charged(payment["id"]) == 100


@pytest.mark.parametrize("decision", ["pay", "decline"])
@pytest.mark.parametrize("goes_back", [True, False])
def test_a_browser_pays_in_the_widget(
    yookassa: YooKassa,
    client: Client,
    shop: Shop,
    browser: Chrome,
    decision: str,
    goes_back: bool,
) -> None:
    payment = client.create(confirmation={"type": "embedded"})
    options = {
        "confirmation_token": payment["confirmation"]["confirmation_token"],
        **({"return_url": f"{shop.url}thanks?a=1&b=2"} if goes_back else {}),
    }
    shop.page = f"""<div id="form"></div><p id="said"></p>
        <script src="{yookassa.address}/checkout-widget/v1/checkout-widget.js"></script>
        <script>
          const widget = new YooMoneyCheckoutWidget({json.dumps(options)});
          for (const name of ["success", "fail"])
            widget.on(name, () => document.getElementById("said").append(name));
          widget.render("form");
        </script>"""
    browser.get(f"{shop.url}cart")
    wait = waiting(browser)
    frame = (By.CSS_SELECTOR, "#form iframe")
    wait.until(expected_conditions.frame_to_be_available_and_switch_to_it(frame))
    button = (By.CSS_SELECTOR, f"button[value={decision}]")
    wait.until(lambda _: browser.find_elements(*button))[0].click()
    browser.switch_to.default_content()
    if goes_back:
        wait.until(lambda _: browser.current_url == options["return_url"])
    else:
        said = {"pay": "success", "decline": "fail"}[decision]
        wait.until(lambda _: browser.find_element(By.ID, "said").text == said)
    assert yookassa.book.charged(payment["id"]) == (100 if decision == "pay" else 0)


# Who asks, and how.


def test_keys_are_honoured(yookassa: YooKassa, client: Client) -> None:
    first = client.create("10.00", key="k-1")
    yookassa.pay(first["id"])
    assert client.create("10.00", key="k-1") == first
    assert len(yookassa.payments) == 1
    assert_refused(client.post("/payments", order("11.00"), "k-1"), "Idempotence-Key")
    assert_refused(client.refund(first["id"], "10.00", "k-1"), "Idempotence-Key")

    refund = client.refund(first["id"], "4.00", "k-2").json()
    assert client.refund(first["id"], "4.00", "k-2").json() == refund
    assert yookassa.book.refunded() == 4

    # After a day it is another call.
    yookassa.later(timedelta(hours=24))
    assert client.create("10.00", key="k-1")["id"] != first["id"]


def test_a_key_is_one_payment_however_many_ask_at_once(yookassa: YooKassa, client: Client) -> None:
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: client.create(key="k-1")["id"], range(8)))
    assert set(found) == set(yookassa.payments)
    assert len(yookassa.payments) == 1


def test_what_was_refused_leaves_its_key_free(yookassa: YooKassa, client: Client) -> None:
    payment = client.create()["id"]
    assert_refused(client.refund(payment, "10.00", "k-1"), "payment_id")
    yookassa.pay(payment)
    assert client.refund(payment, "10.00", "k-1").status_code == 200


def test_shops_do_not_see_each_other(yookassa: YooKassa, client: Client) -> None:
    yookassa.shops["200600"] = "live_other"
    other = Client(yookassa.url, ("200600", "live_other"))
    payment = client.create(key="same")["id"]
    theirs = other.create(key="same")
    assert theirs["id"] != payment
    assert theirs["test"] is False
    yookassa.pay(payment)
    assert_refused(other.get(f"/payments/{payment}"), "payment_id", 404)
    assert_refused(other.refund(payment, "1.00"), "payment_id")
    assert [one["id"] for one in other.get("/payments").json()["items"]] == [theirs["id"]]
    assert client.get("/me").json()["account_id"] == "100500"


@pytest.mark.parametrize("auth", [("100500", "wrong"), ("999", "test_secret-key")])
def test_a_wrong_key_opens_nothing(yookassa: YooKassa, auth: tuple[str, str]) -> None:
    stranger = Client(yookassa.url, auth)
    assert_refused(stranger.get("/me"), "Authorization", 401)
    assert_refused(stranger.post("/payments", order()), "Authorization", 401)
    assert yookassa.payments == {}


@pytest.mark.parametrize(
    ("body", "parameter"),
    [
        (order("0.00"), "amount.value"),
        (order("-1.00"), "amount.value"),
        (order("1"), "amount.value"),
        (order("1,00"), "amount.value"),
        ({**order(), "amount": {"value": "1.00", "currency": "USD"}}, "amount.currency"),
        (order(metadata={"a" * 33: "b"}), "metadata." + "a" * 33),
        (order(payment_token="t"), "payment_token"),
        (order(payment_method_data={"type": "cash"}), "payment_method_data.type"),
    ],
)
def test_rules_that_no_schema_has(
    yookassa: YooKassa, client: Client, body: dict[str, Any], parameter: str
) -> None:
    assert_refused(client.post("/payments", body), parameter)
    assert yookassa.payments == {}


def test_lists_go_by_fragments_from_new_to_old(yookassa: YooKassa, client: Client) -> None:
    ids = [client.create(f"{number}.00")["id"] for number in range(1, 8)]
    yookassa.pay(ids[2])
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 3}
    while True:
        page = client.get("/payments", **query).json()
        seen += [one["id"] for one in page["items"]]
        # What comes meanwhile does not shift what is to come.
        client.create("99.00")
        if "next_cursor" not in page:
            break
        query["cursor"] = page["next_cursor"]
    assert seen == ids[::-1]

    paid = client.get("/payments", status="succeeded").json()["items"]
    assert [one["id"] for one in paid] == [ids[2]]
    since = {"captured_at.gte": paid[0]["captured_at"], "created_at.lt": paid[0]["captured_at"]}
    assert client.get("/payments", **since).json()["items"] == paid
    assert client.get("/payments", **{"captured_at.gt": paid[0]["captured_at"]}).json() == {
        "type": "list",
        "items": [],
    }
    refunds = [client.refund(ids[2], "1.00").json() for _ in range(2)]
    found = client.get("/refunds", payment_id=ids[2]).json()
    assert found == {"type": "list", "items": refunds[::-1]}
    assert client.get("/refunds", payment_id=ids[1]).json()["items"] == []
    assert_refused(client.get("/payments", cursor="elsewhere"), "cursor")


# The contract.


def test_the_description_knows_all_events(held: YooKassa) -> None:
    assert held.contract is not None
    assert tuple(held.contract.schema("NotificationEventType")["enum"]) == EVENTS


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({**order(), "amount": {"value": 100.0, "currency": "RUB"}}, "amount.value"),
        ({**order(), "amount": {"value": "1.00", "currency": "XXX"}}, "amount.currency"),
        ({"capture": True, "confirmation": order()["confirmation"]}, ""),
        (order(metadata={"order": {"id": 7}}), "metadata.order"),
        (order(metadata={str(number): "x" for number in range(17)}), "metadata"),
        (order(descripton="Заказ"), "descripton"),
        (order(confirmation={"type": "redirect", "return_url": RETURN, "url": "x"}), "url"),
        (order(confirmation={"type": "redirect"}), "confirmation"),
        (order(payment_method_data={"type": "bitcoin"}), "payment_method_data"),
        (order(capture="yes"), "capture"),
        (order(description="ы" * 129), "description"),
    ],
)
def test_wrong_requests_are_violations(
    held: YooKassa, client: Client, body: dict[str, Any], where: str
) -> None:
    answer = client.post("/payments", body)
    assert answer.status_code == 400
    found = taken(held)
    assert len(found) == 1
    assert found[0][0] == "request"
    assert found[0][1].endswith(where)
    assert held.payments == {}


def test_a_missing_key_is_a_violation(held: YooKassa, client: Client) -> None:
    assert_refused(client.post("/payments", order(), key=None), "Idempotence-Key")
    assert taken(held) == [("request", "Idempotence-Key")]
    assert_refused(client.post("/payments", order(), key="k" * 65), "Idempotence-Key")
    assert taken(held) == [("request", "Idempotence-Key")]


def test_missing_credentials_are_a_violation(held: YooKassa) -> None:
    assert_refused(Client(held.url, None).get("/me"), "Authorization", 401)
    assert [side for side, _ in taken(held)] == ["request"]


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ({"limit": 101}, "limit"),
        ({"created_at.gte": "yesterday"}, "created_at.gte"),
        ({"created_at_gte": "2026-01-01T00:00:00Z"}, "created_at_gte"),
        ({"status": "paid"}, "status"),
    ],
)
def test_wrong_queries_are_violations(
    held: YooKassa, client: Client, query: dict[str, Any], where: str
) -> None:
    assert_refused(client.get("/payments", **query), where)
    assert taken(held) == [("request", where)]


def test_a_path_that_is_not_described_is_a_violation(held: YooKassa, client: Client) -> None:
    assert client.get("/paymets").status_code == 404
    assert [side for side, _ in taken(held)] == ["request"]


def test_a_wrong_answer_is_a_violation(
    held: YooKassa, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stand-in itself is held against the description, in answers and in notifications."""
    payment = client.create()["id"]
    held.payments[payment].status = "paid"
    client.get(f"/payments/{payment}")
    assert taken(held) == [("answer", "status")]
    held.payments[payment].status = "pending"
    held.payments[payment].currency = "BTC"
    held.pay(payment)
    assert ("notification", "amount.currency") in taken(held)


def test_another_environment_holds_as_well(held: YooKassa, client: Client) -> None:
    """Where there is no validator (in Saleor's environment), one is asked in another process."""
    here, elsewhere = held.contract, Elsewhere(DATA / "openapi" / FILE, PREFIX, "BasicAuth")
    assert here is not None
    wrong = {**order(metadata={"order": 7}), "amount": {"value": 100.0, "currency": "RUB"}}
    client.post("/payments", wrong)
    payment = client.create()["id"]
    held.payments[payment].status = "paid"
    client.get(f"/payments/{payment}")
    assert held.violations
    found = []
    for exchange in held.exchanges:
        assert exchange.answer
        found += elsewhere.request(exchange.request)
        found += elsewhere.answer(exchange.request, exchange.answer)
    assert found == held.violations
    assert elsewhere.schema("MonetaryAmount") == here.schema("MonetaryAmount")
    held.violations.clear()


def test_a_violation_that_nobody_expects_fails_the_test() -> None:
    def ask() -> None:
        with YooKassa() as server:
            if server.contract is None:
                pytest.skip("YooKassa's OpenAPI description is not here (set ONEC_SHARED_DATA)")
            Client(server.url).post("/payments", order(), key=None)

    with pytest.raises(AssertionError, match="Idempotence-Key"):
        ask()


def test_without_the_description_the_rest_goes_on() -> None:
    with YooKassa(holds_contract=False) as server:
        client = Client(server.url)
        assert_refused(client.post("/payments", order(), key=None), "Idempotence-Key")
        body = {**order(), "amount": {"value": 100.0, "currency": "RUB"}}
        assert_refused(client.post("/payments", body), "amount.value")
        server.pay(client.create()["id"])
        assert server.book.charged() == 100
        assert server.violations == []


# Faults.


@pytest.mark.parametrize("fault", list(Fault))
def test_after_any_fault_the_same_key_ends_well(
    yookassa: YooKassa, client: Client, fault: Fault
) -> None:
    yookassa.faults.script.append(fault)
    try:
        answer = client.post("/payments", order(), "k-1")
    except requests.RequestException:
        assert fault in (Fault.UNHEARD, Fault.DROPPED, Fault.CUT)
    else:
        assert fault in (Fault.DOWN, Fault.LOST)
        assert answer.status_code >= 500
    assert len(yookassa.payments) == (0 if fault.is_before else 1)
    assert client.create(key="k-1")["id"] in yookassa.payments
    assert len(yookassa.payments) == 1
    assert yookassa.faults.met == {fault: 1}


def test_a_seed_is_the_same_story() -> None:
    def story(seed: int) -> list[object]:
        faults = Faults(
            share=0.4, seed=seed, slow=0.3, slow_seconds=9, missing=0.1, repeated=0.3, reordered=0.3
        )
        return [(faults.next(), faults.delay(), faults.delays()) for _ in range(50)]

    assert story(1) == story(1)
    assert story(1) != story(2)


def test_notifications_come_until_they_are_taken(
    yookassa: YooKassa, client: Client, shop: Shop
) -> None:
    shop.statuses += [500, 302, 404]
    yookassa.pay(client.create()["id"])
    yookassa.notifier.wait()
    assert [one.status for one in yookassa.notifier.deliveries] == [500, 302, 404, 200]
    assert shop.events() == ["payment.succeeded"]


def test_how_a_payment_is_can_be_told_again(yookassa: YooKassa, client: Client, shop: Shop) -> None:
    payment = client.create()["id"]
    yookassa.tell_again(payment)
    yookassa.notifier.url = ""
    yookassa.pay(payment)
    yookassa.notifier.url = shop.url
    yookassa.tell_again(payment)
    yookassa.notifier.wait()
    assert shop.events() == ["payment.succeeded"]


def test_notifications_that_never_come(yookassa: YooKassa, client: Client, shop: Shop) -> None:
    yookassa.faults.missing = 1.0
    yookassa.pay(client.create()["id"])
    yookassa.faults.missing = 0.0
    yookassa.decline(client.create()["id"])
    yookassa.notifier.wait()
    assert shop.events() == ["payment.canceled"]
    assert yookassa.faults.met == {"missing": 1}


def test_notifications_are_repeated_and_out_of_order(
    yookassa: YooKassa, client: Client, shop: Shop
) -> None:
    yookassa.faults.repeated = yookassa.faults.reordered = 1.0
    payment = client.create("100.00", capture=False)["id"]
    yookassa.pay(payment)
    client.capture(payment)
    for _ in range(8):
        client.refund(payment, "1.00")
    yookassa.notifier.wait()
    assert set(shop.events()) == set(EVENTS) - {"payment.canceled"}
    told = [one["object"]["id"] for one in shop.told]
    assert len(told) >= 2 * 10
    first_told = list(dict.fromkeys(told))
    assert first_told != [payment, *yookassa.refunds]


def test_a_storm_ends_with_equal_books() -> None:
    """A client that asks again with the same key charges and refunds everybody once."""
    faults = Faults(share=0.4, seed=7, slow=0.2, slow_seconds=0.01)
    with YooKassa(faults=faults) as server:
        client = Client(server.url)

        def insist(path: str, body: Any, key: str) -> dict[str, Any]:
            while True:
                try:
                    answer = client.post(path, body, key)
                    if answer.status_code == 200:
                        return answer.json()  # type: ignore[no-any-return]
                    assert answer.status_code >= 500, answer.text
                except requests.RequestException:
                    continue

        def shop(number: int) -> None:
            for step in range(8):
                name = f"{number}-{step}"
                payment = insist("/payments", order(f"{step + 1}.0{number}"), name)["id"]
                server.pay(payment)
                body = {"payment_id": payment, "amount": rubles("0.50")}
                insist("/refunds", body, f"refund-{name}")
                expected[payment] = Decimal(f"{step + 1}.0{number}") - Decimal("0.50")

        expected: dict[str, Decimal] = {}
        threads = [threading.Thread(target=shop, args=[number]) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert set(faults.met) == {*Fault, "slow"}
        assert server.book.balances() == expected
        assert len(expected) == 32
