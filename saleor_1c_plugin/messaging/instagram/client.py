"""Calls of Meta's Graph API."""

import os
from collections.abc import Mapping
from typing import Any

from ...outbox.calls import NoReply, Reply, exchange
from .settings import InstagramSettings

_VERSION = "v24.0"
#: Of Meta's words, as far as people need them.
_MOST_TEXT = 200


def address(settings: InstagramSettings) -> str:
    """Where the API is, up to its version.

    The host may say so (``ONEC_INSTAGRAM_API``, for trying things out), the dashboard may not:
    whoever could change it there would be sent the token.
    """
    host = "graph.facebook.com" if settings.is_of_page else "graph.instagram.com"
    return os.environ.get("ONEC_INSTAGRAM_API") or f"https://{host}/{_VERSION}"


class ApiError(Exception):
    """Meta has not done what it was asked for.

    Parameters
    ----------
    code, subcode
        As the API numbers them; a subcode of 0: there is none.
    why
        In Meta's words.
    """

    def __init__(self, code: int, subcode: int, why: str) -> None:
        super().__init__(why)
        self.code = code
        self.subcode = subcode
        self.why = why

    @property
    def is_about_token(self) -> bool:
        """Whether it does not accept it (any more)."""
        return self.code in (102, 190)


def renewed(settings: InstagramSettings, token: str) -> str:
    """Another token of an Instagram user's instead of this one; raises as :func:`call` does."""
    # It has no version, and takes no header.
    base = address(settings).rpartition("/")[0]
    query = {"grant_type": "ig_refresh_token", "access_token": token}
    answer = _told(exchange("GET", f"{base}/refresh_access_token", params=query))
    given = answer.get("access_token")
    if not isinstance(given, str) or not given:
        raise NoReply("There is no token in the answer")
    return given


def call(
    settings: InstagramSettings,
    token: str,
    method: str,
    path: str,
    fields: Mapping[str, object] | None = None,
    *,
    query: Mapping[str, str] | None = None,
) -> Mapping[str, Any]:
    """The answer to a call; `path` is that of something of the account's: "messages".

    Raises
    ------
    ApiError
        Meta refuses.
    NoReply
        There was no answer, or one that says that Meta is at fault: what became of the call is not
        known, unless it says that it has not left.
    """
    given: dict[str, Any] = {} if fields is None else {"json": dict(fields)}
    reply = exchange(
        method,
        f"{address(settings)}/me/{path}".rstrip("/"),
        params=query,
        # Never in the address: that is what gets into logs.
        headers={"Authorization": f"Bearer {token}"},
        **given,
    )
    return _told(reply)


def _told(reply: Reply) -> Mapping[str, Any]:
    answer = reply.json
    if answer is None:
        raise NoReply(f"HTTP {reply.status}")
    fault = answer.get("error")
    if isinstance(fault, dict):
        why = str(fault.get("message") or f"HTTP {reply.status}")[:_MOST_TEXT]
        raise ApiError(_number(fault.get("code")), _number(fault.get("error_subcode")), why)
    if reply.status != 200:
        raise NoReply(f"HTTP {reply.status}")
    return answer


def _number(given: object) -> int:
    return given if isinstance(given, int) else 0
