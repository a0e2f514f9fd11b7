"""What Meta brings, as the rest of this room knows it. Pure."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..bots.written import written
from ..channel import Incoming
from . import NAME

#: What the account asks to be told of, of an Instagram user and of a Facebook page.
FIELDS = "messages,messaging_postbacks,messaging_referral,messaging_seen"
FIELDS_OF_PAGE = "messages,messaging_postbacks,messaging_referrals,message_reads"
#: What a question says with which a chat can be begun; and what a link adds to it.
START = "start"
_ID = re.compile(r"[0-9]{1,64}")
_MOST_TEXT = 1000
_MOST_COMMAND = 80
_MOST_CODE = 64
_MOST_REFERENCE = 255


@dataclass(frozen=True, slots=True)
class Seen:
    """Somebody has read a message of ours."""

    reference: str


def read(told: Mapping[str, Any]) -> list[Incoming | Seen]:
    """What is told, in its order; what is of no use here is left out.

    Raises
    ------
    ValueError
        It is no notification.
    """
    try:
        if told["object"] != "instagram":
            return []
        return [
            found
            for entry in told["entry"]
            for event in entry.get("messaging", [])
            for found in _read(event)
        ]
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError("No notification of Meta's") from error


def _read(event: Mapping[str, Any]) -> Iterator[Incoming | Seen]:
    if "read" in event:
        yield Seen(_reference(event["read"]["mid"]))
    elif "message" in event:
        message = event["message"]
        if message.get("is_echo") or message.get("is_deleted"):
            return
        yield from _message(_id(event["sender"]["id"]), message)
    elif "postback" in event:
        pressed = event["postback"]
        yield from _postback(_id(event["sender"]["id"]), pressed)
    elif "referral" in event:
        sender = _id(event["sender"]["id"])
        # A chat was opened by a link: nothing was written that would have a number.
        reference = f"referral:{sender}:{int(event['timestamp'])}"
        yield from _start(sender, event, reference)


def _message(sender: str, message: Mapping[str, Any]) -> Iterator[Incoming]:
    reference = _reference(message["mid"])
    yield from _start(sender, message, _other(reference))
    if "quick_reply" in message:
        command = written(message["quick_reply"]["payload"], _MOST_COMMAND)
        yield Incoming(NAME, sender, reference, command=command)
    else:
        yield Incoming(NAME, sender, reference, written(message.get("text"), _MOST_TEXT))


def _postback(sender: str, pressed: Mapping[str, Any]) -> Iterator[Incoming]:
    reference = _reference(pressed["mid"])
    command = written(pressed.get("payload"), _MOST_COMMAND)
    started = list(_start(sender, pressed, reference))
    yield from started
    if not (started and command == START):
        number = _other(reference) if started else reference
        yield Incoming(NAME, sender, number, command=command)


def _start(sender: str, event: Mapping[str, Any], reference: str) -> Iterator[Incoming]:
    """That the chat was opened by a link with a code."""
    referral = event.get("referral")
    code = written(referral.get("ref"), _MOST_CODE) if isinstance(referral, dict) else ""
    if code:
        yield Incoming(NAME, sender, reference, command=f"{START}:{code}")


def _id(given: object) -> str:
    if not isinstance(given, str) or not _ID.fullmatch(given):
        raise TypeError
    return given


def _reference(given: object) -> str:
    """Meta's number of a message, as it can be kept."""
    if not isinstance(given, str) or not given or not given.isprintable():
        raise TypeError
    if len(given) <= _MOST_REFERENCE:
        return given
    return hashlib.sha256(given.encode()).hexdigest()


def _other(reference: str) -> str:
    """For the second of two things that are said by one message."""
    return hashlib.sha256(f"{reference}:2".encode()).hexdigest()
