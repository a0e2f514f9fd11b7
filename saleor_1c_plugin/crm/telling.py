"""What is kept of a person about CRMs: by what he is known, where he is written there, and what."""

import logging
from collections.abc import Iterator, Mapping
from typing import Any

from ..configuration import SettingsError
from ..history.event import Customer
from ..outbox.errors import Refused, Retry
from ..store import current_store
from . import people
from .adapter import Kind, systems
from .models import Link, Person
from .returning import ContactThere, Returning

logger = logging.getLogger(__name__)


def tell(*, customer_id: str = "", email: str = "", phone: str = "") -> Iterator[Mapping[str, Any]]:
    """What is empty names nobody."""
    for person in people.known(Customer(id=customer_id, email=email, phone=phone)):
        marks = sorted(person.marks.values_list("mark", flat=True))
        yield {"person": str(person.pk), "known_by": marks, "records": list(_records(person))}


def _records(person: Person) -> Iterator[Mapping[str, str]]:
    orders = person.marks.filter(mark__startswith="order:").values_list("mark", flat=True)
    deals = [mark.removeprefix("order:") for mark in orders]
    for system in systems():
        saved = current_store().configuration(system.name)
        rows = Link.objects.filter(system=system.name).exclude(theirs="")
        for kind, ours in ((Kind.CONTACT, [str(person.pk)]), (Kind.DEAL, deals)):
            for link in rows.filter(of=kind.value, ours__in=ours).order_by("pk"):
                page = "" if saved is None else system.page(saved, kind, link.theirs)
                yield {
                    "system": system.name,
                    "kind": kind.value,
                    "id": link.theirs,
                    "page": page,
                }


def tell_there(
    *, customer_id: str = "", email: str = "", phone: str = ""
) -> Iterator[Mapping[str, Any]]:
    """What the CRMs' own people can see of him, as the CRMs say it now."""
    for person in people.known(Customer(id=customer_id, email=email, phone=phone)):
        for system in systems():
            saved = current_store().configuration(system.name)
            if saved is None or not isinstance(system, Returning):
                continue
            rows = Link.objects.filter(system=system.name, of=Link.Of.CONTACT, ours=person.pk)
            ids = list(rows.exclude(theirs="").values_list("theirs", flat=True))
            try:
                found = system.contacts_there(saved, ids) if ids else []
            except (Retry, Refused, SettingsError) as error:
                # Whoever asks has to know that something is missing.
                logger.warning("%s can't be asked of a person: %s", system.name, error)
                yield {"system": system.name, "ids": ids, "problem": "could not be asked"}
            else:
                yield from (_as_told(system.name, contact) for contact in found)


def _as_told(system: str, contact: ContactThere) -> Mapping[str, Any]:
    return {
        "system": system,
        "id": contact.id,
        "first_name": contact.first_name,
        "last_name": contact.last_name,
        "phones": list(contact.phones),
        "tags": list(contact.tags),
        "responsible": contact.responsible.name,
    }
