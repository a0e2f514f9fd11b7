"""Calls of registers' APIs, and what it means for a receipt where there is no answer."""

from typing import Any

from ..outbox.calls import NoReply, Reply, exchange
from .driver import OutcomeUnknown, Unavailable


def call(method: str, url: str, **given: Any) -> Reply:
    """Call an API; see :func:`~saleor_1c_plugin.outbox.calls.exchange` for what can be given.

    Raises
    ------
    Unavailable
        There is no connection: nothing was sent.
    OutcomeUnknown
        There was no answer in time, or half of one.
    """
    try:
        return exchange(method, url, **given)
    except NoReply as error:
        if error.is_unsent:
            raise Unavailable(f"Касса недоступна: {error}") from None
        raise OutcomeUnknown(f"Касса не ответила: {error}") from None
