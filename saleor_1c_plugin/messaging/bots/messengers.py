"""The messengers that have bots here."""

from collections.abc import Iterator, Mapping
from typing import Protocol

from django.http import HttpRequest, HttpResponse


class Messenger(Protocol):
    """Whoever implements it inherits from this."""

    #: Of the channel, and of its plugin without the "saleor1c." before it.
    name: str

    def link(self, saved: Mapping[str, object], code: str) -> str:
        """An address that opens a chat with the bot, and says the code there.

        Empty: nothing that is said there comes here.
        """

    def verify(
        self, saved: Mapping[str, object] | None, request: HttpRequest
    ) -> HttpResponse | None:
        """Answer a messenger that tries by GET whose address it is.

        ``None``: it does not do such a thing. `saved` is as for :meth:`receive`.
        """
        return None

    def receive(
        self, saved: Mapping[str, object] | None, request: HttpRequest, body: bytes
    ) -> HttpResponse:
        """Take what the messenger brings.

        Parameters
        ----------
        saved
            The plugin's settings; ``None``: it is off.
        body
            Of the request, whole.
        """


_messengers: dict[str, Messenger] = {}


def register(messenger: Messenger) -> None:
    """Let a messenger's bot be spoken to; called in ``AppConfig.ready()``."""
    _messengers[messenger.name] = messenger


def messengers() -> Iterator[Messenger]:
    """In the order in which they were registered."""
    yield from _messengers.values()


def messenger(name: str) -> Messenger | None:
    return _messengers.get(name)
