"""Orders with their goods, delivery and payment."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..adapter import Deal, Written
from . import companies, fields, writing
from .client import PAGE, Client, Said
from .settings import RetailCrmSettings


def make(settings: RetailCrmSettings, deals: Sequence[Deal]) -> list[Written]:
    """Make orders; those of whom nobody is there any more are not made."""
    client = Client(settings)
    buyers = writing.by_id(client, "customers", sorted({deal.contact for deal in deals} - {""}))
    possible = [
        deal
        for deal in deals
        if deal.contact in buyers and (not deal.company or companies.join(client, deal))
    ]
    offers = _offers(settings, client, possible)
    orders = [fields.order(settings, deal, buyers[deal.contact], offers) for deal in possible]
    made = writing.make(client, ("orders", "order"), orders) if orders else []
    answers = {deal.key: one for deal, one in zip(possible, made, strict=True)}
    return [answers.get(deal.key, Written(is_gone=True)) for deal in deals]


def change(settings: RetailCrmSettings, deals: Sequence[tuple[str, Deal]]) -> list[Written]:
    """Have orders (id there, order) as they are in the store."""
    client = Client(settings)
    there = writing.by_id(client, "orders", [record for record, _deal in deals])
    offers = _offers(settings, client, [deal for _record, deal in deals])
    written = []
    for record, deal in deals:
        if record not in there:
            written.append(Written(is_gone=True))
            continue
        changed = fields.changes(deal, there[record], offers)
        path = f"orders/{record}/edit"
        one = writing.edit(client, path, {"order": changed}, record) if changed else Written(record)
        if one.id and settings.payment_type:
            problem = _pay(settings, client, deal, record, there[record])
            one = Written(problem=problem) if problem else one
        written.append(one)
    return written


def _offers(settings: RetailCrmSettings, client: Client, deals: Sequence[Deal]) -> dict[str, int]:
    """1C's ids of goods → ids of their offers in the catalogue there, of those that are in it."""
    keys = sorted({row.onec_id for deal in deals for row in deal.rows} - {""})
    if not settings.catalog:
        return {}
    found = {}
    for start in range(0, len(keys), PAGE):
        wanted = {"filter[xmlIds][]": keys[start : start + PAGE]}
        for row in client.records("store/offers", "offers", wanted):
            if isinstance(number := row.get("id"), int):
                found[str(row.get("xmlId"))] = number
    return found


def _pay(
    settings: RetailCrmSettings, client: Client, deal: Deal, record: str, there: Mapping[str, Any]
) -> str:
    """Have the payment as it is; what is said against that."""
    known = {str(row.get("externalId")): row for row in Said(there).rows("payments")}
    found = known.get(fields.payment_key(deal))
    wanted = fields.payment(settings, deal)
    if found is None:
        if not deal.paid:
            return ""
        values = {"payment": {**wanted, "order": {"id": int(record)}}}
        return client.post("orders/payments/create", values).let_in().problem
    if fields.amount(found) == deal.paid:
        return ""
    # Its kind is what it was made with.
    changed = {"amount": wanted["amount"], "status": wanted["status"]}
    path = f"orders/payments/{found.get('id')}/edit"
    return client.post(path, {"by": "id", "payment": changed}).let_in().problem
