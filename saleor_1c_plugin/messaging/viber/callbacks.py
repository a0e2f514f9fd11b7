"""What Viber brings, as the rest of this room knows it. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ..bots.written import written
from ..channel import Incoming
from . import NAME

#: What the bot asks to be told of, beside messages.
KINDS = ("delivered", "failed", "unsubscribed", "conversation_started")
#: Of a person: Base64, as a rule.
_ID = re.compile(r"[!-~]{1,64}")
#: Viber tries whether the address answers.
TRIAL = "webhook"
#: Characters that are kept of what somebody has written.
_MOST_TEXT = 7000
_MOST_REASON = 200
_MOST_CODE = 64
_MOST_LANGUAGE = 16


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a message of ours."""

    reference: str
    at: datetime
    #: Why it has not arrived; empty: it has.
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """Somebody has opened the chat, and may be answered at once."""

    said: Incoming
    #: Of the link by which he has come.
    code: str = ""


def read(told: Mapping[str, Any]) -> Incoming | Outcome | Opened | None:
    """What is told; ``None``: nothing that is of use here.

    Raises
    ------
    ValueError
        It is no callback.
    """
    try:
        return _read(told)
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError("No callback of Viber's") from error


def _read(told: Mapping[str, Any]) -> Incoming | Outcome | Opened | None:
    event = told["event"]
    reference = str(int(told["message_token"]))
    match event:
        case "delivered":
            return Outcome(reference, _moment(told))
        case "failed":
            why = written(told.get("desc"), _MOST_REASON) or "It has not arrived"
            return Outcome(reference, _moment(told), why)
        case "unsubscribed":
            return Incoming(NAME, _id(told["user_id"]), reference, command="gone")
        case "conversation_started":
            user = told["user"]
            said = Incoming(NAME, _id(user["id"]), reference, command="start", data=_language(user))
            return Opened(said, written(told.get("context"), _MOST_CODE))
        case "message":
            sender, message = told["sender"], told["message"]
            text = written(message.get("text"), _MOST_TEXT)
            return Incoming(NAME, _id(sender["id"]), reference, text, data=_language(sender))
    return None


def _moment(told: Mapping[str, Any]) -> datetime:
    """Of the event itself, however often it is told."""
    try:
        return datetime.fromtimestamp(int(told["timestamp"]) / 1000, UTC)
    except (OverflowError, OSError, ValueError) as error:
        raise TypeError from error


def _id(given: object) -> str:
    if not isinstance(given, str) or not _ID.fullmatch(given):
        raise TypeError
    return given


def _language(user: Mapping[str, Any]) -> dict[str, str]:
    return {"language": written(user.get("language"), _MOST_LANGUAGE)}
