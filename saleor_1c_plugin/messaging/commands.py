"""What people can say to us: each room registers the commands that it carries out."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from .channel import Incoming, Text
from .people import Linked


@dataclass(frozen=True, slots=True)
class Said:
    """A command as somebody has given it."""

    incoming: Incoming
    who: Linked
    #: What follows the command: "/status 15" → "15", "extend:7" → "7".
    argument: str = ""


#: Carries a command out, in the transaction in which it is noted that it was given: it calls
#: nobody. Gives back what is to be answered; ``None``: nothing is.
Handler = Callable[[Said], Text | None]

_handlers: dict[str, Handler] = {}
_words: dict[str, str] = {}


def register(name: str, handler: Handler, *, words: Collection[str] = ()) -> None:
    """Have `handler` carry out "/name" and a button's "name:…"; called in ``AppConfig.ready()``.

    Parameters
    ----------
    words
        Texts that mean the same when nothing else is said; in lower case.
    """
    _handlers[name] = handler
    _words.update(dict.fromkeys(words, name))


def names() -> Iterator[str]:
    yield from _handlers


def find(incoming: Incoming) -> tuple[str, Handler, str] | None:
    """Name, handler and argument of the command that this is; ``None``: it is none of ours."""
    name, argument = _parsed(incoming)
    handler = _handlers.get(name)
    return None if handler is None else (name, handler, argument)


def _parsed(incoming: Incoming) -> tuple[str, str]:
    if incoming.command:
        name, _colon, argument = incoming.command.partition(":")
        return name, argument
    text = " ".join(incoming.text.split())
    if text.startswith("/"):
        first, _blank, argument = text[1:].partition(" ")
        # In groups a bot is named: "/status@shop_bot".
        return first.partition("@")[0].lower(), argument
    return _words.get(text.lower().rstrip(".!"), ""), ""
