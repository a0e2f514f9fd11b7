"""A register leased in a cloud, in this process: it takes receipts, and has them done later."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from threading import Lock

from saleor_1c_plugin.receipts.compose.document import Receipt
from saleor_1c_plugin.receipts.driver import (
    Answer,
    FiscalData,
    Health,
    Missing,
    OutcomeUnknown,
    Progress,
    Refused,
    Unavailable,
)


class Cloud:
    """See :class:`~saleor_1c_plugin.receipts.driver.Driver`; its register is itself."""

    title = "Облачная касса"

    def __init__(self, name: str = "cloud", *, is_parallel: bool = True) -> None:
        self.name = name
        self.is_parallel = is_parallel
        self.receipts: dict[str, Receipt] = {}
        #: External ids of those that are registered, and of those that were turned down later.
        self.done: list[str] = []
        self.bad: set[str] = set()
        #: What the next calls meet, one after another: "down": nothing is done; "lost": it is
        #: done, and the answer is lost; "bug": the driver is wrong.
        self.faults: list[str] = []
        self.calls: list[str] = []
        #: Calls at this moment, and the most that there were.
        self.now = self.most = 0
        self._lock = Lock()

    def registers(self, saved: Mapping[str, object]) -> Sequence["Cloud"]:
        return [self]

    def send(self, receipt: Receipt, external_id: str) -> Answer:
        self.calls.append("send")
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)
        fault = self._fault()
        self.meanwhile()
        with self._lock:
            self.now -= 1
        if fault == "down":
            raise Unavailable("Сервис не отвечает")
        if fault == "bug":
            raise ZeroDivisionError("secret")
        self.receipts.setdefault(external_id, receipt)
        if fault == "lost":
            raise OutcomeUnknown("Ответ потерян")
        return self._answer(external_id)

    def find(self, external_id: str, reference: str) -> Answer:
        self.calls.append("find")
        if self._fault():
            raise OutcomeUnknown("Ответ потерян")
        if external_id not in self.receipts:
            raise Missing("Такого чека нет")
        if external_id in self.bad:
            raise Refused("Неверный ИНН покупателя")
        return self._answer(external_id)

    def health(self) -> Health:
        return Health()

    def read(self, headers: Mapping[str, str], body: bytes) -> str:
        try:
            return str(json.loads(body)["id"])
        except (KeyError, TypeError, ValueError):
            return ""

    def meanwhile(self) -> None:
        """While a receipt is being sent."""

    def _fault(self) -> str:
        with self._lock:
            return self.faults.pop(0) if self.faults else ""

    def _answer(self, external_id: str) -> Answer:
        reference = f"ref-{external_id}"
        if external_id not in self.done:
            return Answer(Progress.WAITING, reference)
        number = self.done.index(external_id) + 1
        data = FiscalData(
            drive="9999000000000001",
            document=number,
            sign=f"{number:010d}",
            at=datetime(2026, 11, 26, tzinfo=UTC),
            total=self.receipts[external_id].total,
        )
        return Answer(Progress.DONE, reference, data)
