"""Twilio's REST API: sending, messages, the account and its balance; reports and answers, signed.

What a call must have, and what is answered, is as in its documentation of Programmable Messaging.
"""

import base64
import hashlib
import hmac
import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

from saleor_1c_plugin.sandbox.standins.messages import Answer, Request

from .phones import FORM, Phones, form, parts

PRICE = Decimal("0.0075")
_PREFIX = "/2010-04-01/Accounts/"
_ANSWERS = {"queued", "sending", "sent", "delivered", "undelivered", "failed", "read"}


@dataclass
class Letter:
    """A message that was taken."""

    sid: str
    to: str
    sender: str
    service: str
    text: str
    callback: str
    created: datetime
    status: str = "queued"
    error: int | None = None
    price: Decimal | None = None


class Refusal(Exception):
    def __init__(self, status: int, code: int, words: str) -> None:
        super().__init__(words)
        self.status, self.code = status, code


class Twilio(Phones):
    """See the base."""

    sid = "AC" + "0123456789abcdef" * 2
    token = "tajnyj-token"
    service = "MG" + "0123456789abcdef" * 2
    numbers = ("+14155550100", "SHOP")

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.sent: list[Letter] = []
        #: Who has answered STOP.
        self.opted_out: set[str] = set()
        self.account_status = "active"
        #: An account within another one has no balance of its own.
        self.is_part = False
        #: Sends a second.
        self.most_a_second = 100

    @property
    def url(self) -> str:
        return f"{self.address}/2010-04-01"

    def report(self, letter: Letter, status: str, error: int | None = None) -> None:
        """A phone says what became of a message; the shop is told, where it has asked for it."""
        assert status in _ANSWERS
        with self._lock:
            letter.status, letter.error = status, error
        if letter.callback:
            self.notifier.url = letter.callback
            self._tell(letter.sid, self.told(letter))

    def told(self, letter: Letter) -> dict[str, str]:
        """What a shop is told of a message."""
        fields = {
            "AccountSid": self.sid,
            "ApiVersion": "2010-04-01",
            "From": letter.sender,
            "To": letter.to,
            "MessageSid": letter.sid,
            "MessageStatus": letter.status,
            "SmsSid": letter.sid,
            "SmsStatus": letter.status,
        }
        return {**fields, "ErrorCode": f"{letter.error}"} if letter.error else fields

    def write_back(self, url: str, sender: str, text: str, sid: str = "SM" + "1" * 32) -> None:
        """Somebody writes to the shop's number."""
        self.notifier.url = url
        self._tell(sid, self.said(sender, text, sid))

    def said(self, sender: str, text: str, sid: str) -> dict[str, str]:
        return {
            "AccountSid": self.sid,
            "ApiVersion": "2010-04-01",
            "From": sender,
            "To": self.numbers[0],
            "Body": text,
            "MessageSid": sid,
            "SmsMessageSid": sid,
            "SmsSid": sid,
            "SmsStatus": "received",
            "NumMedia": "0",
            "NumSegments": "1",
            "FromCountry": "",
        }

    def signed(self, url: str, fields: dict[str, str], token: str = "") -> dict[str, str]:
        """The header that comes with a form."""
        text = url + "".join(name + fields[name] for name in sorted(fields))
        made = hmac.new((token or self.token).encode(), text.encode(), hashlib.sha1).digest()
        return {"X-Twilio-Signature": base64.b64encode(made).decode()}

    def _tell(self, sid: str, fields: dict[str, str]) -> None:
        headers = {**FORM, **self.signed(self.notifier.url, fields)}
        self.tell("message", sid, urlencode(fields).encode(), headers)

    def act(self, request: Request) -> Answer:
        try:
            return self._act(request)
        except Refusal as refusal:
            said = {"code": refusal.code, "message": str(refusal), "status": refusal.status}
            said["more_info"] = f"https://www.twilio.com/docs/errors/{refusal.code}"
            return Answer.of(refusal.status, said)

    def _act(self, request: Request) -> Answer:
        name, _, rest = request.path.removeprefix(_PREFIX).partition("/")
        given = base64.b64encode(f"{self.sid}:{self.token}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {given}":
            raise Refusal(401, 20003, "Authenticate")
        if name.removesuffix(".json") != self.sid:
            raise Refusal(404, 20404, f"The requested resource {request.path} was not found")
        match (request.method, rest):
            case ("GET", ""):
                said = {"sid": self.sid, "friendly_name": "Чашки", "status": self.account_status}
                return Answer.of(200, said)
            case ("GET", "Balance.json") if not self.is_part:
                money = {"balance": f"{self.balance:.2f}", "currency": "USD"}
                return Answer.of(200, {"account_sid": self.sid, **money})
            case ("POST", "Messages.json"):
                return Answer.of(201, self._shown(self._send(form(request))))
            case ("GET", "Messages.json"):
                return Answer.of(200, self._list(dict(request.query)))
        if (found := re.fullmatch(r"Messages/(SM[0-9a-f]{32})\.json", rest)) and (
            letter := next((one for one in self.sent if one.sid == found[1]), None)
        ):
            return Answer.of(200, self._shown(letter))
        raise Refusal(404, 20404, f"The requested resource {request.path} was not found")

    def _send(self, fields: dict[str, str]) -> Letter:
        if self.account_status != "active":
            raise Refusal(403, 20005, "Account is not active")
        unknown = set(fields) - {"To", "Body", "From", "MessagingServiceSid", "StatusCallback"}
        assert not unknown, unknown
        now = self.now()
        if sum(one.created > now - timedelta(seconds=1) for one in self.sent) >= self.most_a_second:
            raise Refusal(429, 20429, "Too Many Requests")
        to, text = fields.get("To", ""), fields.get("Body", "")
        sender, service = fields.get("From", ""), fields.get("MessagingServiceSid", "")
        if not re.fullmatch(r"\+[1-9]\d{6,14}", to) or to in self.absent:
            raise Refusal(400, 21211, f"The 'To' number {to} is not a valid phone number.")
        if not text:
            raise Refusal(400, 21602, "Message body is required.")
        if len(text) > 1600:
            raise Refusal(400, 21617, "The concatenated message body exceeds the 1600 limit.")
        if bool(sender) == bool(service) or (service and service != self.service):
            raise Refusal(400, 21603, "A 'From' phone number is required.")
        if sender and sender not in self.numbers:
            raise Refusal(400, 21606, "The 'From' phone number is not a valid one of yours.")
        if to in self.opted_out:
            raise Refusal(400, 21610, "Attempt to send to unsubscribed recipient")
        callback = fields.get("StatusCallback", "")
        if callback and not callback.startswith(("http://", "https://")):
            raise Refusal(400, 21609, "Invalid 'StatusCallback'")
        letter = Letter(
            f"SM{len(self.sent):032x}", to, sender or self.numbers[0], service, text, callback, now
        )
        self.sent.append(letter)
        return letter

    def _list(self, query: dict[str, str]) -> dict[str, object]:
        assert set(query) <= {"To", "PageSize"}, query
        assert 1 <= int(query.get("PageSize", "50")) <= 1000
        found = [one for one in reversed(self.sent) if query.get("To", one.to) == one.to]
        return {"messages": [self._shown(one) for one in found], "page": 0}

    def _shown(self, letter: Letter) -> dict[str, object]:
        is_new = letter.status == "queued"
        shown = {
            "sid": letter.sid,
            "account_sid": self.sid,
            "to": letter.to,
            "from": letter.sender,
            "messaging_service_sid": letter.service or None,
            "body": letter.text,
            "status": "accepted" if is_new and letter.service else letter.status,
            "direction": "outbound-api",
            "num_segments": "0" if letter.service and is_new else f"{parts(letter.text)}",
            "price": None if letter.price is None else f"-{letter.price:.5f}",
            "price_unit": "USD",
            "error_code": letter.error,
            "error_message": None,
            "date_created": format_datetime(letter.created.replace(microsecond=0)),
        }
        known: dict[str, object] = json.loads(json.dumps(shown))
        return known
