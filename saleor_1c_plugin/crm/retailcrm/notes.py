"""Notes of customers: orders have no timeline there, so that their events are told here."""

from collections.abc import Mapping

from ...outbox.errors import Retry
from ..adapter import Kind, Written
from .client import Client
from .writing import NO_ID


def add(client: Client, kind: Kind, record: str, text: str, mark: str) -> Written:
    """Write a note of the customer behind a record."""
    owner, number = _owner(client, kind, record)
    if not owner:
        return Written(is_gone=True)
    about = f"№ {number}\n" if number else ""
    note = {"text": f"{about}{text}\n{mark}", "customer": {"id": int(owner)}}
    said = client.post("customers/notes/create", {"note": note}).let_in()
    if not said.problem:
        return Written(said.id) if said.id else Written(problem=NO_ID)
    is_gone = client.one(f"customers/{owner}").is_not_found
    return Written(is_gone=True) if is_gone else Written(problem=said.problem)


def find(client: Client, kind: Kind, record: str, mark: str) -> str:
    """Id of the note with this mark; ``""``: there is none."""
    owner, _number = _owner(client, kind, record)
    if not owner:
        return ""
    for row in client.rows("customers/notes", "notes", {"filter[customerIds][]": [owner]}):
        if str(row.get("text") or "").rstrip().endswith(mark):
            return str(row.get("id"))
    return ""


def _owner(client: Client, kind: Kind, record: str) -> tuple[str, str]:
    """Id of the customer behind a record, ``""`` if it is gone; number of the order."""
    if kind is not Kind.DEAL:
        return record, ""
    said = client.one(f"orders/{record}")
    if said.is_not_found:
        return "", ""
    order = said.sure().row("order")
    parts = (order.get("contact"), order.get("customer"))
    people = [
        one for one in parts if isinstance(one, Mapping) and one.get("type") != "customer_corporate"
    ]
    found = next((str(one["id"]) for one in people if one.get("id")), "")
    if not found:
        raise Retry("The order has no customer in RetailCRM")
    return found, str(order.get("number") or "")
