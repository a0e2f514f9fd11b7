"""A Bitrix24 portal: the methods that are called, their fields and limits, as documented.

By https://apidocs.bitrix24.com: calls of an incoming webhook, ``batch`` of 50 commands with results
of earlier ones, lists by 50, the leaky bucket of calls, duplicates by e-mail and phone.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import parse_qsl

from tests.payments.standins.base import StandIn
from tests.payments.standins.contract import Violation
from tests.payments.standins.faults import Faults
from tests.payments.standins.messages import Answer, Request

SECRET = "b24secret0123456"
STAGES = ["NEW", "PREPARATION", "PREPAYMENT_INVOICE", "EXECUTING", "FINAL_INVOICE", "WON", "LOSE"]
_PAGE = 50
_COMMANDS = 50
_ORIGIN = {"ORIGINATOR_ID", "ORIGIN_ID", "OPENED", "ASSIGNED_BY_ID"}
_FIELDS = {
    "contact": {"NAME", "LAST_NAME", "EMAIL", "PHONE", *_ORIGIN},
    "company": {"TITLE", "EMAIL", "PHONE", *_ORIGIN},
    "deal": {
        *("TITLE", "CATEGORY_ID", "STAGE_ID", "CURRENCY_ID", "OPPORTUNITY", "CONTACT_ID"),
        *("COMPANY_ID", *_ORIGIN),
    },
    "requisite": {
        *("ENTITY_TYPE_ID", "ENTITY_ID", "PRESET_ID", "NAME", "RQ_INN", "RQ_KPP"),
    },
}
_REQUIRED = {
    "requisite": {"ENTITY_TYPE_ID", "ENTITY_ID", "PRESET_ID", "NAME"},
    "company": {"TITLE"},
}
_ROW = {"PRODUCT_NAME", "PRICE", "QUANTITY", "MEASURE_CODE", "TAX_RATE", "TAX_INCLUDED"}
_VALUE_TYPES = {
    "EMAIL": {"WORK", "HOME", "MAILING", "OTHER"},
    "PHONE": {"WORK", "MOBILE", "FAX", "HOME", "PAGER", "MAILING", "OTHER"},
}
_REFERENCE = re.compile(r"\$result\[(\w+)\]")

type Row = dict[str, Any]


class Refusal(Exception):
    """The portal's answer is an error."""

    def __init__(self, code: str, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.code, self.text, self.status = code, text, status


class Bitrix24(StandIn):
    """A portal.

    Parameters
    ----------
    per_second, burst
        Of the leaky bucket.
    """

    def __init__(
        self, faults: Faults | None = None, *, per_second: float = 2, burst: int = 50
    ) -> None:
        super().__init__(None, faults, 1, 0)
        self._per_second, self._burst = per_second, burst
        self._level, self._level_at = 0.0, self.now()
        #: Kind → id → fields.
        self.rows: dict[str, dict[int, Row]] = {
            kind: {} for kind in ("contact", "company", "deal", "requisite", "comment")
        }
        self.rows["preset"] = {
            1: {"XML_ID": "#CRM_REQUISITE_PRESET_DEF_RU_COMPANY#"},
            2: {"XML_ID": "#CRM_REQUISITE_PRESET_DEF_RU_INDIVIDUAL#"},
        }
        self.products: dict[int, list[Row]] = {}
        self._last = 100
        #: How often it was asked too often.
        self.limited = 0
        #: Methods that were called, those of batches too.
        self.called: list[str] = []
        #: What is answered instead, once each: (code, status).
        self.refusals: list[tuple[str, int]] = []
        #: Nobody is let in.
        self.is_closed = False

    @property
    def webhook(self) -> str:
        return f"{self.address}/rest/1/{SECRET}/"

    # What people do there.

    def keep(self, kind: str, **fields: Any) -> int:
        """Somebody has made a record by hand; `email` and `phone` are lists."""
        for name in ("EMAIL", "PHONE"):
            if name in fields:
                fields[name] = [{"VALUE": value, "VALUE_TYPE": "WORK"} for value in fields[name]]
        return self._new(kind, fields)

    def remove(self, kind: str, record: int) -> None:
        del self.rows[kind][record]

    def comments(self, kind: str, record: int) -> list[str]:
        """The timeline of a record."""
        return [
            row["COMMENT"]
            for row in self.rows["comment"].values()
            if (row["ENTITY_TYPE"], str(row["ENTITY_ID"])) == (kind, str(record))
        ]

    # A provider.

    def is_api(self, path: str) -> bool:
        return True

    def page(self, request: Request) -> Answer:
        raise NotImplementedError

    def refuse(self, violation: Violation) -> Answer:
        raise NotImplementedError

    def pass_time(self) -> None:
        """Nothing falls due."""

    def broken(self, status: int) -> Answer:
        return Answer(status, b"<html>", "text/html")

    def admit(self, request: Request) -> Answer | None:
        if self.is_closed or not request.path.startswith(f"/rest/1/{SECRET}/"):
            return _error(Refusal("INVALID_CREDENTIALS", "Invalid request credentials", 401))
        with self._lock:
            now = self.now()
            passed = (now - self._level_at).total_seconds()
            self._level = max(0.0, self._level - passed * self._per_second)
            self._level_at = now
            if self._level + 1 > self._burst:
                self.limited += 1
                return _error(Refusal("QUERY_LIMIT_EXCEEDED", "Too many requests", 503))
            self._level += 1
            if self.refusals:
                code, status = self.refusals.pop(0)
                return _error(Refusal(code, code.lower(), status))
        return None

    def act(self, request: Request) -> Answer:
        method = request.path.rpartition("/")[2].removesuffix(".json")
        if request.method != "POST" or not isinstance(request.json, dict):
            self._violated(request.method, "no JSON is posted")
            return _error(Refusal("ERROR_CORE", "no JSON"))
        try:
            if method == "batch":
                return Answer.of(200, {"result": self._batch(request.json), "time": {}})
            result, more = self._call(method, _listed(request.json))
        except Refusal as refusal:
            return _error(refusal)
        return Answer.of(200, {"result": result, **more, "time": {}})

    def _batch(self, given: Mapping[str, Any]) -> Row:
        commands = given.get("cmd")
        if not isinstance(commands, dict) or not commands:
            raise Refusal("ERROR_BATCH_METHOD_NOT_ALLOWED", "no commands")
        if len(commands) > _COMMANDS:
            self._violated("batch", f"{len(commands)} commands")
            raise Refusal("ERROR_BATCH_LENGTH_EXCEEDED", "Max batch length exceeded")
        results: Row = {}
        errors: Row = {}
        for name, text in commands.items():
            method, _mark, query = text.partition("?")
            try:
                if method == "batch":
                    raise Refusal("ERROR_BATCH_METHOD_NOT_ALLOWED", "no batch in a batch")
                results[name], _more = self._call(method, _parsed(query, results))
            except Refusal as refusal:
                errors[name] = {"error": refusal.code, "error_description": refusal.text}
        # PHP writes what has no entries as a list.
        return {
            "result": results or [],
            "result_error": errors or [],
            "result_total": [],
            "result_next": [],
            "result_time": [],
        }

    def _call(self, method: str, params: Row) -> tuple[Any, Row]:
        self.called.append(method)
        match method.split("."):
            case ["profile"]:
                return {"ID": "1", "ADMIN": True, "NAME": "Иван", "LAST_NAME": "Петров"}, {}
            case ["crm", "status", "list"]:
                known = STAGES if params["filter"]["ENTITY_ID"] == "DEAL_STAGE" else []
                return [{"STATUS_ID": stage} for stage in known], {}
            case ["crm", "duplicate", "findbycomm"]:
                return self._duplicates(params), {}
            case ["crm", "deal", "productrows", "set"]:
                return self._set_rows(params), {}
            case ["crm", "timeline", "comment", "add"]:
                return self._comment(params.get("fields") or {}), {}
            case ["crm", "timeline", "comment", "list"]:
                if not {"ENTITY_ID", "ENTITY_TYPE"} <= (params.get("filter") or {}).keys():
                    raise Refusal("100", "Filter by ENTITY_ID and ENTITY_TYPE is required")
                return self._list("comment", params)
            case ["crm", "requisite", "preset", "list"]:
                return self._list("preset", params)
            case ["crm", kind, verb] if kind in _FIELDS and verb in _VERBS:
                return _VERBS[verb](self, kind, params)
        self._violated(method, "no such method")
        raise Refusal("ERROR_METHOD_NOT_FOUND", "Method not found!", 404)

    def _add(self, kind: str, params: Row) -> tuple[Any, Row]:
        fields = self._checked(kind, params)
        if missing := _REQUIRED.get(kind, set()) - fields.keys():
            raise Refusal("", f"Required fields are empty: {sorted(missing)}")
        if kind == "contact" and not (fields.get("NAME") or fields.get("LAST_NAME")):
            raise Refusal("", "Fields NAME and LAST_NAME are empty")
        if kind == "deal":
            fields.setdefault("STAGE_ID", "NEW")
        return self._new(kind, fields), {}

    def _update(self, kind: str, params: Row) -> tuple[Any, Row]:
        row = self._row(kind, params)
        for name, value in self._checked(kind, params).items():
            # What has several values gets more of them.
            row[name] = row.get(name, []) + value if name in _VALUE_TYPES else value
        return True, {}

    def _get(self, kind: str, params: Row) -> tuple[Any, Row]:
        return {"ID": str(params["id"]), **self._row(kind, params)}, {}

    def _delete(self, kind: str, params: Row) -> tuple[Any, Row]:
        self._row(kind, params)
        del self.rows[kind][int(params["id"])]
        return True, {}

    def _list(self, kind: str, params: Row) -> tuple[Any, Row]:
        asked = params.get("filter") or {}
        known = _FIELDS.get(kind, {"ENTITY_ID", "ENTITY_TYPE", "XML_ID"})
        for name in asked:
            if name not in known and not name.startswith("UF_CRM_"):
                self._violated(f"crm.{kind}.list", f"filter by {name}")
        found = [
            {"ID": str(record), **row}
            for record, row in self.rows[kind].items()
            if all(str(row.get(name, "")) == str(value) for name, value in asked.items())
        ]
        found.sort(
            key=lambda row: int(row["ID"]), reverse=(params.get("order") or {}).get("ID") == "DESC"
        )
        start = int(params.get("start") or 0)
        page = found[start : start + _PAGE]
        wanted = params.get("select") or ["ID"]
        more: Row = {"total": len(found)}
        if start + _PAGE < len(found):
            more["next"] = start + _PAGE
        return [{name: row.get(name) for name in wanted} for row in page], more

    def _duplicates(self, params: Row) -> Any:
        kind, values = params.get("type"), params.get("values")
        if kind not in _VALUE_TYPES or not isinstance(values, list) or not 1 <= len(values) <= 20:
            self._violated("crm.duplicate.findbycomm", f"{params}")
            raise Refusal("", "Parameters are wrong")
        compared = _digits if kind == "PHONE" else str.lower
        wanted = {compared(value) for value in values}
        found = [
            record
            for record, row in self.rows["contact"].items()
            if wanted & {compared(one["VALUE"]) for one in row.get(kind, [])}
        ]
        return {"CONTACT": found[:20]} if found else []

    def _set_rows(self, params: Row) -> bool:
        deal = self._row("deal", params)
        rows = params.get("rows") or []
        for row in rows:
            if row.keys() - _ROW or not {"PRODUCT_NAME", "PRICE", "QUANTITY"} <= row.keys():
                self._violated("crm.deal.productrows.set", f"{sorted(row)}")
        self.products[int(params["id"])] = rows
        try:
            total = sum(Decimal(row["PRICE"]) * Decimal(row["QUANTITY"]) for row in rows)
        except InvalidOperation:
            raise Refusal("", "PRICE is no number") from None
        deal["OPPORTUNITY"] = str(total)
        return True

    def _comment(self, fields: Row) -> int:
        if fields.keys() != {"ENTITY_ID", "ENTITY_TYPE", "COMMENT"}:
            self._violated("crm.timeline.comment.add", f"{sorted(fields)}")
        kind = fields.get("ENTITY_TYPE")
        if kind not in self.rows or int(fields["ENTITY_ID"]) not in self.rows[kind]:
            raise Refusal("OWNER_NOT_FOUND", "Element not found")
        return self._new("comment", fields)

    def _checked(self, kind: str, params: Row) -> Row:
        fields = params.get("fields")
        if not isinstance(fields, dict):
            self._violated(kind, "no fields")
            raise Refusal("", "no fields")
        for name, value in fields.items():
            if name not in _FIELDS[kind] and not name.startswith("UF_CRM_"):
                self._violated(kind, f"no such field: {name}")
            if name in _VALUE_TYPES and not all(
                one.keys() == {"VALUE", "VALUE_TYPE"} and one["VALUE_TYPE"] in _VALUE_TYPES[name]
                for one in value
            ):
                self._violated(kind, f"{name}: {value}")
        if fields.get("STAGE_ID", "NEW") not in STAGES:
            raise Refusal("", f"There is no stage {fields['STAGE_ID']}")
        for name in ("CONTACT_ID", "COMPANY_ID"):
            record = fields.get(name)
            if record and int(record) not in self.rows[name.removesuffix("_ID").lower()]:
                raise Refusal("", f"{name} is not found")
        return dict(fields)

    def _row(self, kind: str, params: Row) -> Row:
        record = str(params.get("id") or "")
        if not record.isdigit() or int(record) not in self.rows[kind]:
            raise Refusal("", "Not found")
        return self.rows[kind][int(record)]

    def _new(self, kind: str, fields: Row) -> int:
        self._last += 1
        self.rows[kind][self._last] = fields
        return self._last

    def _violated(self, about: str, reason: str) -> None:
        self.hold([Violation("request", about, "", reason)])


_VERBS: Mapping[str, Callable[[Bitrix24, str, Row], tuple[Any, Row]]] = {
    "add": Bitrix24._add,
    "update": Bitrix24._update,
    "get": Bitrix24._get,
    "delete": Bitrix24._delete,
    "list": Bitrix24._list,
}


def _error(refusal: Refusal) -> Answer:
    return Answer.of(refusal.status, {"error": refusal.code, "error_description": refusal.text})


def _parsed(query: str, results: Mapping[str, Any]) -> Row:
    """A query as PHP reads it, with results of commands before it in place."""
    tree: Row = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        path = re.findall(r"[^\[\]]+", name)
        place = tree
        for key in path[:-1]:
            place = place.setdefault(key, {})
        place[path[-1]] = _REFERENCE.sub(lambda found: str(results.get(found[1], "")), value)
    return _listed(tree)


def _listed(value: Any) -> Any:
    """What is numbered from 0 on is a list."""
    if isinstance(value, dict):
        inner = {key: _listed(one) for key, one in value.items()}
        if inner and list(inner) == [str(place) for place in range(len(inner))]:
            return list(inner.values())
        return inner
    return [_listed(one) for one in value] if isinstance(value, list) else value


def _digits(phone: str) -> str:
    return "".join(sign for sign in phone if sign.isdigit())
