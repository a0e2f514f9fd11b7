"""Calls of amoCRM's API: at its pace, with what its answers mean for the outbox.

By https://www.amocrm.ru/developers and https://developers.kommo.com: seven calls a second; who goes
on after 429 is shut out with 403; lists by up to 250; what is written goes best by 50. Of several
records that are written by one call either all are, or none: those that are at fault are named.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...outbox import pace
from ...outbox.calls import NoReply, Reply, exchange
from ...outbox.errors import Retry
from . import access
from .settings import AmoCrmSettings

#: Records of one call that writes.
MOST_WRITTEN = 50
#: Records of one page.
MOST_READ = 250
#: Seconds until a call that was cut off has certainly ended there.
_AFTER_LOSS = 30.0
_AFTER_LIMIT = 10.0
#: Until the merchant may have done something.
AFTER_DENIAL = 300.0
_LONGEST_PAUSE = 3600.0
_MOST_ANSWER = 8 << 20
#: A question is asked so often where it is answered badly, but soon: with one of a hundred of them
#: unanswered nobody would have to ask the other ones again.
_QUESTIONS = 3
#: Seconds.
_SOON = 2.0
_MOST_TEXT = 200

type Params = Sequence[tuple[str, str | int]]


@dataclass(frozen=True, slots=True)
class Said:
    """What amoCRM has said. `problem`: it will not do it."""

    result: Mapping[str, Any]
    problem: str = ""
    is_denied: bool = False
    #: Nothing is there.
    is_empty: bool = False

    @property
    def id(self) -> str:
        found = self.result.get("id")
        return str(found) if isinstance(found, int) else ""

    def rows(self, name: str) -> list[Mapping[str, Any]]:
        """Of a list."""
        inside = self.result.get("_embedded")
        found = inside.get(name) if isinstance(inside, Mapping) else None
        return [row for row in found or () if isinstance(row, Mapping)]

    def let_in(self) -> "Said":
        """It is the merchant who has to do something, not whoever looks at this message."""
        if self.is_denied:
            raise Retry(f"amoCRM: {self.problem}", after=AFTER_DENIAL)
        return self


class Client:
    """An account. Its tokens are secrets: they are in no text from here."""

    def __init__(self, settings: AmoCrmSettings) -> None:
        self.settings = settings

    def get(self, path: str, params: Params = ()) -> Said:
        """Ask for something; ``problem`` only where it is sure that there will be no answer."""
        return self._said(self._exchange("GET", path, params=params))

    def sure(self, path: str, params: Params = ()) -> Said:
        """As :meth:`get`, where nothing may be done without an answer."""
        said = self.get(path, params).let_in()
        if said.problem:
            raise Retry(f"amoCRM: {said.problem}")
        return said

    def pages(self, path: str, name: str, params: Params = ()) -> Iterator[Mapping[str, Any]]:
        """All of a list."""
        page = 1
        while True:
            asked = [*params, ("limit", MOST_READ), ("page", page)]
            rows = self.sure(path, asked).rows(name)
            yield from rows
            if len(rows) < MOST_READ:
                return
            page += 1

    def post(self, path: str, body: Any) -> Said:
        """Have one thing done."""
        return self._said(self._exchange("POST", path, json=body))

    def write(
        self, method: str, path: str, name: str, items: Sequence[Mapping[str, Any]]
    ) -> list[Said]:
        """Write records, as many as there are; what came of each.

        Parameters
        ----------
        method
            ``POST`` makes, ``PATCH`` changes those with these ids.
        name
            Of the records, in answers.
        """
        answers: list[Said] = []
        for start in range(0, len(items), MOST_WRITTEN):
            answers += self._write(method, path, name, items[start : start + MOST_WRITTEN])
        return answers

    def _write(
        self, method: str, path: str, name: str, items: Sequence[Mapping[str, Any]]
    ) -> list[Said]:
        answers: dict[int, Said] = {}
        left = list(range(len(items)))
        while left:
            body = [{**items[number], "request_id": str(number)} for number in left]
            reply = self._exchange(method, path, json=body)
            said = self._said(reply)
            if not said.problem:
                answers |= _by_number(said.rows(name), items, left)
                break
            faults = _faults(reply)
            at_fault = {number: faults[number] for number in left if number in faults}
            if said.is_denied or len(left) == 1:
                at_fault = dict.fromkeys(left, said.problem)
            if not at_fault:
                # It does not say which: each by itself.
                for number in left:
                    (answers[number],) = self._write(method, path, name, [items[number]])
                break
            for number, why in at_fault.items():
                answers[number] = Said({}, faults.get(number, why), said.is_denied)
            left = [number for number in left if number not in at_fault]
        return [answers[number] for number in range(len(items))]

    def _exchange(self, method: str, path: str, **given: Any) -> Reply:
        refused = ""
        tries = _QUESTIONS if method == "GET" else 1
        while True:
            try:
                token = access.token(self.settings, refused)
            except access.NoAccess as error:
                raise Retry(str(error), after=AFTER_DENIAL) from None
            pace.wait(access.PACE, access.rest(self.settings), patience=access.PATIENCE)
            begun = time.monotonic()
            tries -= 1
            try:
                reply = exchange(
                    method,
                    f"{self.settings.account}/api/v4/{path}",
                    headers={"Authorization": f"Bearer {token}"},
                    most=_MOST_ANSWER,
                    is_whole=True,
                    **given,
                )
            except NoReply as error:
                if tries > 0 and time.monotonic() < begun + _SOON:
                    continue
                raise Retry(
                    f"amoCRM: {error}", after=None if error.is_unsent else _AFTER_LOSS
                ) from None
            if reply.status == 401 and not refused and not self.settings.token:
                refused = token
            elif reply.status < 500 or tries <= 0 or time.monotonic() > begun + _SOON:
                return reply

    def _said(self, reply: Reply) -> Said:
        """What an answer means; raised where it means that nothing goes now."""
        status = reply.status
        if status == 204:
            return Said({}, is_empty=True)
        said = reply.json
        if status == 429 or (status == 403 and said is None):
            # Whoever goes on now is shut out, by the address of the whole server.
            seconds = _pause(reply) if status == 429 else AFTER_DENIAL
            pace.hold(access.PACE, seconds, pause=access.rest(self.settings))
            raise Retry("amoCRM was asked too often", after=seconds)
        if status == 404:
            return Said({}, "amoCRM has no such record", is_empty=True)
        if status >= 500 or said is None:
            raise Retry(f"amoCRM is broken: HTTP {status}", after=_AFTER_LOSS)
        if status in (401, 402, 403):
            text = f"amoCRM does not let us in: {_text(said, status)}"
            return Said({}, text, is_denied=True)
        if status >= 300:
            faults = _faults(reply)
            return Said({}, next(iter(faults.values()), "") or _text(said, status))
        return Said(said)


def _pause(reply: Reply) -> float:
    """Seconds that it wants to be left alone."""
    named = reply.headers.get("Retry-After") or (reply.json or {}).get("retry_after")
    text = str(named or "")
    if not (text.isascii() and text.isdigit()):
        return _AFTER_LIMIT
    return min(max(float(text), _AFTER_LIMIT), _LONGEST_PAUSE)


def _by_number(
    rows: Sequence[Mapping[str, Any]], items: Sequence[Mapping[str, Any]], left: Sequence[int]
) -> dict[int, Said]:
    """Each answer with what was asked: by its id, or by the number that was given along."""
    known: dict[str, Mapping[str, Any]] = {}
    for one in rows:
        known[f"id {one.get('id')}"] = one
        known[f"number {one.get('request_id')}"] = one
    found = {}
    for number in left:
        wanted = items[number].get("id")
        row = known.get(f"number {number}" if wanted is None else f"id {wanted}")
        if row is None:
            found[number] = Said({}, "amoCRM has said nothing of this record", is_empty=True)
        else:
            found[number] = Said(row)
    return found


def _faults(reply: Reply) -> dict[int, str]:
    """Number of a record → what is wrong with it."""
    said = reply.json or {}
    rows = said.get("validation-errors")
    found = {}
    for row in rows if isinstance(rows, list) else ():
        if not isinstance(row, Mapping):
            continue
        number = str(row.get("request_id", ""))
        errors = row.get("errors")
        texts = [
            " ".join(filter(None, (str(one.get("path") or ""), str(one.get("detail") or ""))))
            for one in (errors if isinstance(errors, list) else ())
            if isinstance(one, Mapping)
        ]
        if number.isascii() and number.isdigit():
            found[int(number)] = "; ".join(texts)[:_MOST_TEXT] or "amoCRM refuses it"
    return found


def _text(said: Mapping[str, Any], status: int) -> str:
    found = said.get("detail") or said.get("title") or f"HTTP {status}"
    return " ".join(str(found).split())[:_MOST_TEXT]
