"""Bitrix24 as a CRM of the mirror.

Records that we make have ``ORIGINATOR_ID`` and ``ORIGIN_ID``: whose they are, and which. What was
there before keeps its own: 1C's exchange with Bitrix24 writes them, too.
"""

import logging
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from ...outbox.errors import Retry
from ..adapter import Company, Contact, Deal, Denied, Found, Kind, Row, Why, Written
from ..phones import digits, spellings
from ..returning import Changes, ContactThere, DealThere, Returning
from . import back
from .client import Client, Command, Place, Said
from .settings import PLUGIN, Bitrix24Settings

logger = logging.getLogger(__name__)

_ORIGINATOR = "saleor1c"
#: Number of the type of companies, where requisites name their owner's.
_COMPANY_TYPE = 4
#: Of the templates of requisites that a Russian portal has from the beginning.
_PRESETS = {
    10: "#CRM_REQUISITE_PRESET_DEF_RU_COMPANY#",
    12: "#CRM_REQUISITE_PRESET_DEF_RU_INDIVIDUAL#",
}
#: ОКЕИ: pieces.
_PIECES = 796
_PEOPLE = 48
#: What is asked for so many, two questions for all and two for each, goes in one call.
_ASKED_FOR_AT_ONCE = 24
#: Rows of a list, of which each key that was asked for has one.
_PAGE = 50


class Bitrix24(Returning):
    """See :class:`~..adapter.System` and :class:`~..returning.Returning`."""

    name = PLUGIN
    title = "Bitrix24"

    def check(self, saved: Mapping[str, object]) -> str:
        settings = Bitrix24Settings.from_configuration(saved)
        client = Client(settings)
        profile, _next = client.call("profile", {})
        if profile.problem:
            raise Denied(profile.problem)
        category = settings.category
        entity = f"DEAL_STAGE_{category}" if category else "DEAL_STAGE"
        stages, _next = client.call("crm.status.list", {"filter": {"ENTITY_ID": entity}})
        if stages.problem:
            raise Denied(stages.problem)
        known = [str(row.get("STATUS_ID")) for row in _rows(stages)]
        for stage in map(settings.stage, settings.stages.values()):
            if stage not in known:
                raise Denied(
                    _("There is no stage “%(stage)s” in this pipeline; there are: %(known)s.")
                    % {"stage": stage, "known": ", ".join(known) or "—"}
                )
        who = profile.result if isinstance(profile.result, Mapping) else {}
        name = " ".join(str(who.get(key) or "") for key in ("NAME", "LAST_NAME")).strip()
        return _("Connected to %(portal)s as %(name)s") % {"portal": settings.portal, "name": name}

    def stages_of(self, saved: Mapping[str, object]) -> Mapping[str, str]:
        return _settings(saved).stages

    def people_at_a_time(self) -> int:
        return _PEOPLE

    def find_contacts(
        self, saved: Mapping[str, object], contacts: Sequence[Contact]
    ) -> list[Found]:
        settings = _settings(saved)
        asked = [
            list(_questions(settings, contacts[start : start + _ASKED_FOR_AT_ONCE]))
            for start in range(0, len(contacts), _ASKED_FOR_AT_ONCE)
        ]
        answers = Client(settings).batch_by([[one.command for one in group] for group in asked])
        own: defaultdict[str, list[str]] = defaultdict(list)
        others: defaultdict[str, dict[str, frozenset[Why]]] = defaultdict(dict)
        for questions, said in zip(asked, answers, strict=True):
            for question, one in zip(questions, said, strict=True):
                for key, record in question.read(_sure(one)):
                    if question.why is None:
                        own[key].append(record)
                    else:
                        known = others[key].get(record, frozenset())
                        others[key][record] = known | {question.why}
        return [Found(tuple(own[one.key]), others[one.key]) for one in contacts]

    def make_contacts(
        self, saved: Mapping[str, object], contacts: Sequence[Contact]
    ) -> list[Written]:
        settings = _settings(saved)
        commands = [
            Command("crm.contact.add", {"fields": _contact(settings, one)}) for one in contacts
        ]
        return [_made(said) for said in Client(settings).batch(commands)]

    def complete_contacts(
        self, saved: Mapping[str, object], contacts: Sequence[tuple[str, Contact]]
    ) -> list[Written]:
        settings = _settings(saved)
        client = Client(settings)
        there = client.batch([Command("crm.contact.get", {"id": record}) for record, _ in contacts])
        written: list[Written | None] = []
        commands = []
        for (record, one), said in zip(contacts, there, strict=True):
            if said.problem:
                written.append(_changed(record, said))
                continue
            lacking = _lacking(settings, one, said.result)
            written.append(None if lacking else Written(record))
            if lacking:
                fields = {"id": record, "fields": lacking}
                commands.append(Command("crm.contact.update", fields))
        answers = iter(client.batch(commands))
        return [
            one or _changed(record, next(answers))
            for one, (record, _contact) in zip(written, contacts, strict=True)
        ]

    def find_company(self, saved: Mapping[str, object], company: Company) -> Found:
        settings = _settings(saved)
        requisites = {
            "filter": {"RQ_INN": company.inn, "ENTITY_TYPE_ID": _COMPANY_TYPE},
            "select": ["ENTITY_ID"],
        }
        own, by_inn = Client(settings).batch(
            [
                Command("crm.company.list", _by_origin([company.key])),
                Command("crm.requisite.list", requisites),
            ]
        )
        others = {str(row.get("ENTITY_ID")): frozenset({Why.INN}) for row in _rows(_sure(by_inn))}
        return Found(tuple(_ids(_sure(own))), others)

    def make_company(self, saved: Mapping[str, object], company: Company) -> Written:
        settings = _settings(saved)
        client = Client(settings)
        template = {"filter": {"XML_ID": _PRESETS[len(company.inn)]}, "select": ["ID"]}
        presets, _next = client.call("crm.requisite.preset.list", template)
        group = [Command("crm.company.add", {"fields": _company(settings, company)})]
        for preset in _ids(_sure(presets))[:1]:
            # Its owner is the company that the command before makes.
            fields = {
                "ENTITY_TYPE_ID": _COMPANY_TYPE,
                "PRESET_ID": preset,
                "NAME": company.name,
                "RQ_INN": company.inn,
                "RQ_KPP": company.kpp,
            }
            owned = {"fields[ENTITY_ID]": Place(0), "fields": fields}
            group.append(Command("crm.requisite.add", owned))
        ((made, *requisites),) = client.batch_by([group])
        for said in requisites:
            if said.problem:
                logger.warning("Requisites of a company are not in Bitrix24: %s", said.problem)
        return _made(made)

    def find_deals(self, saved: Mapping[str, object], keys: Sequence[str]) -> list[str]:
        commands = [
            Command("crm.deal.list", _by_origin(keys[start : start + _PAGE]))
            for start in range(0, len(keys), _PAGE)
        ]
        found: dict[str, str] = {}
        for said in Client(_settings(saved)).batch(commands):
            for row in _rows(_sure(said)):
                found.setdefault(str(row.get("ORIGIN_ID")), str(row.get("ID")))
        return [found.get(key, "") for key in keys]

    def make_deals(self, saved: Mapping[str, object], deals: Sequence[Deal]) -> list[Written]:
        settings = _settings(saved)
        groups = [
            [
                Command("crm.deal.add", {"fields": _new_deal(settings, deal)}),
                Command("crm.deal.productrows.set", {"id": Place(0), "rows": _products(deal.rows)}),
            ]
            for deal in deals
        ]
        answers = Client(settings).batch_by(groups)
        return [_whole(_made(made), rows) for made, rows in answers]

    def change_deals(
        self, saved: Mapping[str, object], deals: Sequence[tuple[str, Deal]]
    ) -> list[Written]:
        settings = _settings(saved)
        groups = [
            [
                Command("crm.deal.update", {"id": record, "fields": _deal(settings, deal)}),
                Command("crm.deal.productrows.set", {"id": record, "rows": _products(deal.rows)}),
            ]
            for record, deal in deals
        ]
        answers = Client(settings).batch_by(groups)
        return [
            _whole(_changed(record, changed), rows)
            for (record, _deal), (changed, rows) in zip(deals, answers, strict=True)
        ]

    def note(
        self, saved: Mapping[str, object], kind: Kind, record: str, text: str, mark: str
    ) -> Written:
        comment = f"{text}\n{mark}"
        fields = {"ENTITY_ID": record, "ENTITY_TYPE": kind.value, "COMMENT": comment}
        said, _next = Client(_settings(saved)).call("crm.timeline.comment.add", {"fields": fields})
        _let_in(said)
        return Written(is_gone=True) if said.is_not_found else _made(said)

    def find_note(self, saved: Mapping[str, object], kind: Kind, record: str, mark: str) -> str:
        client = Client(_settings(saved))
        start: int | None = 0
        while start is not None:
            params = {
                "filter": {"ENTITY_ID": record, "ENTITY_TYPE": kind.value},
                "order": {"ID": "DESC"},
                "select": ["ID", "COMMENT"],
                "start": start,
            }
            said, start = client.call("crm.timeline.comment.list", params)
            _let_in(said)
            if said.problem:
                # The record is gone: so is its timeline.
                return ""
            for row in _rows(said):
                if str(row.get("COMMENT") or "").rstrip().endswith(mark):
                    return str(row.get("ID"))
        return ""

    def delete_contact(self, saved: Mapping[str, object], record: str) -> Written:
        said, _next = Client(_settings(saved)).call("crm.contact.delete", {"id": record})
        _let_in(said)
        return Written(record) if said.is_not_found else _changed(record, said)

    def changed(self, saved: Mapping[str, object], cursor: str) -> Changes:
        return back.changed(Client(_settings(saved)), cursor)

    def deals_there(
        self, saved: Mapping[str, object], records: Sequence[str], since: datetime
    ) -> list[DealThere]:
        settings = _settings(saved)
        return back.deals(Client(settings), settings, records)

    def contacts_there(
        self, saved: Mapping[str, object], records: Sequence[str]
    ) -> list[ContactThere]:
        return back.contacts(Client(_settings(saved)), records)

    def is_genuine(self, saved: Mapping[str, object], request: HttpRequest, path: str) -> bool:
        return not path and back.is_genuine(_settings(saved), request)

    def page(self, saved: Mapping[str, object], kind: Kind, record: str) -> str:
        portal = Bitrix24Settings.from_configuration(saved, complete=False).portal
        return f"{portal}/crm/{kind.value}/details/{record}/"


def _settings(saved: Mapping[str, object]) -> Bitrix24Settings:
    return Bitrix24Settings.from_configuration(saved, complete=False)


@dataclass(frozen=True, slots=True)
class _Question:
    """By which customers are found.

    Parameters
    ----------
    why
        What an answer means; ``None``: we have made it.
    asked_for
        What the field of a record says → keys of the customers that it may be.
    field
        Empty: it is asked for one customer, and answered with ids alone.
    """

    command: Command
    why: Why | None
    asked_for: Mapping[str, Sequence[str]]
    field: str = ""

    def read(self, said: Said) -> Iterator[tuple[str, str]]:
        """Keys of customers, with ids there."""
        if not self.field:
            for record in _ids(said):
                yield from ((key, record) for keys in self.asked_for.values() for key in keys)
            return
        for row in _rows(said):
            value = row.get(self.field)
            # Fields of people's own may have several values.
            for one in value if isinstance(value, list) else [value]:
                for key in self.asked_for.get(f"{one}".lower(), ()):
                    yield key, str(row.get("ID"))


def _questions(settings: Bitrix24Settings, contacts: Sequence[Contact]) -> Iterator[_Question]:
    """What is asked to find these customers: what may be, at once."""
    own = {one.key: [one.key] for one in contacts}
    yield _Question(Command("crm.contact.list", _by_origin(list(own))), None, own, "ORIGIN_ID")
    by_onec: defaultdict[str, list[str]] = defaultdict(list)
    for one in contacts:
        if one.onec_id:
            by_onec[one.onec_id.lower()].append(one.key)
    if by_onec:
        field = settings.onec_field or "ORIGIN_ID"
        ids = sorted({one.onec_id for one in contacts if one.onec_id})
        params = {"filter": {f"@{field}": ids}, "select": ["ID", field]}
        yield _Question(Command("crm.contact.list", params), Why.ONEC, by_onec, field)
    for one in contacts:
        if one.email:
            yield _Question(_duplicates("EMAIL", [one.email]), Why.EMAIL, {"": [one.key]})
        if one.phone:
            phones = _duplicates("PHONE", spellings(one.phone))
            yield _Question(phones, Why.PHONE, {"": [one.key]})


def _duplicates(kind: str, values: Sequence[str]) -> Command:
    params = {"entity_type": "CONTACT", "type": kind, "values": values}
    return Command("crm.duplicate.findbycomm", params)


def _by_origin(keys: Sequence[str]) -> dict[str, Any]:
    return {
        "filter": {"ORIGINATOR_ID": _ORIGINATOR, "@ORIGIN_ID": keys},
        "order": {"ID": "ASC"},
        "select": ["ID", "ORIGIN_ID"],
    }


def _new(settings: Bitrix24Settings, key: str) -> dict[str, Any]:
    fields: dict[str, Any] = {"ORIGINATOR_ID": _ORIGINATOR, "ORIGIN_ID": key, "OPENED": "Y"}
    if settings.responsible:
        fields["ASSIGNED_BY_ID"] = settings.responsible
    return fields


def _contact(settings: Bitrix24Settings, contact: Contact) -> dict[str, Any]:
    fields = _new(settings, contact.key)
    # One of the two is required.
    fields["NAME"] = contact.given_name
    fields["LAST_NAME"] = contact.last_name
    fields |= _reached(contact.email, contact.phone)
    if settings.onec_field and contact.onec_id:
        fields[settings.onec_field] = contact.onec_id
    return fields


def _reached(email: str, phone: str) -> dict[str, Any]:
    fields = {}
    if email:
        fields["EMAIL"] = [{"VALUE": email, "VALUE_TYPE": "HOME"}]
    if phone:
        fields["PHONE"] = [{"VALUE": phone, "VALUE_TYPE": "MOBILE"}]
    return fields


def _lacking(settings: Bitrix24Settings, contact: Contact, there: Any) -> dict[str, Any]:
    """Fields that the portal does not have yet; what its people have written stays."""
    known: Mapping[str, Any] = there if isinstance(there, Mapping) else {}
    emails = {value.strip().lower() for value in _values(known.get("EMAIL"))}
    phones = {digits(value) for value in _values(known.get("PHONE"))}
    is_known = bool({digits(one) for one in spellings(contact.phone)} & phones)
    fields = _reached(
        "" if contact.email in emails else contact.email, "" if is_known else contact.phone
    )
    if contact.last_name and not known.get("LAST_NAME"):
        fields["LAST_NAME"] = contact.last_name
    if contact.first_name and not known.get("NAME"):
        fields["NAME"] = contact.first_name
    if settings.onec_field and contact.onec_id and not known.get(settings.onec_field):
        fields[settings.onec_field] = contact.onec_id
    return fields


def _company(settings: Bitrix24Settings, company: Company) -> dict[str, Any]:
    return {**_new(settings, company.key), "TITLE": company.name}


def _new_deal(settings: Bitrix24Settings, deal: Deal) -> dict[str, Any]:
    return {
        **_new(settings, deal.key),
        "TITLE": deal.title,
        "CATEGORY_ID": settings.category,
        **_deal(settings, deal),
    }


def _deal(settings: Bitrix24Settings, deal: Deal) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "CURRENCY_ID": deal.currency,
        "OPPORTUNITY": deal.total,
        "CONTACT_ID": deal.contact,
    }
    if deal.company:
        fields["COMPANY_ID"] = deal.company
    if deal.stage:
        fields["STAGE_ID"] = settings.stage(deal.stage)
    return fields


def _products(rows: Sequence[Row]) -> list[dict[str, Any]]:
    return [
        {
            "PRODUCT_NAME": row.name,
            "PRICE": row.price,
            "QUANTITY": row.quantity,
            "MEASURE_CODE": _PIECES,
            **(
                {}
                if row.tax_percent is None
                else {"TAX_RATE": row.tax_percent, "TAX_INCLUDED": "Y"}
            ),
        }
        for row in rows
    ]


def _let_in(said: Said) -> None:
    """It is the merchant who has to do something, not whoever looks at this message."""
    if said.is_denied:
        raise Retry(said.problem, after=300)


def _sure(said: Said) -> Said:
    """An answer to a question: without one nothing may be made."""
    if said.problem:
        raise Retry(f"Bitrix24: {said.problem}", after=300 if said.is_denied else None)
    return said


def _made(said: Said) -> Written:
    _let_in(said)
    if said.problem:
        return Written(problem=said.problem)
    record = str(said.result)
    if not record.isdigit():
        return Written(problem="Bitrix24 has not said the id of what it has made")
    return Written(record)


def _changed(record: str, said: Said) -> Written:
    _let_in(said)
    if said.is_not_found:
        return Written(is_gone=True)
    return Written(problem=said.problem) if said.problem else Written(record)


def _whole(deal: Written, rows: Said) -> Written:
    """A deal without its goods is not written yet."""
    if deal.id and rows.problem:
        _let_in(rows)
        return Written(problem=rows.problem)
    return deal


def _rows(said: Said) -> list[Mapping[str, Any]]:
    result = said.result if isinstance(said.result, list) else []
    return [row for row in result if isinstance(row, Mapping)]


def _ids(said: Said) -> list[str]:
    """Of a list, or of duplicates."""
    if isinstance(said.result, Mapping):
        found = said.result.get("CONTACT")
        return [str(one) for one in found] if isinstance(found, list) else []
    return [str(row.get("ID")) for row in _rows(said)]


def _values(fields: Any) -> list[str]:
    rows = fields if isinstance(fields, list) else []
    return [str(row.get("VALUE") or "") for row in rows if isinstance(row, Mapping)]
