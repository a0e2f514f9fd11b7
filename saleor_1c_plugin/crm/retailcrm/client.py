"""Calls of RetailCRM's API: at its pace, with what its answers mean for the outbox.

By https://docs.retailcrm.ru/Developers/API: GET with ``filter[…]``, POST of a form whose nested
values are JSON; pages of 20, 50 or 100; an upload of up to 50 records; ten calls a second from one
address, 503 for more; ``{"success": false, "errorMsg": …, "errors": …}`` where something is wrong,
460 where only some of an upload are.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...outbox import pace
from ...outbox.calls import NoReply, Reply, exchange
from ...outbox.errors import Retry
from .settings import PLUGIN, RetailCrmSettings

#: Rows of a page, and of a filter by ids.
PAGE = 100
#: Records of an upload.
MOST_UPLOADED = 50
_PACE = f"crm.{PLUGIN}"
#: Longer than this nobody waits in a worker's thread, in seconds.
_LONGEST_WAIT = 8.0
#: Seconds until a call that was cut off has certainly ended there.
_AFTER_LOSS = 30.0
_AFTER_LIMIT = 2.0
_AFTER_DENIAL = 300.0
_MOST_ANSWER = 16 << 20
_MOST_TEXT = 300

type Params = Mapping[str, str | int | Collection[str]]


@dataclass(frozen=True, slots=True)
class Said:
    """What RetailCRM has said. `problem`: it will not do it."""

    answer: Mapping[str, Any] = field(default_factory=dict)
    problem: str = ""
    is_denied: bool = False
    #: There is no such record.
    is_not_found: bool = False

    @property
    def id(self) -> str:
        """Of what was made or changed."""
        found = self.answer.get("id")
        return str(found) if isinstance(found, int) else ""

    def rows(self, name: str) -> list[Mapping[str, Any]]:
        """A list of the answer; PHP writes one with keys of its own as an object."""
        found = self.answer.get(name)
        if isinstance(found, Mapping):
            found = list(found.values())
        return [row for row in found or [] if isinstance(row, Mapping)]

    def row(self, name: str) -> Mapping[str, Any]:
        found = self.answer.get(name)
        return found if isinstance(found, Mapping) else {}

    def sure(self) -> "Said":
        """The answer to a question: without one nothing may be made."""
        self.let_in()
        if self.problem:
            raise Retry(f"RetailCRM: {self.problem}")
        return self

    def let_in(self) -> "Said":
        """It is the merchant who has to do something, not whoever looks at this message."""
        if self.is_denied:
            raise Retry(f"RetailCRM: {self.problem}", after=_AFTER_DENIAL)
        return self


class Client:
    """An account, by an API key."""

    def __init__(self, settings: RetailCrmSettings) -> None:
        self._settings = settings

    def get(self, path: str, params: Params | None = None) -> Said:
        """Ask; `params` are those of the address: ``filter[ids][]``."""
        return self._call("GET", path, params=_pairs(params or {}))

    def one(self, path: str, params: Params | None = None) -> Said:
        """A record by its id, which is the end of `path`, or what it has."""
        site = self._settings.site
        return self.get(path, {"by": "id", **({"site": site} if site else {}), **(params or {})})

    def rows(
        self, path: str, name: str, params: Params | None = None
    ) -> Iterator[Mapping[str, Any]]:
        """All rows of a list, page by page.

        Parameters
        ----------
        name
            Of the list in the answer.
        """
        number = 1
        while True:
            said = self.get(path, {**(params or {}), "limit": PAGE, "page": number}).sure()
            yield from said.rows(name)
            if number >= last_page(said):
                return
            number += 1

    def records(self, path: str, name: str, wanted: Params) -> Iterator[Mapping[str, Any]]:
        """Records of our shop by a filter: ``filter[ids][]``."""
        site = self._settings.site
        ours: Params = {"filter[sites][]": [site]} if site else {}
        yield from self.rows(path, name, {**ours, **wanted})

    def post(self, path: str, values: Mapping[str, Any]) -> Said:
        """Have something done; records and lists go as JSON."""
        site = self._settings.site
        form = {"site": site} if site else {}
        for key, value in values.items():
            form[key] = value if isinstance(value, str) else _json(value)
        return self._call("POST", path, data=form)

    def _call(self, method: str, path: str, **given: Any) -> Said:
        pace.wait(_PACE, 1 / self._settings.per_second, patience=_LONGEST_WAIT)
        # What the key may do is told outside of the versions.
        address = f"{self._settings.address}/api/{'' if path == 'credentials' else 'v5/'}{path}"
        headers = {"X-API-KEY": self._settings.api_key}
        try:
            reply = exchange(
                method, address, headers=headers, most=_MOST_ANSWER, is_whole=True, **given
            )
        except NoReply as error:
            raise Retry(
                f"RetailCRM: {error}", after=None if error.is_unsent else _AFTER_LOSS
            ) from None
        return _said(reply)


def last_page(said: Said) -> int:
    """Number of the last page of a list."""
    found = said.row("pagination").get("totalPageCount")
    return found if isinstance(found, int) else 1


def _said(reply: Reply) -> Said:
    answer = reply.json
    if answer is None:
        raise Retry(f"RetailCRM says no JSON: HTTP {reply.status}", after=_AFTER_LOSS)
    if reply.status in (429, 503):
        pace.hold(_PACE, _AFTER_LIMIT)
        raise Retry("RetailCRM was asked too often", after=_AFTER_LIMIT)
    text = _problem(answer) or f"HTTP {reply.status}"
    if reply.status >= 500:
        raise Retry(f"RetailCRM is broken: {text}", after=_AFTER_LOSS)
    if reply.status < 300 and answer.get("success") is not False:
        return Said(answer)
    lower = text.lower()
    if reply.status in (401, 403) or "apikey" in lower or "account does not exist" in lower:
        return Said(problem=f"it does not let us in: {text}", is_denied=True)
    is_missing = reply.status == 404 and "not found" in lower and "method" not in lower
    return Said(answer, text, is_not_found=is_missing)


def _problem(answer: Mapping[str, Any]) -> str:
    """What an error says, with what it says of single fields."""
    errors = answer.get("errors")
    told = [str(answer.get("errorMsg") or "")]
    if isinstance(errors, Mapping):
        told += [f"{name}: {text}" for name, text in errors.items()]
    elif isinstance(errors, list):
        told += map(str, errors)
    return " ".join("; ".join(filter(None, told)).split())[:_MOST_TEXT]


def _pairs(params: Params) -> list[tuple[str, str]]:
    pairs = []
    for key, value in params.items():
        if isinstance(value, str | int):
            pairs.append((key, str(value)))
        else:
            # Numbered, as PHP itself writes a list.
            pairs += [(f"{key[:-1]}{place}]", one) for place, one in enumerate(value)]
    return pairs


def _json(value: Any) -> str:
    # Two digits after the point are the same ones again.
    return json.dumps(value, ensure_ascii=False, default=float)
