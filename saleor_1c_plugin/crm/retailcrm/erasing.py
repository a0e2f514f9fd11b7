"""Forgetting a customer: the API can't delete one, so that he is made nobody."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from ..adapter import Written
from ..phones import comparable
from . import fields
from .client import Client, Said

#: What an erased customer, and his orders, have.
_NOBODY = {"firstName": "—", "lastName": "", "patronymic": "", "email": ""}
_NO_ADDRESS = {
    **dict.fromkeys(("index", "region", "city", "street", "building", "flat", "house"), ""),
    **dict.fromkeys(("housing", "metro", "notes", "text"), ""),
}


def erase(client: Client, record: str) -> Written:
    """Take everything out that tells who a customer is; his orders stay, and tell nothing either.

    Safe to be done once more, wherever it was broken off.
    """
    there = client.one(f"customers/{record}")
    if there.is_not_found:
        return Written(record)
    there.sure()
    for row in list(client.rows("customers/notes", "notes", {"filter[customerIds][]": [record]})):
        gone = client.post(f"customers/notes/{row.get('id')}/delete", {})
        if not gone.is_not_found:
            gone.sure()
    known = there.row("customer")
    for row in _orders_of(client, record, known):
        nobody: dict[str, Any] = {**_NOBODY, "phone": "", "additionalPhone": ""}
        if Said(row).row("delivery").get("address"):
            nobody["delivery"] = {"address": _NO_ADDRESS}
        told = {"by": "id", "order": nobody}
        client.post(f"orders/{row.get('id')}/edit", told).sure()
    # Last: by these the orders are found, if it has to be done once more.
    values: dict[str, Any] = {**_NOBODY, "phones": []}
    if known.get("birthday"):
        values["birthday"] = ""
    if known.get("address"):
        values["address"] = _NO_ADDRESS
    client.post(f"customers/{record}/edit", {"by": "id", "customer": values}).sure()
    left = client.one(f"customers/{record}").sure().row("customer")
    if left.get("email") or fields.numbers(left):
        return Written(problem=_("Delete customer %(id)s in RetailCRM by hand.") % {"id": record})
    return Written(record)


def _orders_of(
    client: Client, record: str, customer: Mapping[str, Any]
) -> Iterator[Mapping[str, Any]]:
    """A customer's orders; those of companies are found by how he is to be reached."""
    found = {
        row.get("id"): row
        for row in client.records("orders", "orders", {"filter[customerId]": record})
    }
    questions = [{"filter[customer]": comparable(one)} for one in fields.numbers(customer)]
    if email := str(customer.get("email") or ""):
        questions.append({"filter[email]": email})
    for wanted in questions:
        for row in client.records("orders", "orders", wanted):
            if str(Said(row).row("contact").get("id")) == record:
                found[row.get("id")] = row
    yield from found.values()
