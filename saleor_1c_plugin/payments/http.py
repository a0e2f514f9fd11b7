"""Calls of providers' APIs: JSON both ways, short, and never more than once by themselves."""

import json
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

import requests
import urllib3

from ..outbox.http import read, session
from .provider import NoAnswer

#: Seconds: a buyer may be waiting.
CONNECT_SECONDS = 3.0
READ_SECONDS = 10.0
#: Bytes of an answer.
_MOST = 1 << 20


class Answer(NamedTuple):
    status: int
    #: What the body says; ``None`` where it is no JSON object.
    body: Mapping[str, Any] | None


def call(
    method: str,
    url: str,
    *,
    auth: tuple[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    parameters: Mapping[str, str] | None = None,
    body: Mapping[str, object] | None = None,
) -> Answer:
    """Call an API; no redirection is followed.

    Parameters
    ----------
    auth
        For HTTP Basic; ASCII.

    Raises
    ------
    NoAnswer
        There was none in time, or half of one.
    """
    try:
        with session().request(
            method,
            url,
            params=parameters,
            json=body,
            headers=dict(headers or {}),
            auth=auth,
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            allow_redirects=False,
            stream=True,
        ) as response:
            text = read(response, time.monotonic() + READ_SECONDS, _MOST)
            return Answer(response.status_code, _object(text))
    except (requests.RequestException, urllib3.exceptions.HTTPError, ValueError) as error:
        # Its own text may hold the address and more.
        raise NoAnswer(f"No answer: {type(error).__name__}") from None


def _object(text: bytes) -> Mapping[str, Any] | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
