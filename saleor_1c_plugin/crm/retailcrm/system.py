"""RetailCRM as a CRM of the mirror.

Records that we make have our key as ``externalId``, which is there once in a shop: two can't be
made. What was there before keeps its own.
"""

import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.http import HttpRequest

from ..adapter import Company, Contact, Deal, Found, Kind, Why, Written
from ..returning import Changes, ContactThere, DealThere, Returning
from . import back, checks, companies, erasing, fields, matching, notes, orders, writing
from .client import Client
from .settings import PLUGIN, RetailCrmSettings

#: Each of them takes two or three calls; where one fails, all are asked for again.
_PEOPLE = 10


class RetailCrm(Returning):
    """See :class:`~..adapter.System`."""

    name = PLUGIN
    title = "RetailCRM"

    def check(self, saved: Mapping[str, object]) -> str:
        return checks.check(RetailCrmSettings.from_configuration(saved))

    def stages_of(self, saved: Mapping[str, object]) -> Mapping[str, str]:
        return _settings(saved).stages

    def people_at_a_time(self) -> int:
        return _PEOPLE

    def find_contacts(
        self, saved: Mapping[str, object], contacts: Sequence[Contact]
    ) -> list[Found]:
        settings = _settings(saved)
        client = Client(settings)
        own: dict[str, list[str]] = {}
        wanted = {"filter[externalIds][]": [one.key for one in contacts]}
        for row in client.records("customers", "customers", wanted):
            own.setdefault(str(row.get("externalId")), []).append(str(row.get("id")))
        return [
            Found(tuple(own[one.key]))
            if one.key in own
            else matching.strangers(settings, client, one)
            for one in contacts
        ]

    def make_contacts(
        self, saved: Mapping[str, object], contacts: Sequence[Contact]
    ) -> list[Written]:
        settings = _settings(saved)
        return writing.make(
            Client(settings),
            ("customers", "customer"),
            [fields.customer(settings, one) for one in contacts],
        )

    def complete_contacts(
        self, saved: Mapping[str, object], contacts: Sequence[tuple[str, Contact]]
    ) -> list[Written]:
        settings = _settings(saved)
        client = Client(settings)
        there = writing.by_id(client, "customers", [record for record, _contact in contacts])
        written = []
        for record, one in contacts:
            if record not in there:
                written.append(Written(is_gone=True))
                continue
            lacking = fields.lacking(settings, one, there[record])
            written.append(
                writing.edit(client, f"customers/{record}/edit", {"customer": lacking}, record)
                if lacking
                else Written(record)
            )
        return written

    def keeps_companies(self, saved: Mapping[str, object]) -> bool:
        return _settings(saved).corporate

    def find_company(self, saved: Mapping[str, object], company: Company) -> Found:
        client = Client(_settings(saved))
        own = companies.find(client, {"filter[externalIds][]": [company.key]}, company)
        if own:
            return Found(tuple(own))
        found = companies.find(client, {"filter[contragentInn]": company.inn}, company)
        return Found((), {record: frozenset({Why.INN}) for record in found})

    def make_company(self, saved: Mapping[str, object], company: Company) -> Written:
        settings = _settings(saved)
        client = Client(settings)
        values = {"customerCorporate": fields.corporate(settings, company)}
        said = client.post("customers-corporate/create", values).let_in()
        if said.problem:
            return Written(problem=said.problem)
        found = companies.find(client, {"filter[externalIds][]": [company.key]}, company)
        return Written(found[0]) if found else Written(problem=writing.NO_ID)

    def find_deals(self, saved: Mapping[str, object], keys: Sequence[str]) -> list[str]:
        rows = Client(_settings(saved)).records("orders", "orders", {"filter[externalIds][]": keys})
        found = {str(row.get("externalId")): str(row.get("id")) for row in rows}
        return [found.get(key, "") for key in keys]

    def counts_in(self, saved: Mapping[str, object], currency: str) -> bool:
        """A shop has one currency there."""
        return currency == _settings(saved).currency

    def make_deals(self, saved: Mapping[str, object], deals: Sequence[Deal]) -> list[Written]:
        return orders.make(_settings(saved), deals)

    def change_deals(
        self, saved: Mapping[str, object], deals: Sequence[tuple[str, Deal]]
    ) -> list[Written]:
        return orders.change(_settings(saved), deals)

    def note(
        self, saved: Mapping[str, object], kind: Kind, record: str, text: str, mark: str
    ) -> Written:
        return notes.add(Client(_settings(saved)), kind, record, text, mark)

    def find_note(self, saved: Mapping[str, object], kind: Kind, record: str, mark: str) -> str:
        return notes.find(Client(_settings(saved)), kind, record, mark)

    def delete_contact(self, saved: Mapping[str, object], record: str) -> Written:
        return erasing.erase(Client(_settings(saved)), record)

    def page(self, saved: Mapping[str, object], kind: Kind, record: str) -> str:
        account = RetailCrmSettings.from_configuration(saved, complete=False).address
        match kind:
            case Kind.CONTACT:
                return f"{account}/customers/{record}"
            case Kind.COMPANY:
                return f"{account}/customers-corporate/{record.partition('/')[0]}"
            case Kind.DEAL:
                return f"{account}/orders/{record}/edit"

    def changed(self, saved: Mapping[str, object], cursor: str) -> Changes:
        return back.changed(Client(_settings(saved)), cursor)

    def deals_there(
        self, saved: Mapping[str, object], records: Sequence[str], since: datetime
    ) -> list[DealThere]:
        settings = _settings(saved)
        return back.deals_there(Client(settings), settings, records, since)

    def contacts_there(
        self, saved: Mapping[str, object], records: Sequence[str]
    ) -> list[ContactThere]:
        return back.contacts_there(Client(_settings(saved)), records)

    def is_genuine(self, saved: Mapping[str, object], request: HttpRequest, path: str) -> bool:
        """Triggers of RetailCRM sign nothing: the secret is in the address."""
        secret = _settings(saved).hook_secret
        return bool(secret) and hmac.compare_digest(path.encode(), secret.encode())


def _settings(saved: Mapping[str, object]) -> RetailCrmSettings:
    return RetailCrmSettings.from_configuration(saved, complete=False)
