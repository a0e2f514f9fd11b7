"""What Twilio says of a message."""

from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from ..account import Outcome, Report, money, words

_PENDING = ("accepted", "scheduled", "queued", "sending", "sent")
_DELIVERED = ("delivered", "read")
_FAILED = ("undelivered", "failed", "canceled")


def outcome(status: str) -> Outcome | None:
    """What a status means; ``None``: it is not known here."""
    if status in _PENDING:
        return Outcome.PENDING
    if status in _DELIVERED:
        return Outcome.DELIVERED
    return Outcome.FAILED if status in _FAILED else None


def reason(code: object, message: object = "") -> str:
    """Why a message failed, as far as Twilio says: the code, of its own dictionary."""
    known = words(message)
    return f"Twilio: error {words(code) or 'unknown'}" + (f", {known}" if known else "")


def report(message: Mapping[str, Any]) -> Report | None:
    """Of a message as the API has it."""
    found = outcome(str(message.get("status")))
    if found is None:
        return None
    why = ""
    if found is Outcome.FAILED:
        why = reason(message.get("error_code"), message.get("error_message"))
    return Report(str(message.get("sid") or ""), found, why, *price(message))


def price(message: Mapping[str, Any]) -> tuple[Any, str]:
    """What it has cost, and in which currency; the API has that some time after it was sent.

    It has costs below zero.
    """
    cost = None if message.get("price") is None else money(message["price"])
    return cost, "" if cost is None else str(message.get("price_unit") or "").upper()[:3]


def created(message: Mapping[str, Any]) -> datetime | None:
    try:
        return parsedate_to_datetime(str(message.get("date_created")))
    except ValueError:
        return None
