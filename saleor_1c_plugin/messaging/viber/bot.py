"""The bot as a channel: saying something to somebody who has linked a chat with it."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from ...history.event import Customer
from ...outbox import pace
from ...outbox.calls import NoReply
from ...outbox.errors import Refused, Retry
from ..channel import Button, Channel, Lost, Sent, Text, Unreachable
from . import NAME
from .client import ApiError, call
from .settings import ViberSettings

#: Characters of a message, and of a button.
_MOST_TEXT = 7000
_MOST_LABEL = 250
#: Seconds for which it is left alone when it says that it was called too often.
_PAUSE = 10.0
_TOO_MANY = 12
#: The token, or the account, is not accepted; or there is no money left.
_DENIED = (2, 7, 8, 9, 10, 15, 23, 24)
#: Not registered, not subscribed, no application that could show it, a country without bots.
_UNREACHABLE = (5, 6, 11, 21)


class Viber(Channel):
    """See :class:`~saleor_1c_plugin.messaging.channel.Channel`."""

    name = NAME
    title = "Viber"
    stop_word = "/stop"

    def address(self, customer: Customer, links: Mapping[str, str]) -> str:
        return links.get(NAME, "")

    def send(self, saved: Mapping[str, object], to: str, text: Text, key: str) -> Sent:
        settings = ViberSettings.from_configuration(saved)
        # Nothing is put off for its own sake: the limit is told only by reaching it.
        pace.wait(NAME, 0.0)
        try:
            answer = call(
                settings.token, "send_message", {"receiver": to, **message(settings, text)}
            )
        except ApiError as error:
            if error.status == _TOO_MANY:
                pace.hold(NAME, _PAUSE)
            raise _as_outcome(error) from None
        except NoReply as error:
            raise (Retry if error.is_unsent else Lost)(str(error)) from None
        return Sent(reference=str(answer.get("message_token") or ""), is_told_later=True)


def link(settings: ViberSettings, code: str) -> str:
    """An address that opens the chat and tells the code there; empty: nobody hears it."""
    if not settings.webhook_url:
        return ""
    return f"viber://pa?{urlencode({'chatURI': settings.uri, 'context': code})}"


def message(settings: ViberSettings, text: Text) -> dict[str, Any]:
    """What is said, as Viber has it."""
    fields: dict[str, Any] = {
        "type": "text",
        "min_api_version": 1,
        "sender": {"name": settings.sender},
        "text": _cut(text.body, _MOST_TEXT),
    }
    if text.buttons:
        fields["keyboard"] = {
            "Type": "keyboard",
            "DefaultHeight": False,
            "Buttons": _buttons(text.buttons),
        }
    return fields


def _buttons(buttons: Sequence[Button]) -> list[dict[str, Any]]:
    """One a line. What a button says comes back as a message of the buyer's: so it is a command."""
    return [
        {
            "Columns": 6,
            "Rows": 1,
            "Text": _cut(button.label, _MOST_LABEL),
            "ActionType": "open-url" if button.url else "reply",
            "ActionBody": button.url or f"/{button.command.replace(':', ' ', 1)}",
        }
        for button in buttons
    ]


def _as_outcome(error: ApiError) -> Exception:
    if error.status == _TOO_MANY:
        return Retry("Viber wants to be left alone for a while", after=_PAUSE)
    if error.status in _DENIED:
        return Retry(f"Viber does not accept the bot: {error.why}")
    if error.status in _UNREACHABLE:
        return Unreachable(error.why)
    return Refused(error.why)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
