"""Calls of a web server of registers: only at the address that the settings name."""

import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from ..connecting import AccessDenied
from ..driver import OutcomeUnknown, Refused, Unavailable
from ..http import call
from .settings import AtolLocalSettings, Place

#: Of a text of the server, as far as people need it.
_MOST_TEXT = 300
#: Seconds between two looks at a task, as long as it is waited for.
_PAUSES = (0.05, 0.1, 0.2, 0.4)

type Task = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Done:
    """How a task is: see the server's states "wait", "inProgress", "ready" and so on."""

    state: str
    #: Of the driver; 0: none.
    code: int = 0
    text: str = ""
    result: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        """It is going to be worked at."""
        return self.state in ("wait", "inProgress")

    @property
    def why(self) -> str:
        """For people."""
        return f"{self.text or 'Ошибка кассы'} (код {self.code})" if self.code else self.text


class Known(Exception):
    """The server has a request with this id already, or no register to work for."""


class Client:
    """A register behind its web server."""

    def __init__(self, place: Place, settings: AtolLocalSettings) -> None:
        self._place = place
        self._auth = (settings.login, settings.password) if settings.login else None

    def __repr__(self) -> str:
        return f"Client({self._place!r})"

    def put(self, request_id: str, tasks: Sequence[Task]) -> bool:
        """Have tasks done, one after another; whether the queue goes on.

        Raises
        ------
        Known
            Nothing was added.
        AccessDenied, Unavailable
            Nothing was added, either.
        Refused
            The server does not take them as they are.
        OutcomeUnknown
            They may have been added.
        """
        status, said = self._call("POST", "", {"uuid": request_id, "request": list(tasks)})
        if status in (200, 201) and said is not None:
            return said.get("isBlocked") is not True
        why = _why(status, said)
        if status == 409:
            raise Known(why)
        if status == 400:
            raise Refused(f"Касса не приняла задание: {why}")
        if status >= 500 or 200 <= status < 300:
            raise OutcomeUnknown(f"Сервер кассы: {why}")
        raise Unavailable(f"Сервер кассы: {why}")

    def get(self, request_id: str) -> Sequence[Done] | None:
        """How the tasks of a request are; ``None``: the server has none with this id.

        Raises
        ------
        AccessDenied, Unavailable, OutcomeUnknown
            It can't be asked now.
        """
        status, said = self._call("GET", f"/{quote(request_id, safe='')}")
        if status == 404:
            return None
        results = said.get("results") if said is not None else None
        if status != 200 or not isinstance(results, list) or not results:
            raise OutcomeUnknown(f"Сервер кассы: {_why(status, said)}")
        return [_done(result) for result in results]

    def run(self, *tasks: Task, seconds: float) -> Sequence[Done]:
        """Have tasks done that may be done twice, and wait for them.

        Raises
        ------
        AccessDenied, Unavailable
            Nothing was done.
        OutcomeUnknown
            They have not come to an end.
        """
        request_id = str(uuid.uuid4())
        until = time.monotonic() + seconds
        try:
            goes_on = self.put(request_id, tasks)
        except (Known, Refused) as error:
            raise Unavailable(str(error)) from None
        if not goes_on:
            raise OutcomeUnknown("Очередь заданий кассы остановлена: посмотрите, что с кассой")
        found = self.wait(request_id, until)
        if found is not None and len(found) != len(tasks):
            raise OutcomeUnknown("Сервер кассы ответил не о тех заданиях")
        if found is None or any(one.is_open or one.state == "blocked" for one in found):
            raise OutcomeUnknown("Касса не выполнила задание за отведённое время")
        return found

    def wait(self, request_id: str, until: float) -> Sequence[Done] | None:
        """As :meth:`get`, once nothing of it is open or the time (monotonic) is over."""
        pauses = iter(_PAUSES)
        while True:
            found = self.get(request_id)
            pause = next(pauses, _PAUSES[-1])
            if found is None or time.monotonic() + pause > until:
                return found
            if not any(one.is_open for one in found):
                return found
            time.sleep(pause)

    def _call(
        self, method: str, path: str, body: Mapping[str, object] | None = None
    ) -> tuple[int, Mapping[str, Any] | None]:
        reply = call(
            method,
            f"{self._place.server}/api/v2/requests{path}",
            auth=self._auth,
            params={"deviceID": self._place.device} if self._place.device else None,
            json=body,
        )
        if reply.status == 401:
            raise AccessDenied("Сервер кассы не принимает логин или пароль")
        return reply.status, reply.json


def _done(result: object) -> Done:
    """Web Requests has an object of the error, the older server two fields."""
    given = result if isinstance(result, Mapping) else {}
    error = given.get("error")
    if not isinstance(error, Mapping):
        error = {"code": given.get("errorCode"), "description": given.get("errorDescription")}
    found = given.get("result")
    code = error.get("code")
    return Done(
        state=str(given.get("status") or ""),
        code=code if isinstance(code, int) else 0,
        text=_short(error.get("description")),
        result=found if isinstance(found, Mapping) else {},
    )


def _why(status: int, said: Mapping[str, Any] | None) -> str:
    error = (said or {}).get("error")
    text = _short(error.get("description")) if isinstance(error, Mapping) else ""
    return text or f"HTTP {status}"


def _short(text: object) -> str:
    return " ".join(str(text or "").split())[:_MOST_TEXT]
