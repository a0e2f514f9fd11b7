"""What RetailCRM's people have done: by its journals of changes, and records as they are now.

A journal counts up: whoever asks for what came since a number misses nothing. Before the first
number is known, its own clock says from when on.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..adapter import Kind
from ..returning import Changes, Comment, ContactThere, DealThere, Responsible, Touched
from . import fields
from .client import Client, Said, last_page
from .settings import RetailCrmSettings

#: Path of the journal, what it is about, what that is called in a row.
_JOURNALS = (("orders", Kind.DEAL, "order"), ("customers", Kind.CONTACT, "customer"))
_FORMAT = "%Y-%m-%d %H:%M:%S"
#: Entries of a journal at a time; orders that are touched may cost a call each.
_ENTRIES = 50
_MANAGER_COMMENT = "manager_comment"


@dataclass(frozen=True, slots=True)
class _Place:
    """How far a journal was read: up to a number, or from a moment on by the account's clock."""

    number: int = 0
    moment: str = ""

    def __str__(self) -> str:
        return f"{self.number}" if self.number else self.moment

    @classmethod
    def read(cls, text: str) -> "_Place":
        return cls(number=int(text)) if text.isascii() and text.isdigit() else cls(moment=text)

    @property
    def filter(self) -> dict[str, str]:
        if self.number:
            return {"filter[sinceId]": f"{self.number}"}
        return {"filter[startDate]": self.moment} if self.moment else {}


def changed(client: Client, cursor: str) -> Changes:
    """See :meth:`~..returning.Returning.changed`; the cursor has a place of each journal."""
    texts = cursor.split("|") if cursor else [""] * len(_JOURNALS)
    touched: dict[tuple[Kind, str], Touched] = {}
    places = []
    is_more = False
    for (path, kind, name), text in zip(_JOURNALS, texts, strict=True):
        place = _Place.read(text)
        said = client.get(f"{path}/history", {**place.filter, "limit": _ENTRIES}).sure()
        if not text:
            # The first time: from now on.
            places.append(_Place(moment=str(said.answer.get("generatedAt") or "")))
            continue
        rows = said.rows("history")
        for row in rows:
            record = Said(row).row(name).get("id")
            if record is not None:
                one = Touched(kind, str(record), str(row.get("id")))
                touched[kind, one.id] = one
        numbers = [number for row in rows if isinstance(number := row.get("id"), int)]
        places.append(_Place(number=max(numbers)) if numbers else place)
        is_more = is_more or last_page(said) > 1
    return Changes(tuple(touched.values()), "|".join(map(str, places)), is_more)


def deals_there(
    client: Client, settings: RetailCrmSettings, records: Sequence[str], since: datetime
) -> list[DealThere]:
    """See :meth:`~..returning.Returning.deals_there`."""
    rows = list(client.records("orders", "orders", {"filter[ids][]": records}))
    people = _People(client)
    statuses = {
        str(row.get("code")): str(row.get("name") or "")
        for row in client.get("reference/statuses").sure().rows("statuses")
    }
    return [
        DealThere(
            id=str(row.get("id")),
            stage=(stage := str(row.get("status") or "")),
            stage_name=statuses.get(stage, ""),
            responsible=people.in_charge(row),
            comments=tuple(_comments(client, settings, people, row, since)),
        )
        for row in rows
    ]


def contacts_there(client: Client, records: Sequence[str]) -> list[ContactThere]:
    """See :meth:`~..returning.Returning.contacts_there`."""
    rows = list(client.records("customers", "customers", {"filter[ids][]": records}))
    people = _People(client)
    return [
        ContactThere(
            id=str(row.get("id")),
            first_name=str(row.get("firstName") or ""),
            last_name=str(row.get("lastName") or ""),
            phones=tuple(fields.numbers(row)),
            responsible=people.in_charge(row),
            tags=tuple(str(tag.get("name")) for tag in Said(row).rows("tags")),
        )
        for row in rows
    ]


class _People:
    """Names of the account's users; asked for once, where somebody is to be named."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._names: dict[str, str] | None = None

    def name(self, user: Any) -> str:
        if self._names is None:
            rows = self._client.rows("users", "users")
            self._names = {str(row.get("id")): _name(row) for row in rows}
        return self._names.get(str(user), "")

    def in_charge(self, row: Mapping[str, Any]) -> Responsible:
        user = row.get("managerId")
        return Responsible(str(user), self.name(user)) if user else Responsible()


def _comments(
    client: Client,
    settings: RetailCrmSettings,
    people: _People,
    order: Mapping[str, Any],
    since: datetime,
) -> Iterator[Comment]:
    """What managers have written as their comment on an order: each wording is one."""
    if not order.get("managerComment"):
        return
    moment = since.astimezone(settings.zone).strftime(_FORMAT)
    wanted = {"filter[orderId]": str(order.get("id")), "filter[startDate]": moment}
    for row in client.rows("orders/history", "history", wanted):
        text = str(row.get("newValue") or "").strip()
        if row.get("field") != _MANAGER_COMMENT or not text:
            continue
        user = Said(row).row("user").get("id")
        yield Comment(
            # Notes of customers count, too: these are others.
            id=f"history:{row.get('id')}",
            text=text,
            at=_moment(settings, row.get("createdAt"), since),
            author=people.name(user) if user else "",
        )


def _moment(settings: RetailCrmSettings, text: Any, otherwise: datetime) -> datetime:
    try:
        return datetime.strptime(str(text), _FORMAT).replace(tzinfo=settings.zone)
    except ValueError:
        return otherwise


def _name(user: Mapping[str, Any]) -> str:
    parts = (str(user.get(key) or "").strip() for key in ("firstName", "lastName"))
    return " ".join(filter(None, parts)) or str(user.get("email") or "")
