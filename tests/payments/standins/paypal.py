"""PayPal, by its descriptions of Orders and Payments (version 2), Transaction Search and Webhooks.

Disputes and the token have no description at hand: they are played by the documentation. What it
does not play it refuses in so many words: cards and other means than the wallet, several purchase
units, breakdowns of amounts, changes of an order.
"""

import base64
import json
import re
import secrets
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

from saleor_1c_plugin.sandbox.standins.faults import Faults
from saleor_1c_plugin.sandbox.standins.messages import Answer, Request

from . import paypal_pages as pages
from .base import StandIn
from .book import Entry, Move
from .contract import Violation
from .paypal_contract import descriptions
from .paypal_keys import Signer, signer
from .paypal_objects import (
    CURRENCIES,
    WHOLE,
    Authorization,
    Capture,
    Dispute,
    Order,
    Refund,
    Transaction,
    link,
    money,
    new_id,
)

_TOKEN = "/v1/oauth2/token"
_CERTIFICATES = "/v1/notifications/certs/"
#: How long a key is the same call: of orders, and of payments.
_ORDER_KEYS, _PAYMENT_KEYS = timedelta(hours=6), timedelta(days=45)
_TOKEN_LASTS = timedelta(hours=9)
#: How long a buyer has to agree, and the shop then to take the money.
_TO_AGREE = timedelta(hours=3)
_TO_CAPTURE = timedelta(days=29)
#: How long PayPal vouches for what is held; then it can be renewed, once.
_HONOURED = timedelta(days=3)
#: How much more may be held then: as a share, and in dollars (taken for any currency's units).
_MOST_MORE, _MOST_DOLLARS = Decimal("1.15"), Decimal(75)
_LONGEST_REPORT = timedelta(days=31)
_PLAYED = {"intent", "purchase_units", "payment_source"}
_PLAYED_UNIT = {"amount", "custom_id", "invoice_id", "description", "reference_id"}
_VALUE = re.compile(r"[0-9]{1,15}(\.[0-9]{1,2})?")
_NAMES = {
    400: (
        "INVALID_REQUEST",
        "Request is not well-formed, syntactically incorrect, or violates schema.",
    ),
    401: (
        "AUTHENTICATION_FAILURE",
        "Authentication failed due to missing authorization header, or invalid authentication "
        "credentials.",
    ),
    403: ("NOT_AUTHORIZED", "Authorization failed due to insufficient permissions."),
    404: ("RESOURCE_NOT_FOUND", "The specified resource does not exist."),
    422: (
        "UNPROCESSABLE_ENTITY",
        "The requested action could not be performed, semantically incorrect, or failed business "
        "validation.",
    ),
    500: ("INTERNAL_SERVER_ERROR", "An internal server error occurred."),
}


class Refusal(Exception):
    """A call that is answered by an error, and has done nothing."""

    def __init__(
        self, status: int, issue: str = "", *, links: list[dict[str, str]] | None = None
    ) -> None:
        super().__init__(issue)
        name, message = _NAMES.get(status, ("INVALID_REQUEST", "Invalid"))
        body: dict[str, Any] = {"name": name, "message": message, "debug_id": uuid.uuid4().hex[:13]}
        if issue:
            body["details"] = [{"issue": issue}]
        if links:
            body["links"] = links
        self.answer = Answer.of(status, body)


@dataclass(frozen=True)
class _Kept:
    """What a key was used for; `now` is how what it has made is at present."""

    until: datetime
    body: Any
    now: Callable[[], Answer]


class PayPal(StandIn):
    """See the base.

    Parameters
    ----------
    clients
        Ids of apps, and their secrets.
    holds_contract
        Hold messages against the descriptions, where those are at hand.
    fee
        Share of a payment that is kept.
    captures_wait, refunds_wait
        They are pending until they are settled.
    """

    def __init__(
        self,
        clients: Mapping[str, str] | None = None,
        *,
        faults: Faults | None = None,
        holds_contract: bool = True,
        senders: int = 1,
        port: int = 0,
        fee: Decimal = Decimal("0.034"),
        captures_wait: bool = False,
        refunds_wait: bool = False,
    ) -> None:
        super().__init__(descriptions() if holds_contract else None, faults, senders, port)
        self.clients = dict(clients or {"sandbox-client": "sandbox-secret"})
        self.fee = fee
        self.captures_wait = captures_wait
        self.refunds_wait = refunds_wait
        #: Whether the app may see them.
        self.shows_disputes = True
        #: Currency of an order → that of the account, and what a unit is worth in it; others stay
        #: what they are.
        self.converts: dict[str, tuple[str, Decimal]] = {}
        #: Whether the buyer's money is still there when PayPal vouches for it no more.
        self.is_lenient = True
        #: Whether it is there to be held again.
        self.renews = True
        #: Whether an order tells of what was held anew; the descriptions do not say.
        self.lists_renewed = True
        self.signer: Signer = signer()
        self.webhook = "0EH40505U7160970P"
        self.orders: dict[str, Order] = {}
        self.authorizations: dict[str, Authorization] = {}
        self.captures: dict[str, Capture] = {}
        self.refunds: dict[str, Refund] = {}
        self.disputes: dict[str, Dispute] = {}
        self.transactions: list[Transaction] = []
        #: Ids of events, and of their transmissions.
        self.sent: set[str] = set()
        self.transmissions: set[str] = set()
        self._tokens: dict[str, tuple[str, datetime]] = {}
        self._kept: dict[tuple[str, str], _Kept] = {}

    @property
    def url(self) -> str:
        """Of the API."""
        return self.address

    # What happens by itself, or by hand on PayPal's site.

    def approve(self, order_id: str) -> None:
        """The buyer agrees; the money moves when the shop says so."""
        with self._lock:
            order = self.orders[order_id]
            if order.status == "PAYER_ACTION_REQUIRED":
                order.status, order.approved = "APPROVED", self.now()
                self._tell("CHECKOUT.ORDER.APPROVED", "checkout-order", order.id, order.json())

    def decline(self, order_id: str) -> None:
        """The buyer agrees, and his bank will not pay."""
        with self._lock:
            self.orders[order_id].declines = True
            self.approve(order_id)

    def settle(self, capture_id: str) -> None:
        """What was pending is there."""
        with self._lock:
            capture = self.captures[capture_id]
            if capture.status == "PENDING":
                capture.status = "COMPLETED"
                order = capture.order
                self._write(Move.CHARGED, order, capture.id, capture.amount)
                self._note("T0006", capture.id, order, capture.amount, fee=-capture.fee)
                self._tell("PAYMENT.CAPTURE.COMPLETED", "capture", capture.id, capture.whole())

    def deny(self, capture_id: str) -> None:
        """What was pending will never come."""
        with self._lock:
            capture = self.captures[capture_id]
            if capture.status == "PENDING":
                capture.status = "DECLINED"
                self._tell("PAYMENT.CAPTURE.DENIED", "capture", capture.id, capture.whole())

    def give_back(self, order_id: str, amount: Decimal) -> Refund:
        """The shop's staff refund on PayPal's site, without the API."""
        with self._lock:
            return self._refund(self.orders[order_id].captures[0], amount, {})

    def settle_refund(self, refund_id: str) -> None:
        with self._lock:
            refund = self.refunds[refund_id]
            if refund.status == "PENDING":
                refund.status = "COMPLETED"
                order = refund.order
                self._write(Move.REFUNDED, order, refund.id, refund.amount)
                ids = {k: v for k, v in refund.json().items() if k in ("custom_id", "invoice_id")}
                reference = refund.capture.id
                self._note("T1107", refund.id, order, -refund.amount, reference, ids)
                self._tell("PAYMENT.CAPTURE.REFUNDED", "refund", refund.id, refund.json())

    def fail_refund(self, refund_id: str) -> None:
        with self._lock:
            refund = self.refunds[refund_id]
            if refund.status == "PENDING":
                refund.status = "FAILED"

    def dispute(self, order_id: str, amount: Decimal | None = None) -> Dispute:
        """The buyer wants the money back."""
        with self._lock:
            capture = self.orders[order_id].captures[0]
            dispute = Dispute(
                f"PP-D-{len(self.disputes) + 1:05}",
                capture,
                amount or capture.amount,
                self.now(),
            )
            self.disputes[dispute.id] = dispute
            self._tell("CUSTOMER.DISPUTE.CREATED", "dispute", dispute.id, dispute.json())
            return dispute

    def resolve(self, dispute_id: str, outcome: str = "RESOLVED_BUYER_FAVOUR") -> None:
        with self._lock:
            dispute = self.disputes[dispute_id]
            dispute.status, dispute.outcome = "RESOLVED", outcome
            if dispute.is_lost:
                order = dispute.capture.order
                self._write(Move.REFUNDED, order, dispute.id, dispute.amount)
                self._note("T1201", new_id(), order, -dispute.amount, dispute.capture.id)
            self._tell("CUSTOMER.DISPUTE.RESOLVED", "dispute", dispute.id, dispute.json())

    def revoke_tokens(self) -> None:
        with self._lock:
            self._tokens.clear()

    def pass_time(self) -> None:
        now = self.now()
        for order in list(self.orders.values()):
            since = order.approved or order.created
            if order.status in ("PAYER_ACTION_REQUIRED", "APPROVED") and now >= since + _TO_AGREE:
                # It is forgotten, without a word.
                del self.orders[order.id]
        for one in self.authorizations.values():
            is_held = one.status in ("CREATED", "PARTIALLY_CAPTURED")
            if one.parent is None and is_held and now >= one.expires:
                self._void(one)

    # The API.

    def is_api(self, path: str) -> bool:
        return path.startswith(("/v1/", "/v2/")) and not path.startswith(_CERTIFICATES)

    def admit(self, request: Request) -> Answer | None:
        try:
            self._method_for(request)
            kind = request.headers.get("content-type", "").partition(";")[0].strip()
            if request.path == _TOKEN:
                if kind != "application/x-www-form-urlencoded":
                    raise Refusal(415)
                return None
            self._client(request)
            if request.method == "POST" and kind != "application/json":
                raise Refusal(415)
        except Refusal as refusal:
            return refusal.answer
        return None

    def refuse(self, violation: Violation) -> Answer:
        return Refusal(400, "INVALID_PARAMETER_SYNTAX").answer

    def broken(self, status: int) -> Answer:
        return Answer(status, f"<html><h1>{status}</h1></html>".encode(), "text/html")

    def act(self, request: Request) -> Answer:
        try:
            return self._method_for(request)(request)
        except Refusal as refusal:
            return refusal.answer

    def _method_for(self, request: Request) -> Callable[[Request], Answer]:
        methods: Mapping[str, Callable[[Request], Answer]]
        match request.path.strip("/").split("/"):
            case ["v1", "oauth2", "token"]:
                methods = {"POST": self._issue_token}
            case ["v2", "checkout", "orders"]:
                methods = {"POST": self._create_order}
            case ["v2", "checkout", "orders", _]:
                methods = {"GET": self._get_order}
            case ["v2", "checkout", "orders", _, "capture"]:
                methods = {"POST": self._capture_order}
            case ["v2", "checkout", "orders", _, "authorize"]:
                methods = {"POST": self._authorize_order}
            case ["v2", "payments", "authorizations", _, "capture"]:
                methods = {"POST": self._capture_authorization}
            case ["v2", "payments", "authorizations", _, "reauthorize"]:
                methods = {"POST": self._reauthorize}
            case ["v2", "payments", "authorizations", _, "void"]:
                methods = {"POST": self._void_authorization}
            case ["v2", "payments", "captures", _]:
                methods = {"GET": self._get_capture}
            case ["v2", "payments", "captures", _, "refund"]:
                methods = {"POST": self._refund_capture}
            case ["v2", "payments", "refunds", _]:
                methods = {"GET": self._get_refund}
            case ["v1", "customer", "disputes"]:
                methods = {"GET": self._list_disputes}
            case ["v1", "customer", "disputes", _]:
                methods = {"GET": self._get_dispute}
            case ["v1", "reporting", "transactions"]:
                methods = {"GET": self._list_transactions}
            case ["v1", "notifications", "verify-webhook-signature"]:
                methods = {"POST": self._verify}
            case ["v1", "notifications", "webhooks", _]:
                methods = {"GET": self._get_webhook}
            case _:
                raise Refusal(404)
        if request.method not in methods:
            raise Refusal(405)
        return methods[request.method]

    def _issue_token(self, request: Request) -> Answer:
        scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
        try:
            decoded = base64.b64decode(credentials, validate=True).decode()
        except ValueError:
            decoded = ""
        client, _, secret = decoded.partition(":")
        if scheme.lower() != "basic" or not secret or self.clients.get(client) != secret:
            body = {
                "error": "invalid_client",
                "error_description": "Client Authentication failed",
            }
            return Answer.of(401, body)
        if parse_qs(request.body.decode()) != {"grant_type": ["client_credentials"]}:
            return Answer.of(400, {"error": "unsupported_grant_type"})
        token = f"A21AA{secrets.token_urlsafe(40)}"
        self._tokens[token] = (client, self.now() + _TOKEN_LASTS)
        scopes = ["https://uri.paypal.com/services/payments/payment"]
        if self.shows_disputes:
            scopes.append("https://uri.paypal.com/services/disputes/read-seller")
        return Answer.of(
            200,
            {
                "scope": " ".join(scopes),
                "access_token": token,
                "token_type": "Bearer",
                "app_id": "APP-80W284485P519543T",
                "expires_in": int(_TOKEN_LASTS.total_seconds()),
                "nonce": secrets.token_urlsafe(16),
            },
        )

    def _create_order(self, request: Request) -> Answer:
        def create(body: Mapping[str, Any]) -> Callable[[], Answer]:
            units = body["purchase_units"]
            context = body.get("payment_source", {}).get("paypal", {}).get("experience_context", {})
            if len(units) != 1 or body.keys() - _PLAYED or units[0].keys() - _PLAYED_UNIT:
                raise Refusal(400, "NOT_SUPPORTED")
            if not context.get("return_url") or not context.get("cancel_url"):
                # Played for buyers on PayPal's page alone.
                raise Refusal(400, "MISSING_REQUIRED_PARAMETER")
            amount, currency = _money(units[0]["amount"], "DECIMAL_PRECISION")
            order = Order(
                *(new_id(), self._client(request), self.address, amount, currency, self.now()),
                asked=body,
                fee=self.fee,
            )
            self.orders[order.id] = order
            return lambda: _said(request, order)

        return self._once(request, create, _ORDER_KEYS)

    def _get_order(self, request: Request) -> Answer:
        return Answer.of(200, self._order(request).json())

    def _capture_order(self, request: Request) -> Answer:
        order = self._order(request)

        def capture(body: Mapping[str, Any]) -> Callable[[], Answer]:
            if order.status == "COMPLETED":
                raise Refusal(422, "ORDER_ALREADY_CAPTURED")
            self._require_approved(order, "CAPTURE")
            order.status = "COMPLETED"
            self._capture(order, order.amount, is_final=True)
            return lambda: _said(request, order)

        return self._once(request, capture, _ORDER_KEYS)

    def _authorize_order(self, request: Request) -> Answer:
        order = self._order(request)

        def authorize(body: Mapping[str, Any]) -> Callable[[], Answer]:
            if order.status == "COMPLETED":
                raise Refusal(422, "ORDER_ALREADY_AUTHORIZED")
            self._require_approved(order, "AUTHORIZE")
            order.status = "COMPLETED"
            now = self.now()
            made = Authorization(new_id(), order, order.amount, now, now + _TO_CAPTURE)
            self.authorizations[made.id] = made
            order.authorizations.append(made)
            self._write(Move.HELD, order, made.id, made.amount)
            self._tell("PAYMENT.AUTHORIZATION.CREATED", "authorization", made.id, made.whole())
            return lambda: _said(request, order)

        return self._once(request, authorize, _ORDER_KEYS)

    def _capture_authorization(self, request: Request) -> Answer:
        found = self._authorization(request)

        def capture(body: Mapping[str, Any]) -> Callable[[], Answer]:
            if found.status in ("VOIDED", "CAPTURED"):
                voided = found.status == "VOIDED"
                issue = "AUTHORIZATION_VOIDED" if voided else "AUTHORIZATION_ALREADY_CAPTURED"
                raise Refusal(422, issue)
            if not self.is_lenient and self.now() - found.created >= _HONOURED:
                raise Refusal(422, "TRANSACTION_REFUSED")
            amount = found.amount - found.captured
            if "amount" in body:
                amount, currency = _money(body["amount"], "DECIMALS_NOT_SUPPORTED")
                if currency != found.order.currency:
                    raise Refusal(422, "AUTH_CAPTURE_CURRENCY_MISMATCH")
            if amount > found.amount - found.captured:
                raise Refusal(422, "MAX_CAPTURE_AMOUNT_EXCEEDED")
            is_final = body.get("final_capture") is True
            made = self._capture(found.order, amount, is_final=is_final)
            is_whole = found.captured == found.amount
            # It is one hold, however often it was renewed.
            for one in (found, found.parent or found):
                one.status = "CAPTURED" if is_final or is_whole else "PARTIALLY_CAPTURED"
            if is_final and not is_whole:
                rest = found.amount - found.captured
                self._write(Move.RELEASED, found.order, found.id, rest)
            return lambda: Answer.of(201, made.whole())

        return self._once(request, capture, _PAYMENT_KEYS)

    def _reauthorize(self, request: Request) -> Answer:
        found = self._authorization(request)

        def renew(body: Mapping[str, Any]) -> Callable[[], Answer]:
            if found.status != "CREATED":
                voided = found.status == "VOIDED"
                issue = "AUTHORIZATION_VOIDED" if voided else "AUTHORIZATION_ALREADY_CAPTURED"
                raise Refusal(422, issue)
            if found.parent:
                raise Refusal(422, "REAUTHORIZATION_NOT_SUPPORTED")
            if found.is_renewed or self.now() - found.created < _HONOURED:
                # "Only once, from day 4 to day 29."
                raise Refusal(422, "REAUTHORIZATION_TOO_SOON")
            amount = found.amount
            if "amount" in body:
                amount, currency = _money(body["amount"], "DECIMALS_NOT_SUPPORTED")
                if currency != found.order.currency:
                    raise Refusal(422, "AUTH_CURRENCY_MISMATCH")
            most = min(found.amount * _MOST_MORE, found.amount + _MOST_DOLLARS)
            if amount > most or not self.renews:
                raise Refusal(422, "PAYER_CANNOT_PAY")
            # The days of the first one are not begun anew.
            made = Authorization(
                *(new_id(), found.order, amount, self.now(), found.expires), parent=found
            )
            found.is_renewed = True
            self.authorizations[made.id] = made
            if self.lists_renewed:
                # In no order that anybody has promised.
                found.order.authorizations.insert(0, made)
            self._tell("PAYMENT.AUTHORIZATION.CREATED", "authorization", made.id, made.whole())
            return lambda: Answer.of(201, made.whole())

        return self._once(request, renew, _PAYMENT_KEYS)

    def _void_authorization(self, request: Request) -> Answer:
        found = self._authorization(request)
        if found.parent:
            raise Refusal(422, "CANNOT_BE_VOIDED")
        if found.status == "VOIDED":
            raise Refusal(422, "PREVIOUSLY_VOIDED")
        if found.status != "CREATED":
            raise Refusal(422, "PREVIOUSLY_CAPTURED")
        self._void(found)
        return Answer(204, b"")

    def _get_capture(self, request: Request) -> Answer:
        return Answer.of(200, self._found(self.captures, request).whole())

    def _refund_capture(self, request: Request) -> Answer:
        capture = self._found(self.captures, request)

        def refund(body: Mapping[str, Any]) -> Callable[[], Answer]:
            amount = capture.refundable
            if "amount" in body:
                amount, currency = _money(body["amount"], "DECIMALS_NOT_SUPPORTED")
                if currency != capture.order.currency:
                    raise Refusal(422, "REFUND_CAPTURE_CURRENCY_MISMATCH")
            made = self._refund(capture, amount, body)
            return lambda: Answer.of(201, made.json())

        return self._once(request, refund, _PAYMENT_KEYS)

    def _get_refund(self, request: Request) -> Answer:
        return Answer.of(200, self._found(self.refunds, request).json())

    def _list_disputes(self, request: Request) -> Answer:
        self._require_disputes()
        query = request.query
        if query.keys() - {"disputed_transaction_id", "page_size", "next_page_token"}:
            raise Refusal(400, "NOT_SUPPORTED")
        size = query.get("page_size", "10")
        if not size.isdecimal() or not 1 <= int(size) <= 50:
            raise Refusal(400, "INVALID_PARAMETER_VALUE")
        wanted = query.get("disputed_transaction_id")
        found = [one for one in self.disputes.values() if wanted in (None, one.capture.id)]
        begin = int(query.get("next_page_token", "0"))
        page = found[begin : begin + int(size)]
        own = f"{self.address}/v1/customer/disputes?page_size={size}"
        if wanted:
            own += f"&disputed_transaction_id={wanted}"
        links = [link(own, "self")]
        if begin + len(page) < len(found):
            links.append(link(f"{own}&next_page_token={begin + len(page)}", "next"))
        return Answer.of(200, {"items": [one.summary() for one in page], "links": links})

    def _get_dispute(self, request: Request) -> Answer:
        self._require_disputes()
        found = self.disputes.get(request.path.split("/")[4])
        if found is None:
            raise Refusal(404, "INVALID_RESOURCE_ID")
        return Answer.of(200, found.json())

    def _list_transactions(self, request: Request) -> Answer:
        query = request.query
        begin, end = (datetime.fromisoformat(query[name]) for name in ("start_date", "end_date"))
        if not timedelta(0) <= end - begin <= _LONGEST_REPORT:
            raise Refusal(400, "INVALID_PARAMETER_VALUE")
        found = [one for one in self.transactions if begin <= one.at <= end]
        size, page = int(query.get("page_size", "100")), int(query.get("page", "1"))
        shown = found[(page - 1) * size : page * size]
        told: dict[str, Any] = {
            "account_number": "ACCOUNT042",
            "start_date": query["start_date"],
            "end_date": query["end_date"],
            "page": page,
            "total_items": len(found),
            "total_pages": -(-len(found) // size),
        }
        if shown:
            told["transaction_details"] = [one.json() for one in shown]
        return Answer.of(200, told)

    def _get_webhook(self, request: Request) -> Answer:
        if request.path.split("/")[4] != self.webhook:
            raise Refusal(404)
        url = self.notifier.url or "https://shop.example/plugins/saleor1c.paypal/"
        return Answer.of(200, {"id": self.webhook, "url": url, "event_types": [{"name": "*"}]})

    def _verify(self, request: Request) -> Answer:
        """Whether we have sent this; the event has lost its exact letters on the way."""
        told = request.json
        was_sent = told["webhook_event"]["id"] in self.sent and told["webhook_id"] == self.webhook
        # Whoever has our certificate's key signs as we do; another's is not ours.
        is_ours = told["transmission_id"] in self.transmissions
        status = "SUCCESS" if was_sent and is_ours else "FAILURE"
        return Answer.of(200, {"verification_status": status})

    # Pages, and the certificate.

    def page(self, request: Request) -> Answer:
        if request.path.startswith(_CERTIFICATES):
            return Answer(200, self.signer.chain, "application/x-pem-file")
        order = self.orders.get(request.query.get("token", ""))
        if order is None or request.path != "/checkoutnow":
            return pages.missing()
        if request.method == "POST":
            agreed = parse_qs(request.body.decode()).get("decision") == ["pay"]
            if agreed:
                self.approve(order.id)
            return pages.back(order, agreed=agreed)
        if order.status != "PAYER_ACTION_REQUIRED":
            return pages.back(order, agreed=True)
        return pages.form(order)

    # Rules.

    def _client(self, request: Request) -> str:
        """Who calls."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        client, until = self._tokens.get(token, ("", self.now()))
        if scheme.lower() != "bearer" or self.now() >= until:
            raise Refusal(401)
        return client

    def _once(
        self,
        request: Request,
        do: Callable[[Mapping[str, Any]], Callable[[], Answer]],
        keeps: timedelta,
    ) -> Answer:
        """The same key with the same call is what that call has made, as it is by then.

        What was refused has done nothing, and its key is free.
        """
        key = request.headers.get("paypal-request-id", "")
        if not 1 <= len(key) <= 108:
            raise Refusal(400, "PAYPAL_REQUEST_ID_REQUIRED")
        body = request.json if request.body else {}
        if not isinstance(body, dict):
            raise Refusal(400, "MALFORMED_REQUEST_JSON")
        place = (f"{self._client(request)}{request.path}", key)
        kept = self._kept.get(place)
        if kept and self.now() < kept.until:
            if kept.body != body:
                raise Refusal(400, "INVALID_PARAMETER_VALUE")
            again = kept.now()
            return again if keeps is _PAYMENT_KEYS else Answer(200, again.body)
        now = do(body)
        self._kept[place] = _Kept(self.now() + keeps, body, now)
        return Answer(201, now().body)

    def _order(self, request: Request) -> Order:
        order = self.orders.get(request.path.split("/")[4])
        if order is None or order.client != self._client(request):
            raise Refusal(404, "INVALID_RESOURCE_ID")
        return order

    def _authorization(self, request: Request) -> Authorization:
        return self._found(self.authorizations, request)

    def _found[Found: (Authorization, Capture, Refund)](
        self, among: Mapping[str, Found], request: Request
    ) -> Found:
        found = among.get(request.path.split("/")[4])
        if found is None or found.order.client != self._client(request):
            raise Refusal(404, "INVALID_RESOURCE_ID")
        return found

    def _require_approved(self, order: Order, intent: str) -> None:
        if order.asked["intent"] != intent:
            raise Refusal(422, "INCOMPATIBLE_PARAMETER_VALUE")
        if order.status != "APPROVED":
            raise Refusal(422, "ORDER_NOT_APPROVED")
        if order.declines:
            # The buyer may go back and choose another means of payment.
            links = [link(order.page, "redirect")]
            issue = "INSTRUMENT_DECLINED" if intent == "CAPTURE" else "PAYER_CANNOT_PAY"
            raise Refusal(422, issue, links=links)
        invoice = order.ids.get("invoice_id")
        paid = [one.ids.get("invoice_id") for one in self.orders.values() if one.captures]
        if invoice and invoice in paid:
            raise Refusal(422, "DUPLICATE_INVOICE_ID")

    def _require_disputes(self) -> None:
        if not self.shows_disputes:
            raise Refusal(403, "PERMISSION_DENIED")

    def _capture(self, order: Order, amount: Decimal, *, is_final: bool) -> Capture:
        converts = self.converts.get(order.currency)
        capture = Capture(new_id(), order, amount, self.now(), is_final, converts=converts)
        self.captures[capture.id] = capture
        order.captures.append(capture)
        if self.captures_wait:
            self._tell("PAYMENT.CAPTURE.PENDING", "capture", capture.id, capture.whole())
        else:
            self.settle(capture.id)
        return capture

    def _void(self, authorization: Authorization) -> None:
        """Let go of what is held, with what has taken its place since."""
        rest = authorization.amount - authorization.captured
        for one in self.authorizations.values():
            if authorization in (one, one.parent):
                one.status = "VOIDED"
        self._write(Move.RELEASED, authorization.order, authorization.id, rest)
        about = (authorization.id, authorization.whole())
        self._tell("PAYMENT.AUTHORIZATION.VOIDED", "authorization", *about)

    def _refund(self, capture: Capture, amount: Decimal, asked: Mapping[str, Any]) -> Refund:
        if capture.status != "COMPLETED":
            raise Refusal(422, "PENDING_CAPTURE")
        if not capture.refundable:
            raise Refusal(422, "CAPTURE_FULLY_REFUNDED")
        if amount > capture.refundable:
            raise Refusal(422, "REFUND_AMOUNT_EXCEEDED")
        refund = Refund(new_id(), capture.order, capture, amount, self.now(), asked)
        self.refunds[refund.id] = refund
        # In no order that anybody has promised.
        capture.order.refunds.insert(0, refund)
        if not self.refunds_wait:
            self.settle_refund(refund.id)
        return refund

    def _write(self, move: Move, order: Order, reference: str, amount: Decimal) -> None:
        self.book.add(Entry(move, order.id, reference, amount, order.currency, self.now()))

    def _note(
        self,
        code: str,
        transaction: str,
        order: Order,
        amount: Decimal,
        reference: str = "",
        ids: Mapping[str, str] | None = None,
        fee: Decimal = Decimal(0),
    ) -> None:
        own = order.ids if ids is None else ids
        self.transactions.append(
            Transaction(transaction, code, amount, fee, order.currency, self.now(), own, reference)
        )

    def _tell(self, event: str, kind: str, about: str, resource: Mapping[str, Any]) -> None:
        event_id = f"WH-{new_id()}-{new_id()}"
        now = self.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        own = f"{self.address}/v1/notifications/webhooks-events/{event_id}"
        body = {
            "id": event_id,
            "event_version": "1.0",
            "create_time": now,
            "resource_type": kind,
            "resource_version": "2.0",
            "event_type": event,
            "summary": event.replace(".", " ").capitalize(),
            "resource": resource,
            "links": [link(own, "self"), link(f"{own}/resend", "resend", "POST")],
        }
        if self.contract:
            fetched = Request("GET", f"/v1/notifications/webhooks-events/{event_id}", {}, {}, b"")
            self.hold(self.contract.answer(fetched, Answer.of(200, body), "notification"))
        self.sent.add(event_id)
        told = json.dumps(body, ensure_ascii=False).encode()
        self.notifier.tell(event, about, told, self._signed(told))

    def _signed(self, body: bytes) -> Mapping[str, str]:
        transmission = str(uuid.uuid4())
        self.transmissions.add(transmission)
        return self.signer.headers(
            *(body, self.webhook, self.certificate_url, transmission, self.now())
        )

    @property
    def certificate_url(self) -> str:
        return f"{self.address}{_CERTIFICATES}CERT-360caa42-fca2a594-a5cafa77"


def _said(request: Request, order: Order) -> Answer:
    """As much of an order as was asked for."""
    is_whole = request.headers.get("prefer") == "return=representation"
    return Answer.of(201, order.json() if is_whole else order.minimal())


def _money(given: Any, precision: str) -> tuple[Decimal, str]:
    """An amount; `precision` is the issue of one with too many decimals."""
    value, currency = str(given["value"]), given["currency_code"]
    if currency not in CURRENCIES:
        raise Refusal(422, "INVALID_CURRENCY_CODE")
    if not _VALUE.fullmatch(value) or (currency in WHOLE and "." in value):
        raise Refusal(422, precision)
    amount = Decimal(value)
    if not amount:
        raise Refusal(422, "CANNOT_BE_ZERO_OR_NEGATIVE")
    # With its decimals, as it is told again.
    return Decimal(money(amount, currency)["value"]), currency
