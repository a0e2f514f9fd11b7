"""Calls of PayPal's API, with a token that is asked for when it is needed."""

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..http import call
from ..provider import AccessDenied, NoAnswer, Rejected
from .hosts import hosts
from .settings import PayPalSettings

#: Seconds before its end in which a token is not used any more.
_MARGIN = 60.0
#: Of an answer of the API, as far as people need it.
_MOST_TEXT = 200
#: It has not been done, and may be soon.
_LATER = ("ORDER_COMPLETION_IN_PROGRESS", "PREVIOUS_REQUEST_IN_PROGRESS")


@dataclass(frozen=True, slots=True)
class _Token:
    text: str = field(repr=False)
    #: What it lets us do.
    scopes: tuple[str, ...]
    #: Monotonic seconds.
    until: float


#: Of this process: (address, client, digest of the secret) → token.
_tokens: dict[tuple[str, str, str], _Token] = {}


class Refused(Rejected):
    """PayPal has refused a call.

    Parameters
    ----------
    status
        Of HTTP.
    issue
        PayPal's code of the reason, as ``INSTRUMENT_DECLINED``; may be empty.
    """

    def __init__(self, reason: str, status: int, issue: str) -> None:
        super().__init__(reason)
        self.status = status
        self.issue = issue


class Client:
    """An app at PayPal."""

    def __init__(self, settings: PayPalSettings) -> None:
        self._settings = settings
        self._address = hosts(sandbox=settings.sandbox).api
        digest = hashlib.sha256(settings.client_secret.encode()).hexdigest()
        self._key = (self._address, settings.client_id, digest)

    def call(
        self,
        method: str,
        path: str,
        *,
        key: str = "",
        parameters: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> Mapping[str, Any]:
        """Call the API; what it says, empty where it says nothing.

        Parameters
        ----------
        key
            The same key is the same call.

        Raises
        ------
        NoAnswer
            It may have been done.
        Refused
            It has not.
        """
        headers = {"Prefer": "return=representation"} if method == "POST" else {}
        if key:
            headers["PayPal-Request-Id"] = key
        for is_last in (False, True):
            token = self._token()
            status, answer = call(
                method,
                f"{self._address}{path}",
                headers={**headers, "Authorization": f"Bearer {token.text}"},
                parameters=parameters,
                body=body,
            )
            if status != 401:
                break
            # A token may be taken back before its time.
            _tokens.pop(self._key, None)
            if is_last:
                raise AccessDenied(_reason(status, answer))
        return _read(method, status, answer)

    def renew(self) -> tuple[str, ...]:
        """Ask for a token whether there is one or not; what it lets us do.

        Raises
        ------
        AccessDenied
            The id or the secret is wrong.
        """
        return self._issued().scopes

    def _token(self) -> _Token:
        found = _tokens.get(self._key)
        return found if found and time.monotonic() < found.until else self._issued()

    def _issued(self) -> _Token:
        asked = time.monotonic()
        status, answer = call(
            "POST",
            f"{self._address}/v1/oauth2/token",
            auth=(self._settings.client_id, self._settings.client_secret),
            form={"grant_type": "client_credentials"},
        )
        if status in (400, 401, 403):
            raise AccessDenied(f"HTTP {status} {_text(answer, 'error')[:_MOST_TEXT]}".strip())
        text, seconds = _text(answer, "access_token"), (answer or {}).get("expires_in")
        if status != 200 or not text or not isinstance(seconds, int):
            raise NoAnswer(f"HTTP {status} and no token")
        scopes = tuple(_text(answer, "scope").split())
        made = _tokens[self._key] = _Token(text, scopes, asked + seconds - _MARGIN)
        return made


def _read(method: str, status: int, answer: Mapping[str, Any] | None) -> Mapping[str, Any]:
    if status == 204:
        return {}
    if status in (200, 201) and answer is not None:
        return answer
    reason, issue = _reason(status, answer), _issue(answer)
    if status == 403 and method == "GET":
        raise AccessDenied(reason)
    if 400 <= status < 500 and status not in (408, 409, 425, 429) and issue not in _LATER:
        raise Refused(reason, status, issue)
    raise NoAnswer(reason)


def _reason(status: int, answer: Mapping[str, Any] | None) -> str:
    words = _issue(answer) or _text(answer, "name")
    return f"HTTP {status} {words[:_MOST_TEXT]}".strip()


def _issue(answer: Mapping[str, Any] | None) -> str:
    details = (answer or {}).get("details")
    first = details[0] if isinstance(details, list) and details else None
    return _text(first, "issue") if isinstance(first, dict) else ""


def _text(answer: Mapping[str, Any] | None, name: str) -> str:
    found = (answer or {}).get(name)
    return found if isinstance(found, str) else ""
