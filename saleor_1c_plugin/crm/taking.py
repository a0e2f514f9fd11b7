"""A reader of the journal: every event becomes a message to every CRM that is switched on."""

from collections.abc import Sequence

from ..history.event import Event, Kind
from ..outbox import messages
from ..store import current_store
from . import people
from .adapter import systems
from .settings import PLUGIN


def take(events: Sequence[tuple[int, Event]]) -> None:
    """Put events into the outbox, those of one customer one behind the other."""
    store = current_store()
    if store.configuration(PLUGIN) is None:
        return
    on = [one for one in systems() if store.configuration(one.name) is not None]
    if not on:
        return
    for _number, event in events:
        person = people.person(event.customer, event.order_id)
        if person is None:
            # Nobody knows who it was.
            continue
        for system in on:
            if event.kind is Kind.CRM_CHANGED and event.data.get("system") == system.name:
                # It is known there: it was done there.
                continue
            payload = {"person": str(person.pk), "event": event.key}
            messages.append(system.topic, str(person.pk), payload, key=event.key)
