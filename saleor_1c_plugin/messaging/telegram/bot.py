"""The bot as a channel: saying something to somebody who has linked a chat with it."""

from collections.abc import Mapping, Sequence

from ...history.event import Customer
from ...outbox import pace
from ...outbox.calls import NoReply
from ...outbox.errors import Refused, Retry
from ..channel import Button, Channel, Lost, Sent, Text, Unreachable
from . import NAME
from .client import ApiError, call
from .settings import TelegramSettings

#: Characters of a message, and of a button.
_MOST_TEXT = 4096
_MOST_LABEL = 64
#: Bytes that a button can say.
_MOST_COMMAND = 64
#: Seconds between messages, to one chat and altogether: thirty of a second are let pass, and what
#: was called in its turn does not always arrive in its turn.
_PAUSE_OF_CHAT = 1.0
_PAUSE = 1 / 25
#: What Telegram says of people who are not there any more, beside 403.
_GONE = ("chat not found", "user not found", "peer_id_invalid", "user is deactivated")


class Telegram(Channel):
    """See :class:`~saleor_1c_plugin.messaging.channel.Channel`."""

    name = NAME
    title = "Telegram"
    stop_word = "/stop"

    def address(self, customer: Customer, links: Mapping[str, str]) -> str:
        return links.get(NAME, "")

    def send(self, saved: Mapping[str, object], to: str, text: Text, key: str) -> Sent:
        settings = TelegramSettings.from_configuration(saved)
        fields: dict[str, object] = {
            "chat_id": int(to),
            "text": _cut(text.body, _MOST_TEXT),
            "link_preview_options": {"is_disabled": True},
        }
        if text.buttons:
            fields["reply_markup"] = {"inline_keyboard": _keyboard(text.buttons)}
        bot = f"{NAME}:{settings.bot_id}"
        pace.wait(f"{bot}:{to}", _PAUSE_OF_CHAT)
        pace.wait(bot, _PAUSE)
        try:
            message = call(settings.token, "sendMessage", fields)
        except ApiError as error:
            if error.after:
                # Whoever calls nevertheless is left out for longer.
                pace.hold(bot, error.after)
            raise _as_outcome(error) from None
        except NoReply as error:
            raise (Retry if error.is_unsent else Lost)(str(error)) from None
        return Sent(reference=str(message["message_id"]))


def link(settings: TelegramSettings, code: str) -> str:
    """An address that opens the chat and says the code there; empty: nobody hears it."""
    if not settings.webhook_url:
        return ""
    return f"https://t.me/{settings.username}?start={code}"


def _keyboard(buttons: Sequence[Button]) -> list[list[dict[str, str]]]:
    """One button a line."""
    return [[_button(button)] for button in buttons]


def _button(button: Button) -> dict[str, str]:
    label = _cut(button.label, _MOST_LABEL)
    if button.url:
        return {"text": label, "url": button.url}
    if not 1 <= len(button.command.encode()) <= _MOST_COMMAND:
        raise Refused("A button says from 1 to 64 bytes")
    return {"text": label, "callback_data": button.command}


def _as_outcome(error: ApiError) -> Exception:
    said = error.why.lower()
    if error.after:
        return Retry("Telegram wants to be left alone for a while", after=error.after)
    if error.is_about_token:
        return Retry(f"Telegram does not accept the bot's token: {error.why}")
    if error.code == 403 or any(words in said for words in _GONE):
        return Unreachable(error.why)
    return Refused(error.why)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
