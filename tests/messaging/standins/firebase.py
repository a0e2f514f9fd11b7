"""Firebase Cloud Messaging, HTTP v1, with Google's service of tokens, by their documentation.

A field that no message knows is refused by Firebase; here it is a violation, too.
"""

import itertools
import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qs

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from saleor_1c_plugin.sandbox.standins.faults import Faults
from saleor_1c_plugin.sandbox.standins.messages import Answer, Request
from tests.payments.standins.base import StandIn
from tests.payments.standins.contract import Violation

PROJECT = "lavka-shop-1"
EMAIL = f"firebase-adminsdk@{PROJECT}.iam.gserviceaccount.com"
KEY_ID = "d2f1c3a4b5"
TOKENS = "/token"
SEND = f"/v1/projects/{PROJECT}/messages:send"
_AUDIENCE = "https://oauth2.googleapis.com/token"
_SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_HOUR = 3600
#: Bytes of title, body and data together.
_MOST = 4096
_FIELDS = {
    "": {"token", "topic", "condition", "notification", "data", "android", "apns", "webpush"},
    "notification": {"title", "body", "image"},
    "android": {"priority", "ttl", "collapse_key", "notification", "data"},
    "android.notification": {"tag", "channel_id", "sound", "icon", "click_action"},
    "apns": {"headers", "payload"},
    "webpush": {"headers", "data", "notification", "fcm_options"},
}
_RESERVED = ("from", "gcm", "message_type", "notification")
_FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
_BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"


@cache
def key_of(name: str) -> rsa.RSAPrivateKey:
    """A key of the account's, one for each name."""
    return rsa.generate_private_key(65537, 2048)


def pem_of(name: str = KEY_ID) -> str:
    return key_of(name).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def account(**changed: object) -> str:
    """The file that Google makes of a key."""
    file = {
        "type": "service_account",
        "project_id": PROJECT,
        "private_key_id": KEY_ID,
        "private_key": pem_of(),
        "client_email": EMAIL,
        "client_id": "1",
        "auth_uri": "https://accounts.google.com/o/oauth2/auth",
        "token_uri": _AUDIENCE,
    }
    return json.dumps({**file, **changed})


class Refusal(Exception):
    """A call that is answered by an error, and has done nothing."""

    def __init__(
        self, status: int, word: str, message: str, code: str = "", after: int = 0
    ) -> None:
        super().__init__(message)
        error: dict[str, Any] = {"code": status, "message": message, "status": word}
        if code:
            error["details"] = [{"@type": _FCM_ERROR, "errorCode": code}]
        headers = {"Retry-After": str(after)} if after else {}
        body = json.dumps({"error": error}).encode()
        self.answer = Answer(status, body, headers=headers)


@dataclass
class Device:
    """One that has the application."""

    token: str
    #: Notifications that it shows, by their tags: the same tag is one notification.
    shown: dict[str, dict[str, Any]] = field(default_factory=dict)
    #: How often it was told to show something.
    told: int = 0
    #: What Firebase answers instead of taking a message, once for each: status, word, code.
    plan: list[tuple[int, str, str]] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        return [one["notification"]["body"] for one in self.shown.values()]


class Firebase(StandIn):
    """See the base."""

    def __init__(self, *, faults: Faults | None = None) -> None:
        super().__init__(None, faults, 1, 0)
        self.devices: dict[str, Device] = {}
        #: Tokens that it has given out, and until when they are good.
        self.given: dict[str, float] = {}
        #: Whether the account may send.
        self.may_send = True
        #: Seconds for which it wants to be left alone; and how often it was not.
        self.pause = 0
        self.trials = 0
        self._numbers = itertools.count(1)

    # What people do.

    def device(self, name: str = "phone") -> Device:
        """One on which the application is installed."""
        token = f"{name}:APA91b{'x' * 40}{next(self._numbers)}"
        return self.devices.setdefault(token, Device(token))

    def uninstall(self, device: Device) -> None:
        del self.devices[device.token]

    # The API.

    def is_api(self, path: str) -> bool:
        return path in (TOKENS, SEND) or path.startswith("/v1/")

    def page(self, request: Request) -> Answer:
        return Answer(404)

    def broken(self, status: int) -> Answer:
        return Answer(status, b"<html>Bad Gateway</html>", "text/html")

    def pass_time(self) -> None:
        """Tokens end by themselves."""

    def admit(self, request: Request) -> Answer | None:
        if request.method != "POST":
            return Answer(405)
        if request.path == TOKENS:
            return None
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self.given.get(token, 0.0) < self.now().timestamp():
            why = "Request had invalid authentication credentials."
            return Refusal(401, "UNAUTHENTICATED", why).answer
        if request.path != SEND or not self.may_send:
            why = "Permission 'cloudmessaging.messages.create' denied on resource"
            return Refusal(403, "PERMISSION_DENIED", why).answer
        return None

    def refuse(self, violation: Violation) -> Answer:
        return Refusal(400, "INVALID_ARGUMENT", violation.reason).answer

    def act(self, request: Request) -> Answer:
        if request.path == TOKENS:
            return self._give(request)
        try:
            return self._send(request.json)
        except Refusal as refusal:
            return refusal.answer

    def _give(self, request: Request) -> Answer:
        assert request.headers["content-type"] == "application/x-www-form-urlencoded"
        asked = parse_qs(request.body.decode(), strict_parsing=True)
        assert asked["grant_type"] == [_GRANT]
        why = self._fault(asked["assertion"][0])
        if why:
            return Answer.of(400, {"error": "invalid_grant", "error_description": why})
        token = f"ya29.{next(self._numbers)}"
        self.given[token] = self.now().timestamp() + _HOUR - 1
        told = {"access_token": token, "expires_in": _HOUR - 1, "token_type": "Bearer"}
        return Answer.of(200, told)

    def _fault(self, statement: str) -> str:
        """What is wrong with a statement; empty: nothing."""
        said, _, signature = statement.rpartition(".")
        head, claims = (json.loads(_decoded(part)) for part in said.split("."))
        assert head == {"alg": "RS256", "typ": "JWT", "kid": KEY_ID}
        assert claims.keys() == {"iss", "scope", "aud", "iat", "exp"}
        assert claims["aud"] == _AUDIENCE
        assert claims["scope"] == _SCOPE
        now = self.now().timestamp()
        if not (now - _HOUR < claims["iat"] <= now + 60 and claims["exp"] - claims["iat"] <= _HOUR):
            return "Invalid JWT: Token must be a short-lived token (60 minutes)"
        if claims["iss"] != EMAIL:
            return "Invalid grant: account not found"
        ours = key_of(KEY_ID).public_key()
        try:
            ours.verify(_decoded(signature), said.encode(), PKCS1v15(), SHA256())
        except InvalidSignature:
            return "Invalid JWT Signature."
        return ""

    def _send(self, asked: Any) -> Answer:
        message = asked["message"]
        self._require_known(asked, message)
        if self.pause:
            raise Refusal(429, "RESOURCE_EXHAUSTED", "Quota exceeded", "QUOTA_EXCEEDED", self.pause)
        name = f"projects/{PROJECT}/messages/0:{next(self._numbers)}"
        if asked.get("validate_only"):
            self.trials += 1
            return Answer.of(200, {"name": f"projects/{PROJECT}/messages/fake_message_id"})
        token = message["token"]
        if ":" not in token:
            why = "The registration token is not a valid FCM registration token"
            raise Refusal(400, "INVALID_ARGUMENT", why, "INVALID_ARGUMENT")
        device = self.devices.get(token)
        if device is None:
            raise Refusal(404, "NOT_FOUND", "Requested entity was not found.", "UNREGISTERED")
        if device.plan:
            status, word, code = device.plan.pop(0)
            raise Refusal(status, word, f"It was planned: {code}", code)
        device.told += 1
        device.shown[message["android"]["notification"]["tag"]] = message
        return Answer.of(200, {"name": name})

    def _require_known(self, asked: Mapping[str, Any], message: Mapping[str, Any]) -> None:
        unknown = asked.keys() - {"message", "validate_only"}
        for place, known in _FIELDS.items():
            found: Any = message
            for step in filter(None, place.split(".")):
                found = found.get(step, {})
            unknown |= {f"{place}.{name}" for name in found.keys() - known}
        data = message.get("data", {})
        unknown |= {name for name in data if name in _RESERVED or name.startswith("google")}
        unknown |= {name for name, value in data.items() if not isinstance(value, str)}
        if unknown or len({"token", "topic", "condition"} & message.keys()) != 1:
            self.hold([Violation("request", SEND, ",".join(sorted(unknown)), "no such field")])
            raise Refusal(400, "INVALID_ARGUMENT", "Invalid JSON payload received.")
        if len(message.get("apns", {}).get("headers", {}).get("apns-collapse-id", "")) > 64:
            raise Refusal(400, "INVALID_ARGUMENT", "Invalid collapse id", "INVALID_ARGUMENT")
        parts = [*message.get("notification", {}).values(), *data, *data.values()]
        if sum(len(part.encode()) for part in parts) > _MOST:
            raise Refusal(400, "INVALID_ARGUMENT", "Message too big", "INVALID_ARGUMENT")


def _decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
