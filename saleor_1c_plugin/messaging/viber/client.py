"""Calls of the API."""

import os
from collections.abc import Mapping
from typing import Any

from ...outbox.calls import NoReply, exchange

#: Of the API's words, as far as people need them.
_MOST_TEXT = 200


def address() -> str:
    """Where the API is.

    The host may say so (``ONEC_VIBER_API``, for trying things out), the dashboard may not: whoever
    could change it there would be sent the bot's token.
    """
    return os.environ.get("ONEC_VIBER_API") or "https://chatapi.viber.com/pa"


class ApiError(Exception):
    """Viber has not done what it was asked for.

    Parameters
    ----------
    status
        As the API numbers them.
    why
        In Viber's words.
    """

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


def call(token: str, method: str, fields: Mapping[str, object] | None = None) -> Mapping[str, Any]:
    """The answer to a method.

    Raises
    ------
    ApiError
        Viber refuses.
    NoReply
        There was no answer, or one that says that Viber is at fault: what became of the call is
        not known, unless it says that it has not left.
    """
    reply = exchange(
        "POST",
        f"{address()}/{method}",
        json=dict(fields or {}),
        headers={"X-Viber-Auth-Token": token},
    )
    answer = reply.json
    # What was refused is answered by 200, too.
    if reply.status != 200 or answer is None or not isinstance(answer.get("status"), int):
        raise NoReply(f"HTTP {reply.status}")
    if answer["status"] != 0:
        why = str(answer.get("status_message") or answer["status"])[:_MOST_TEXT]
        raise ApiError(answer["status"], why)
    return answer
