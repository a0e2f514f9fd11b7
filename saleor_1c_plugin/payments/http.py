"""Calls of providers' APIs: short, and never more than once by themselves."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from ..outbox.calls import NoReply, Reply, exchange
from .provider import NoAnswer


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
    reply = _exchange(
        method,
        url,
        auth=auth,
        headers=dict(headers or {}),
        params=parameters,
        json=body,
        data=form,
    )
    return Answer(reply.status, reply.json)


def post(url: str, body: bytes, content_type: str) -> tuple[int, bytes]:
    """POST what is no JSON; status and body of the answer, which are not looked into.

    Raises
    ------
    NoAnswer
        There was none in time, or half of one.
    """
    reply = _exchange("POST", url, data=body, headers={"Content-Type": content_type})
    return reply.status, reply.body


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
    reply = _exchange("GET", url, most=most, is_whole=True)
    return reply.status, reply.body


def _exchange(method: str, url: str, **given: Any) -> Reply:
    try:
        return exchange(method, url, **given)
    except NoReply as error:
        raise NoAnswer(str(error)) from None
