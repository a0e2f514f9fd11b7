"""One call of a service's API: short, and never more than once by itself."""

import json
import ssl
import time
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

import requests
import urllib3

from .http import read, session

#: Seconds: a buyer may be waiting.
_CONNECT_SECONDS = 3.0
_READ_SECONDS = 10.0
#: Bytes of an answer.
_MOST = 1 << 20


class NoReply(Exception):
    """There was none in time, or half of one. The text holds no secrets.

    Parameters
    ----------
    is_unsent
        Nothing has reached the service: there was no connection.
    """

    def __init__(self, text: str, *, is_unsent: bool = False) -> None:
        super().__init__(text)
        self.is_unsent = is_unsent


class Reply(NamedTuple):
    status: int
    #: By their names in any case.
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Mapping[str, Any] | None:
        """What the body says, numbers with a point as ``Decimal``; ``None``: no JSON object."""
        try:
            found = json.loads(self.body, parse_float=Decimal)
        except (RecursionError, ValueError):
            return None
        return found if isinstance(found, dict) else None


def exchange(
    method: str,
    url: str,
    *,
    over: requests.Session | None = None,
    most: int = _MOST,
    is_whole: bool = False,
    **given: Any,
) -> Reply:
    """Call it; no redirection is followed.

    Parameters
    ----------
    over
        Instead of this thread's own session.
    most
        Bytes of the answer that are read.
    is_whole
        An answer that is longer, or shorter than it says, is none.
    given
        For :meth:`requests.Session.request`.

    Raises
    ------
    NoReply
        There was none in time, or half of one.
    """
    try:
        with (over or session()).request(
            method,
            url,
            timeout=(_CONNECT_SECONDS, _READ_SECONDS),
            allow_redirects=False,
            stream=True,
            **given,
        ) as response:
            body = read(response, time.monotonic() + _READ_SECONDS, most)
            length = response.headers.get("Content-Length", f"{len(body)}")
            if is_whole and (len(body) >= most or length != f"{len(body)}"):
                raise NoReply("No answer: not the whole of it")
            return Reply(response.status_code, response.headers, body)
    except (requests.RequestException, urllib3.exceptions.HTTPError, ValueError) as error:
        # Its own text may hold the address and more.
        raise NoReply(f"No answer: {type(error).__name__}", is_unsent=_is_unsent(error)) from None


def _is_unsent(error: Exception) -> bool:
    """Whether there was no connection, or one to somebody else than the service."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    cause = error.args[0] if isinstance(error, requests.ConnectionError) and error.args else None
    if isinstance(cause, urllib3.exceptions.MaxRetryError):
        cause = cause.reason
    if isinstance(cause, urllib3.exceptions.SSLError):
        cause = cause.args[0] if cause.args else None
    return isinstance(cause, urllib3.exceptions.NewConnectionError | ssl.SSLCertVerificationError)
