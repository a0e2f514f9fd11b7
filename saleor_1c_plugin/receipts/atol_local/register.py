"""A register of the merchant's own."""

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from ..compose.document import Receipt
from ..driver import (
    Answer,
    Health,
    Missing,
    OutcomeUnknown,
    Progress,
    Refused,
    ShiftReport,
    Unavailable,
)
from . import codes, reading, writing
from .client import Client, Done, Known
from .settings import AtolLocalSettings, Place

#: For which a receipt is waited for: what takes longer is asked for later.
_SEND_SECONDS = 3.0
#: For which reports and questions are.
_TASK_SECONDS = 15.0
_QUESTION_SECONDS = 6.0
#: A receipt is tried so often: the server keeps an id that a printer without paper has spoilt.
_MOST_TRIES = 50


class AtolLocalRegister:
    """See :class:`~saleor_1c_plugin.receipts.driver.Register` and ``KeepsShifts``.

    The external id is that of the request at the web server, which takes no id twice. A request
    that has come to nothing keeps its id, though: the next try has the id with ``-2`` after it, and
    is made only when it is certain that nothing has come of those before.
    """

    def __init__(self, place: Place, settings: AtolLocalSettings) -> None:
        self._settings = settings
        self._client = Client(place, settings)
        self._label = place.name
        self.name = f"atol_local:{place.name}"

    def __repr__(self) -> str:
        return f"AtolLocalRegister({self.name!r})"

    def send(self, receipt: Receipt, external_id: str) -> Answer:
        task = writing.receipt_task(receipt, self._settings)
        for request_id in _tries(external_id):
            try:
                self._client.put(request_id, [task])
            except Known as error:
                # It is there already, or the register is switched off.
                found = self._client.get(request_id)
                if found is None:
                    raise Unavailable(f"Сервер кассы: {error}") from None
                if _is_spoilt(found):
                    continue
                return _answer(found, request_id)
            found = self._client.wait(request_id, time.monotonic() + _SEND_SECONDS)
            if found is None:
                raise OutcomeUnknown("Сервер кассы не находит задания, которое принял")
            if _is_spoilt(found):
                raise Unavailable(f"Касса {self._label}: {found[0].why or 'задание отменено'}")
            return _answer(found, request_id)
        raise Refused(f"Касса {self._label} так и не напечатала чек: {_MOST_TRIES} попыток")

    def find(self, external_id: str, reference: str) -> Answer:
        for request_id in _tries(external_id):
            found = self._client.get(request_id)
            if found is None:
                break
            if not _is_spoilt(found):
                return _answer(found, request_id)
        # It was never asked, or nothing has come of any try.
        raise Missing

    def health(self) -> Health:
        try:
            return self._look()
        except (OutcomeUnknown, Unavailable) as error:
            return Health(problem=str(error))

    def check_connection(self) -> str:
        """See :class:`~saleor_1c_plugin.receipts.connecting.Connects`."""
        health = self._look()
        shift = _("no shift is open")
        if health.shift is not None:
            shift = _("shift %(number)d is open") % {"number": health.shift}
        return f"{self._label}: {health.problem or _('it answers')}; {shift}"

    def open_shift(self) -> ShiftReport:
        shift = self._shift()
        if shift is not None:
            return shift
        done = self._run("openShift")
        if done.code == codes.Code.SHIFT_OPEN:
            # Somebody else has opened it meanwhile.
            shift = self._shift()
            if shift is not None:
                return shift
        _require_ready(done)
        return reading.shift_report(done.result, {})

    def close_shift(self) -> ShiftReport | None:
        if self._shift() is None:
            return None
        # The register forgets them.
        totals = self._totals()
        done = self._run("closeShift")
        if done.code == codes.Code.SHIFT_CLOSED:
            return None
        _require_ready(done)
        return reading.shift_report(done.result, totals)

    def interim_report(self) -> ShiftReport | None:
        shift = self._shift()
        if shift is None:
            return None
        _require_ready(self._run("reportX"))
        return reading.counted(shift, timezone.now(), self._totals())

    def _shift(self) -> ShiftReport | None:
        """The one that is open."""
        (done,) = self._client.run({"type": "getShiftStatus"}, seconds=_QUESTION_SECONDS)
        _require_ready(done)
        return reading.open_shift(done.result)

    def _totals(self) -> Mapping[str, Any]:
        """What was counted; a model that does not tell it has no totals."""
        try:
            (done,) = self._client.run({"type": "getShiftTotals"}, seconds=_QUESTION_SECONDS)
        except (OutcomeUnknown, Unavailable):
            return {}
        return reading.totals(done.result)

    def _look(self) -> Health:
        questions = [{"type": kind} for kind in reading.QUESTIONS]
        found = self._client.run(*questions, seconds=_QUESTION_SECONDS)
        return reading.health(found, needs_paper=not self._settings.electronically)

    def _run(self, kind: str) -> Done:
        task = writing.shift_task(kind, self._settings)
        (done,) = self._client.run(task, seconds=_TASK_SECONDS)
        return done


def _tries(external_id: str) -> Iterator[str]:
    yield external_id
    for number in range(2, _MOST_TRIES + 1):
        yield f"{external_id}-{number}"


def _is_spoilt(found: Sequence[Done]) -> bool:
    """Whether nothing has come of a request, and the receipt is not to blame for that."""
    done = found[0]
    if done.state in ("canceled", "interrupted"):
        return True
    return done.state == "error" and codes.is_of_the_register(done.code)


def _answer(found: Sequence[Done], request_id: str) -> Answer:
    """How a receipt is; its request was not spoilt."""
    done = found[0]
    if done.state == "ready":
        return Answer(Progress.DONE, request_id, reading.fiscal_data(done.result))
    if done.is_open:
        return Answer(Progress.WAITING, request_id)
    if done.state == "error":
        raise Refused(f"Касса не зарегистрировала чек: {done.why}")
    raise OutcomeUnknown(f"Касса остановлена, исход чека ей самой неизвестен: {done.why}")


def _require_ready(done: Done) -> None:
    """Say that a task about a shift has come to nothing."""
    if done.state != "ready":
        raise Unavailable(f"Касса: {done.why or done.state}")
