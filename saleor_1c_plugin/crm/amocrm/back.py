"""What people do in amoCRM, as it comes back.

Lists of deals, their notes and contacts are read from the newest change on, down to where the last
look ended: to sort them is in every tariff, to filter them is not. What changes meanwhile comes up
to the top, where the next look finds it.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from ...outbox.errors import Retry
from ..adapter import Kind
from ..returning import Changes, Comment, ContactThere, DealThere, Responsible, Touched
from . import fields
from .client import Client, Params
from .directory import Denial, Directory

_PAGE = 50
_MOST_COMMENTS = 50

type Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Look:
    """How far a list was read. Moments are Unix seconds of amoCRM's clock."""

    #: All up to it was told.
    since: int
    #: The newest that this look has seen; 0: it has not begun.
    top: int = 0
    #: The page that comes next.
    page: int = 1


@dataclass(frozen=True, slots=True)
class _List:
    name: str
    path: str
    kind: Kind
    #: Of a row: the record that it is about.
    record: str = "id"
    params: Params = ()


_LISTS = (
    _List("leads", "leads", Kind.DEAL),
    _List("notes", "leads/notes", Kind.DEAL, "entity_id", (("filter[note_type][0]", "common"),)),
    _List("contacts", "contacts", Kind.CONTACT),
)


class Back:
    def __init__(self, client: Client) -> None:
        self._client = client
        self._directory = Directory(client)

    def changed(self, cursor: str) -> Changes:
        """See :meth:`~..returning.Returning.changed`."""
        if not cursor:
            looks = {one.name: _Look(self._newest(one)) for one in _LISTS}
            return Changes((), _written(looks, 0))
        looks, place = _read(cursor)
        touched: dict[tuple[Kind, str], Touched] = {}
        while place < len(_LISTS) and len(touched) < _PAGE:
            one = _LISTS[place]
            look, rows = self._read_on(one, looks[one.name])
            for row in rows:
                record = str(row[one.record])
                known = touched.get((one.kind, record))
                # A deal that was told before may have a new note.
                version = f"{known.version if known else ''} {one.name} {row['id']} {_moment(row)}"
                touched[one.kind, record] = Touched(one.kind, record, _short(version))
            looks[one.name] = look
            # The next list comes when this one is at its end.
            place += not look.top
        is_more = place < len(_LISTS)
        return Changes(tuple(touched.values()), _written(looks, place if is_more else 0), is_more)

    def deals(self, rows: Mapping[str, Row], since: datetime) -> list[DealThere]:
        """Deals of these rows."""
        spelled = self._spelled()
        return [
            DealThere(
                id=record,
                stage=spelled(row),
                stage_name=self._stage_name(row),
                responsible=self._responsible(row),
                tags=fields.tags(row),
                comments=tuple(self._comments(record, since)),
            )
            for record, row in rows.items()
        ]

    def contacts(self, rows: Mapping[str, Row]) -> list[ContactThere]:
        """Contacts of these rows."""
        return [
            ContactThere(
                id=record,
                first_name=str(row.get("first_name") or row.get("name") or ""),
                last_name=str(row.get("last_name") or ""),
                phones=tuple(fields.values(row, "PHONE")),
                responsible=self._responsible(row),
                tags=fields.tags(row),
            )
            for record, row in rows.items()
        ]

    def _newest(self, one: _List) -> int:
        """When the newest of a list was changed."""
        return max(map(_moment, self._rows(one, 1, 1)), default=0)

    def _read_on(self, one: _List, look: _Look) -> tuple[_Look, list[Row]]:
        """The next page of a look, and how far it is then."""
        # After a pause the page before is read once more: what was deleted since moved others up.
        pages = (1,) if look.page == 1 else (look.page - 1, look.page)
        top, found = look.top, []
        for page in pages:
            rows = self._rows(one, page)
            if page == 1 and rows:
                top = max(_moment(rows[0]), look.since)
            fresh = [row for row in rows if _moment(row) >= look.since]
            found += fresh
            if len(rows) < _PAGE or len(fresh) < len(rows):
                return _Look(top or look.since), found
        return replace(look, top=top, page=look.page + 1), found

    def _rows(self, one: _List, page: int, limit: int = _PAGE) -> list[Row]:
        asked = [*one.params, ("order[updated_at]", "desc"), ("limit", limit), ("page", page)]
        return self._client.sure(one.path, asked).rows(one.name)

    def _spelled(self) -> Callable[[Row], str]:
        """Names a stage as the settings do, or as amoCRM does where they don't."""
        settings = self._client.settings
        try:
            found = {
                stage.id: text
                for text in reversed([*settings.stages.values(), *settings.back.actions])
                if (stage := self._directory.stage(text)) is not None
            }
        except Denial as error:
            raise Retry(f"amoCRM has no such pipeline: {error}") from None
        return lambda row: found.get(row.get("status_id") or 0) or self._stage_name(row)

    def _stage_name(self, row: Row) -> str:
        for pipeline in self._directory.pipelines():
            for stage in pipeline.stages:
                if (pipeline.id, stage.id) == (row.get("pipeline_id"), row.get("status_id")):
                    return stage.name
        return str(row.get("status_id") or "")

    def _responsible(self, row: Row) -> Responsible:
        number = row.get("responsible_user_id")
        if not isinstance(number, int) or not number:
            return Responsible()
        return Responsible(str(number), self._directory.people().get(number, ""))

    def _comments(self, record: str, since: datetime) -> Iterator[Comment]:
        asked: Params = [
            ("filter[note_type][0]", "common"),
            ("filter[updated_at][from]", int(since.timestamp())),
            ("order[id]", "desc"),
            ("limit", _MOST_COMMENTS),
        ]
        said = self._client.get(f"leads/{record}/notes", asked)
        if said.problem and not said.is_empty:
            raise Retry(f"amoCRM: {said.problem}")
        for row in said.rows("notes"):
            params = row.get("params")
            text = params.get("text") if isinstance(params, Mapping) else None
            if text and isinstance(row.get("created_at"), int):
                yield Comment(
                    id=str(row["id"]),
                    text=str(text),
                    at=datetime.fromtimestamp(row["created_at"], UTC),
                    author=self._directory.people().get(row.get("created_by") or 0, ""),
                )


def _short(version: str) -> str:
    """Of a deal with many notes of one second, too."""
    return version if len(version) < 60 else hashlib.sha256(version.encode()).hexdigest()


def _moment(row: Row) -> int:
    found = row.get("updated_at")
    return found if isinstance(found, int) else 0


def _written(looks: Mapping[str, _Look], place: int) -> str:
    told = {name: [one.since, one.top, one.page] for name, one in looks.items()}
    return json.dumps({**told, "list": place})


def _read(cursor: str) -> tuple[dict[str, _Look], int]:
    """How far each list was read, and which of them comes next."""
    told = json.loads(cursor)
    place = int(told.pop("list"))
    return {name: _Look(*numbers) for name, numbers in told.items()}, place
