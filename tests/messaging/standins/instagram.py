"""Meta's Messenger Platform for Instagram, by its documentation.

A field that no call knows does nothing at Meta. Here it is a violation.
"""

import hashlib
import hmac
import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from saleor_1c_plugin.sandbox.standins.faults import Faults
from saleor_1c_plugin.sandbox.standins.messages import Answer, Request
from tests.payments.standins.base import StandIn
from tests.payments.standins.contract import Violation

VERSION = "/v24.0"
RENEW = "/refresh_access_token"
ACCOUNT = "17841400000000001"
_SECONDS = 20
_SIXTY_DAYS = 60 * 86400
_DAY = timedelta(days=1)
_MOST_TEXT = 1000
_KINDS = {
    *("messages", "messaging_postbacks", "messaging_referral", "messaging_seen"),
    *("messaging_referrals", "message_reads"),
}
#: Path → method → fields of the body, and of the query.
_CALLS: Mapping[str, Mapping[str, tuple[frozenset[str], frozenset[str]]]] = {
    "/me": {"GET": (frozenset(), frozenset({"fields"}))},
    "/me/subscribed_apps": {"POST": (frozenset(), frozenset({"subscribed_fields"}))},
    "/me/messenger_profile": {"POST": (frozenset({"platform", "ice_breakers"}), frozenset())},
    "/me/messages": {"POST": (frozenset({"recipient", "messaging_type", "message"}), frozenset())},
}


class Refusal(Exception):
    """A call that is answered by an error, and has done nothing."""

    def __init__(self, code: int, message: str, subcode: int = 0, status: int = 400) -> None:
        super().__init__(message)
        error: dict[str, Any] = {"message": message, "type": "OAuthException", "code": code}
        if subcode:
            error["error_subcode"] = subcode
        self.answer = Answer.of(status, {"error": {**error, "fbtrace_id": "A1"}})


@dataclass
class Person:
    """Somebody on Instagram."""

    id: str
    #: When he has written to the account last; ``None``: never.
    wrote: datetime | None = None
    has_blocked: bool = False
    #: What the account has written, the newest last.
    read: list[dict[str, Any]] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        return [message["text"] for message in self.read]

    def buttons(self) -> dict[str, str]:
        """Those of the newest message: label → what it says."""
        replies = self.read[-1].get("quick_replies", [])
        return {one["title"]: one["payload"] for one in replies}


class Instagram(StandIn):
    """See the base.

    Parameters
    ----------
    callback
        Where what happens is brought: "http://127.0.0.1:8000/bots/instagram/".
    """

    def __init__(
        self,
        token: str,
        username: str,
        app_secret: str,
        *,
        callback: str = "",
        faults: Faults | None = None,
    ) -> None:
        super().__init__(None, faults, 1, 0)
        #: The newest one, and all that work.
        self.token = token
        self.tokens = {token}
        self.username = username
        self.app_secret = app_secret
        self.callback = callback
        self.fields: frozenset[str] = frozenset()
        self.questions: dict[str, str] = {}
        self.people: dict[str, Person] = {}
        #: Refusals of the next messages: code, subcode.
        self.plan: list[tuple[int, int]] = []
        self._numbers = itertools.count(1)

    @property
    def url(self) -> str:
        """Of the API."""
        return self.address + VERSION

    # What the merchant does in Meta's settings of his application.

    def subscribe(self, word: str, mode: str = "subscribe", challenge: str = "1158201444") -> bool:
        """Name the address, and the word that is said there; whether Meta takes it."""
        query = {"hub.mode": mode, "hub.verify_token": word, "hub.challenge": challenge}
        answer = requests.get(self.callback, params=query, timeout=_SECONDS)
        return answer.status_code == 200 and answer.text == challenge

    # What people do.

    def person(self, id: str = "1234567890123456") -> Person:
        """Somebody who has never written to the account."""
        return self.people.setdefault(id, Person(id))

    def open(self, person: Person, link: str) -> int:
        """Open a link to the chat; where he has never written, touch the question there."""
        parts = urlsplit(link)
        assert (parts.scheme, parts.netloc, parts.path) == ("https", "ig.me", f"/m/{self.username}")
        referral = {
            "ref": parse_qs(parts.query)["ref"][0],
            "source": "IGME-SOURCE-LINK",
            "type": "OPEN_THREAD",
        }
        if person.wrote is not None:
            return self.bring(person, "messaging_referral", {"referral": referral})
        (question,) = self.questions
        return self.ask(person, question, referral=referral)

    def ask(self, person: Person, question: str, **more: object) -> int:
        """Touch a question with which a chat can be begun."""
        person.wrote = self.now()
        pressed = {"mid": self._mid(), "title": question, "payload": self.questions[question]}
        return self.bring(person, "messaging_postbacks", {"postback": {**pressed, **more}})

    def write(self, person: Person, text: str = "", **more: object) -> int:
        person.wrote = self.now()
        message: dict[str, object] = {"mid": self._mid(), **more}
        if text:
            message["text"] = text
        return self.bring(person, "messages", {"message": message})

    def press(self, person: Person, label: str) -> int:
        """Press a button of the newest message."""
        return self.write(person, label, quick_reply={"payload": person.buttons()[label]})

    def see(self, person: Person) -> int:
        """Read the newest message."""
        return self.bring(person, "messaging_seen", {"read": {"mid": person.read[-1]["mid"]}})

    def bring(self, person: Person, kind: str, what: Mapping[str, object]) -> int:
        """Tell of an event, once; what the shop has answered."""
        if kind not in self.fields:
            return 0
        moment = int(self.now().timestamp() * 1000)
        event = {
            "sender": {"id": person.id},
            "recipient": {"id": ACCOUNT},
            "timestamp": moment,
            **what,
        }
        return self.bring_all([event])

    def bring_all(self, events: list[dict[str, object]]) -> int:
        moment = int(self.now().timestamp() * 1000)
        entry = {"id": ACCOUNT, "time": moment, "messaging": events}
        body = json.dumps({"object": "instagram", "entry": [entry]}).encode()
        return self.post(body, self.signature(body)).status_code

    def signature(self, body: bytes) -> str:
        return f"sha256={hmac.new(self.app_secret.encode(), body, hashlib.sha256).hexdigest()}"

    def post(self, body: bytes, signature: str) -> requests.Response:
        """What anybody can do who knows the address."""
        headers = {"X-Hub-Signature-256": signature, "Content-Type": "application/json"}
        return requests.post(self.callback, data=body, headers=headers, timeout=_SECONDS)

    # The API.

    def is_api(self, path: str) -> bool:
        return path.startswith(VERSION) or path == RENEW

    def page(self, request: Request) -> Answer:
        return Answer(404)

    def broken(self, status: int) -> Answer:
        return Answer(status, b"<html>Bad Gateway</html>", "text/html")

    def pass_time(self) -> None:
        """Nothing falls due."""

    def admit(self, request: Request) -> Answer | None:
        if request.path == RENEW:
            return None
        calls = _CALLS.get(request.path.removeprefix(VERSION), {})
        if request.method not in calls:
            return Refusal(100, "Unsupported request").answer
        shown = request.headers.get("authorization", "").removeprefix("Bearer ")
        if shown not in self.tokens:
            return Refusal(190, "Invalid OAuth access token.", status=401).answer
        return None

    def refuse(self, violation: Violation) -> Answer:
        return Refusal(100, violation.reason).answer

    def act(self, request: Request) -> Answer:
        if request.path == RENEW:
            return self._renew(request.query)
        path = request.path.removeprefix(VERSION)
        body, query = _CALLS[path][request.method]
        fields = request.json or {}
        unknown = (fields.keys() - body) | (request.query.keys() - query)
        if unknown:
            self.hold([Violation("request", path, ",".join(sorted(unknown)), "no such field")])
        try:
            match path:
                case "/me":
                    told = self._me(request.query["fields"])
                case "/me/subscribed_apps":
                    told = self._subscribe(request.query["subscribed_fields"])
                case "/me/messenger_profile":
                    told = self._ask(fields)
                case _:
                    told = self._send(fields)
        except Refusal as refusal:
            return refusal.answer
        return Answer.of(200, told)

    def _renew(self, query: Mapping[str, str]) -> Answer:
        """Give another token out; the one before works on."""
        assert query.keys() == {"grant_type", "access_token"}
        assert query["grant_type"] == "ig_refresh_token"
        if query["access_token"] not in self.tokens or not query["access_token"].startswith("IG"):
            return Refusal(190, "Invalid OAuth access token.", status=401).answer
        self.token = f"{self.token}{next(self._numbers)}"
        self.tokens.add(self.token)
        told = {"access_token": self.token, "token_type": "bearer", "expires_in": _SIXTY_DAYS}
        return Answer.of(200, told)

    def _me(self, fields: str) -> dict[str, Any]:
        if self.token.startswith("EA"):
            assert fields == "instagram_business_account{username}"
            return {"instagram_business_account": {"username": self.username, "id": ACCOUNT}}
        assert fields == "user_id,username"
        return {"user_id": ACCOUNT, "username": self.username, "id": "1"}

    def _subscribe(self, fields: str) -> dict[str, Any]:
        wanted = frozenset(fields.split(","))
        if not wanted <= _KINDS:
            raise Refusal(100, "Param subscribed_fields must be one of …")
        # A page's kinds have other names for the same.
        self.fields = wanted | (
            {"messaging_referral", "messaging_seen"} if "message_reads" in wanted else frozenset()
        )
        return {"success": True}

    def _ask(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        assert fields["platform"] == "instagram"
        (localised,) = fields["ice_breakers"]
        assert localised["locale"] == "default"
        questions = localised["call_to_actions"]
        if not 1 <= len(questions) <= 4:
            raise Refusal(100, "A maximum of 4 questions can be set")
        self.questions = {one["question"]: one["payload"] for one in questions}
        return {"result": "success"}

    def _send(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        if fields.get("messaging_type", "RESPONSE") != "RESPONSE":
            raise Refusal(100, "Invalid messaging_type")
        message = fields["message"]
        _require_message(message)
        if self.plan:
            code, subcode = self.plan.pop(0)
            raise Refusal(code, f"It was planned: {code}", subcode)
        person = self.people.get(fields["recipient"]["id"])
        if person is None or person.wrote is None:
            raise Refusal(100, "The requested user cannot be found.", 2534014)
        if person.has_blocked:
            raise Refusal(551, "This person isn't available right now.")
        if self.now() - person.wrote > _DAY:
            raise Refusal(10, "This message is sent outside of allowed window.", 2534022)
        number = self._mid()
        person.read.append({**message, "mid": number})
        return {"recipient_id": person.id, "message_id": number}

    def _mid(self) -> str:
        """As long as Meta's."""
        return f"aWdfZAG1{'x' * 150}{next(self._numbers):08}"


def _require_message(message: Mapping[str, Any]) -> None:
    if message.keys() - {"text", "quick_replies"}:
        raise Refusal(100, "Invalid keys in param message")
    text = message.get("text", "")
    if not text.strip():
        raise Refusal(100, "Message cannot be empty, must provide valid attachment or text")
    if len(text.encode()) > _MOST_TEXT:
        raise Refusal(100, "Length of param message[text] must be less than or equal to 1000")
    replies = message.get("quick_replies")
    if replies is None:
        return
    if not 1 <= len(replies) <= 13:
        raise Refusal(100, "Too many quick replies")
    for one in replies:
        if one.keys() != {"content_type", "title", "payload"} or one["content_type"] != "text":
            raise Refusal(100, "Invalid quick reply")
        if not one["payload"] or len(one["payload"]) > 1000 or not 1 <= len(one["title"]) <= 20:
            raise Refusal(100, "Invalid quick reply")
