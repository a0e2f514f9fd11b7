"""Calls of ATOL Online's API, with a token that is asked for when it is needed.

By the document of version 4, 6.1: a token lets in for 24 hours; one that is asked for again may be
the same one, so that its age is not ours to reckon; a new one is to be asked for when the service
says that the old one is over. Those that other processes have stay good.
"""

import hashlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..connecting import AccessDenied
from ..driver import OutcomeUnknown, Unavailable
from ..http import call
from .settings import AtolSettings

#: Of the service: the token is not known, or over.
_TOKEN = (10, 11)
#: The login or the password is wrong, or the user is blocked.
_DENIED = (12, 14)
#: Of a text of the service, as far as people need it.
_MOST_TEXT = 300


@dataclass(frozen=True, slots=True)
class Reply:
    """What the service has answered.

    `code` and `type` are of its error; 0 and empty: there is none.
    """

    status: int
    code: int
    type: str
    text: str
    body: Mapping[str, Any] = field(repr=False)

    @property
    def why(self) -> str:
        """For people."""
        said = self.text or f"HTTP {self.status}"
        return f"{said} (код {self.code})" if self.code else said


#: Of this process: (address, login, digest of the password) → token.
_tokens: dict[tuple[str, str, str], str] = {}
#: Held while one is asked for: the others wait for it.
_asking = threading.Lock()


class Client:
    """An account at ATOL Online."""

    def __init__(self, settings: AtolSettings) -> None:
        self._settings = settings
        self._address = settings.address
        digest = hashlib.sha256(settings.password.encode()).hexdigest()
        self._key = (self._address, settings.login, digest)

    def __repr__(self) -> str:
        return f"Client({self._address!r}, {self._settings.login!r})"

    def register(self, operation: str, body: Mapping[str, object]) -> Reply:
        """Hand a document over."""
        return self._call("POST", operation, body)

    def report(self, uuid: str) -> Reply:
        """How a document is."""
        return self._call("GET", f"report/{uuid}")

    def renew(self) -> None:
        """Ask for a token whether there is one or not.

        Raises
        ------
        AccessDenied
            The login or the password is wrong.
        Unavailable
            The service is away.
        """
        with _asking:
            self._issued()

    def _call(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Reply:
        """Call a method for the group of registers.

        Raises
        ------
        Unavailable
            Nothing was done.
        OutcomeUnknown
            It may have been.
        """
        token = self._token("")
        reply = self._exchange(method, path, token, body)
        if reply.code in _TOKEN:
            # What was sent with it was not taken.
            reply = self._exchange(method, path, self._token(token), body)
            if reply.code in _TOKEN:
                raise Unavailable(f"АТОЛ Онлайн не принимает токен: {reply.why}")
        return reply

    def _exchange(
        self, method: str, path: str, token: str, body: Mapping[str, object] | None
    ) -> Reply:
        group = f"{self._settings.group_code}/{path}"
        return self._ask(method, group, headers={"Token": token}, body=body)

    def _token(self, spoilt: str) -> str:
        """One that is not the spoilt one."""
        with _asking:
            found = _tokens.get(self._key, "")
            return found if found and found != spoilt else self._issued()

    def _issued(self) -> str:
        _tokens.pop(self._key, None)
        body = {"login": self._settings.login, "pass": self._settings.password}
        try:
            reply = self._ask("POST", "getToken", body=body)
        except OutcomeUnknown as error:
            # A token that nobody has got does nothing.
            raise Unavailable(str(error)) from None
        if reply.code in _DENIED:
            raise AccessDenied(f"АТОЛ Онлайн не пускает: {reply.why}")
        token = reply.body.get("token")
        if reply.code or not isinstance(token, str) or not token:
            raise Unavailable(f"АТОЛ Онлайн не пускает: {reply.why}")
        _tokens[self._key] = token
        return token

    def _ask(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> Reply:
        answer = call(method, f"{self._address}/{path}", headers=headers, json=body)
        status, said = answer.status, answer.json
        if said is None:
            if status in (401, 403, 404, 429) or 300 <= status < 400:
                raise Unavailable(f"АТОЛ Онлайн не пускает: HTTP {status}")
            raise OutcomeUnknown(f"АТОЛ Онлайн ответил не по протоколу: HTTP {status}")
        error = said.get("error")
        error = error if isinstance(error, Mapping) else {}
        return Reply(
            status,
            _number(error.get("code")),
            str(error.get("type") or ""),
            " ".join(str(error.get("text") or "").split())[:_MOST_TEXT],
            said,
        )


def _number(code: object) -> int:
    """Of an error; the service writes those of registers with zeros before them."""
    try:
        return int(str(code))
    except ValueError:
        return 0
