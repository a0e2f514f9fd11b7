"""QIWI's bills, by the documentation of its API ("universal payment protocol", version 1).

That does not say what becomes of a bill, or a refund, that is asked for again under its id: so it
is played in both ways.
"""

import hashlib
import hmac
import json
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from html import escape
from typing import Any
from urllib.parse import parse_qs, urlencode

from saleor_1c_plugin.sandbox.standins.faults import Faults
from saleor_1c_plugin.sandbox.standins.messages import Answer, Request

from .base import StandIn
from .book import Entry, Move
from .contract import Violation

PREFIX = "/partner/bill/v1"
METHODS = ("qw", "card", "mobile")
#: A bill is void then, whatever was asked.
_LONGEST = timedelta(days=45)
_AMOUNT = re.compile(r"[0-9]{1,6}(\.[0-9]{1,2})?")
_MOSCOW = timezone(timedelta(hours=3))


class Refusal(Exception):
    """A call that is answered by an error, and has done nothing."""

    def __init__(self, code: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        body = {
            "serviceName": "invoicing-api",
            "errorCode": code,
            "description": description,
            "userMessage": description,
            "datetime": datetime.now(_MOSCOW).isoformat(timespec="seconds"),
            "traceId": uuid.uuid4().hex,
        }
        self.answer = Answer.of(status, body)


@dataclass
class Refund:
    id: str
    bill: "Bill"
    amount: Decimal
    at: datetime
    #: By it the bill was given back wholly.
    is_last: bool

    def json(self) -> dict[str, Any]:
        return {
            "amount": {"value": float(self.amount), "currency": self.bill.currency},
            # Of the zone only the hours, as the documentation's examples have it.
            "datetime": f"{self.at.astimezone(_MOSCOW):%Y-%m-%dT%H:%M:%S}+03",
            "refundId": self.id,
            "status": "FULL" if self.is_last else "PARTIAL",
        }


@dataclass
class Bill:
    id: str
    site: str
    amount: Decimal
    currency: str
    created: datetime
    expires: datetime
    asked: Mapping[str, Any]
    pay_url: str
    changed: datetime
    status: str = "WAITING"
    refunds: dict[str, Refund] = field(default_factory=dict)

    @property
    def refundable(self) -> Decimal:
        given = sum((one.amount for one in self.refunds.values()), Decimal(0))
        return self.amount - given if self.status == "PAID" else Decimal(0)

    def json(self) -> dict[str, Any]:
        return {
            "siteId": self.site,
            "billId": self.id,
            # A JSON number: whoever reads it as float loses kopecks.
            "amount": {"value": float(self.amount), "currency": self.currency},
            "status": {"value": self.status, "changedDateTime": _time(self.changed)},
            "customer": dict(self.asked.get("customer", {})),
            "customFields": dict(self.asked.get("customFields", {})),
            "comment": self.asked.get("comment", ""),
            "creationDateTime": _time(self.created),
            "expirationDateTime": _time(self.expires),
            "payUrl": self.pay_url,
        }

    def notification(self) -> dict[str, Any]:
        told = self.json()
        # Text here, without what is not needed, and times without their zone.
        told["amount"]["value"] = f"{self.amount:f}".removesuffix(".00")
        naive = f"{self.changed.astimezone(_MOSCOW):%Y-%m-%dT%H:%M:%S}"
        told["status"] = {"value": self.status, "datetime": naive}
        return {"bill": told, "version": "1"}


class Qiwi(StandIn):
    """See the base.

    Parameters
    ----------
    sites
        Ids of merchants' sites, and their secret keys.
    repeats
        What was made before is answered again; otherwise its id is refused.
    """

    def __init__(
        self,
        sites: Mapping[str, str] | None = None,
        *,
        repeats: bool = True,
        faults: Faults | None = None,
        senders: int = 1,
        port: int = 0,
    ) -> None:
        super().__init__(None, faults, senders, port)
        self.sites = dict(sites or {"23044": "qiwi-secret-key"})
        self.repeats = repeats
        self.bills: dict[str, Bill] = {}
        self.notifier.expected = b'{"error":"0"}'

    @property
    def url(self) -> str:
        """Of the API."""
        return self.address + PREFIX

    # What happens by itself.

    def pay(self, bill_id: str) -> None:
        """The buyer pays."""
        self._end(bill_id, "PAID")

    def decline(self, bill_id: str) -> None:
        """The buyer does not want to."""
        self._end(bill_id, "REJECTED")

    def notification(self, bill_id: str) -> tuple[bytes, dict[str, str]]:
        """What is told of a bill as it is now: body and headers."""
        bill = self.bills[bill_id]
        told = bill.notification()
        fields = (bill.currency, f"{bill.amount:.2f}", bill.id, bill.site, bill.status)
        key = self.sites[bill.site].encode()
        signature = hmac.new(key, "|".join(fields).encode(), hashlib.sha256).hexdigest()
        body = json.dumps(told, ensure_ascii=False).encode()
        return body, {"X-Api-Signature-SHA256": signature}

    def pass_time(self) -> None:
        for bill in self.bills.values():
            if bill.status == "WAITING" and self.now() >= bill.expires:
                self._change(bill, "EXPIRED")

    # The API.

    def is_api(self, path: str) -> bool:
        return path.startswith(f"{PREFIX}/")

    def admit(self, request: Request) -> Answer | None:
        try:
            self._site(request)
            if request.headers.get("accept") != "application/json":
                raise Refusal("http.not.acceptable", "Accept is application/json", 406)
            content_type = request.headers.get("content-type", "")
            if request.body and content_type.partition(";")[0] != "application/json":
                raise Refusal("http.unsupported", "Content-Type is application/json", 415)
        except Refusal as refusal:
            return refusal.answer
        return None

    def refuse(self, violation: Violation) -> Answer:
        raise NotImplementedError("There is no description to violate")

    def broken(self, status: int) -> Answer:
        return Answer(status, f"<html><h1>{status}</h1></html>".encode(), "text/html")

    def act(self, request: Request) -> Answer:
        try:
            return Answer.of(200, self._method_for(request)())
        except Refusal as refusal:
            return refusal.answer

    def _method_for(self, request: Request) -> Callable[[], dict[str, Any]]:
        site = self._site(request)
        match request.method, request.path.removeprefix(f"{PREFIX}/").split("/"):
            case "PUT", ["bills", bill_id]:
                return lambda: self._create(site, bill_id, request).json()
            case "GET", ["bills", bill_id]:
                return lambda: self._bill(site, bill_id).json()
            case "POST", ["bills", bill_id, "reject"]:
                return lambda: self._reject(site, bill_id).json()
            case "PUT", ["bills", bill_id, "refunds", refund_id]:
                return lambda: self._give_back(site, bill_id, refund_id, request).json()
            case "GET", ["bills", bill_id, "refunds", refund_id]:
                return lambda: self._refund(site, bill_id, refund_id).json()
            case _:
                raise Refusal("http.not.found", "No such method", 404)

    def _create(self, site: str, bill_id: str, request: Request) -> Bill:
        body = _object(request.json)
        if bill_id in self.bills:
            if not self.repeats or self.bills[bill_id].site != site:
                raise Refusal("api.invoice.exists", "An invoice with this id exists")
            return self.bills[bill_id]
        if not re.fullmatch(r"[\x21-\x7e]{1,200}", bill_id):
            raise Refusal("validation.error", "billId has 200 characters at most")
        known = {"amount", "comment", "expirationDateTime", "customer", "customFields"}
        if unknown := body.keys() - known:
            raise Refusal("validation.error", f"Unknown: {', '.join(sorted(unknown))}")
        if len(body.get("comment", "")) > 255:
            raise Refusal("validation.error", "comment has 255 characters at most")
        amount, currency = _amount(body.get("amount"))
        bill = Bill(
            *(bill_id, site, amount, currency, self.now()),
            expires=self._expires(body.get("expirationDateTime")),
            asked=body,
            pay_url=f"{self.address}/form/?{urlencode({'invoice_uid': uuid.uuid4()})}",
            changed=self.now(),
        )
        self.bills[bill_id] = bill
        return bill

    def _expires(self, text: Any) -> datetime:
        try:
            moment = datetime.fromisoformat(text)
        except (TypeError, ValueError):
            raise Refusal("validation.error", "expirationDateTime is no time") from None
        if moment.tzinfo is None or moment <= self.now():
            raise Refusal("validation.error", "expirationDateTime is to come, with its zone")
        return min(moment, self.now() + _LONGEST)

    def _reject(self, site: str, bill_id: str) -> Bill:
        bill = self._bill(site, bill_id)
        if bill.status != "WAITING":
            raise Refusal("api.invoice.final", f"The invoice is {bill.status}")
        self._change(bill, "REJECTED")
        return bill

    def _give_back(self, site: str, bill_id: str, refund_id: str, request: Request) -> Refund:
        bill = self._bill(site, bill_id)
        body = _object(request.json)
        if refund_id in bill.refunds:
            if not self.repeats:
                raise Refusal("api.refund.exists", "A refund with this id exists")
            return bill.refunds[refund_id]
        amount, currency = _amount(body.get("amount"))
        if body.keys() != {"amount"} or currency != bill.currency:
            raise Refusal("validation.error", "A refund has an amount in the invoice's currency")
        if amount > bill.refundable:
            raise Refusal("refund.incorrect.amount", "Неверная сумма возврата")
        refund = Refund(refund_id, bill, amount, self.now(), amount == bill.refundable)
        bill.refunds[refund_id] = refund
        self._write(Move.REFUNDED, bill, refund_id, amount)
        return refund

    def _bill(self, site: str, bill_id: str) -> Bill:
        bill = self.bills.get(bill_id)
        if bill is None or bill.site != site:
            raise Refusal("api.invoice.not.found", "Счет не найден", 404)
        return bill

    def _refund(self, site: str, bill_id: str, refund_id: str) -> Refund:
        found = self._bill(site, bill_id).refunds.get(refund_id)
        if found is None:
            raise Refusal("api.refund.not.found", "Возврат не найден", 404)
        return found

    def _site(self, request: Request) -> str:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        for site, secret in self.sites.items():
            if scheme == "Bearer" and hmac.compare_digest(secret.encode(), key.encode()):
                return site
        raise Refusal("auth.unauthorized", "Неверные аутентификационные данные", 401)

    # Pages.

    def page(self, request: Request) -> Answer:
        found = [
            bill
            for bill in self.bills.values()
            if bill.pay_url.endswith(f"invoice_uid={request.query.get('invoice_uid')}")
        ]
        if request.path != "/form/" or not found:
            return Answer(404, b"<!doctype html><p>No such invoice", "text/html; charset=utf-8")
        (bill,) = found
        if request.method == "POST":
            sent = {key: values[-1] for key, values in parse_qs(request.body.decode()).items()}
            if sent.get("decision") != "pay":
                self.decline(bill.id)
            else:
                self.pay(bill.id)
                back = request.query.get("successUrl", "")
                # Who pays otherwise than from the wallet stays here.
                if back and sent.get("method") == "qw":
                    return Answer(303, headers={"Location": back})
        if bill.status != "WAITING":
            return _page(f"<p>{bill.status}</p>")
        first = request.query.get("paySource", "")
        methods = sorted(METHODS, key=lambda method: method != first)
        options = "".join(f"<option>{method}</option>" for method in methods)
        action = escape(f"{request.path}?{urlencode(request.query)}")
        return _page(
            f"<h1>{bill.amount:.2f} {escape(bill.currency)}</h1>"
            f'<form method="post" action="{action}"><select name="method">{options}</select>'
            '<button name="decision" value="pay">Pay</button>'
            '<button name="decision" value="decline">Decline</button></form>'
        )

    def _end(self, bill_id: str, status: str) -> None:
        with self._lock:
            bill = self.bills[bill_id]
            if bill.status == "WAITING":
                self._change(bill, status)

    def _change(self, bill: Bill, status: str) -> None:
        bill.status, bill.changed = status, self.now()
        if status == "PAID":
            self._write(Move.CHARGED, bill, bill.id, bill.amount)
        self.tell(f"bill.{status}", bill.id, *self.notification(bill.id))

    def _write(self, move: Move, bill: Bill, reference: str, amount: Decimal) -> None:
        self.book.add(Entry(move, bill.id, reference, amount, bill.currency, self.now()))


def _time(moment: datetime) -> str:
    return moment.astimezone(_MOSCOW).isoformat(timespec="milliseconds")


def _amount(given: Any) -> tuple[Decimal, str]:
    amount = _object(given)
    value, currency = amount.get("value"), amount.get("currency")
    # The documentation has both: a number, and text.
    if isinstance(value, bool) or not _AMOUNT.fullmatch(str(value)) or not Decimal(str(value)):
        raise Refusal("validation.error", "amount.value has two decimals, and is more than 0")
    if currency not in ("RUB", "KZT"):
        raise Refusal("validation.error", "amount.currency is RUB or KZT")
    return Decimal(str(value)), currency


def _object(given: Any) -> Mapping[str, Any]:
    if not isinstance(given, dict):
        raise Refusal("validation.error", "It is missing, or no object")
    return given


def _page(body: str) -> Answer:
    head = '<!doctype html><html lang="ru"><meta charset="utf-8"><title>QIWI</title>'
    return Answer(200, f"{head}<body>{body}</body></html>".encode(), "text/html; charset=utf-8")
