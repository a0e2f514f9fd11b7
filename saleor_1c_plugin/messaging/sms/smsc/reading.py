"""What SMSC.ru says of a message."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ..account import Outcome

#: The account is in this currency.
CURRENCY = "RUB"
NOT_FOUND = -3
_PENDING = (-1, 0)
#: Delivered, read, and a link in it was followed.
_DELIVERED = (1, 2, 4)
_FAILED: Mapping[int, str] = {
    -2: "It was stopped",
    3: "It could not be delivered in time",
    20: "It can't be delivered",
    22: "There is no such number",
    23: "The service forbids it",
    24: "The account had not enough money",
    25: "The number can't be reached",
}


def parsed(body: bytes) -> Mapping[str, Any] | list[Any] | None:
    """What an answer says; ``None``: it is none of the service's."""
    try:
        found = json.loads(body, parse_float=Decimal)
    except (RecursionError, ValueError):
        return None
    return found if isinstance(found, dict | list) else None


def number(value: object) -> int | None:
    """A code, which is a number or text."""
    try:
        return int(str(value))
    except ValueError:
        return None


def outcome(status: int | None) -> tuple[Outcome, str] | None:
    """What a status means, and why it failed; ``None``: it is not known here."""
    if status in _PENDING:
        return Outcome.PENDING, ""
    if status in _DELIVERED:
        return Outcome.DELIVERED, ""
    if status is not None and status in _FAILED:
        return Outcome.FAILED, _FAILED[status]
    return None
