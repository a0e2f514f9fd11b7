"""amoCRM as a CRM of the mirror.

Records that we make have a key of ours in a field that is made for that. They are looked for by
amoCRM's search, and what it finds is looked at: filters by fields are not in every tariff, and
where they are not they are passed over without a word.
"""

import hmac
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import override

from ...outbox.errors import Retry
from ..adapter import Company, Contact, Deal, Denied, Found, Kind, Why, Written
from ..models import Link
from ..phones import digits, spellings
from ..returning import Changes, ContactThere, DealThere, Returning
from . import access, directory, fields, links
from .back import Back
from .client import AFTER_DENIAL, Client, Said
from .directory import KEY, ONEC_ID, PATHS, Denial, Directory, Stage
from .forgetting import forget_contact
from .goods import Goods
from .settings import PLUGIN, AmoCrmSettings
from .webhooks import subscribe

#: Each is asked for twice, seven times a second; what of a step fails is done again as a whole.
_PEOPLE = 24
#: Less of a phone finds too many.
_LEAST_DIGITS = 7


class AmoCrm(Returning):
    """See :class:`~..adapter.System`."""

    name = PLUGIN
    title = "amoCRM"

    def check(self, saved: Mapping[str, object]) -> str:
        settings = AmoCrmSettings.from_configuration(saved)
        directory.forget(settings.account)
        client = Client(settings)
        there = Directory(client)
        try:
            access.token(settings)
            said = client.get("account")
            if said.problem:
                raise Denied(said.problem)
            _check_stages(settings, there)
            if settings.catalog:
                _check_catalog(there)
            _check_fields(there)
        except access.NoAccess as error:
            raise Denied(str(error)) from None
        name = str(said.result.get("name") or settings.account)
        told = _("Connected to %(portal)s as %(name)s") % {"portal": settings.account, "name": name}
        if settings.webhook_url and (problem := subscribe(client)):
            told += ". " + _("amoCRM will not say when something changes: %(why)s") % {
                "why": problem
            }
        return told

    def stages_of(self, saved: Mapping[str, object]) -> Mapping[str, str]:
        return _settings(saved).stages

    def people_at_a_time(self) -> int:
        return _PEOPLE

    def find_contacts(
        self, saved: Mapping[str, object], contacts: Sequence[Contact]
    ) -> list[Found]:
        client = Client(_settings(saved))
        begun = _begun([one.key for one in contacts])
        return [_found(client, one, is_begun=one.key in begun) for one in contacts]

    def make_contacts(
        self, saved: Mapping[str, object], contacts: Sequence[Contact]
    ) -> list[Written]:
        client = _ready(saved)
        _begin([one.key for one in contacts])
        items = [{**fields.new_contact(one), **_new(client.settings)} for one in contacts]
        made = _written(client, "contacts", items)
        refused = [one.key for one, written in zip(contacts, made, strict=True) if written.problem]
        Link.objects.filter(system=PLUGIN, of=Link.Of.CONTACT, ours__in=refused, theirs="").delete()
        return made

    def complete_contacts(
        self, saved: Mapping[str, object], contacts: Sequence[tuple[str, Contact]]
    ) -> list[Written]:
        client = _ready(saved)
        answers: list[Written] = [Written()] * len(contacts)
        left = list(enumerate(contacts))
        while left:
            # Several customers may be one contact: what the one adds the next one sees.
            first = {record: (place, one) for place, (record, one) in reversed(left)}
            written = _completed(client, {record: one for record, (_, one) in first.items()})
            for record, (place, _one) in first.items():
                answers[place] = written[record]
            done = {place for place, _one in first.values()}
            left = [(place, pair) for place, pair in left if place not in done]
        return answers

    def find_company(self, saved: Mapping[str, object], company: Company) -> Found:
        client = Client(_settings(saved))
        rows = _sought(client, "companies", company.inn)
        own = [row for row in rows if company.key in fields.values(row, KEY)]
        same = [row for row in rows if row not in own and fields.has(row, company.inn)]
        by_inn = {str(row["id"]): frozenset({Why.INN}) for row in same}
        return Found(tuple(str(row["id"]) for row in own), by_inn)

    def make_company(self, saved: Mapping[str, object], company: Company) -> Written:
        client = _ready(saved)
        item = {**fields.new_company(company), **_new(client.settings)}
        (written,) = _written(client, "companies", [item])
        return written

    def find_deals(self, saved: Mapping[str, object], keys: Sequence[str]) -> list[str]:
        client = Client(_settings(saved))
        return [next(iter(_own(_sought(client, "leads", key), key)), "") for key in keys]

    def make_deals(self, saved: Mapping[str, object], deals: Sequence[Deal]) -> list[Written]:
        client = _ready(saved)
        there = Directory(client)
        written: list[Written | None] = []
        items = []
        for deal in deals:
            place = _place(there, deal.stage)
            written.append(place if isinstance(place, Written) else None)
            if not isinstance(place, Written):
                items.append(_new_deal(client.settings, there, deal, place))
        answers = iter(_written(client, "leads", items))
        made = [one or next(answers) for one in written]
        _need_people(client, [deal for deal, one in zip(deals, made, strict=True) if one.problem])
        return _with_goods(client, deals, made, are_new=True)

    def change_deals(
        self, saved: Mapping[str, object], deals: Sequence[tuple[str, Deal]]
    ) -> list[Written]:
        client = _ready(saved)
        there = Directory(client)
        currency = _currency(there)
        answers: dict[str, Written] = {}
        items = []
        for record, deal in deals:
            place = _place(there, deal.stage)
            if isinstance(place, Written):
                answers[record] = place
                continue
            moved = {} if place is None else {"pipeline_id": place.pipeline, "status_id": place.id}
            items.append({"id": int(record), **fields.deal(deal, currency), **moved})
        answers |= _changed(client, "leads", items)
        linked = [(record, deal) for record, deal in deals if answers[record].id]
        answers |= _linked(client, linked)
        made = [answers[record] for record, _deal in deals]
        return _with_goods(client, [deal for _record, deal in deals], made, are_new=False)

    def note(
        self, saved: Mapping[str, object], kind: Kind, record: str, text: str, mark: str
    ) -> Written:
        client = Client(_settings(saved))
        path = PATHS[kind]
        # What is not there has no timeline; amoCRM's own answer does not say so clearly.
        if not _read(client, path, [record]):
            return Written(is_gone=True)
        item = {"note_type": "common", "params": {"text": f"{text}\n{mark}"}}
        (said,) = client.write("POST", f"{path}/{record}/notes", "notes", [item])
        return _made(said)

    def find_note(self, saved: Mapping[str, object], kind: Kind, record: str, mark: str) -> str:
        client = Client(_settings(saved))
        if not _read(client, PATHS[kind], [record]):
            return ""
        asked = [("filter[note_type][0]", "common"), ("order[id]", "desc")]
        for row in client.pages(f"{PATHS[kind]}/{record}/notes", "notes", asked):
            params = row.get("params")
            found = params.get("text") if isinstance(params, Mapping) else ""
            if str(found or "").rstrip().endswith(mark):
                return str(row["id"])
        return ""

    def delete_contact(self, saved: Mapping[str, object], record: str) -> Written:
        settings = _settings(saved)
        client = Client(settings)
        there = _read(client, "contacts", [record])
        if not there:
            return Written(record)
        with override("en" if settings.is_abroad else "ru"):
            problem = forget_contact(client, there[record])
        return Written(problem=problem) if problem else Written(record)

    def page(self, saved: Mapping[str, object], kind: Kind, record: str) -> str:
        return f"{_settings(saved).account}/{PATHS[kind]}/detail/{record}"

    def changed(self, saved: Mapping[str, object], cursor: str) -> Changes:
        return Back(Client(_settings(saved))).changed(cursor)

    def deals_there(
        self, saved: Mapping[str, object], records: Sequence[str], since: datetime
    ) -> list[DealThere]:
        client = Client(_settings(saved))
        return Back(client).deals(_read(client, "leads", records), since)

    def contacts_there(
        self, saved: Mapping[str, object], records: Sequence[str]
    ) -> list[ContactThere]:
        client = Client(_settings(saved))
        return Back(client).contacts(_read(client, "contacts", records))

    def is_genuine(self, saved: Mapping[str, object], request: HttpRequest, path: str) -> bool:
        secret = _settings(saved).webhook_secret
        return hmac.compare_digest(path.encode(), secret.encode())


def _settings(saved: Mapping[str, object]) -> AmoCrmSettings:
    return AmoCrmSettings.from_configuration(saved, complete=False)


def _ready(saved: Mapping[str, object]) -> Client:
    """For writing: the account has the fields that are written."""
    client = Client(_settings(saved))
    try:
        Directory(client).need_fields()
    except Denial as error:
        raise Retry(f"amoCRM makes no fields: {error}", after=AFTER_DENIAL) from None
    return client


def _check_stages(settings: AmoCrmSettings, there: Directory) -> None:
    try:
        pipeline = there.pipeline()
    except Denial as error:
        raise Denied(_("There is no such pipeline: %(which)s") % {"which": error}) from None
    known: dict[int, str] = {}
    for text in [*settings.stages.values(), *settings.back.actions]:
        stage = there.stage(text)
        if stage is None:
            names = ", ".join(one.name for one in pipeline.stages)
            raise Denied(
                _("There is no stage “%(stage)s” in this pipeline; there are: %(known)s.")
                % {"stage": text, "known": names or "—"}
            )
        if known.setdefault(stage.id, text) != text:
            raise Denied(
                _("“%(one)s” and “%(other)s” are the same stage: write it in one way.")
                % {"one": known[stage.id], "other": text}
            )


def _check_catalog(there: Directory) -> None:
    try:
        there.is_of_products()
    except Denial as error:
        raise Denied(_("There is no such list of goods: %(why)s") % {"why": error}) from None


def _check_fields(there: Directory) -> None:
    try:
        there.need_fields()
    except Denial as error:
        raise Denied(_("Fields can't be made there: %(why)s") % {"why": error}) from None


def _found(client: Client, contact: Contact, *, is_begun: bool) -> Found:
    """Who it may be.

    By our own key he is asked for only where somebody has begun to make him, or nothing else is
    known of him: otherwise he is found by the rest, and that is asked for in any case.
    """
    own: dict[str, None] = {}
    others: dict[str, frozenset[Why]] = {}
    for why, text in _questions(contact, is_begun=is_begun):
        for row in _sought(client, "contacts", text):
            record = str(row["id"])
            if contact.key in fields.values(row, KEY):
                own[record] = None
            elif why is not None and _is(contact, row, why):
                others[record] = others.get(record, frozenset()) | {why}
    return Found(tuple(own), {key: why for key, why in others.items() if key not in own})


def _questions(contact: Contact, *, is_begun: bool) -> Iterator[tuple[Why | None, str]]:
    number = digits(contact.phone)
    if is_begun or not (contact.email or len(number) >= _LEAST_DIGITS):
        yield None, contact.key
    if contact.onec_id:
        yield Why.ONEC, contact.onec_id
    if contact.email:
        yield Why.EMAIL, contact.email
    if len(number) >= _LEAST_DIGITS:
        # With any prefix that it was written with.
        yield Why.PHONE, min(map(digits, spellings(contact.phone, bare=True)), key=len)


def _is(contact: Contact, row: Mapping[str, Any], why: Why) -> bool:
    """Whether what the search has found is what was meant."""
    match why:
        case Why.ONEC:
            return contact.onec_id in fields.values(row, ONEC_ID)
        case Why.EMAIL:
            there = {value.strip().lower() for value in fields.values(row, "EMAIL")}
            return contact.email in there
        case _:
            wanted = set(map(digits, spellings(contact.phone, bare=True)))
            return bool(wanted & set(map(digits, fields.values(row, "PHONE"))))


def _sought(client: Client, path: str, text: str) -> list[Mapping[str, Any]]:
    rows = client.sure(path, [("query", text), ("limit", 250)]).rows(path)
    return [row for row in rows if isinstance(row.get("id"), int)]


def _own(rows: Sequence[Mapping[str, Any]], key: str) -> list[str]:
    """Ids of those that were made with this key, the oldest first."""
    found = [int(row["id"]) for row in rows if key in fields.values(row, KEY)]
    return [str(record) for record in sorted(found)]


def _begun(keys: Collection[str]) -> set[str]:
    rows = Link.objects.filter(system=PLUGIN, of=Link.Of.CONTACT, ours__in=keys, theirs="")
    return set(rows.values_list("ours", flat=True))


def _begin(keys: Sequence[str]) -> None:
    """Note that these are being made: whether they were may never be answered."""
    rows = [Link(system=PLUGIN, of=Link.Of.CONTACT, ours=key) for key in keys]
    Link.objects.bulk_create(rows, ignore_conflicts=True)


def _new(settings: AmoCrmSettings) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if settings.responsible:
        made["responsible_user_id"] = settings.responsible
    if settings.tags:
        made["_embedded"] = {"tags": [{"name": tag} for tag in settings.tags]}
    return made


def _new_deal(
    settings: AmoCrmSettings, there: Directory, deal: Deal, place: Stage | None
) -> dict[str, Any]:
    made = {**_new(settings), **fields.deal(deal, _currency(there))}
    made["custom_fields_values"] = [
        fields.text(KEY, deal.key),
        *made["custom_fields_values"],
    ]
    made["pipeline_id"] = there.pipeline().id
    if place is not None:
        made["status_id"] = place.id
    inside = {**made.get("_embedded", {}), "contacts": [{"id": int(deal.contact), "is_main": True}]}
    if deal.company:
        inside["companies"] = [{"id": int(deal.company)}]
    return {**made, "_embedded": inside}


def _place(there: Directory, text: str) -> Stage | Written | None:
    """Where a deal belongs; or what is wrong with that."""
    try:
        if not text:
            there.pipeline()
            return None
        found = there.stage(text)
    except Denial as error:
        return Written(problem=f"amoCRM has no such pipeline: {error}")
    return found or Written(problem=f"amoCRM has no such stage: {text}")


def _currency(there: Directory) -> str:
    return str(there.account().get("currency") or "")


def _read(client: Client, path: str, records: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """Records by their ids, as they are; those that are gone are left out."""
    found: dict[str, Mapping[str, Any]] = {}
    if len(records) > 1:
        asked: list[tuple[str, str | int]] = [
            (f"filter[id][{place}]", record) for place, record in enumerate(records)
        ]
        for row in client.sure(path, [*asked, ("limit", 250)]).rows(path):
            # Where filters are not in the tariff others come.
            if str(row.get("id")) in records:
                found[str(row["id"])] = row
    for record in records:
        if record not in found:
            said = client.get(f"{path}/{record}").let_in()
            if said.id:
                found[record] = said.result
    return {key: row for key, row in found.items() if not row.get("is_deleted")}


def _completed(client: Client, contacts: Mapping[str, Contact]) -> dict[str, Written]:
    there = _read(client, "contacts", list(contacts))
    answers: dict[str, Written] = {}
    items = []
    for record, one in contacts.items():
        if record not in there:
            answers[record] = Written(is_gone=True)
        elif lacking := fields.lacking(one, there[record]):
            items.append({"id": int(record), **lacking})
        else:
            answers[record] = Written(record)
    return answers | _changed(client, "contacts", items)


def _changed(client: Client, path: str, items: Sequence[Mapping[str, Any]]) -> dict[str, Written]:
    """Change records; id → what came of it."""
    answers = {}
    for item, said in zip(items, client.write("PATCH", path, path, items), strict=True):
        record = str(item["id"])
        said.let_in()
        answers[record] = Written(problem=said.problem) if said.problem else Written(record)
        if said.problem and not _read(client, path, [record]):
            answers[record] = Written(is_gone=True)
    return answers


def _linked(client: Client, deals: Sequence[tuple[str, Deal]]) -> dict[str, Written]:
    """Have deals linked with their people and companies: again does no harm."""
    ties = []
    for record, deal in deals:
        ties.append(links.tie(record, int(deal.contact), "contacts"))
        if deal.company:
            ties.append(links.tie(record, int(deal.company), "companies"))
    problems = links.link(client, ties)
    _need_people(client, [deal for record, deal in deals if record in problems])
    return {record: Written(problem=problem) for record, problem in problems.items()}


def _need_people(client: Client, deals: Sequence[Deal]) -> None:
    """Have those whom deals that were refused belong to made again, if they were deleted."""
    for of, path, records in (
        (Link.Of.CONTACT, "contacts", {deal.contact for deal in deals} - {""}),
        (Link.Of.COMPANY, "companies", {deal.company for deal in deals} - {""}),
    ):
        gone = records - _read(client, path, sorted(records)).keys()
        if gone:
            Link.objects.filter(system=PLUGIN, of=of, theirs__in=gone).delete()
            raise Retry("A customer was deleted in amoCRM: he is made again", after=1)


def _with_goods(
    client: Client, deals: Sequence[Deal], made: Sequence[Written], *, are_new: bool
) -> list[Written]:
    """A deal without its goods is not written yet."""
    if not client.settings.catalog:
        return list(made)
    there = [(one.id, deal.rows) for one, deal in zip(made, deals, strict=True) if one.id]
    try:
        problems = Goods(client).set(there, are_new=are_new) if there else {}
    except Denial as error:
        raise Retry(f"amoCRM has no such list of goods: {error}", after=AFTER_DENIAL) from None
    return [Written(problem=problems[one.id]) if one.id in problems else one for one in made]


def _written(client: Client, path: str, items: Sequence[Mapping[str, Any]]) -> list[Written]:
    """Make records."""
    made = list(map(_made, client.write("POST", path, path, items)))
    if any(one.problem for one in made):
        # A field may have been deleted there: it is made again, should this be tried again.
        directory.forget(client.settings.account)
    return made


def _made(said: Said) -> Written:
    said.let_in()
    if said.problem and not said.is_empty:
        return Written(problem=said.problem)
    if not said.id:
        raise Retry("amoCRM has not said the id of what it has made", after=30)
    return Written(said.id)
