"""Customers who are there already, and may be one of ours."""

from collections.abc import Iterator, Mapping
from typing import Any

from ..adapter import Contact, Found, Why
from ..phones import comparable
from . import fields
from .client import Client, Params
from .settings import RetailCrmSettings


def strangers(settings: RetailCrmSettings, client: Client, contact: Contact) -> Found:
    """Those who may be this one: what is found by a part of something is looked at."""
    others: dict[str, frozenset[Why]] = {}
    for why, wanted in _questions(settings, contact):
        for row in client.records("customers", "customers", wanted):
            if _is_so(settings, why, contact, row):
                record = str(row.get("id"))
                others[record] = others.get(record, frozenset()) | {why}
    return Found((), others)


def _questions(settings: RetailCrmSettings, contact: Contact) -> Iterator[tuple[Why, Params]]:
    """By what a customer is looked for; more than him may be answered."""
    if settings.onec_field and contact.onec_id:
        yield Why.ONEC, {f"filter[customFields][{settings.onec_field}]": contact.onec_id}
    if contact.email:
        yield Why.EMAIL, {"filter[email]": contact.email}
    if contact.phone:
        # The same filter is for names and for phones, and looks for a part of either.
        yield Why.PHONE, {"filter[name]": comparable(contact.phone)}


def _is_so(settings: RetailCrmSettings, why: Why, contact: Contact, row: Mapping[str, Any]) -> bool:
    match why:
        case Why.EMAIL:
            return str(row.get("email") or "").strip().lower() == contact.email
        case Why.PHONE:
            known = map(comparable, fields.numbers(row))
            return comparable(contact.phone) in known
        case _:
            own = row.get("customFields")
            return isinstance(own, Mapping) and own.get(settings.onec_field) == contact.onec_id
