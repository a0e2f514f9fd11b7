"""Telegram's Bot API, by its documentation and what its limits are said to be.

A field that no method knows does nothing at Telegram. Here it is a violation.
"""

import itertools
import re
import time
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests

from . import telegram_pages
from .base import StandIn, Violation
from .faults import Faults
from .messages import Answer, Request

_PATH = re.compile(r"/bot(?P<token>[0-9]+:[A-Za-z0-9_-]+)/(?P<method>[A-Za-z]+)")
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_START = "[A-Za-z0-9_-]{0,64}"
_PORTS = (443, 80, 88, 8443)
#: Messages to all chats together: thirty a second, and more are let pass for a moment.
_ALTOGETHER, _WINDOW = 60, 2.0
_SECONDS = 20
#: Fields by method; those that are required first.
_FIELDS: Mapping[str, tuple[Mapping[str, type], Mapping[str, type]]] = {
    "getMe": ({}, {}),
    "getWebhookInfo": ({}, {}),
    "deleteWebhook": ({}, {"drop_pending_updates": bool}),
    "setWebhook": (
        {"url": str},
        {
            "secret_token": str,
            "allowed_updates": list,
            "max_connections": int,
            "drop_pending_updates": bool,
        },
    ),
    "sendMessage": (
        {"chat_id": int, "text": str},
        {"reply_markup": dict, "link_preview_options": dict, "parse_mode": str},
    ),
    "answerCallbackQuery": ({"callback_query_id": str}, {"text": str, "show_alert": bool}),
}


class Refusal(Exception):
    """A call that is answered by an error, and has done nothing."""

    def __init__(self, code: int, description: str, after: int = 0) -> None:
        super().__init__(description)
        body: dict[str, Any] = {"ok": False, "error_code": code, "description": description}
        if after:
            body["parameters"] = {"retry_after": after}
        self.answer = Answer.of(code, body)


@dataclass
class Person:
    """Somebody with Telegram's application."""

    id: int
    language: str = "ru"
    #: The bot may write to who has pressed "Start".
    has_started: bool = False
    has_blocked: bool = False
    #: What the bot has written, the newest last.
    read: list[dict[str, Any]] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        return [message["text"] for message in self.read]

    def buttons(self) -> dict[str, str]:
        """Those of the newest message: label → what it says, or where it leads."""
        rows = self.read[-1].get("reply_markup", {}).get("inline_keyboard", [])
        return {
            one["text"]: one.get("callback_data") or one.get("url", "")
            for row in rows
            for one in row
        }


class Telegram(StandIn):
    """See the base.

    Parameters
    ----------
    hosts
        Where the hosts of webhooks really are: "shop.example" → "http://127.0.0.1:8000".
    rest
        Seconds for which the bot is to be silent when it was too fast.
    """

    def __init__(
        self,
        token: str,
        username: str,
        *,
        hosts: Mapping[str, str] | None = None,
        rest: int = 1,
        faults: Faults | None = None,
    ) -> None:
        super().__init__(faults)
        self.token = token
        self.username = username
        self.hosts = dict(hosts or {})
        self.rest = rest
        #: Messages of a second to one chat: it should be one, and two are let pass.
        self.in_chat = 2
        self.webhook: dict[str, Any] = {}
        self.people: dict[int, Person] = {}
        #: Presses of buttons that nobody has answered yet.
        self.turning: set[str] = set()
        #: How often the bot was told that it is too fast.
        self.floods = 0
        self._sent: defaultdict[int, deque[float]] = defaultdict(deque)
        self._all_sent: deque[float] = deque()
        self._silent_until = 0.0
        self._numbers = itertools.count(1)

    # What people do.

    def person(self, id: int = 1001, language: str = "ru") -> Person:
        """Somebody who has never spoken to the bot."""
        return self.people.setdefault(id, Person(id, language))

    def start(self, person: Person, link: str = "") -> int:
        """Press "Start", by a link or without one; what the shop has answered."""
        code = ""
        if link:
            found = re.fullmatch(rf"https://t\.me/{self.username}\?start=({_START})", link)
            if found is None:
                raise ValueError(f"No link to this bot: {link}")
            code = found[1]
        person.has_started, person.has_blocked = True, False
        return self.write(person, f"/start {code}".strip())

    def write(self, person: Person, text: str, **more: Any) -> int:
        return self.bring({"message": {**self._message(person), "text": text, **more}})

    def press(self, person: Person, label: str) -> int:
        """Press a button of the newest message."""
        press = f"{next(self._numbers)}"
        self.turning.add(press)
        query = {
            "id": press,
            "from": self._user(person),
            "message": {**self._message(person), "text": person.read[-1]["text"]},
            "chat_instance": "1",
            "data": person.buttons()[label],
        }
        return self.bring({"callback_query": query})

    def block(self, person: Person) -> int:
        person.has_blocked = True
        change = {
            "chat": self._chat(person),
            "from": self._user(person),
            "date": int(time.time()),
            "old_chat_member": {"status": "member", "user": {"id": 1}},
            "new_chat_member": {"status": "kicked", "user": {"id": 1}, "until_date": 0},
        }
        return self.bring({"my_chat_member": change})

    def bring(self, what: Mapping[str, Any], number: int = 0) -> int:
        """Bring an update, once; the same `number` is the same one again."""
        (kind,) = what
        if kind not in self.webhook["allowed_updates"]:
            return 0
        update = {"update_id": number or next(self._numbers), **what}
        answer = self.post(
            update, {"X-Telegram-Bot-Api-Secret-Token": self.webhook["secret_token"]}
        )
        if answer.ok and answer.content:
            called = answer.json()
            self._do(called.pop("method"), called)
        return answer.status_code

    def forgive(self) -> None:
        """As if the bot had been silent for as long as it was to be."""
        self._silent_until = 0.0

    def post(self, update: object, headers: Mapping[str, str]) -> requests.Response:
        """What anybody can do who knows the address."""
        parts = urlsplit(self.webhook["url"])
        url = self.hosts[parts.hostname or ""] + parts.path
        return requests.post(url, json=update, headers=dict(headers), timeout=_SECONDS)

    # The API.

    def is_api(self, path: str) -> bool:
        return path != "/"

    def page(self, request: Request) -> Answer:
        return telegram_pages.serve(self.username, self.people.values())

    def broken(self, status: int) -> Answer:
        return Answer(status, b"<html>Bad Gateway</html>", "text/html")

    def pass_time(self) -> None:
        """Nothing falls due."""

    def admit(self, request: Request) -> Answer | None:
        found = _PATH.fullmatch(request.path)
        if found is None or found["method"] not in _FIELDS:
            return Refusal(404, "Not Found").answer
        if found["token"] != self.token:
            return Refusal(401, "Unauthorized").answer
        return None

    def act(self, request: Request) -> Answer:
        method = request.path.rpartition("/")[2]
        try:
            return Answer.of(200, {"ok": True, "result": self._do(method, request.json)})
        except Refusal as refusal:
            return refusal.answer

    def _do(self, method: str, fields: Any) -> Any:
        self._require_known(method, fields)
        match method:
            case "getMe":
                return {"id": int(self.token.split(":")[0]), "is_bot": True} | {
                    "first_name": "Shop",
                    "username": self.username,
                }
            case "setWebhook":
                self._set_webhook(fields)
            case "deleteWebhook":
                self.webhook = {}
            case "getWebhookInfo":
                return {"url": self.webhook.get("url", ""), "pending_update_count": 0}
            case "sendMessage":
                return self._send(fields)
            case "answerCallbackQuery":
                if fields["callback_query_id"] not in self.turning:
                    raise Refusal(400, "Bad Request: query is too old and response timeout expired")
                self.turning.remove(fields["callback_query_id"])
        return True

    def _require_known(self, method: str, fields: Any) -> None:
        required, possible = _FIELDS[method]
        known = {**required, **possible}
        for name, value in (fields or {}).items():
            if name not in known or not isinstance(value, known[name]):
                self.hold([Violation("request", method, name, "no such field, or no such value")])
        for name in required:
            if name not in fields:
                raise Refusal(400, f"Bad Request: {name} is empty")

    def _set_webhook(self, fields: Mapping[str, Any]) -> None:
        parts = urlsplit(fields["url"])
        if parts.scheme != "https":
            raise Refusal(
                400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook"
            )
        if (parts.port or 443) not in _PORTS:
            raise Refusal(
                400,
                "Bad Request: bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443",
            )
        if not _SECRET.fullmatch(fields.get("secret_token", "")):
            raise Refusal(400, "Bad Request: secret token contains unallowed characters")
        self.webhook = dict(fields)

    def _send(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        person = self.people.get(fields["chat_id"])
        if person is None:
            raise Refusal(400, "Bad Request: chat not found")
        if person.has_blocked:
            raise Refusal(403, "Forbidden: bot was blocked by the user")
        if not person.has_started:
            raise Refusal(403, "Forbidden: bot can't initiate conversation with a user")
        if not fields["text"].strip():
            raise Refusal(400, "Bad Request: message text is empty")
        if len(fields["text"]) > 4096:
            raise Refusal(400, "Bad Request: message is too long")
        _require_buttons(fields.get("reply_markup"))
        self._require_slow(person.id)
        number = next(self._numbers)
        message = {"message_id": number, "chat": self._chat(person), "date": int(time.time())}
        person.read.append({**message, **fields})
        return {**message, "text": fields["text"]}

    def _require_slow(self, chat: int) -> None:
        now = time.monotonic()
        sent = self._sent[chat]
        for queue, window in ((sent, 1.0), (self._all_sent, _WINDOW)):
            while queue and queue[0] < now - window:
                queue.popleft()
        if (
            now < self._silent_until
            or len(sent) >= self.in_chat
            or len(self._all_sent) >= _ALTOGETHER
        ):
            # Whoever goes on is to be silent for as long again.
            self._silent_until = now + self.rest
            self.floods += 1
            why = f"Too Many Requests: retry after {self.rest}"
            raise Refusal(429, why, self.rest)
        sent.append(now)
        self._all_sent.append(now)

    def _message(self, person: Person) -> dict[str, Any]:
        return {
            "message_id": next(self._numbers),
            "from": self._user(person),
            "chat": self._chat(person),
            "date": int(time.time()),
        }

    def _user(self, person: Person) -> dict[str, Any]:
        return {
            "id": person.id,
            "is_bot": False,
            "first_name": "Анна",
            "language_code": person.language,
        }

    def _chat(self, person: Person) -> dict[str, Any]:
        return {"id": person.id, "first_name": "Анна", "type": "private"}


def _require_buttons(markup: Mapping[str, Any] | None) -> None:
    for row in (markup or {}).get("inline_keyboard", []):
        for button in row:
            if not button.get("text"):
                raise Refusal(400, "Bad Request: can't parse inline keyboard button: no text")
            if len(button.keys() & {"url", "callback_data"}) != 1:
                raise Refusal(400, "Bad Request: text buttons are unallowed in the inline keyboard")
            if "url" in button and urlsplit(button["url"]).scheme not in ("http", "https", "tg"):
                raise Refusal(400, "Bad Request: inline keyboard button URL is invalid")
            if len(button.get("callback_data", "").encode()) > 64:
                raise Refusal(400, "Bad Request: BUTTON_DATA_INVALID")
