"""Viber's REST API for bots, by its documentation.

What is refused is answered by 200, as Viber does. A field that no method knows does nothing at
Viber. Here it is a violation.
"""

import hashlib
import hmac
import itertools
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from saleor_1c_plugin.sandbox.standins.faults import Faults
from saleor_1c_plugin.sandbox.standins.messages import Answer, Request
from tests.payments.standins.base import StandIn
from tests.payments.standins.contract import Violation

PREFIX = "/pa"
KINDS = ("delivered", "seen", "failed", "subscribed", "unsubscribed", "conversation_started")
_SECONDS = 20
_MOST_TEXT = 7000
_MOST_NAME = 28
_METHODS: Mapping[str, frozenset[str]] = {
    "set_webhook": frozenset({"url", "event_types", "send_name", "send_photo"}),
    "get_account_info": frozenset(),
    "send_message": frozenset(
        {"receiver", "min_api_version", "sender", "tracking_data", "type", "text", "keyboard"}
    ),
}
_BUTTON = frozenset({"Columns", "Rows", "Text", "ActionType", "ActionBody", "TextSize", "Silent"})


class Refusal(Exception):
    """A call that is answered by an error, and has done nothing."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.answer = Answer.of(200, {"status": status, "status_message": message})


@dataclass
class Person:
    """Somebody with Viber's application."""

    id: str
    language: str = "ru"
    #: The bot may write to who has written to it.
    is_subscribed: bool = False
    #: What the bot has written, the newest last.
    read: list[dict[str, Any]] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        return [message["text"] for message in self.read]

    def buttons(self) -> dict[str, str]:
        """Those of the newest message: label → what it says, or where it leads."""
        buttons = self.read[-1].get("keyboard", {}).get("Buttons", [])
        return {one["Text"]: one["ActionBody"] for one in buttons}


class Viber(StandIn):
    """See the base.

    Parameters
    ----------
    hosts
        Where the hosts of webhooks really are: "shop.example" → "http://127.0.0.1:8000".
    """

    def __init__(
        self,
        token: str,
        uri: str,
        *,
        hosts: Mapping[str, str] | None = None,
        faults: Faults | None = None,
    ) -> None:
        super().__init__(None, faults, 1, 0)
        self.token = token
        self.uri = uri
        self.hosts = dict(hosts or {})
        self.webhook = ""
        self.kinds: tuple[str, ...] = ()
        self.people: dict[str, Person] = {}
        #: So many calls more are answered that they are too many.
        self.busy = 0
        self._numbers = itertools.count(5_000_000_000_000_000_001)

    @property
    def url(self) -> str:
        """Of the API."""
        return self.address + PREFIX

    # What people do.

    def person(self, id: str = "01234567890A=", language: str = "ru") -> Person:
        """Somebody who has never spoken to the bot."""
        return self.people.setdefault(id, Person(id, language))

    def open(self, person: Person, link: str = "") -> int:
        """Open the chat, by a link or without one; what the shop has answered."""
        query = parse_qs(urlsplit(link).query)
        if link:
            assert link.startswith("viber://pa?"), link
            assert query["chatURI"] == [self.uri]
        told: dict[str, Any] = {
            "type": "open",
            "user": self._user(person),
            "subscribed": person.is_subscribed,
        }
        if "context" in query:
            told["context"] = query["context"][0]
        answer = self.tell_bot("conversation_started", told)
        if answer is None:
            return 0
        if answer.ok and answer.content:
            welcome = answer.json()
            self._require_message(welcome)
            person.read.append(welcome)
        return answer.status_code

    def write(self, person: Person, text: str) -> int:
        person.is_subscribed = True
        message = {"type": "text", "text": text}
        answer = self.tell_bot("message", {"sender": self._user(person), "message": message})
        return answer.status_code if answer is not None else 0

    def press(self, person: Person, label: str) -> int:
        """Press a button of the newest message: what it says is written."""
        return self.write(person, person.buttons()[label])

    def leave(self, person: Person) -> int:
        person.is_subscribed = False
        answer = self.tell_bot("unsubscribed", {"user_id": person.id})
        return answer.status_code if answer is not None else 0

    def arrive(self, person: Person, failure: str = "") -> int:
        """The newest message arrives, or does not."""
        told = {"user_id": person.id}
        if failure:
            told["desc"] = failure
        number = person.read[-1]["message_token"]
        answer = self.tell_bot("failed" if failure else "delivered", told, number)
        return answer.status_code if answer is not None else 0

    def tell_bot(
        self, event: str, told: Mapping[str, Any], number: int = 0
    ) -> requests.Response | None:
        """Tell the bot; the same `number` is the same again. ``None``: it does not want to know."""
        if event not in (*self.kinds, "message", "webhook"):
            return None
        body = {
            "event": event,
            "timestamp": int(time.time() * 1000),
            "message_token": number or next(self._numbers),
            **told,
        }
        sent = json.dumps(body).encode()
        signature = hmac.new(self.token.encode(), sent, hashlib.sha256).hexdigest()
        return self.post(sent, signature)

    def post(self, body: bytes, signature: str) -> requests.Response:
        """What anybody can do who knows the address."""
        parts = urlsplit(self.webhook)
        url = self.hosts[parts.hostname or ""] + parts.path
        headers = {"X-Viber-Content-Signature": signature, "Content-Type": "application/json"}
        return requests.post(url, data=body, headers=headers, timeout=_SECONDS)

    # The API.

    def is_api(self, path: str) -> bool:
        return path.startswith(PREFIX)

    def page(self, request: Request) -> Answer:
        return Answer(404)

    def broken(self, status: int) -> Answer:
        return Answer(status, b"<html>Bad Gateway</html>", "text/html")

    def pass_time(self) -> None:
        """Nothing falls due."""

    def admit(self, request: Request) -> Answer | None:
        if request.path.removeprefix(f"{PREFIX}/") not in _METHODS or request.method != "POST":
            return Answer(404)
        if request.headers.get("x-viber-auth-token") != self.token:
            return Refusal(2, "invalidAuthToken").answer
        return None

    def refuse(self, violation: Violation) -> Answer:
        return Refusal(3, f"badData: {violation.reason}").answer

    def act(self, request: Request) -> Answer:
        method = request.path.rpartition("/")[2]
        fields = request.json
        try:
            if not isinstance(fields, dict):
                raise Refusal(3, "badData")
            self._require_known(method, fields)
            told = getattr(self, f"_{method}")(fields)
        except Refusal as refusal:
            return refusal.answer
        return Answer.of(200, {"status": 0, "status_message": "ok", **told})

    def _get_account_info(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        return {"id": "pa:75346594275468546724", "name": "Shop", "uri": self.uri}

    def _set_webhook(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        if urlsplit(fields["url"]).scheme != "https":
            raise Refusal(1, "webhook url is not valid")
        before, self.webhook = self.webhook, fields["url"]
        answer = self.tell_bot("webhook", {})
        if answer is None or answer.status_code != 200:
            self.webhook = before
            raise Refusal(1, "invalidUrl")
        self.kinds = tuple(fields.get("event_types", KINDS))
        if unknown := set(self.kinds) - set(KINDS):
            raise Refusal(3, f"badData: {unknown}")
        return {"event_types": list(self.kinds)}

    def _send_message(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        if self.busy:
            self.busy -= 1
            raise Refusal(12, "tooManyRequests")
        if not self.webhook:
            raise Refusal(10, "webhookNotSet")
        person = self.people.get(fields.get("receiver", ""))
        if person is None:
            raise Refusal(5, "receiverNotRegistered")
        if not person.is_subscribed:
            raise Refusal(6, "receiverNotSubscribed")
        self._require_message(fields)
        number = next(self._numbers)
        person.read.append({**fields, "message_token": number})
        return {"message_token": number, "chat_hostname": "SN-CHAT-01_", "billing_status": 1}

    def _require_known(self, method: str, fields: Mapping[str, Any]) -> None:
        for name in fields.keys() - _METHODS[method]:
            self.hold([Violation("request", method, name, "no such field")])

    def _require_message(self, fields: Mapping[str, Any]) -> None:
        name = fields.get("sender", {}).get("name", "")
        if not name or len(name) > _MOST_NAME:
            raise Refusal(4, "missingData: sender.name")
        if fields.get("type") != "text" or not 1 <= len(fields.get("text", "")) <= _MOST_TEXT:
            raise Refusal(3, "badData: text")
        keyboard = fields.get("keyboard")
        if keyboard is None:
            return
        if keyboard.get("Type") != "keyboard" or not 1 <= len(keyboard["Buttons"]) <= 24:
            raise Refusal(3, "badData: keyboard")
        for button in keyboard["Buttons"]:
            if unknown := button.keys() - _BUTTON:
                self.hold([Violation("request", "send_message", f"{unknown}", "no such field")])
            if button["ActionType"] not in ("reply", "open-url") or not button["ActionBody"]:
                raise Refusal(3, "badData: keyboard")
            if button["Columns"] not in range(1, 7) or button["Rows"] not in (1, 2):
                raise Refusal(3, "badData: keyboard")
            if len(button.get("Text", "")) > 250:
                raise Refusal(3, "badData: keyboard")

    def _user(self, person: Person) -> dict[str, Any]:
        return {
            "id": person.id,
            "name": "Анна",
            "country": "RU",
            "language": person.language,
            "api_version": 10,
        }
