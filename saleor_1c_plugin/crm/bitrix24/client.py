"""Calls of Bitrix24's REST API: at its pace, with what its answers mean for the outbox.

Calls and limits are described at https://apidocs.bitrix24.com: a leaky bucket of 50 calls that
empties by 2 a second (250 and 5 on "Enterprise"); up to 50 commands go in one call of ``batch``.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from ...outbox import pace
from ...outbox.calls import NoReply, Reply, exchange
from ...outbox.errors import Retry
from .settings import PLUGIN, Bitrix24Settings

#: Commands of a batch.
MOST_COMMANDS = 50
#: Seconds that the portal's allowance lasts, less what others may use of it.
_BURST_SECONDS = 20
_PACE = f"crm.{PLUGIN}"
#: Longer than this nobody waits in a worker's thread, in seconds.
_LONGEST_WAIT = 8.0
#: Seconds until a call that was cut off has certainly ended there.
_AFTER_LOSS = 30.0
_AFTER_LIMIT = 3.0
#: The portal counts the time of a method over ten minutes.
_AFTER_TIME_LIMIT = 600.0
_AFTER_DENIAL = 300.0
#: Of the whole answer to a batch of lists.
_MOST_ANSWER = 8 << 20
_MOST_TEXT = 200

_DENIED = {
    "access_denied",
    "authorization_error",
    "expired_token",
    "insufficient_scope",
    "invalid_credentials",
    "invalid_token",
    "no_auth_found",
    "user_access_error",
}
_TOO_OFTEN = "query_limit_exceeded"
_TOO_LONG = "operation_time_limit"


class Reference(str):
    """The result of an earlier command of the same batch."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Command:
    method: str
    params: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """What the portal has said to a command. `problem`: it will not do it."""

    result: Any = None
    problem: str = ""
    is_denied: bool = False

    @property
    def is_not_found(self) -> bool:
        return "not found" in self.problem.lower() or "not_found" in self.problem.lower()


class Client:
    """A portal, by a webhook. Its address is a secret: it is in no text from here."""

    def __init__(self, settings: Bitrix24Settings) -> None:
        self._settings = settings

    def call(self, method: str, params: Mapping[str, Any]) -> tuple[Said, int | None]:
        """Call a method; with where the next page of a list begins."""
        reply = self._exchange(method, params)
        said = reply.json
        if said is None:
            raise Retry(f"Bitrix24 says no JSON: HTTP {reply.status}", after=_AFTER_LOSS)
        if "error" in said or reply.status >= 400:
            return self._error(said, reply.status), None
        following = said.get("next")
        return Said(said.get("result")), following if isinstance(following, int) else None

    def batch(self, commands: Sequence[Command]) -> list[Said]:
        """Have commands carried out one after another, as many as there are."""
        return [said for part in _parts(commands) for said in self._batch(part)]

    def batch_by(self, groups: Sequence[Sequence[Command]]) -> list[list[Said]]:
        """As :meth:`batch`, but what is in one group goes in one call.

        Within a group ``$result[n]`` is the result of its n-th command.
        """
        answers: list[list[Said]] = []
        part: list[Sequence[Command]] = []
        size = 0
        for group in [*groups, None]:
            if group is None or size + len(group) > MOST_COMMANDS:
                answers += self._batch_groups(part)
                part, size = [], 0
            if group is not None:
                part.append(group)
                size += len(group)
        return answers

    def _batch_groups(self, groups: Sequence[Sequence[Command]]) -> list[list[Said]]:
        commands: list[Command] = []
        for group in groups:
            first = len(commands)
            commands += [Command(one.method, _shifted(one.params, first)) for one in group]
        said = iter(self._batch(commands) if commands else [])
        return [[next(said) for _ in group] for group in groups]

    def _batch(self, commands: Sequence[Command]) -> list[Said]:
        texts = {f"c{i}": f"{one.method}?{encode(one.params)}" for i, one in enumerate(commands)}
        said, _next = self.call("batch", {"halt": 0, "cmd": texts})
        if said.problem:
            raise Retry(
                f"Bitrix24: {said.problem}", after=_AFTER_DENIAL if said.is_denied else None
            )
        whole = said.result if isinstance(said.result, Mapping) else {}
        # What has no entries is a list there.
        results, errors = (
            found if isinstance(found := whole.get(key), Mapping) else {}
            for key in ("result", "result_error")
        )
        answers = []
        for key in texts:
            error = errors.get(key)
            if isinstance(error, Mapping):
                answers.append(self._error(error, 400))
            elif key in results:
                answers.append(Said(results[key]))
            else:
                raise Retry("Bitrix24 has not answered to all of a batch", after=_AFTER_LOSS)
        return answers

    @property
    def _pace(self) -> tuple[float, int]:
        """Seconds between two calls, and how many may follow at once after a pause."""
        rate = self._settings.per_second
        return 1 / rate, rate * _BURST_SECONDS

    def _exchange(self, method: str, params: Mapping[str, Any]) -> Reply:
        pause, burst = self._pace
        pace.wait(_PACE, pause, burst=burst, patience=_LONGEST_WAIT)
        try:
            return exchange(
                "POST",
                f"{self._settings.webhook}/{method}.json",
                json=params,
                most=_MOST_ANSWER,
                is_whole=True,
            )
        except NoReply as error:
            raise Retry(
                f"Bitrix24: {error}", after=None if error.is_unsent else _AFTER_LOSS
            ) from None

    def _error(self, said: Mapping[str, Any], status: int) -> Said:
        """What an error means for one command; raised where it means that nothing goes now."""
        code = str(said.get("error") or "").lower()
        text = str(said.get("error_description") or said.get("error") or f"HTTP {status}")
        text = " ".join(text.split())[:_MOST_TEXT]
        if code == _TOO_OFTEN or (status == 503 and not code):
            pause, burst = self._pace
            pace.hold(_PACE, _AFTER_LIMIT, pause=pause, burst=burst)
            raise Retry("Bitrix24 was asked too often", after=_AFTER_LIMIT)
        if code == _TOO_LONG or status == 429:
            raise Retry(f"Bitrix24 rests: {text}", after=_AFTER_TIME_LIMIT)
        if status in (401, 403) or code in _DENIED:
            return Said(problem=f"Bitrix24 does not let us in: {text}", is_denied=True)
        if status >= 500:
            raise Retry(f"Bitrix24 is broken: {text}", after=_AFTER_LOSS)
        return Said(problem=f"{code}: {text}" if code and code != text.lower() else text)


def encode(params: Mapping[str, Any]) -> str:
    """As PHP reads a query: ``fields[EMAIL][0][VALUE]=…``."""
    return urlencode([pair for key, value in params.items() for pair in _flat(key, value)])


def _flat(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from _flat(f"{name}[{key}]", one)
    elif isinstance(value, Reference):
        yield name, str(value)
    elif isinstance(value, str):
        # In a batch it would stand for the result of another command, whoever wrote it.
        yield name, value.replace("$result", "$ result")
    elif isinstance(value, Sequence):
        for place, one in enumerate(value):
            yield from _flat(f"{name}[{place}]", one)
    else:
        yield name, f"{value:f}" if isinstance(value, Decimal) else str(value)


def _shifted(params: Mapping[str, Any], first: int) -> dict[str, Any]:
    """References of a group by their places in the whole batch."""
    return {
        key: Reference(f"$result[c{first + value.place}]") if isinstance(value, Place) else value
        for key, value in params.items()
    }


@dataclass(frozen=True, slots=True)
class Place:
    """Stands among the parameters for the result of the n-th command of the same group."""

    place: int


def _parts(commands: Sequence[Command]) -> Iterator[Sequence[Command]]:
    for start in range(0, len(commands), MOST_COMMANDS):
        yield commands[start : start + MOST_COMMANDS]
