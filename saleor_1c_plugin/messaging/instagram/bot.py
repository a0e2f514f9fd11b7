"""The account as a channel: saying something to somebody who has written to it."""

from collections.abc import Mapping
from typing import Any

from ...history.event import Customer
from ...outbox import pace
from ...outbox.calls import NoReply
from ...outbox.errors import Refused, Retry
from ..channel import Channel, Lost, Sent, Text, Unreachable
from . import NAME, tokens
from .client import ApiError, call
from .settings import InstagramSettings

#: Bytes of a message.
_MOST_TEXT = 1000
#: Quick replies, and characters of one.
_MOST_BUTTONS = 13
_MOST_LABEL = 20
_MOST_COMMAND = 1000
#: Of a number of a message that is kept.
_MOST_REFERENCE = 255
#: Seconds between messages of one chat; altogether three hundred a second are let pass.
_PAUSE_OF_CHAT = 1.0
#: Seconds for which it is left alone when it says that it was called too often.
_PAUSE = 60.0
_TOO_MANY = (4, 17, 32, 613, 80002, 80006)
#: Meta can't say what has become of the call.
_UNKNOWN = 1
_TEMPORARY = 2
#: Nobody was written to: code, and subcode where the code alone says something else.
_UNREACHABLE = (
    # The person isn't available: has blocked the account, or is no more.
    (551, 0),
    (100, 2018001),
    (100, 2534014),
    # A day has passed since he has written.
    (10, 2018278),
    (10, 2534022),
)


class Instagram(Channel):
    """See :class:`~saleor_1c_plugin.messaging.channel.Channel`."""

    name = NAME
    title = "Instagram"
    stop_word = "/stop"

    def address(self, customer: Customer, links: Mapping[str, str]) -> str:
        return links.get(NAME, "")

    def send(self, saved: Mapping[str, object], to: str, text: Text, key: str) -> Sent:
        settings = InstagramSettings.from_configuration(saved)
        fields = {
            "recipient": {"id": to},
            "messaging_type": "RESPONSE",
            "message": message(text),
        }
        pace.wait(f"{NAME}:{to}", _PAUSE_OF_CHAT)
        pace.wait(NAME, 0.0)
        try:
            answer = call(settings, tokens.newest(settings), "POST", "messages", fields)
        except ApiError as error:
            if error.code in _TOO_MANY:
                pace.hold(NAME, _PAUSE)
            raise _as_outcome(error) from None
        except NoReply as error:
            raise (Retry if error.is_unsent else Lost)(str(error)) from None
        number = str(answer.get("message_id") or "")
        return Sent(reference=number if len(number) <= _MOST_REFERENCE else "")


def link(settings: InstagramSettings, code: str) -> str:
    """An address that opens the chat and tells the code there; empty: nobody hears it."""
    if not settings.verify_token:
        return ""
    return f"https://ig.me/m/{settings.username}?ref={code}"


def message(text: Text) -> dict[str, Any]:
    """What is said, as Meta has it. There are no buttons that lead to a page: it is written out."""
    pages = [f"{one.label}: {one.url}" for one in text.buttons if one.url]
    body = _fitting("\n".join([text.body, *pages]))
    replies = [
        {
            "content_type": "text",
            "title": one.label[:_MOST_LABEL],
            "payload": one.command[:_MOST_COMMAND],
        }
        for one in text.buttons
        if not one.url
    ]
    return {"text": body} | ({"quick_replies": replies[:_MOST_BUTTONS]} if replies else {})


def _fitting(text: str) -> str:
    """As long as a message may be. The last paragraph stays: it says how to hear no more."""
    if len(text.encode("utf-8", "replace")) <= _MOST_TEXT:
        return text
    head, gap, tail = text.rpartition("\n\n")
    left = _MOST_TEXT - len(f"…{gap}{tail}".encode("utf-8", "replace"))
    if not head or left <= 0:
        head, gap, tail, left = text, "", "", _MOST_TEXT - len("…".encode())
    return f"{head.encode('utf-8', 'replace')[:left].decode('utf-8', 'ignore')}…{gap}{tail}"


def _as_outcome(error: ApiError) -> Exception:
    if error.code in _TOO_MANY:
        return Retry("Meta wants to be left alone for a while", after=_PAUSE)
    if error.is_about_token:
        return Retry(f"Meta does not accept the token: {error.why}")
    if (error.code, error.subcode) in _UNREACHABLE or (error.code, 0) in _UNREACHABLE:
        return Unreachable(error.why)
    if error.code in (3, 10) or 200 <= error.code < 300:
        return Retry(f"Meta does not let the application speak: {error.why}")
    if error.code == _UNKNOWN:
        return Lost(error.why)
    if error.code == _TEMPORARY:
        return Retry(error.why)
    return Refused(error.why)
