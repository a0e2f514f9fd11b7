"""Calls of the Bot API."""

import os
from collections.abc import Mapping
from typing import Any

from ...outbox.calls import NoReply, exchange

#: Seconds, where Telegram does not say how long it wants to be left alone.
_PAUSE = 5.0
#: Of a description, as far as people need it.
_MOST_TEXT = 200


def address() -> str:
    """Where the API is.

    The host may say so (``ONEC_TELEGRAM_API``, for trying things out and for a server of its own),
    the dashboard may not: whoever could change it there would be sent the bot's token.
    """
    return os.environ.get("ONEC_TELEGRAM_API") or "https://api.telegram.org"


class ApiError(Exception):
    """Telegram has not done what it was asked for.

    Parameters
    ----------
    code
        As HTTP has them: 401 and 404 mean the token, 403 that the chat is closed to the bot.
    why
        In Telegram's words.
    after
        Seconds for which it wants to be left alone; 0: it does not.
    """

    def __init__(self, code: int, why: str, after: float = 0.0) -> None:
        super().__init__(why)
        self.code = code
        self.why = why
        self.after = after

    @property
    def is_about_token(self) -> bool:
        """Whether it does not know the bot."""
        return self.code in (401, 404)


def call(token: str, method: str, fields: Mapping[str, object] | None = None) -> Any:
    """The result of a method.

    Raises
    ------
    ApiError
        Telegram refuses.
    NoReply
        There was no answer, or one that says that Telegram is at fault: what became of the call is
        not known, unless it says that it has not left.
    """
    reply = exchange("POST", f"{address()}/bot{token}/{method}", json=dict(fields or {}))
    answer = reply.json
    if answer is None or reply.status >= 500:
        raise NoReply(f"HTTP {reply.status}")
    if answer.get("ok") is True:
        return answer.get("result")
    parameters = answer.get("parameters")
    after = parameters.get("retry_after") if isinstance(parameters, dict) else None
    code = answer.get("error_code")
    code = code if isinstance(code, int) else reply.status
    if code == 429 and not isinstance(after, int):
        after = _PAUSE
    why = str(answer.get("description") or f"HTTP {code}")[:_MOST_TEXT]
    raise ApiError(code, why, float(after or 0))
