"""Forgetting a person: here at once, in the CRMs through the outbox."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from ..history.event import Customer
from ..outbox import messages
from ..outbox.errors import Refused, Retry
from ..outbox.models import Message
from ..store import current_store
from . import people
from .adapter import Contact, System, systems
from .models import Held, Link, Mark, Proposal
from .turns import turn

_BUSY = 5.0


def erase(*, customer_id: str = "", email: str = "", phone: str = "") -> int:
    """Forget these people; how many there were. What is empty names nobody.

    Their contacts in the CRMs are deleted. Deals stay, as orders do, and are nobody's.
    """
    with transaction.atomic():
        found = people.known(Customer(id=customer_id, email=email, phone=phone))
        keys = [str(person.pk) for person in found]
        for system in systems():
            waiting = Message.objects.filter(topic=system.topic, object__in=keys)
            messages.drop(waiting.filter(payload__has_key="person"))
            rows = Link.objects.filter(system=system.name, of=Link.Of.CONTACT, ours__in=keys)
            there = set(rows.values_list("ours", flat=True))
            if current_store().configuration(system.name) is not None:
                # The answer that would have linked him may have been lost.
                there |= set(keys)
            for key in sorted(there):
                # Behind what is being written of him now.
                messages.append(system.topic, key, {"erase": key}, key=f"erase:{key}")
        Proposal.objects.filter(of=Link.Of.CONTACT, ours__in=keys).delete()
        Held.objects.filter(person__in=found).delete()
        Mark.objects.filter(person__in=found).delete()
    return len(found)


def carry_out(system: System, saved: Mapping[str, Any] | None, person: str) -> None:
    """Delete a person's contacts in a CRM."""
    if saved is None:
        raise Retry("The CRM is switched off: nobody can be forgotten there")
    with turn(system.name, [person]) as mine:
        if not mine:
            raise Retry("Another worker writes this customer", after=_BUSY)
        rows = Link.objects.filter(system=system.name, of=Link.Of.CONTACT, ours=person)
        linked = rows.exclude(theirs="").values_list("theirs", flat=True)
        (found,) = system.find_contacts(saved, [Contact(person)])
        for record in sorted({*linked, *found.own}):
            written = system.delete_contact(saved, record)
            if written.problem:
                raise Refused(written.problem)
        rows.delete()
