"""Calls of providers' APIs: short, and never more than once by themselves."""

import json
import time
from collections.abc import Mapping
from decimal import Decimal
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
    #: What the body says, numbers with a point as ``Decimal``; ``None`` where it is no JSON object.
    body: Mapping[str, Any] | None


def call(
    method: str,
    url: str,
    *,
    auth: tuple[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    parameters: Mapping[str, str] | None = None,
    body: Mapping[str, object] | None = None,
    form: Mapping[str, str] | None = None,
) -> Answer:
    """Call an API that speaks JSON; no redirection is followed.

    Parameters
    ----------
    auth
        For HTTP Basic; ASCII.
    body
        Is sent as JSON.
    form
        Is sent as a browser's form, instead of a body.

    Raises
    ------
    NoAnswer
        There was none in time, or half of one.
    """
    status, text = _exchange(
        method,
        url,
        auth=auth,
        headers=dict(headers or {}),
        params=parameters,
        json=body,
        data=form,
    )
    return Answer(status, _object(text))


def post(url: str, body: bytes, content_type: str) -> tuple[int, bytes]:
    """POST what is no JSON; status and body of the answer, which are not looked into.

    Raises
    ------
    NoAnswer
        There was none in time, or half of one.
    """
    return _exchange("POST", url, data=body, headers={"Content-Type": content_type})


def download(url: str, most: int) -> tuple[int, bytes]:
    """HTTP status and body of what is at this address; no redirection is followed.

    Parameters
    ----------
    most
        Bytes.

    Raises
    ------
    NoAnswer
        There was none in time, or half of one, or it is longer.
    """
    return _exchange("GET", url, most=most, is_whole=True)


def _exchange(
    method: str, url: str, *, most: int = _MOST, is_whole: bool = False, **given: Any
) -> tuple[int, bytes]:
    try:
        with session().request(
            method,
            url,
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            allow_redirects=False,
            stream=True,
            **given,
        ) as response:
            text = read(response, time.monotonic() + READ_SECONDS, most)
            length = response.headers.get("Content-Length", f"{len(text)}")
            if is_whole and (len(text) >= most or length != f"{len(text)}"):
                raise NoAnswer("No answer: not the whole of it")
            return response.status_code, text
    except (requests.RequestException, urllib3.exceptions.HTTPError, ValueError) as error:
        # Its own text may hold the address and more.
        raise NoAnswer(f"No answer: {type(error).__name__}") from None


def _object(text: bytes) -> Mapping[str, Any] | None:
    try:
        found = json.loads(text, parse_float=Decimal)
    except (RecursionError, ValueError):
        return None
    return found if isinstance(found, dict) else None
