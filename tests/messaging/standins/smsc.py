"""SMSC.ru's HTTP API: sending, prices, states and the balance, with its limits by the minute."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from saleor_1c_plugin.sandbox.standins.messages import Answer, Request

from .phones import FORM, PRICE, Phones, form, parts, require

_MINUTE = timedelta(minutes=1)
_KNOWN = {
    "login": bool,
    "psw": bool,
    "apikey": bool,
    "fmt": lambda value: value == "3",
    "charset": lambda value: value == "utf-8",
}
_SEND = {
    **_KNOWN,
    "phones": re.compile(r"\+?\d{7,15}").fullmatch,
    "mes": lambda text: 0 < len(text) <= 1000,
    "id": lambda text: text.isdigit() and 1 <= int(text) <= 2147483647,
    "sender": re.compile(r"[ -~]{1,11}|\+?\d{5,15}").fullmatch,
    "cost": lambda text: text in "0123",
}
_STATUS = {
    **_KNOWN,
    "phone": re.compile(r"\+?\d{7,15}").fullmatch,
    "id": str.isdigit,
    "all": lambda text: text in "012",
}


@dataclass
class Letter:
    """A message that was taken."""

    id: str
    to: str
    text: str
    sender: str
    cost: Decimal
    status: int = -1


class Refusal(Exception):
    def __init__(self, code: int, words: str) -> None:
        super().__init__(words)
        self.code = code


class Smsc(Phones):
    """See the base."""

    login, password, api_key = "shop", "tajna-parol", "kljuch-api"
    #: Given in the address for reports, which are signed by it.
    secret = "tajnoe-slovo"
    senders_allowed = ("", "SHOP")

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.sent: list[Letter] = []
        #: Texts that the service will not carry.
        self.forbidden: set[str] = set()
        #: What has come to the account's own number: phone, text; its ids count from 1.
        self.inbox: list[tuple[str, str]] = []
        self._asked: list[tuple[datetime, str]] = []
        self._wrong: list[datetime] = []

    @property
    def url(self) -> str:
        return f"{self.address}/sys"

    def report(self, letter: Letter, status: int) -> None:
        """A phone says what became of a message; the shop is told."""
        with self._lock:
            letter.status = status
        self.tell("status", letter.id, urlencode(self.told(letter, self.secret)).encode(), FORM)

    def told(self, letter: Letter, secret: str) -> dict[str, str]:
        """What a shop is told of a message, signed by SHA-1."""
        text = f"{letter.id}:{letter.to}:{letter.status}:{secret}"
        return {
            "id": letter.id,
            "phone": letter.to,
            "status": f"{letter.status}",
            "time": self.now().strftime("%d.%m.%Y %H:%M:%S"),
            "ts": f"{int(self.now().timestamp())}",
            "err": "0",
            "cnt": f"{parts(letter.text)}",
            "cost": f"{letter.cost:.2f}",
            "type": "0",
            "sha1": hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest(),
        }

    def act(self, request: Request) -> Answer:
        calls = {
            "send.php": self._send,
            "status.php": self._status,
            "balance.php": self._balance,
            "get.php": self._get,
        }
        call = calls.get(request.path.removeprefix("/sys/"))
        if call is None:
            return Answer(404, b"<html>", "text/html")
        try:
            fields = form(request)
            if len([at for at in self._wrong if at > self.now() - _MINUTE]) >= 10:
                raise Refusal(4, "IP is blocked")
            self._enter(fields)
            return Answer.of(200, call(fields))
        except Refusal as refusal:
            self._wrong.append(self.now())
            return Answer.of(200, {"error": str(refusal), "error_code": refusal.code})

    def _enter(self, fields: dict[str, str]) -> None:
        given = {name: fields.get(name) for name in ("login", "psw", "apikey") if name in fields}
        if given not in (
            {"login": self.login, "psw": self.password},
            {"apikey": self.api_key},
        ):
            raise Refusal(2, "authorise error")

    def _send(self, fields: dict[str, str]) -> dict[str, object]:
        if wrong := require(fields, _SEND, {"phones", "mes", "fmt", "charset"}):
            code = 7 if wrong == "phones" else 1
            raise Refusal(code, f"parameters error: {wrong}")
        to, text = fields["phones"].removeprefix("+"), fields["mes"]
        count = parts(text)
        said: dict[str, object] = {"cnt": count, "cost": f"{PRICE * count:.2f}"}
        is_price = fields.get("cost") == "1"
        self._limit(f"send {to} {text} {is_price}", 5 if is_price else 1)
        if fields.get("sender", "") not in self.senders_allowed or text in self.forbidden:
            raise Refusal(6, "message is denied")
        if to in self.absent:
            raise Refusal(8, "message can not be delivered")
        if is_price:
            return said
        if PRICE * count > self.balance:
            raise Refusal(3, "no money")
        self.balance -= PRICE * count
        letter = Letter(
            fields.get("id") or f"{len(self.sent) + 1}",
            *(to, text, fields.get("sender", ""), PRICE * count),
        )
        self.sent.append(letter)
        return {"id": int(letter.id), **said}

    def _status(self, fields: dict[str, str]) -> dict[str, object]:
        if wrong := require(fields, _STATUS, {"phone", "id", "fmt", "charset"}):
            raise Refusal(1, f"parameters error: {wrong}")
        to = fields["phone"].removeprefix("+")
        self._limit(f"status {fields['id']} {to}", 5)
        # The last one, where several have an id.
        found = [one for one in self.sent if (one.id, one.to) == (fields["id"], to)][-1:]
        if not found:
            raise Refusal(3, "not found")
        said: dict[str, object] = {
            "status": found[0].status,
            "last_date": self.now().strftime("%d.%m.%Y %H:%M:%S"),
            "last_timestamp": int(self.now().timestamp()),
            "err": 0,
        }
        if fields.get("all", "0") != "0":
            said |= {"phone": to, "cost": f"{found[0].cost:.2f}", "message": found[0].text}
        return said

    def _balance(self, fields: dict[str, str]) -> dict[str, object]:
        if wrong := require(fields, {**_KNOWN, "cur": lambda text: text in "01"}, {"fmt"}):
            raise Refusal(1, f"parameters error: {wrong}")
        said: dict[str, object] = {"balance": f"{self.balance:.2f}"}
        return {**said, "currency": "RUR"} if fields.get("cur") == "1" else said

    def _get(self, fields: dict[str, str]) -> object:
        known = {**_KNOWN, "get_answers": "1".__eq__, "after_id": str.isdigit, "hour": str.isdigit}
        if wrong := require(fields, known, {"get_answers", "fmt"}):
            raise Refusal(1, f"parameters error: {wrong}")
        self._limit(f"get {fields.get('after_id')}", 3)
        after = int(fields.get("after_id", 0))
        moment = self.now().strftime("%d.%m.%Y %H:%M:%S")
        return [
            {
                "id": number,
                "received": moment,
                "phone": phone,
                "message": text,
                "to_phone": "79130000000",
                "sent": moment,
            }
            for number, (phone, text) in enumerate(self.inbox, 1)
            if number > after
        ]

    def _limit(self, what: str, most: int) -> None:
        recent = [(at, one) for at, one in self._asked if at > self.now() - _MINUTE]
        if sum(one == what for _at, one in recent) >= most:
            raise Refusal(9, "duplicate request, wait a minute")
        self._asked = [*recent, (self.now(), what)]
