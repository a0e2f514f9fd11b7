"""What is kept of a person about CRMs: by what he is known, and where he is written there."""

from collections.abc import Iterator, Mapping
from typing import Any

from ..history.event import Customer
from ..store import current_store
from . import people
from .adapter import Kind, systems
from .models import Link, Person


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
