"""What Telegram brings, as the rest of this room knows it. Pure."""

from collections.abc import Mapping
from typing import Any

from ..bots.written import written
from ..channel import Incoming
from . import NAME

#: What the bot asks to be told of.
KINDS = ("message", "callback_query", "my_chat_member")
#: Characters that are kept of what somebody has written.
_MOST_TEXT = 4096
_MOST_COMMAND = 80
_MOST_LANGUAGE = 16


def read(update: Mapping[str, Any], bot_id: str) -> Incoming | None:
    """What somebody has said; ``None``: nobody has said anything to the bot alone.

    Raises
    ------
    ValueError
        It is no update.
    """
    try:
        number = update["update_id"]
        if not isinstance(number, int):
            raise TypeError
        return _read(update, f"{bot_id}:{number}")
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError("No update of Telegram's") from error


def _read(update: Mapping[str, Any], reference: str) -> Incoming | None:
    if "message" in update:
        message = update["message"]
        chat, sender = message["chat"], message["from"]
        text = written(message.get("text") or message.get("caption"), _MOST_TEXT)
        command, text = _command(text)
        data: dict[str, str] = {}
    elif "callback_query" in update:
        query = update["callback_query"]
        if "data" not in query or "message" not in query:
            # A game's button, or one of a message that is too old to be shown.
            return None
        chat, sender = query["message"]["chat"], query["from"]
        command, text = written(query["data"], _MOST_COMMAND), ""
        data = {"callback": str(query["id"])}
    elif "my_chat_member" in update:
        change = update["my_chat_member"]
        if change["new_chat_member"]["status"] != "kicked":
            return None
        chat, sender = change["chat"], change["from"]
        command, text, data = "gone", "", {}
    else:
        return None
    if chat["type"] != "private":
        return None
    data |= {"language": written(sender.get("language_code"), _MOST_LANGUAGE)}
    return Incoming(NAME, str(int(chat["id"])), reference, text, command, data)


def _command(text: str) -> tuple[str, str]:
    """The command that a text is, and what of it is kept: "/start X" is "start:X".

    What follows "/start" is a code, and nobody's to read.
    """
    if not text.startswith("/"):
        return "", text
    word, _, rest = " ".join(text[1:].split()).partition(" ")
    word = word.partition("@")[0].lower()
    command = (f"{word}:{rest}" if rest else word)[:_MOST_COMMAND]
    return command, f"/{word}" if word == "start" else text
