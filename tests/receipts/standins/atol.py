"""ATOL Online: version 4 by its document 5.15, version 5 by what is known of it.

Documents are registered when a test says so, unless it wants them at once; those that are wrong are
refused with the service's codes, and so is what no table of the protocol has.
"""

import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from saleor_1c_plugin.sandbox.standins.faults import Faults
from saleor_1c_plugin.sandbox.standins.messages import Answer, Request
from tests.payments.standins.base import StandIn
from tests.payments.standins.contract import Violation

from .drive import Drive
from .fields import Check, Wrong, has, many, number, one_of, text

PREFIX = "/possystem"
_MOSCOW = ZoneInfo("Europe/Moscow")
_TOKEN_LIFE = timedelta(hours=24)
_REPORTS_KEPT = timedelta(days=32)
_OPERATIONS = {
    "v4": ("sell", "sell_refund", "sell_correction"),
    "v5": ("sell", "sell_refund", "sell_correction", "sell_refund_correction"),
}

_INN = text(12, r"\d{10}|\d{12}")
_PHONE = text(19, r"\+?\d+")
_SUM = number("42949672.95")
_VAT = one_of(["none"] + [f"vat{rate}" for rate in (0, 5, 7, 10, 20, 22, 105, 107, 110, 120, 122)])
_AGENTS = one_of(
    [
        *("bank_paying_agent", "bank_paying_subagent", "paying_agent", "paying_subagent"),
        *("attorney", "commission_agent", "another"),
    ]
)
_CLIENT = has(
    {},
    {
        "email": text(64, r"[^@\s]+@[^@\s]+"),
        "phone": text(64, r"\+?\d+"),
        "name": text(256),
        "inn": _INN,
    },
)
_SNO = one_of(["osn", "usn_income", "usn_income_outcome", "envd", "esn", "patent"])
_COMPANY = has({"inn": _INN, "payment_address": text(256)}, {"sno": _SNO})
_SELLER = has(
    {"email": text(64), "inn": _INN, "payment_address": text(256)},
    {"sno": _SNO, "location": text(256)},
)
_PAYMENTS = many(has({"type": one_of(range(10)), "sum": _SUM}), 10)
_LINE: Mapping[str, Check] = {
    "name": text(128),
    "price": _SUM,
    "quantity": number("99999.999", 3),
    "sum": _SUM,
    "payment_method": one_of(
        [
            *("full_prepayment", "prepayment", "advance", "full_payment", "partial_payment"),
            *("credit", "credit_payment"),
        ]
    ),
    "vat": has({"type": _VAT}, {"sum": _SUM}),
}
_AGENT: Mapping[str, Check] = {
    "agent_info": has({"type": _AGENTS}),
    "supplier_info": has({"inn": _INN}, {"name": text(256), "phones": many(_PHONE, 10)}),
}
_OLD_OBJECTS = ("commodity", "excise", "job", "service", "payment", "agent_commission", "another")
_OLD_ITEM = has(
    {**_LINE, "payment_object": one_of(_OLD_OBJECTS)}, {**_AGENT, "measurement_unit": text(16)}
)
_CODES = ("unknown", "ean8", "ean13", "itf14", "gs10", "gs1m", "short", "fur", "egais20", "egais30")
_MEASURES = (
    *(0, 10, 11, 12, 20, 21, 22, 30, 31, 32, 40, 41, 42, 50, 51, 70, 71, 72, 73),
    *(80, 81, 82, 83, 255),
)
_NEW_ITEM = has(
    {
        **_LINE,
        "payment_object": one_of([*range(1, 28), *range(30, 34)]),
        "measure": one_of(_MEASURES),
    },
    {
        **_AGENT,
        "mark_processing_mode": one_of(["0"]),
        "mark_code": has({}, dict.fromkeys(_CODES, text(200))),
        "mark_quantity": has(dict.fromkeys(("numerator", "denominator"), number("999999", 0))),
    },
)
_DAY = text(10, r"\d\d\.\d\d\.\d{4}")
_INFO = {"type": one_of(["self", "instruction"]), "base_date": _DAY}
_OLD_CORRECTION = has(
    {
        "company": _COMPANY,
        "correction_info": has({**_INFO, "base_number": text(32)}),
        "payments": _PAYMENTS,
        "vats": many(has({"type": _VAT, "sum": _SUM}), 6),
    }
)


def _sale(item: Check, more: Mapping[str, Check] | None = None) -> Check:
    return has(
        {
            "client": _CLIENT,
            "company": _SELLER,
            "items": many(item, 100),
            "payments": _PAYMENTS,
            "total": _SUM,
            **(more or {}),
        }
    )


_NEW_CORRECTION = _sale(_NEW_ITEM, {"correction_info": has(_INFO, {"base_number": text(32)})})
_ENVELOPE = {
    "timestamp": text(19, r"\d\d\.\d\d\.\d{4} \d\d:\d\d:\d\d"),
    "external_id": text(128),
}
_SERVICE = {"service": has({"callback_url": text(256, r"https?://.+")})}


@dataclass
class Sheet:
    """A document that was taken."""

    uuid: str
    external_id: str
    operation: str
    body: Mapping[str, Any]
    came: datetime
    status: str = "wait"
    payload: Mapping[str, Any] | None = None
    error: Mapping[str, Any] | None = None


class Refusal(Exception):
    """A call that is answered by an error, and has done nothing."""

    def __init__(self, status: int, code: int, reason: str, more: Mapping[str, Any] | None = None):
        super().__init__(reason)
        self.status, self.code, self.more = status, code, more or {}


@dataclass
class Group:
    login: str
    inn: str
    versions: tuple[str, ...] = ("v5",)
    drive: Drive = field(default_factory=Drive)


class Atol(StandIn):
    """See the base.

    Parameters
    ----------
    at_once
        Registers print what comes before it is asked for.
    """

    def __init__(
        self,
        *,
        faults: Faults | None = None,
        senders: int = 1,
        port: int = 0,
        at_once: bool = True,
    ) -> None:
        super().__init__(None, faults, senders, port)
        self.at_once = at_once
        self.users = {"shop": "tajna-parol"}
        self.groups = {"shop-ru_1": Group("shop", "7707083893", ("v4", "v5"))}
        #: Token → until when it lets in, and whom.
        self.tokens: dict[str, tuple[datetime, str]] = {}
        self.issued = 0
        #: (group, external id) → document.
        self.sheets: dict[tuple[str, str], Sheet] = {}
        #: What was told, or would have been.
        self.told: list[bytes] = []

    @property
    def url(self) -> str:
        """Of the API, up to the version."""
        return self.address + PREFIX

    def print_all(self) -> None:
        """Registers do all that waits for them."""
        with self._lock:
            for (group, _id), sheet in self.sheets.items():
                if sheet.status == "wait":
                    self._print(group, sheet)

    def fail_all(self, code: int, reason: str, kind: str = "driver") -> None:
        """Registers can't do anything that waits for them."""
        with self._lock:
            for (group, _id), sheet in self.sheets.items():
                if sheet.status == "wait":
                    sheet.status = "fail"
                    sheet.error = _error(code, reason, kind)
                    self._tell(group, sheet)

    # What a provider is.

    def is_api(self, path: str) -> bool:
        return True

    def admit(self, request: Request) -> Answer | None:
        return None

    def refuse(self, violation: Violation) -> Answer:
        raise NotImplementedError

    def page(self, request: Request) -> Answer:
        raise NotImplementedError

    def broken(self, status: int) -> Answer:
        return Answer(status, b"<html>Bad gateway</html>", "text/html")

    def pass_time(self) -> None:
        if self.at_once:
            self.print_all()

    def act(self, request: Request) -> Answer:
        try:
            return self._act(request)
        except Refusal as refusal:
            error = _error(refusal.code, str(refusal), "system")
            body = {"error": error, "timestamp": self._stamp(), **refusal.more}
            return Answer.of(refusal.status, body)

    def _act(self, request: Request) -> Answer:
        parts = request.path.removeprefix(f"{PREFIX}/").split("/")
        match (request.method, parts):
            case ("POST", [version, "getToken"]):
                return self._get_token(version, request)
            case ("POST", [version, group, operation]):
                self._enter(request, version, group)
                return self._register(request, version, group, operation)
            case ("GET", [version, group, "report", sheet_id]):
                self._enter(request, version, group)
                return self._report(group, sheet_id)
        return Answer(404, b"", "text/html")

    def _get_token(self, version: str, request: Request) -> Answer:
        given = self._body(request, 13)
        try:
            has({"login": text(100), "pass": text(100)}, {"source": text(100)})(given, "")
        except Wrong as error:
            raise Refusal(400, 13, f"Ошибка валидации: {error}") from None
        if self.users.get(given["login"]) != given["pass"]:
            raise Refusal(401, 12, "Неверный логин или пароль")
        token = uuid.uuid4().hex
        self.issued += 1
        self.tokens[token] = (self.now() + _TOKEN_LIFE, given["login"])
        return Answer.of(200, {"error": None, "token": token, "timestamp": self._stamp()})

    def _enter(self, request: Request, version: str, group: str) -> None:
        until, login = self.tokens.get(request.headers.get("token", ""), (None, ""))
        if until is None:
            raise Refusal(401, 10, "Не распознан токен запроса")
        if self.now() >= until:
            raise Refusal(401, 11, "Переданный токен не активен")
        found = self.groups.get(group)
        if found is None or found.login != login:
            raise Refusal(401, 20, "Код группы, указанный в запросе, не соответствует токену")
        if version not in found.versions:
            raise Refusal(401, 21, "Код группы не поддерживает данную версию протокола")

    def _register(self, request: Request, version: str, group: str, operation: str) -> Answer:
        if operation not in _OPERATIONS[version]:
            raise Refusal(400, 31, f'Операция "{operation}" не поддерживается')
        given = self._body(request, 32)
        try:
            _validate(given, version, operation)
        except Wrong as error:
            raise Refusal(
                400, 32, f"Ошибка валидации входного чека. Ошибочные поля: {error}"
            ) from None
        place = (group, given["external_id"])
        known = self.sheets.get(place)
        if known is not None:
            raise Refusal(
                *(400, 33, "В системе существует чек с таким external_id"),
                {"uuid": known.uuid, "status": "wait"},
            )
        sheet = Sheet(str(uuid.uuid4()), place[1], operation, given, self.now())
        self.sheets[place] = sheet
        if self.at_once:
            self._print(group, sheet)
        return Answer.of(
            200, {"uuid": sheet.uuid, "timestamp": self._stamp(), "error": None, "status": "wait"}
        )

    def _report(self, group: str, sheet_id: str) -> Answer:
        found = [one for (name, _id), one in self.sheets.items() if name == group]
        sheet = next((one for one in found if one.uuid == sheet_id), None)
        if sheet is None or self.now() - sheet.came > _REPORTS_KEPT:
            raise Refusal(400, 30, f'Передан некорректный UUID: "{sheet_id}"', {"status": "fail"})
        if sheet.status == "wait":
            error = _error(34, "Состояние чека не найдено. Попробуйте позднее", "system")
            return Answer.of(200, {"error": error, "status": "wait", "timestamp": self._stamp()})
        return Answer.of(200, self._outcome(group, sheet))

    def _print(self, group: str, sheet: Sheet) -> None:
        owner = self.groups[group]
        told = sheet.body.get("receipt") or sheet.body["correction"]
        if told["company"]["inn"] != owner.inn:
            sheet.status = "fail"
            sheet.error = _error(2009, "ИНН в запросе не совпадает с ИНН на кассе", "agent")
        else:
            total = sum((Decimal(one["sum"]) for one in told["payments"]), Decimal(0))
            made = owner.drive.write(sheet.operation, self.now(), total, told)
            sheet.status = "done"
            sheet.payload = {
                "total": float(total),
                "fns_site": "www.nalog.gov.ru",
                "fn_number": owner.drive.serial,
                "shift_number": 23,
                "receipt_datetime": made.at.astimezone(_MOSCOW).strftime("%d.%m.%Y %H:%M:%S"),
                "fiscal_receipt_number": made.receipt,
                "fiscal_document_number": made.number,
                "ecr_registration_number": owner.drive.registration,
                "fiscal_document_attribute": made.sign,
                "ofd_inn": "7709364346",
                "ofd_receipt_url": "https://consumer.1-ofd.ru/v1?i=1",
            }
        self._tell(group, sheet)

    def _tell(self, group: str, sheet: Sheet) -> None:
        url = (sheet.body.get("service") or {}).get("callback_url", "")
        if not url:
            return
        body = json.dumps(self._outcome(group, sheet), ensure_ascii=False).encode()
        self.told.append(body)
        self.tell(sheet.status, sheet.uuid, body)

    def _outcome(self, group: str, sheet: Sheet) -> dict[str, Any]:
        told: dict[str, Any] = {
            "uuid": sheet.uuid,
            "error": sheet.error,
            "status": sheet.status,
            "timestamp": self._stamp(),
            "group_code": group,
            "daemon_code": "prod-agent-1",
            "device_code": "KSR13.00-1-11",
            "external_id": sheet.external_id,
            "callback_url": "",
        }
        if sheet.payload is not None:
            told["payload"] = sheet.payload
        return told

    def _body(self, request: Request, code: int) -> Any:
        if not request.headers.get("content-type", "").startswith("application/json"):
            raise Refusal(415, 41, "Некорректный Content-Type")
        try:
            return json.loads(request.body, parse_float=Decimal)
        except ValueError:
            raise Refusal(400, code, "Не JSON") from None

    def _stamp(self) -> str:
        return self.now().astimezone(_MOSCOW).strftime("%d.%m.%Y %H:%M:%S")


def _validate(given: Any, version: str, operation: str) -> None:
    is_correction = operation.endswith("_correction")
    content: Check
    if version == "v4":
        content = _OLD_CORRECTION if is_correction else _sale(_OLD_ITEM)
    else:
        content = _NEW_CORRECTION if is_correction else _sale(_NEW_ITEM)
    name = "correction" if is_correction else "receipt"
    has({**_ENVELOPE, name: content}, _SERVICE)(given, "")
    told = given[name]
    if is_correction and version == "v4":
        return
    if not told["client"].get("email") and not told["client"].get("phone"):
        raise Wrong("client", "neither email nor phone")
    for item in told["items"]:
        _validate_item(item)
    total = sum(Decimal(item["sum"]) for item in told["items"])
    if total != told["total"]:
        raise Wrong("total", "is not the sum of items")
    if sum(Decimal(one["sum"]) for one in told["payments"]) != total:
        raise Wrong("payments", "are not the total")


def _validate_item(item: Mapping[str, Any]) -> None:
    product = (Decimal(item["price"]) * Decimal(item["quantity"])).quantize(Decimal("0.01"))
    if product != item["sum"]:
        raise Wrong("sum", "is not price times quantity")
    if ("agent_info" in item) != ("supplier_info" in item):
        raise Wrong("supplier_info", "goes with agent_info")
    is_paying = "paying" in (item.get("agent_info") or {}).get("type", "")
    if is_paying and not {"name", "phones"} <= item["supplier_info"].keys():
        raise Wrong("supplier_info", "name and phones are wanted of paying agents")
    code = item.get("mark_code")
    if (code is not None) != ("mark_processing_mode" in item):
        raise Wrong("mark_processing_mode", "goes with mark_code")
    if code is not None:
        if len(code) != 1 or item["measure"] != 0 or item["payment_object"] not in (31, 33):
            raise Wrong("mark_code", "one, for goods by the piece that have one")
        if "gs1m" in code and not re.fullmatch(r"[0-9A-Za-z+/]+=*", code["gs1m"]):
            raise Wrong("mark_code.gs1m", "no Base64")
    part = item.get("mark_quantity")
    if part is not None and not 0 < part["numerator"] < part["denominator"]:
        raise Wrong("mark_quantity", "no part")


def _error(code: int, reason: str, kind: str) -> dict[str, Any]:
    return {"error_id": str(uuid.uuid4()), "code": code, "text": reason, "type": kind}
