"""Which channel reaches a person, of those that a rule names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..history.event import Customer
from ..store import current_store
from . import consent, people
from .channel import Channel, StaffChannel, channels
from .models import Preference
from .settings import MessagesSettings


@dataclass(frozen=True, slots=True)
class Choice:
    channel: Channel
    address: str
    #: Names of the channels that are left.
    rest: tuple[str, ...]
    #: At all of the person's addresses; staff have none.
    wishes: Sequence[Preference]


class Nobody(Exception):
    """There is none; the text says why, in English."""


def expanded(names: Sequence[str]) -> tuple[str, ...]:
    """Channels by their own names; a group's in the order in which they were registered."""
    found: dict[str, None] = {}
    for name in names:
        found |= {one.name: None for one in channels() if name in (one.name, one.group)}
    return tuple(found)


def saved_of(found: Channel) -> Mapping[str, object] | None:
    """Settings of a channel's plugin; ``None``: it is switched off."""
    return current_store().configuration(found.plugin or found.name)


def of_staff() -> frozenset[str]:
    """Names of the channels to the store's own people."""
    return frozenset(one.name for one in channels() if isinstance(one, StaffChannel))


def choose(
    customer: Customer,
    order_id: str,
    names: Sequence[str],
    about: str,
    settings: MessagesSettings,
) -> Choice:
    """The first of the channels by which a person may be told of something.

    Parameters
    ----------
    names
        Of channels, not of groups.
    about
        Kind of the event, for an order's status with it.

    Raises
    ------
    Nobody
        There is none.
    """
    links = people.links_of(customer.id, order_id)
    wishes = people.preferences(customer, links)
    reasons = []
    known = {one.name: one for one in channels()}
    for place, name in enumerate(names):
        found = known.get(name)
        if found is None or saved_of(found) is None:
            reasons.append(f"{name}: switched off")
        elif isinstance(found, StaffChannel):
            return Choice(found, found.desk(customer, order_id), tuple(names[place + 1 :]), ())
        elif not (address := found.address(customer, links)):
            reasons.append(f"{name}: no address")
        elif reason := consent.refusal(wishes, found, about, settings.consent):
            reasons.append(f"{name}: {reason}")
        else:
            return Choice(found, address, tuple(names[place + 1 :]), wishes)
    raise Nobody("; ".join(reasons) or "There is no channel")
