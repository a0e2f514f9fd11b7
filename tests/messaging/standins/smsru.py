"""SMS.ru's HTTP API: sending, prices, states and the balance, and reports to an address."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from saleor_1c_plugin.sandbox.standins.messages import Answer, Request

from .phones import FORM, PRICE, Phones, form, parts, require

_KNOWN = {"api_id": bool, "json": lambda value: value == "1"}
_SEND = {
    **_KNOWN,
    "to": re.compile(r"\d{7,15}").fullmatch,
    "msg": bool,
    "from": re.compile(r"[ -~]{1,11}|\+?\d{5,15}").fullmatch,
    "test": lambda value: value == "1",
}
_MOST_PARTS = 8
_WORDS = {
    200: "Неправильный api_id",
    201: "Не хватает средств на лицевом счету",
    202: "Неправильно указан номер телефона получателя",
    204: "Имя отправителя не подключено",
    205: "Сообщение слишком длинное (превышает 8 СМС)",
    230: "Превышен общий лимит количества сообщений на этот номер в день",
    231: "Превышен лимит одинаковых сообщений на этот номер в минуту",
    -1: "Сообщение не найдено",
}


@dataclass
class Letter:
    """A message that was taken."""

    id: str
    to: str
    text: str
    sender: str
    cost: Decimal
    at: datetime
    status: int = 100


class Refusal(Exception):
    def __init__(self, code: int, words: str = "") -> None:
        super().__init__(words or _WORDS[code])
        self.said = {"status": "ERROR", "status_code": code, "status_text": str(self)}


class SmsRu(Phones):
    """See the base."""

    api_id = "A1B2C3D4-0000-1111-2222-333344445555"
    senders_allowed = ("", "SHOP")
    #: To one number a day, and of the same words a minute.
    most_a_day, most_a_minute = 60, 1

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.notifier.expected = b"100"
        self.sent: list[Letter] = []
        #: What was only pretended to be sent.
        self.pretended: list[Letter] = []
        #: What every call is answered by, where something is wrong with the service.
        self.trouble: int | None = None

    @property
    def url(self) -> str:
        return self.address

    def report(self, *letters: Letter) -> None:
        """Tell the shop what became of messages, together."""
        records = [self._record(letter) for letter in letters]
        self.tell("status", letters[0].id, urlencode(self.told(records)).encode(), FORM)

    def told(self, records: Sequence[str], api_id: str = "") -> dict[str, str]:
        """What a shop is told, signed."""
        text = "".join([api_id or self.api_id, *records])
        fields = {f"data[{number}]": record for number, record in enumerate(records)}
        return {**fields, "hash": hashlib.sha256(text.encode()).hexdigest()}

    def _record(self, letter: Letter) -> str:
        return f"sms_status\n{letter.id}\n{letter.status}\n{int(self.now().timestamp())}"

    def act(self, request: Request) -> Answer:
        calls = {
            "/sms/send": self._send,
            "/sms/cost": self._cost,
            "/sms/status": self._status,
            "/my/balance": self._balance,
        }
        call = calls.get(request.path)
        if call is None:
            return Answer(404, b"<html>", "text/html")
        try:
            fields = form(request)
            if fields.get("json") != "1":
                return Answer(200, b"200", "text/plain")
            if self.trouble:
                raise Refusal(self.trouble, "Ошибка")
            if fields.get("api_id") != self.api_id:
                raise Refusal(200)
            return Answer.of(200, {"status": "OK", "status_code": 100, **call(fields)})
        except Refusal as refusal:
            return Answer.of(200, refusal.said)

    def _send(self, fields: dict[str, str]) -> dict[str, object]:
        letter = self._letter(fields)
        if isinstance(letter, dict):
            return {"sms": {fields["to"]: letter}, "balance": float(self.balance)}
        if fields.get("test") == "1":
            self.pretended.append(letter)
        else:
            self.sent.append(letter)
            self.balance -= letter.cost
        said = {"status": "OK", "status_code": 100, "sms_id": letter.id}
        return {"sms": {letter.to: said}, "balance": float(self.balance)}

    def _cost(self, fields: dict[str, str]) -> dict[str, object]:
        if wrong := require(fields, _SEND, {"to", "msg"}):
            raise Refusal(200, f"Ошибка в параметрах: {wrong}")
        if fields["to"] in self.absent:
            return {"sms": {fields["to"]: Refusal(202).said}, "total_cost": 0.0, "total_sms": 0}
        count = parts(fields["msg"])
        price = float(PRICE * count)
        said = {"status": "OK", "status_code": 100, "cost": price, "sms": count}
        return {"sms": {fields["to"]: said}, "total_cost": price, "total_sms": count}

    def _letter(self, fields: dict[str, str]) -> "Letter | dict[str, object]":
        """What a message becomes, or why it becomes none."""
        if wrong := require(fields, _SEND, {"to", "msg"}):
            raise Refusal(200, f"Ошибка в параметрах: {wrong}")
        to, text, sender = fields["to"], fields["msg"], fields.get("from", "")
        if sender not in self.senders_allowed:
            raise Refusal(204)
        count = parts(text)
        if count > _MOST_PARTS:
            raise Refusal(205)
        if PRICE * count > self.balance:
            raise Refusal(201)
        if to in self.absent:
            return Refusal(202).said
        now = self.now()
        before = [one for one in self.sent if one.to == to]
        if sum(one.at > now - timedelta(days=1) for one in before) >= self.most_a_day:
            return Refusal(230).said
        same = [one for one in before if one.text == text and one.at > now - timedelta(minutes=1)]
        if len(same) >= self.most_a_minute:
            return Refusal(231).said
        number = len(self.sent) + len(self.pretended) + 1
        return Letter(f"202648-{number:07}", to, text, sender, PRICE * count, now)

    def _status(self, fields: dict[str, str]) -> dict[str, object]:
        if wrong := require(fields, {**_KNOWN, "sms_id": bool}, {"sms_id"}):
            raise Refusal(200, f"Ошибка в параметрах: {wrong}")
        found = {one.id: one for one in self.sent}
        return {"sms": {name: _said(found.get(name)) for name in fields["sms_id"].split(",")}}

    def _balance(self, fields: dict[str, str]) -> dict[str, object]:
        if wrong := require(fields, _KNOWN, set()):
            raise Refusal(200, f"Ошибка в параметрах: {wrong}")
        return {"balance": float(self.balance)}


def _said(letter: Letter | None) -> dict[str, object]:
    if letter is None:
        return Refusal(-1).said
    return {
        "status": "OK",
        "status_code": letter.status,
        "cost": float(letter.cost),
        "status_text": "Состояние сообщения",
    }
