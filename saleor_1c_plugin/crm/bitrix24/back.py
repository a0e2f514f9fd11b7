"""What people have done in Bitrix24: by lists of what was changed since, then record by record.

A comment does not change a deal, but it moves the time of its last activity. Times are the
portal's own: they are compared with nothing else.
"""

import hmac
import json
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest

from ...outbox.errors import Retry
from ..adapter import Kind
from ..returning import Changes, Comment, ContactThere, DealThere, Responsible, Touched
from .client import Client, Command, Said
from .settings import Bitrix24Settings

#: Kind, its number in the API, the time by which a list is gone through.
_LISTS = (
    (Kind.DEAL, 2, "updatedTime"),
    (Kind.DEAL, 2, "lastActivityTime"),
    (Kind.CONTACT, 3, "updatedTime"),
)
_TIMES = ("updatedTime", "lastActivityTime")
_PAGE = 50
#: Of the name of a stage the pipeline, where it is not the first one.
_CATEGORY = re.compile(r"C\d+:")
#: BB codes of what is pressed in the portal's editor.
_CODES = re.compile(r"\[/?(?:b|i|u|s|p|url|user|color|size|list|\*)(?:=[^\]]*)?\]", re.I)

logger = logging.getLogger(__name__)

#: Of a list: the time that it was gone through up to, and how many rows of that very time.
type _Place = tuple[str, int]


def changed(client: Client, cursor: str) -> Changes:
    if not cursor:
        return Changes((), _written(_newest(client)))
    places = _read(cursor)
    commands = [
        _list(
            number,
            field,
            "ASC",
            filter={f">={field}": place[0]} if place[0] else {},
            start=place[1],
        )
        for (_kind, number, field), place in zip(_LISTS, places, strict=True)
    ]
    touched: dict[tuple[Kind, str], Touched] = {}
    following: list[_Place] = []
    is_more = False
    for (kind, _number, field), place, said in zip(
        _LISTS, places, client.batch(commands), strict=True
    ):
        rows = _items(said, field)
        for row in rows:
            record = str(row.get("id"))
            version = " ".join(str(row.get(name) or "") for name in _TIMES)
            touched[kind, record] = Touched(kind, record, version)
        following.append(_after(place, [str(row[field]) for row in rows]))
        is_more |= len(rows) == _PAGE
    return Changes(tuple(touched.values()), _written(following), is_more)


def deals(client: Client, settings: Bitrix24Settings, records: Sequence[str]) -> list[DealThere]:
    groups = [
        [
            Command("crm.deal.get", {"id": record}),
            Command(
                "crm.timeline.comment.list",
                {
                    "filter": {"ENTITY_ID": record, "ENTITY_TYPE": Kind.DEAL.value},
                    "order": {"ID": "DESC"},
                    "select": ["ID", "COMMENT", "CREATED", "AUTHOR_ID"],
                },
            ),
        ]
        for record in records
    ]
    found = []
    for record, (said, comments) in zip(records, client.batch_by(groups), strict=True):
        if (row := _there(said)) is not None:
            found.append((record, row, _rows(comments)))
    wanted = {str(row.get("ASSIGNED_BY_ID") or "") for _record, row, _rest in found}
    wanted |= {str(one.get("AUTHOR_ID") or "") for *_row, written in found for one in written}
    category = settings.category
    entity = f"DEAL_STAGE_{category}" if category else "DEAL_STAGE"
    names, stages, values = _names(client, wanted, entity, settings.tags_field)
    return [
        DealThere(
            id=record,
            stage=_stage(settings, str(row.get("STAGE_ID") or "")),
            stage_name=stages.get(str(row.get("STAGE_ID") or ""), ""),
            responsible=_responsible(row, names),
            tags=tuple(_tags(row.get(settings.tags_field), values)) if settings.tags_field else (),
            comments=tuple(_comments(comments, names)),
        )
        for record, row, comments in found
    ]


def contacts(client: Client, records: Sequence[str]) -> list[ContactThere]:
    answers = client.batch([Command("crm.contact.get", {"id": record}) for record in records])
    found = [
        (record, row)
        for record, said in zip(records, answers, strict=True)
        if (row := _there(said)) is not None
    ]
    names, _stages, _values = _names(
        client, {str(row.get("ASSIGNED_BY_ID") or "") for _id, row in found}
    )
    return [
        ContactThere(
            id=record,
            first_name=str(row.get("NAME") or ""),
            last_name=str(row.get("LAST_NAME") or ""),
            phones=tuple(_phones(row)),
            responsible=_responsible(row, names),
        )
        for record, row in found
    ]


def is_genuine(settings: Bitrix24Settings, request: HttpRequest) -> bool:
    """An outgoing webhook of the portal's shows the token that the portal made for it."""
    given = request.POST.get("auth[application_token]", "")
    wanted = settings.application_token
    return bool(wanted) and hmac.compare_digest(given.encode(), wanted.encode())


def _newest(client: Client) -> list[_Place]:
    """Where lists end now, by the portal's clock."""
    commands = [_list(number, field, "DESC") for _kind, number, field in _LISTS]
    answers = client.batch(commands)
    places = []
    for (_kind, _number, field), said in zip(_LISTS, answers, strict=True):
        rows = _items(said, field)
        places.append((str(rows[0][field]) if rows else "", 0))
    return places


def _list(
    number: int,
    field: str,
    order: str,
    *,
    filter: Mapping[str, str] | None = None,
    start: int = 0,
) -> Command:
    params = {
        "entityTypeId": number,
        "select": ["id", *_TIMES],
        "order": {field: order, "id": order},
        "filter": filter or {},
        "start": start,
    }
    return Command("crm.item.list", params)


def _items(said: Said, field: str) -> list[Mapping[str, Any]]:
    """Rows of a list that have its time."""
    if said.problem:
        if field == "lastActivityTime" and not said.is_denied:
            # An old portal: comments come with the next change of a deal.
            logger.warning("Bitrix24 does not tell of comments: %s", said.problem)
            return []
        raise Retry(f"Bitrix24: {said.problem}", after=300 if said.is_denied else None)
    result = said.result if isinstance(said.result, Mapping) else {}
    items = result.get("items")
    rows = items if isinstance(items, list) else []
    return [row for row in rows if isinstance(row, Mapping) and row.get(field)]


def _after(place: _Place, times: Sequence[str]) -> _Place:
    """Where the next page begins. Of one time there may be more rows than a page has."""
    if not times:
        return place
    moment, start = place
    if times[-1] != moment:
        # All before are seen; those of the last time once more.
        return times[-1], 0
    return (moment, start + _PAGE) if len(times) == _PAGE else (moment, start)


def _written(places: Sequence[_Place]) -> str:
    return json.dumps(places)


def _read(cursor: str) -> list[_Place]:
    return [(moment, start) for moment, start in json.loads(cursor)]


def _there(said: Said) -> Mapping[str, Any] | None:
    """A record; ``None``: it is gone."""
    if said.is_not_found:
        return None
    if said.problem:
        raise Retry(f"Bitrix24: {said.problem}", after=300 if said.is_denied else None)
    return said.result if isinstance(said.result, Mapping) else None


def _rows(said: Said) -> list[Mapping[str, Any]]:
    result = said.result if isinstance(said.result, list) else []
    return [row for row in result if isinstance(row, Mapping)]


def _names(
    client: Client, users: set[str], entity: str = "", tags_field: str = ""
) -> tuple[Mapping[str, str], Mapping[str, str], Mapping[str, str]]:
    """Names of users, where the webhook may read them, of stages and of tags; by their ids."""
    known = sorted(one for one in users if one.isascii() and one.isdigit() and one != "0")
    commands = [Command("user.get", {"ID": one}) for one in known]
    if entity:
        commands.append(Command("crm.status.list", {"filter": {"ENTITY_ID": entity}}))
    if tags_field:
        commands.append(Command("crm.deal.fields", {}))
    names, stages, values = {}, {}, {}
    for command, said in zip(commands, client.batch(commands), strict=True):
        if command.method == "crm.deal.fields":
            values = dict(_of_list(said, tags_field))
            continue
        for row in _rows(said):
            if command.method == "user.get":
                name = " ".join(str(row.get(key) or "") for key in ("NAME", "LAST_NAME"))
                names[str(row.get("ID"))] = " ".join(name.split())
            else:
                stages[str(row.get("STATUS_ID"))] = str(row.get("NAME") or "")
    return names, stages, values


def _of_list(said: Said, name: str) -> Iterator[tuple[str, str]]:
    """Ids and values of a field that is a list; of any other one nothing."""
    fields = said.result if isinstance(said.result, Mapping) else {}
    about = fields.get(name)
    items = about.get("items") if isinstance(about, Mapping) else None
    for item in items if isinstance(items, list) else ():
        if isinstance(item, Mapping):
            yield str(item.get("ID")), str(item.get("VALUE") or "")


def _tags(value: Any, values: Mapping[str, str]) -> Iterator[str]:
    """Of a field with one value or several."""
    for one in value if isinstance(value, list) else [value]:
        text = str(one).strip() if isinstance(one, str | int) and one is not False else ""
        if text:
            yield values.get(text, text)


def _stage(settings: Bitrix24Settings, stage: str) -> str:
    """As the settings name it: without the pipeline, unless they do."""
    named = {*settings.stages.values(), *settings.back.actions}
    known = {settings.stage(one): one for one in named}
    if stage in known:
        return known[stage]
    own = f"C{settings.category}:" if settings.category else ""
    return stage.removeprefix(own) if own and _CATEGORY.match(stage) else stage


def _responsible(row: Mapping[str, Any], names: Mapping[str, str]) -> Responsible:
    who = str(row.get("ASSIGNED_BY_ID") or "")
    return Responsible(who, names.get(who, "")) if who != "0" else Responsible()


def _comments(rows: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> Iterator[Comment]:
    for row in rows:
        try:
            at = datetime.fromisoformat(str(row.get("CREATED")))
        except ValueError:
            continue
        yield Comment(
            id=str(row.get("ID")),
            text=_CODES.sub("", str(row.get("COMMENT") or "")),
            at=at if at.tzinfo else at.replace(tzinfo=UTC),
            author=names.get(str(row.get("AUTHOR_ID") or ""), ""),
        )


def _phones(row: Mapping[str, Any]) -> Iterator[str]:
    values = row.get("PHONE")
    for one in values if isinstance(values, list) else ():
        if isinstance(one, Mapping) and one.get("VALUE"):
            yield str(one["VALUE"])
