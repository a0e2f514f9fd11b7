"""Telling a person all that is kept of him, wherever in this package that is."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from .erasing import Person

#: Tells what is kept of somebody; takes ``customer_id``, ``email`` and ``phone``, what is empty
#: names nobody. Each is plain JSON.
Tell = Callable[..., Iterable[Mapping[str, Any]]]

_tellers: dict[str, Tell] = {}
#: Those of them that ask another system.
_elsewhere: set[str] = set()


def told_by(name: str, tell: Tell, *, elsewhere: bool = False) -> None:
    """Have `tell` asked, too; called in ``AppConfig.ready()``.

    Parameters
    ----------
    name
        Of its part of the answer.
    elsewhere
        It asks another system, which takes its time.
    """
    _tellers[name] = tell
    if elsewhere:
        _elsewhere.add(name)


def is_anything(who: Person) -> bool:
    """Whether other rooms keep anything of somebody here."""
    return any(_told(who, _tellers.keys() - _elsewhere).values())


def told(who: Person) -> dict[str, list[Mapping[str, Any]]]:
    """What other rooms keep of somebody, each thing once; and what other systems do."""
    return _told(who, _tellers)


def _told(who: Person, names: Collection[str]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    marks = [
        *({"customer_id": one} for one in sorted(who.customer_ids)),
        *({"email": one} for one in sorted(who.emails)),
        *({"phone": one} for one in sorted(who.phones)),
    ]
    for name, tell in _tellers.items():
        if name not in names:
            continue
        every = [thing for mark in marks for thing in tell(**mark)]
        found[name] = [thing for place, thing in enumerate(every) if thing not in every[:place]]
    return found
