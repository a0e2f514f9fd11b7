"""ATOL's web server of registers, with the registers behind it.

By the driver's scripts for JSON tasks, and by what is known of Web Requests 1.0.4.0: an id is taken
once, tasks of a request are done in order, an error breaks the rest of them off, and a receipt
whose outcome is not known stops the queue.
"""

import base64
import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from saleor_1c_plugin.sandbox.standins.faults import Faults
from saleor_1c_plugin.sandbox.standins.messages import Answer, Request
from tests.payments.standins.base import StandIn
from tests.payments.standins.contract import Violation

from .drive import Document, Drive
from .fields import Check, Wrong, flag, has, many, number, one_of, text

PATH = "/api/v2/requests"
_SHIFT = timedelta(hours=24)
_KEPT = timedelta(days=30)
_SALES = ("sell", "sellReturn", "sellCorrection", "sellReturnCorrection")
_FISCAL = (*_SALES, "openShift", "closeShift")

_OPERATOR = {"operator": has({"name": text(64)}, {"vatin": text(12, r"\d{12}")})}
_REPORT: Mapping[str, Check] = {**_OPERATOR, "electronically": flag}
_STATUSES = ("itemPieceSold", "itemDryForSale", "itemPieceReturn", "itemDryReturn")
_UNITS = (
    *("piece", "gram", "kilogram", "ton", "centimeter", "decimeter", "meter", "squareCentimeter"),
    *("squareDecimeter", "squareMeter", "milliliter", "liter", "cubicMeter", "kilowattHour"),
    *("gkal", "day", "hour", "minute", "second", "kilobyte", "megabyte", "gigabyte", "terabyte"),
    "otherUnits",
)
_OBJECTS = (
    *("commodity", "excise", "job", "service", "payment", "agentCommission", "composite"),
    *("another", "exciseWithoutMarking", "exciseWithMarking", "commodityWithoutMarking"),
    "commodityWithMarking",
)
_METHODS = (
    *("fullPrepayment", "prepayment", "advance", "fullPayment", "partialPayment", "credit"),
    "creditPayment",
)
_VATS = ["none"] + [f"vat{rate}" for rate in (0, 5, 7, 10, 20, 22, 105, 107, 110, 120, 122)]
_AGENTS = (
    *("bankPayingAgent", "bankPayingSubagent", "payingAgent", "payingSubagent", "attorney"),
    *("commissionAgent", "another"),
)
_POSITION = has(
    {
        "type": one_of(["position"]),
        "name": text(128),
        "price": number(),
        "quantity": number("99999", 6),
        "amount": number(),
        "paymentMethod": one_of(_METHODS),
        "paymentObject": one_of(_OBJECTS),
        "measurementUnit": one_of(_UNITS),
        "tax": has({"type": one_of(_VATS)}, {"sum": number()}),
    },
    {
        "imcParams": has(
            {
                "imcType": one_of(["auto"]),
                "imc": text(300),
                "itemEstimatedStatus": one_of(_STATUSES),
                "imcModeProcessing": one_of([0]),
            },
            {"itemFractionalAmount": text(20, r"\d+/\d+")},
        ),
        "agentInfo": has({"agents": many(one_of(_AGENTS), 1)}),
        "supplierInfo": has(
            {"name": text(256), "vatin": text(12, r"\d{10}|\d{12}"), "phones": many(text(19), 5, 0)}
        ),
    },
)
_PAYMENT = has(
    {"type": one_of(["cash", "electronically", "prepaid", "credit", "other"]), "sum": number()}
)
_RECEIPT: Mapping[str, Check] = {
    "electronically": flag,
    "taxationType": one_of(["osn", "usnIncome", "usnIncomeOutcome", "esn", "patent"]),
    "items": many(_POSITION, 500),
    "payments": many(_PAYMENT, 10),
    "total": number(),
}
_MORE: Mapping[str, Check] = {
    **_OPERATOR,
    "clientInfo": has(
        {}, {"emailOrPhone": text(64), "name": text(256), "vatin": text(12, r"\d{10}|\d{12}")}
    ),
    "paymentsPlace": text(256),
    "validateMarkingCodes": flag,
}
_CORRECTION: Mapping[str, Check] = {
    "correctionType": one_of(["self", "instruction"]),
    "correctionBaseDate": text(10, r"\d{4}\.\d\d\.\d\d"),
}


def _task(kind: str) -> Check:
    name = {"type": one_of([kind])}
    if kind in ("sell", "sellReturn"):
        return has({**name, **_RECEIPT}, _MORE)
    if kind in _SALES:
        more = {**_MORE, "correctionBaseNumber": text(32)}
        return has({**name, **_RECEIPT, **_CORRECTION}, more)
    if kind in ("openShift", "closeShift", "reportX"):
        return has(name, _REPORT)
    if kind == "ofdExchangeStatus":
        return has(name, _OPERATOR)
    return has(name)


_TASKS = {
    kind: _task(kind)
    for kind in (
        *(*_FISCAL, "reportX", "getDeviceStatus", "getShiftStatus", "getFnInfo"),
        *("getShiftTotals", "ofdExchangeStatus"),
    )
}


class Failure(Exception):
    """Of a task, with the driver's code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


@dataclass
class Job:
    """A request in the queue."""

    tasks: list[Mapping[str, Any]]
    results: list[dict[str, Any]]
    came: datetime


@dataclass
class Device:
    """A register."""

    drive: Drive = field(default_factory=Drive)
    opened: datetime | None = None
    has_paper: bool = True
    is_cover_open: bool = False
    is_connected: bool = True
    #: Of the drive, that are on.
    warnings: set[str] = field(default_factory=set)
    unsent: int = 0
    #: Not every model does.
    counts: bool = True
    #: What the next receipts meet: "before" or "after" they were registered the line breaks.
    breaks: deque[str] = field(default_factory=deque)
    jobs: dict[str, Job] = field(default_factory=dict)
    waiting: deque[str] = field(default_factory=deque)
    #: Id of the request that has stopped the queue.
    blocked: str = ""
    #: What a broken line has left behind.
    document: Document | None = None
    x_reports: int = 0


class AtolLocal(StandIn):
    """See the base.

    Parameters
    ----------
    at_once
        Tasks are done before they are asked for.
    is_old
        The server before Web Requests: errors are two fields.
    """

    def __init__(
        self,
        *,
        faults: Faults | None = None,
        port: int = 0,
        at_once: bool = True,
        is_old: bool = False,
        login: str = "",
        password: str = "",
    ) -> None:
        super().__init__(None, faults, 1, port)
        self.at_once = at_once
        self.is_old = is_old
        self.credentials = f"{login}:{password}" if login else ""
        self.devices = {"": Device()}

    @property
    def device(self) -> Device:
        """The one that is used by default."""
        return self.devices[""]

    def work(self) -> None:
        """The registers do what waits for them."""
        with self._lock:
            for device in self.devices.values():
                while device.waiting and not device.blocked:
                    self._run(device, device.waiting.popleft())

    def recover(self, device: Device) -> None:
        """The line is back, and the server finds out what has become of the receipt."""
        with self._lock:
            job = device.jobs[device.blocked]
            index = next(i for i, one in enumerate(job.results) if one["status"] == "blocked")
            if device.document is not None:
                made = self._fiscal(device, device.document)
                job.results[index] = self._result("ready", result=made)
            else:
                job.results[index] = self._result("error", 2, "Нет связи")
                self._interrupt(job, index + 1)
            device.blocked, device.document = "", None
        self.work()

    # What a provider is.

    def is_api(self, path: str) -> bool:
        return True

    def admit(self, request: Request) -> Answer | None:
        if not self.credentials:
            return None
        expected = base64.b64encode(self.credentials.encode()).decode()
        if request.headers.get("authorization") == f"Basic {expected}":
            return None
        return _refusal(401, "unauthorized")

    def refuse(self, violation: Violation) -> Answer:
        raise NotImplementedError

    def page(self, request: Request) -> Answer:
        raise NotImplementedError

    def broken(self, status: int) -> Answer:
        return Answer(status, b"<html>Jetty</html>", "text/html")

    def pass_time(self) -> None:
        """A shift grows old by itself."""

    def act(self, request: Request) -> Answer:
        device = self.devices.get(request.query.get("deviceID", ""))
        if device is None:
            return _refusal(404, "Устройство не найдено")
        match (request.method, request.path.removeprefix(PATH)):
            case ("POST", ""):
                return self._add(device, request)
            case ("GET", path) if path.startswith("/"):
                return self._show(device, path[1:])
        return _refusal(404, "Нет такого метода")

    def _add(self, device: Device, request: Request) -> Answer:
        try:
            given = json.loads(request.body, parse_float=Decimal)
            has({"uuid": text(100), "request": many(lambda *_: None, 50)})(given, "")
        except (ValueError, Wrong) as error:
            return _refusal(400, f"Некорректный запрос: {error}")
        request_id, tasks = given["uuid"], given["request"]
        if sum(task.get("type") in _FISCAL for task in tasks) > 1:
            return _refusal(400, "Too many fiscal sub-tasks")
        if request_id in device.jobs:
            return _refusal(409, f"Задание с UUID [{request_id}] уже есть")
        if not device.is_connected:
            return _refusal(409, "ККТ не подключена")
        results = [self._result("wait") for _task in tasks]
        device.jobs[request_id] = Job(tasks, results, self.now())
        device.waiting.append(request_id)
        told = {
            "number": len(device.waiting),
            "uuid": request_id,
            "isBlocked": bool(device.blocked),
            "blockedUUID": device.blocked,
        }
        if self.at_once:
            self.work()
        return Answer.of(201, told)

    def _show(self, device: Device, request_id: str) -> Answer:
        job = device.jobs.get(request_id)
        if job is None or self.now() - job.came > _KEPT:
            return _refusal(404, f"Задание с UUID [{request_id}] не найдено")
        return Answer.of(200, {"results": job.results})

    def _run(self, device: Device, request_id: str) -> None:
        job = device.jobs[request_id]
        for index, task in enumerate(job.tasks):
            kind = task.get("type", "")
            try:
                if kind not in _TASKS:
                    raise Failure(501, f"Ошибка парсинга запроса: {kind}")
                try:
                    _TASKS[kind](task, "")
                except Wrong as error:
                    raise Failure(501, f"Ошибка парсинга запроса: {error}") from None
                job.results[index] = self._result("ready", result=self._do(device, kind, task))
            except ConnectionError:
                job.results[index] = self._result("blocked", 2, "Нет связи")
                device.blocked = request_id
                return
            except Failure as failure:
                job.results[index] = self._result("error", failure.code, str(failure))
                self._interrupt(job, index + 1)
                return

    def _interrupt(self, job: Job, since: int) -> None:
        reason = "Выполнение прервано из-за предыдущих ошибок"
        for index in range(since, len(job.results)):
            job.results[index] = self._result("interrupted", 502, reason)

    def _result(
        self, status: str, code: int = 0, reason: str = "Ошибок нет", result: Any = None
    ) -> dict[str, Any]:
        told: dict[str, Any] = {"status": status, "result": result}
        if self.is_old:
            return told | {"errorCode": code, "errorDescription": reason}
        return told | {"error": {"code": code, "description": reason}}

    # What a register does.

    def _do(self, device: Device, kind: str, task: Mapping[str, Any]) -> dict[str, Any]:
        match kind:
            case "getDeviceStatus":
                return {"deviceStatus": self._status(device)}
            case "getShiftStatus":
                return {"shiftStatus": self._shift(device)}
            case "getFnInfo":
                names = (
                    *("criticalError", "memoryOverflow", "needReplacement", "ofdTimeout"),
                    "resourceExhausted",
                )
                warnings = {name: name in device.warnings for name in names}
                ends = "2027-12-31T00:00:00+03:00"
                serial = device.drive.serial
                return {"fnInfo": {"serial": serial, "validityDate": ends, "warnings": warnings}}
            case "ofdExchangeStatus":
                return {"status": {"notSentCount": device.unsent}, "errors": {}}
            case "getShiftTotals":
                if not device.counts:
                    raise Failure(11, "Не поддерживается в данной версии")
                return {"shiftTotals": self._totals(device)}
            case "reportX":
                self._require_printer(device, task)
                device.x_reports += 1
                return {"warnings": {"notPrinted": False}}
            case "openShift":
                return self._open(device, task)
            case "closeShift":
                return self._close(device, task)
        return self._sell(device, kind, task)

    def _open(self, device: Device, task: Mapping[str, Any]) -> dict[str, Any]:
        if device.opened is not None:
            raise Failure(83, "Смена открыта, операция невозможна")
        self._require_printer(device, task)
        device.drive.shift += 1
        device.opened = self.now().replace(microsecond=0)
        return self._fiscal(device, device.drive.write("openShift", device.opened))

    def _close(self, device: Device, task: Mapping[str, Any]) -> dict[str, Any]:
        if device.opened is None:
            raise Failure(73, "Смена закрыта, операция невозможна")
        self._require_printer(device, task)
        made = device.drive.write("closeShift", self.now())
        device.opened = None
        told = self._fiscal(device, made)
        told["fiscalParams"]["receiptsCount"] = len(device.drive.of_shift())
        return told

    def _sell(self, device: Device, kind: str, task: Mapping[str, Any]) -> dict[str, Any]:
        if device.opened is None:
            raise Failure(73, "Смена закрыта, операция невозможна")
        if self.now() - device.opened >= _SHIFT:
            raise Failure(68, "Смена превысила 24 часа")
        self._require_printer(device, task)
        _require_sums(task, is_refund="Return" in kind)
        broken = device.breaks.popleft() if device.breaks else ""
        if broken == "before":
            raise ConnectionError
        made = device.drive.write(kind, self.now(), Decimal(task["total"]), task)
        if broken:
            device.document = made
            raise ConnectionError
        return self._fiscal(device, made)

    def _require_printer(self, device: Device, task: Mapping[str, Any]) -> None:
        if task.get("electronically"):
            return
        if device.is_cover_open:
            raise Failure(45, "Открыта крышка")
        if not device.has_paper:
            raise Failure(44, "Нет бумаги")

    def _fiscal(self, device: Device, made: Document) -> dict[str, Any]:
        told: dict[str, Any] = {
            "fiscalDocumentDateTime": made.at.replace(microsecond=0).isoformat(),
            "fiscalDocumentNumber": made.number,
            "fiscalDocumentSign": str(made.sign),
            "fnNumber": device.drive.serial,
            "registrationNumber": device.drive.registration,
            "shiftNumber": made.shift,
            "fnsUrl": "www.nalog.gov.ru",
        }
        if made.receipt:
            told |= {"fiscalReceiptNumber": made.receipt, "total": float(made.total)}
        return {"fiscalParams": told, "warnings": {"notPrinted": False}}

    def _state(self, device: Device) -> str:
        if device.opened is None:
            return "closed"
        return "expired" if self.now() - device.opened >= _SHIFT else "opened"

    def _status(self, device: Device) -> dict[str, Any]:
        return {
            "blocked": False,
            "coverOpened": device.is_cover_open,
            "currentDateTime": self.now().isoformat(),
            "fiscal": True,
            "fnFiscal": True,
            "fnPresent": True,
            "paperPresent": device.has_paper,
            "cashDrawerOpened": False,
            "shift": self._state(device),
        }

    def _shift(self, device: Device) -> dict[str, Any]:
        ends = (device.opened or self.now()) + _SHIFT
        number = device.drive.shift
        return {"state": self._state(device), "number": number, "expiredTime": ends.isoformat()}

    def _totals(self, device: Device) -> dict[str, Any]:
        def of(*kinds: str) -> dict[str, Any]:
            found = [one for one in device.drive.of_shift() if one.kind in kinds]
            return {"count": len(found), "sum": float(sum(one.total for one in found))}

        receipts = {
            "sell": of("sell", "sellCorrection"),
            "sellReturn": of("sellReturn", "sellReturnCorrection"),
            "buy": of(),
            "buyReturn": of(),
        }
        return {"shiftNumber": device.drive.shift, "receipts": receipts}


def _require_sums(task: Mapping[str, Any], *, is_refund: bool) -> None:
    for item in task["items"]:
        product = (Decimal(item["price"]) * Decimal(item["quantity"])).quantize(Decimal("0.01"))
        if product != item["amount"]:
            raise Failure(16, "Неверная цена (сумма)")
        status = (item.get("imcParams") or {}).get("itemEstimatedStatus", "")
        if status and ("Return" in status) != is_refund:
            raise Failure(404, "Некорректный статус кода маркировки")
        if status and not task.get("validateMarkingCodes"):
            raise Failure(420, "Код маркировки не проверен")
    total = sum(Decimal(item["amount"]) for item in task["items"])
    if total != task["total"] or sum(Decimal(one["sum"]) for one in task["payments"]) != total:
        raise Failure(66, "Чек оплачен не полностью")
    if task["electronically"] and not (task.get("clientInfo") or {}).get("emailOrPhone"):
        raise Failure(161, "Не переданы обязательные реквизиты")


def _refusal(status: int, reason: str) -> Answer:
    return Answer.of(status, {"error": {"code": 505, "description": reason}})
