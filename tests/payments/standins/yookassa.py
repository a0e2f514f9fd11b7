"""YooKassa, by the documentation of its API, version 3.

What it does not play it refuses in so many words: saved means of payment, tokens, split payments,
safe deals, air tickets, payment orders.
"""

import base64
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from urllib.parse import parse_qs

from saleor_1c_plugin.sandbox.standins.faults import Faults
from saleor_1c_plugin.sandbox.standins.messages import Answer, Request

from . import yookassa_pages as pages
from .base import StandIn
from .book import Entry, Move
from .contract import Violation, published
from .yookassa_objects import METHODS, Payment, Receipt, Refund

FILE, PREFIX = "yookassa-v3.yaml", "/v3"
EVENTS = (
    "payment.waiting_for_capture",
    "payment.succeeded",
    "payment.canceled",
    "refund.succeeded",
)
#: How long a key is the same call.
_KEY_KEPT = timedelta(hours=24)
#: How long a buyer has to pay, and the shop to take what is held (by bank card).
_TO_CONFIRM = timedelta(hours=1)
_TO_CAPTURE = timedelta(days=7)
#: Lists go back so far.
_LISTED = timedelta(days=3 * 365)
_NOT_PLAYED = (
    *("payment_token", "payment_method_id", "transfers", "deal", "airline", "payment_order"),
    *("receiver", "sources", "refund_method_data"),
)
#: Receipts of a payment, or of a refund.
_MOST_RECEIPTS = 30
_KOPECK = Decimal("0.01")
_AMOUNT = re.compile(r"[0-9]{1,10}\.[0-9]{2}")
_COMPARISONS: Mapping[str, Callable[[datetime, datetime], bool]] = {
    "gte": lambda one, other: one >= other,
    "gt": lambda one, other: one > other,
    "lte": lambda one, other: one <= other,
    "lt": lambda one, other: one < other,
}


class Refusal(Exception):
    """A call that is answered by an error, and has done nothing."""

    def __init__(
        self, description: str, parameter: str = "", *, status: int = 400, code: str = ""
    ) -> None:
        super().__init__(description)
        body = {
            "type": "error",
            "id": str(uuid.uuid4()),
            "code": code or "invalid_request",
            "description": description,
        }
        if parameter:
            body["parameter"] = parameter
        self.answer = Answer.of(status, body)


@dataclass(frozen=True)
class _Kept:
    """What a key was used for."""

    at: datetime
    path: str
    body: Any
    answer: Answer


class YooKassa(StandIn):
    """See the base.

    Parameters
    ----------
    shops
        Ids of shops, and their secret keys; one that begins with ``test_`` is of a test shop.
    holds_contract
        Hold messages against the description, where that is at hand; it costs some milliseconds
        a message.
    fee
        Share of a payment that is kept.
    refunds_wait
        Refunds are pending until they are settled.
    receipts_wait
        Receipts are pending until they are registered.
    """

    def __init__(
        self,
        shops: Mapping[str, str] | None = None,
        *,
        faults: Faults | None = None,
        holds_contract: bool = True,
        senders: int = 1,
        port: int = 0,
        fee: Decimal = Decimal("0.028"),
        refunds_wait: bool = False,
        receipts_wait: bool = False,
    ) -> None:
        contract = published(FILE, PREFIX, "BasicAuth") if holds_contract else None
        super().__init__(contract, faults, senders, port)
        self.shops = dict(shops or {"100500": "test_secret-key"})
        self.fee = fee
        self.refunds_wait = refunds_wait
        self.receipts_wait = receipts_wait
        #: What sends receipts to the tax service; empty: nothing does.
        self.fiscalization = "atol"
        #: Shops that may not do business: ``GET /me`` says so.
        self.disabled: set[str] = set()
        #: Of declined payments.
        self.decline_reason = "insufficient_funds"
        self.payments: dict[str, Payment] = {}
        self.refunds: dict[str, Refund] = {}
        self.receipts: dict[str, Receipt] = {}
        self._kept: dict[tuple[str, str], _Kept] = {}
        self._count = 0

    @property
    def url(self) -> str:
        """Of the API."""
        return self.address + PREFIX

    # What happens by itself, or by hand in YooKassa's cabinet.

    def pay(self, payment_id: str, method: str = "bank_card") -> None:
        """The buyer pays."""
        with self._lock:
            payment = self.payments[payment_id]
            if payment.status != "pending":
                return
            payment.method = payment.method or method
            if payment.asked.get("capture", False):
                self._charge(payment, payment.amount)
            else:
                payment.status = "waiting_for_capture"
                payment.expires = self.now() + _TO_CAPTURE
                self._write(Move.HELD, payment, payment.id, payment.amount)
                self._tell("payment.waiting_for_capture", payment)

    def decline(self, payment_id: str, reason: str = "") -> None:
        """The buyer's bank does not pay."""
        with self._lock:
            payment = self.payments[payment_id]
            if payment.status == "pending":
                self._cancel(payment, "payment_network", reason or self.decline_reason)

    def give_back(self, payment_id: str, amount: Decimal) -> Refund:
        """The shop's staff refund in the cabinet, without the API."""
        with self._lock:
            return self._refund(self.payments[payment_id], amount, {})

    def settle_refund(self, refund_id: str) -> None:
        with self._lock:
            refund = self.refunds[refund_id]
            if refund.status == "pending":
                refund.status = "succeeded"
                self._write(Move.REFUNDED, refund.payment, refund.id, refund.amount)
                self._tell("refund.succeeded", refund)

    def fail_refund(self, refund_id: str, reason: str = "insufficient_funds") -> None:
        """Nothing is told: there is no event for it."""
        with self._lock:
            refund = self.refunds[refund_id]
            if refund.status == "pending":
                refund.status = "canceled"
                refund.reason = ("yoo_money", reason)

    def register(self, receipt_id: str) -> None:
        """The register has printed a receipt."""
        with self._lock:
            receipt = self.receipts[receipt_id]
            if receipt.status == "pending":
                receipt.status, receipt.registered = "succeeded", self.now()

    def turn_down(self, receipt_id: str) -> None:
        """The register can't print a receipt."""
        with self._lock:
            receipt = self.receipts[receipt_id]
            if receipt.status == "pending":
                receipt.status = "canceled"

    def tell_again(self, payment_id: str) -> None:
        """How the payment is now: of a state that nobody is told of, nothing is told."""
        with self._lock:
            payment = self.payments[payment_id]
            if (event := f"payment.{payment.status}") in EVENTS:
                self._tell(event, payment)

    def pass_time(self) -> None:
        now = self.now()
        for payment in self.payments.values():
            if payment.status == "pending" and now >= payment.created + _TO_CONFIRM:
                self._cancel(payment, "yoo_money", "expired_on_confirmation")
            elif payment.status == "waiting_for_capture" and now >= (payment.expires or now):
                self._cancel(payment, "yoo_money", "expired_on_capture")

    # The API.

    def is_api(self, path: str) -> bool:
        return path.startswith(f"{PREFIX}/")

    def admit(self, request: Request) -> Answer | None:
        try:
            self._method_for(request)
            self._shop(request)
            if request.method == "POST":
                content_type = request.headers.get("content-type", "").partition(";")[0].strip()
                if content_type != "application/json":
                    raise Refusal("Unsupported content type", status=415)
        except Refusal as refusal:
            return refusal.answer
        return None

    def refuse(self, violation: Violation) -> Answer:
        return Refusal(f"Not as described: {violation.reason}"[:500], violation.where).answer

    def broken(self, status: int) -> Answer:
        # The description gives 500 the body of 429; the documentation of HTTP codes does not.
        if status == 500:
            return Refusal("Internal server error", status=500, code="internal_server_error").answer
        return Answer(status, f"<html><h1>{status}</h1></html>".encode(), "text/html")

    def act(self, request: Request) -> Answer:
        try:
            return self._method_for(request)(request)
        except Refusal as refusal:
            return refusal.answer

    def _method_for(self, request: Request) -> Callable[[Request], Answer]:
        methods: Mapping[str, Callable[[Request], Answer]]
        match request.path.removeprefix(f"{PREFIX}/").split("/"):
            case ["payments"]:
                methods = {"POST": self._create_payment, "GET": self._list_payments}
            case ["payments", _]:
                methods = {"GET": self._get_payment}
            case ["payments", _, "capture"]:
                methods = {"POST": self._capture_payment}
            case ["payments", _, "cancel"]:
                methods = {"POST": self._cancel_payment}
            case ["refunds"]:
                methods = {"POST": self._create_refund, "GET": self._list_refunds}
            case ["refunds", _]:
                methods = {"GET": self._get_refund}
            case ["receipts"]:
                methods = {"POST": self._create_receipt, "GET": self._list_receipts}
            case ["receipts", _]:
                methods = {"GET": self._get_receipt}
            case ["me"]:
                methods = {"GET": self._me}
            case _:
                raise Refusal("Unknown path", status=404, code="not_found")
        if request.method not in methods:
            raise Refusal("Method not allowed", status=405)
        return methods[request.method]

    def _create_payment(self, request: Request) -> Answer:
        shop = self._shop(request)

        def create(body: Mapping[str, Any]) -> Answer:
            amount, currency = _amount(body.get("amount"))
            method = _object(body.get("payment_method_data", {}), "payment_method_data")
            kind = method.get("type", "")
            if kind and kind not in METHODS:
                raise Refusal("Payment method is not available", "payment_method_data.type")
            if len(str(body.get("description", ""))) > 128:
                raise Refusal("Description is too long", "description")
            if not isinstance(body.get("capture", False), bool):
                raise Refusal("Capture is true or false", "capture")
            payment_id = str(uuid.uuid4())
            payment = Payment(
                *(payment_id, shop, self._number(), amount, currency, self.now(), body),
                confirmation=self._confirmation(body, payment_id),
                is_test=self.shops[shop].startswith("test_"),
                fee=self.fee,
                method=kind,
            )
            self.payments[payment.id] = payment
            return Answer.of(200, payment.json())

        return self._once(request, create)

    def _capture_payment(self, request: Request) -> Answer:
        payment = self._asked_for(request)

        def capture(body: Mapping[str, Any]) -> Answer:
            self._require_held(payment)
            amount = payment.amount
            if "amount" in body:
                amount, currency = _amount(body["amount"])
                if currency != payment.currency:
                    raise Refusal("Currency differs from the payment's", "amount.currency")
                if amount > payment.amount:
                    raise Refusal("Amount is more than what is held", "amount")
            self._charge(payment, amount)
            return Answer.of(200, payment.json())

        return self._once(request, capture)

    def _cancel_payment(self, request: Request) -> Answer:
        payment = self._asked_for(request)

        def cancel(body: Mapping[str, Any]) -> Answer:
            self._require_held(payment)
            self._cancel(payment, "merchant", "canceled_by_merchant")
            return Answer.of(200, payment.json())

        return self._once(request, cancel)

    def _create_refund(self, request: Request) -> Answer:
        shop = self._shop(request)

        def create(body: Mapping[str, Any]) -> Answer:
            payment = self.payments.get(str(body.get("payment_id")))
            if payment is None or payment.shop != shop:
                raise Refusal("Payment doesn't exist or access denied", "payment_id")
            amount, currency = _amount(body.get("amount"))
            if currency != payment.currency:
                raise Refusal("Currency differs from the payment's", "amount.currency")
            return Answer.of(200, self._refund(payment, amount, body).json())

        return self._once(request, create)

    def _create_receipt(self, request: Request) -> Answer:
        shop = self._shop(request)

        def create(body: Mapping[str, Any]) -> Answer:
            if not self.fiscalization:
                raise Refusal("Receipts are switched off", status=403, code="forbidden")
            payment = self._receipt_about(body, shop)
            place = "refund_id" if "refund_id" in body else "payment_id"
            before = [one for one in self.receipts.values() if one.asked.get(place) == body[place]]
            if len(before) >= _MOST_RECEIPTS:
                raise Refusal("Too many receipts", place)
            _require_even(body)
            receipt = Receipt(
                *(f"rt-{uuid.uuid4()}", shop, self._number(), self.now(), body, payment)
            )
            self.receipts[receipt.id] = receipt
            answer = Answer.of(200, receipt.json())
            if not self.receipts_wait:
                self.register(receipt.id)
            return answer

        return self._once(request, create)

    def _receipt_about(self, body: Mapping[str, Any], shop: str) -> Payment:
        """The payment that a receipt is about."""
        if ("refund_id" in body) == ("payment_id" in body):
            raise Refusal("Either a payment or a refund", "payment_id")
        is_refund = body["type"] == "refund"
        if "refund_id" in body:
            refund = self.refunds.get(body["refund_id"])
            if refund is None or refund.shop != shop or refund.status != "succeeded":
                raise Refusal("Refund doesn't exist, or is not done", "refund_id")
            if not is_refund:
                raise Refusal("A sale has no refund", "type")
            return refund.payment
        payment = self.payments.get(body["payment_id"])
        states = ("canceled", "succeeded") if is_refund else ("waiting_for_capture", "succeeded")
        if payment is None or payment.shop != shop or payment.status not in states:
            raise Refusal("Payment doesn't exist, or is not in a right state", "payment_id")
        return payment

    def _get_receipt(self, request: Request) -> Answer:
        receipt = self.receipts.get(request.path.split("/")[3])
        if receipt is None or receipt.shop != self._shop(request):
            raise Refusal("Receipt doesn't exist", "receipt_id")
        return Answer.of(200, receipt.json())

    def _list_receipts(self, request: Request) -> Answer:
        query, shop = request.query, self._shop(request)
        if "payment_id" in query and "refund_id" in query:
            raise Refusal("Either a payment or a refund", "payment_id")
        return self._list(
            [
                receipt
                for receipt in self.receipts.values()
                if receipt.shop == shop
                and query.get("status") in (None, receipt.status)
                and query.get("payment_id") in (None, receipt.payment.id)
                and query.get("refund_id") in (None, receipt.asked.get("refund_id"))
                and _is_within(query, "created_at", receipt.created)
            ],
            query,
        )

    def _get_payment(self, request: Request) -> Answer:
        payment = self.payments.get(request.path.split("/")[3])
        if payment is None or payment.shop != self._shop(request):
            raise Refusal("Payment doesn't exist", "payment_id", status=404, code="not_found")
        return Answer.of(200, payment.json())

    def _get_refund(self, request: Request) -> Answer:
        refund = self.refunds.get(request.path.split("/")[3])
        if refund is None or refund.shop != self._shop(request):
            raise Refusal("Refund doesn't exist", "refund_id", status=404, code="not_found")
        return Answer.of(200, refund.json())

    def _list_payments(self, request: Request) -> Answer:
        query, shop = request.query, self._shop(request)
        return self._list(
            [
                payment
                for payment in self.payments.values()
                if payment.shop == shop
                and query.get("status") in (None, payment.status)
                and query.get("payment_method") in (None, payment.method)
                and _is_within(query, "created_at", payment.created)
                and _is_within(query, "captured_at", payment.captured)
            ],
            query,
        )

    def _list_refunds(self, request: Request) -> Answer:
        query, shop = request.query, self._shop(request)
        return self._list(
            [
                refund
                for refund in self.refunds.values()
                if refund.shop == shop
                and query.get("status") in (None, refund.status)
                and query.get("payment_id") in (None, refund.payment.id)
                and _is_within(query, "created_at", refund.created)
            ],
            query,
        )

    def _list(self, found: list[Any], query: Mapping[str, str]) -> Answer:
        """The newest first; a cursor is the last object of the fragment before."""
        limit = query.get("limit", "10")
        if not limit.isdecimal() or not 1 <= int(limit) <= 100:
            raise Refusal("Limit is from 1 to 100", "limit")
        oldest = self.now() - _LISTED
        found = sorted(
            (one for one in found if one.created >= oldest),
            key=lambda one: (one.created, one.number),
            reverse=True,
        )
        if "cursor" in query:
            cursor = query["cursor"]
            last = (
                self.payments.get(cursor) or self.refunds.get(cursor) or self.receipts.get(cursor)
            )
            if last is None:
                raise Refusal("No such cursor", "cursor")
            place = (last.created, last.number)
            found = [one for one in found if (one.created, one.number) < place]
        page = found[: int(limit)]
        told: dict[str, Any] = {"type": "list", "items": [one.json() for one in page]}
        if len(found) > len(page):
            told["next_cursor"] = page[-1].id
        return Answer.of(200, told)

    def _me(self, request: Request) -> Answer:
        shop = self._shop(request)
        told: dict[str, Any] = {
            "account_id": shop,
            "status": "disabled" if shop in self.disabled else "enabled",
            "test": self.shops[shop].startswith("test_"),
            "fiscalization_enabled": bool(self.fiscalization),
            "payment_methods": list(METHODS),
        }
        if self.fiscalization:
            told["fiscalization"] = {"enabled": True, "provider": self.fiscalization}
        return Answer.of(200, told)

    # Pages.

    def page(self, request: Request) -> Answer:
        kind, _, name = request.path.strip("/").rpartition("/")
        if request.path == "/checkout-widget/v1/checkout-widget.js":
            return pages.script(self.address)
        payment = self.payments.get(name.removeprefix("ct-"))
        if payment is None or kind not in ("checkout/payments", "widget"):
            return pages.missing()
        is_widget = kind == "widget"
        return_url = request.query.get("return_url", "") if is_widget else payment.return_url
        if request.method == "POST":
            sent = {key: values[-1] for key, values in parse_qs(request.body.decode()).items()}
            if sent.get("decision") == "pay":
                self.pay(payment.id, sent.get("method", "bank_card"))
            else:
                self.decline(payment.id)
        elif payment.status == "pending":
            return pages.form(payment, request.path, return_url, is_widget)
        return pages.done(payment, return_url)

    # Rules.

    def _shop(self, request: Request) -> str:
        """Who calls."""
        scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
        try:
            decoded = base64.b64decode(credentials, validate=True).decode()
        except ValueError:
            decoded = ""
        shop, _, secret = decoded.partition(":")
        if scheme.lower() != "basic" or not secret or self.shops.get(shop) != secret:
            raise Refusal(
                "Basic authentication failed: wrong shop id or secret key",
                *("Authorization",),
                status=401,
                code="invalid_credentials",
            )
        return shop

    def _once(self, request: Request, do: Callable[[Mapping[str, Any]], Answer]) -> Answer:
        """For a day, the same key with the same request is the answer that was given first.

        What was refused has done nothing, and its key is free.
        """
        key = request.headers.get("idempotence-key", "")
        if not 1 <= len(key) <= 64:
            raise Refusal("Idempotence key is empty or too long", "Idempotence-Key")
        body = _object(request.json if request.body else {}, "")
        place = (self._shop(request), key)
        kept = self._kept.get(place)
        if kept and self.now() < kept.at + _KEY_KEPT:
            if (kept.path, kept.body) != (request.path, body):
                raise Refusal("Idempotence key duplicated", "Idempotence-Key")
            return kept.answer
        for name in _NOT_PLAYED:
            if name in body:
                raise Refusal("The stand-in does not play this", name)
        for name, value in _object(body.get("metadata", {}), "metadata").items():
            if len(name) > 32 or not isinstance(value, str) or len(value) > 512:
                raise Refusal("Metadata has limits", f"metadata.{name}")
        answer = do(body)
        self._kept[place] = _Kept(self.now(), request.path, body, answer)
        return answer

    def _asked_for(self, request: Request) -> Payment:
        """The payment that is to be changed; by the description, 404 is of ``GET`` alone."""
        payment = self.payments.get(request.path.split("/")[3])
        if payment is None or payment.shop != self._shop(request):
            raise Refusal("Payment doesn't exist or access denied", "payment_id")
        return payment

    def _require_held(self, payment: Payment) -> None:
        if payment.status != "waiting_for_capture":
            raise Refusal(f"Payment is {payment.status}, not waiting_for_capture", "payment_id")

    def _confirmation(self, body: Mapping[str, Any], payment_id: str) -> dict[str, str]:
        asked = _object(body.get("confirmation"), "confirmation")
        match asked.get("type"):
            case "redirect":
                if not asked.get("return_url") or len(str(asked["return_url"])) > 2048:
                    raise Refusal("Return URL is missing or too long", "confirmation.return_url")
                return {
                    "type": "redirect",
                    "return_url": asked["return_url"],
                    "confirmation_url": f"{self.address}/checkout/payments/{payment_id}",
                }
            case "embedded":
                return {"type": "embedded", "confirmation_token": f"ct-{payment_id}"}
            case _:
                raise Refusal("The stand-in plays redirect and embedded", "confirmation.type")

    def _charge(self, payment: Payment, amount: Decimal) -> None:
        rest = payment.amount - amount
        payment.status, payment.amount, payment.captured = "succeeded", amount, self.now()
        self._write(Move.CHARGED, payment, payment.id, amount)
        if rest:
            self._write(Move.RELEASED, payment, payment.id, rest)
        self._tell("payment.succeeded", payment)

    def _cancel(self, payment: Payment, party: str, reason: str) -> None:
        if payment.status == "waiting_for_capture":
            self._write(Move.RELEASED, payment, payment.id, payment.amount)
        payment.status, payment.reason = "canceled", (party, reason)
        self._tell("payment.canceled", payment)

    def _refund(self, payment: Payment, amount: Decimal, asked: Mapping[str, Any]) -> Refund:
        if payment.status != "succeeded":
            raise Refusal(f"Payment is {payment.status}, not succeeded", "payment_id")
        if amount > payment.refundable:
            raise Refusal("Amount is more than what is left of the payment", "amount")
        refund = Refund(
            *(str(uuid.uuid4()), payment.shop, self._number(), payment, amount),
            created=self.now(),
            asked=asked,
        )
        self.refunds[refund.id] = refund
        payment.refunds.append(refund)
        if not self.refunds_wait:
            self.settle_refund(refund.id)
        return refund

    def _write(self, move: Move, payment: Payment, reference: str, amount: Decimal) -> None:
        self.book.add(Entry(move, payment.id, reference, amount, payment.currency, self.now()))

    def _tell(self, event: str, about: Payment | Refund) -> None:
        body = about.json()
        if self.contract:
            kind = "payments" if isinstance(about, Payment) else "refunds"
            fetched = Request("GET", f"{PREFIX}/{kind}/{about.id}", {}, {}, b"")
            self.hold(self.contract.answer(fetched, Answer.of(200, body), "notification"))
        self.tell(event, about.id, {"type": "notification", "event": event, "object": body})

    def _number(self) -> int:
        self._count += 1
        return self._count


def _amount(given: Any) -> tuple[Decimal, str]:
    amount = _object(given, "amount")
    value, currency = amount.get("value"), amount.get("currency")
    if not isinstance(value, str) or not _AMOUNT.fullmatch(value) or Decimal(value) == 0:
        raise Refusal("Amount is a string with two decimals, and more than 0", "amount.value")
    if currency != "RUB":
        raise Refusal("Currency is not the account's", "amount.currency")
    return Decimal(value), currency


def _require_even(body: Mapping[str, Any]) -> None:
    """What the lines of a receipt cost is what was settled."""
    cost = sum(
        (
            (_amount(item["amount"])[0] * Decimal(str(item["quantity"]))).quantize(
                _KOPECK, ROUND_HALF_UP
            )
            for item in body["items"]
        ),
        Decimal(0),
    )
    if cost != sum((_amount(one["amount"])[0] for one in body["settlements"]), Decimal(0)):
        raise Refusal("Settlements differ from the items", "settlements")
    customer = body["customer"]
    if not (customer.get("email") or customer.get("phone")):
        raise Refusal("No e-mail or phone", "customer")
    if "phone" in customer and not customer["phone"].isdecimal():
        raise Refusal("Phone consists of digits", "customer.phone")


def _object(given: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(given, dict):
        raise Refusal("It is missing, or no object", name)
    return given


def _is_within(query: Mapping[str, str], name: str, moment: datetime | None) -> bool:
    for suffix, compare in _COMPARISONS.items():
        text = query.get(f"{name}.{suffix}")
        if text is None:
            continue
        try:
            bound = datetime.fromisoformat(text)
            if moment is None or not compare(moment, bound):
                return False
        except (TypeError, ValueError):
            raise Refusal("No time by ISO 8601, with its zone", f"{name}.{suffix}") from None
    return True
