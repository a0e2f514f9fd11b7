"""Telling a person all that is kept of him, wherever in this package that is."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .erasing import Person

#: Tells what is kept of somebody; takes ``customer_id``, ``email`` and ``phone``, what is empty
#: names nobody. Each is plain JSON.
Tell = Callable[..., Iterable[Mapping[str, Any]]]

_tellers: dict[str, Tell] = {}


def told_by(name: str, tell: Tell) -> None:
    """Have `tell` asked, too; called in ``AppConfig.ready()``.

    Parameters
    ----------
    name
        Of its part of the answer.
    """
    _tellers[name] = tell


def told(who: Person) -> dict[str, list[Mapping[str, Any]]]:
    """What other rooms keep of somebody, each thing once."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    marks = [
        *({"customer_id": one} for one in sorted(who.customer_ids)),
        *({"email": one} for one in sorted(who.emails)),
        *({"phone": one} for one in sorted(who.phones)),
    ]
    for name, tell in _tellers.items():
        every = [thing for mark in marks for thing in tell(**mark)]
        found[name] = [thing for place, thing in enumerate(every) if thing not in every[:place]]
    return found
