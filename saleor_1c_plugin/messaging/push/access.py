"""Access to Google's services by a service account: a signed statement for a token of an hour."""

import json
import os
import threading
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from functools import lru_cache

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from ...outbox.calls import NoReply, exchange

#: Whom the statement is for, wherever it is brought.
_AUDIENCE = "https://oauth2.googleapis.com/token"
_SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
#: Seconds; Google takes an hour at most.
_LIFE = 3600
#: So much earlier a token is not used any more.
_MARGIN = 300.0
_MOST_TEXT = 200

_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Account:
    """A service account, by one of its keys."""

    email: str = ""
    #: Google's id of the key.
    key_id: str = ""
    #: PEM.
    key: str = field(default="", repr=False)


#: Account → token, and until when it is used, monotonic seconds.
_tokens: dict[Account, tuple[str, float]] = {}


class KeyFault(ValueError):
    """It is no private RSA key. The text holds nothing of it."""


class AccessDenied(Exception):
    """Google does not accept the account; the text says why, in Google's words."""


def address() -> str:
    """Where Google gives tokens out; the host may say so (``ONEC_GOOGLE_OAUTH``)."""
    return os.environ.get("ONEC_GOOGLE_OAUTH") or _AUDIENCE


def token(account: Account) -> str:
    """One that is good for the next minutes.

    Raises
    ------
    AccessDenied
        See there.
    NoReply
        There was no answer, or one that says that Google is at fault.
    """
    known = _tokens.get(account)
    if known is None or known[1] < time.monotonic():
        # One at a time: a worker's other threads use what this one brings.
        with _lock:
            known = _tokens.get(account)
            if known is None or known[1] < time.monotonic():
                known = _tokens[account] = _ask(account)
    return known[0]


def forget(account: Account) -> None:
    """The token is not accepted any more."""
    _tokens.pop(account, None)


@lru_cache(maxsize=8)
def load_key(pem: str) -> RSAPrivateKey:
    """A private key, checked.

    Raises
    ------
    KeyFault
        See there.
    """
    try:
        key = load_pem_private_key(pem.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise KeyFault("It is no private key") from None
    if not isinstance(key, RSAPrivateKey):
        raise KeyFault("It is no RSA key")
    return key


def _ask(account: Account) -> tuple[str, float]:
    began = time.monotonic()
    reply = exchange(
        "POST", address(), data={"grant_type": _GRANT, "assertion": _statement(account)}
    )
    answer = reply.json
    if reply.status >= 500 or answer is None:
        raise NoReply(f"HTTP {reply.status}", is_unsent=True)
    given, life = answer.get("access_token"), answer.get("expires_in")
    if reply.status != 200 or not isinstance(given, str) or not isinstance(life, int):
        why = answer.get("error_description") or answer.get("error") or f"HTTP {reply.status}"
        raise AccessDenied(str(why)[:_MOST_TEXT])
    return given, began + life - _MARGIN


def _statement(account: Account) -> str:
    """A JSON Web Token (RFC 7519, RS256): who asks for what, and when."""
    now = int(time.time())
    parts = (
        {"alg": "RS256", "typ": "JWT", "kid": account.key_id},
        {
            "iss": account.email,
            "scope": _SCOPE,
            "aud": _AUDIENCE,
            "iat": now,
            "exp": now + _LIFE,
        },
    )
    said = b".".join(_base64(json.dumps(part).encode()) for part in parts)
    signature = load_key(account.key).sign(said, PKCS1v15(), SHA256())
    return (said + b"." + _base64(signature)).decode()


def _base64(given: bytes) -> bytes:
    return urlsafe_b64encode(given).rstrip(b"=")
