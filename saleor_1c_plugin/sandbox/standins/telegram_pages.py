"""What somebody sees on the telephone: the chat with the bot."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from .html import page
from .messages import Answer


class Chat(Protocol):
    """Somebody's with the bot."""

    id: int
    #: What the bot has written, the newest last.
    read: list[dict[str, Any]]


def serve(username: str, chats: Iterable[Chat]) -> Answer:
    return page(f"Telegram (a stand-in): @{username}", _chats(chats))


def _chats(chats: Iterable[Chat]) -> Iterator[SafeString]:
    for chat in chats:
        yield format_html("<h2>Chat {}</h2>", chat.id)
        for message in chat.read:
            yield format_html('<p class="said">{}</p>', message["text"])
            buttons = list(_buttons(message))
            if buttons:
                yield format_html("<p>{}</p>", format_html_join(" ", "{}", buttons))


def _buttons(message: Mapping[str, Any]) -> Iterator[tuple[SafeString]]:
    for row in message.get("reply_markup", {}).get("inline_keyboard", []):
        for button in row:
            markup = '<a href="{url}">{text}</a>' if "url" in button else "{text}"
            shown = format_html(markup, text=button["text"], url=button.get("url", ""))
            yield (format_html('<span class="button">{}</span>', shown),)
