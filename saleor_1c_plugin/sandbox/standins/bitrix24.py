"""A Bitrix24 portal: the methods that are called, their fields and limits, as documented.

By https://apidocs.bitrix24.com: calls of an incoming webhook, ``batch`` of 50 commands with results
of earlier ones, lists by 50, the leaky bucket of calls, duplicates by e-mail and phone.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta, timezone
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import parse_qsl

from . import bitrix24_pages
from .base import StandIn, Violation
from .faults import Faults
from .messages import Answer, Request

SECRET = "b24secret0123456"  # noqa: S105
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
#: The portal's clock shows another zone's time.
_ZONE = timezone(timedelta(hours=3))
#: By these alone so few are found that each is worth a look.
_FOUND_BY = ("ORIGIN_ID", "ENTITY_ID", "RQ_INN")
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
        super().__init__(faults)
        self._per_second, self._burst = per_second, burst
        self._level, self._level_at = 0.0, self.now()
        #: Kind → id → fields.
        self.rows: dict[str, dict[int, Row]] = {
            kind: {}
            for kind in (
                *("contact", "company", "deal", "requisite", "comment"),
                *("notification", "task"),
            )
        }
        self.rows["preset"] = {
            1: {"XML_ID": "#CRM_REQUISITE_PRESET_DEF_RU_COMPANY#"},
            2: {"XML_ID": "#CRM_REQUISITE_PRESET_DEF_RU_INDIVIDUAL#"},
        }
        self.products: dict[int, list[Row]] = {}
        #: Kind and id → when it was changed, and when something has happened in its timeline.
        self._times: dict[tuple[str, int], dict[str, str]] = {}
        #: Rights of the webhook.
        self.scope = ["crm", "im", "task"]
        #: What they see in the portal: number → notifications, by their tags.
        self.notified: dict[int, dict[str, str]] = {}
        self.tasks: dict[int, Row] = {}
        #: Kind, field and what it is looked for by → ids: a hundred thousand are too many to read.
        self._places: defaultdict[tuple[str, str, str], set[int]] = defaultdict(set)
        self._last = 100
        #: How often it was asked too often.
        self.limited = 0
        #: Methods that were called, those of batches too.
        self.called: list[str] = []
        #: What is answered instead, once each: (code, status).
        self.refusals: list[tuple[str, int]] = []
        #: Nobody is let in.
        self.is_closed = False
        #: Fields of deals that are lists: name → what they have.
        self.lists: dict[str, list[Row]] = {}
        #: Id → first and last name.
        self.users = {"1": ("Иван", "Петров"), "7": ("Мария", "Кац")}

    @property
    def webhook(self) -> str:
        return f"{self.address}/rest/1/{SECRET}/"

    # What people do there.

    def keep(self, kind: str, **fields: Any) -> int:
        """Somebody has made a record by hand; `email` and `phone` are lists."""
        for name in ("EMAIL", "PHONE"):
            if name in fields:
                fields[name] = _several(fields[name])
        return self._new(kind, fields)

    def change(self, kind: str, record: int, **fields: Any) -> None:
        """Somebody has changed a record by hand; phones are a list."""
        if "PHONE" in fields:
            fields["PHONE"] = _several(fields["PHONE"])
        self.rows[kind][record].update(fields)
        self._place(kind, record, self.rows[kind][record])
        self._touch(kind, record)

    def comment(self, deal: int, text: str, author: str = "7") -> int:
        """Somebody has written into the timeline of a deal."""
        fields = {"ENTITY_ID": f"{deal}", "ENTITY_TYPE": "deal", "COMMENT": text}
        return self._comment(fields, author)

    def remove(self, kind: str, record: int) -> None:
        del self.rows[kind][record]

    def comments(self, kind: str, record: int) -> list[str]:
        """The timeline of a record."""
        return bitrix24_pages.timeline(self.rows, kind, record)

    # A provider.

    def is_api(self, path: str) -> bool:
        return path.startswith("/rest/")

    def page(self, request: Request) -> Answer:
        return bitrix24_pages.serve(self.rows, self.products, request.path)

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
            case ["scope"]:
                return list(self.scope), {}
            case ["im", "user", "get"]:
                return self._user(params.get("ID")), {}
            case ["im", "notify", "system", "add"]:
                return self._notify(params), {}
            case ["tasks", "task", "list"]:
                return self._tasks(params), {}
            case ["tasks", "task", "add"]:
                return self._add_task(params.get("fields") or {}), {}
            case ["crm", "status", "list"]:
                known = STAGES if params["filter"]["ENTITY_ID"] == "DEAL_STAGE" else []
                return [{"STATUS_ID": stage, "NAME": stage.title()} for stage in known], {}
            case ["user", "get"]:
                name = self.users.get(params["ID"])
                row = {"ID": params["ID"], "NAME": name[0], "LAST_NAME": name[1]} if name else {}
                return [row] if row else [], {}
            case ["crm", "deal", "fields"]:
                return {
                    name: {"type": "enumeration", "items": items}
                    for name, items in self.lists.items()
                }, {}
            case ["crm", "item", "list"]:
                return self._items(params)
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

    def _user(self, number: Any) -> Row:
        self._require_right("im")
        if str(number) not in self.users:
            raise Refusal("ID_ERROR", "User not found or access denied")
        return {"id": int(number), "name": " ".join(self.users[str(number)]), "active": True}

    def _notify(self, params: Row) -> Any:
        self._require_right("im")
        if params.keys() - {"USER_ID", "MESSAGE", "MESSAGE_OUT", "TAG", "SUB_TAG", "CLIENT_ID"}:
            self._violated("im.notify.system.add", f"{sorted(params)}")
        if "TAG" in params and not params.get("CLIENT_ID"):
            self._violated("im.notify.system.add", "a tag of a webhook's without CLIENT_ID")
        user = int(params.get("USER_ID") or 0)
        if user <= 0:
            raise Refusal("USER_ID_EMPTY", "User ID can't be empty")
        if not str(params.get("MESSAGE") or "").strip():
            raise Refusal("MESSAGE_EMPTY", "Message can't be empty")
        if str(user) not in self.users:
            return False
        number = self._new("notification", {})
        seen = self.notified.setdefault(user, {})
        # What has the tag already is removed.
        seen[str(params.get("TAG") or number)] = params["MESSAGE"].strip()
        return number

    def _tasks(self, params: Row) -> Row:
        self._require_right("task")
        asked = params.get("filter") or {}
        if asked.keys() - {"XML_ID"}:
            self._violated("tasks.task.list", f"{sorted(asked)}")
        return {
            "tasks": [
                {"id": str(number), "xmlId": row["XML_ID"]}
                for number, row in self.tasks.items()
                if row["XML_ID"] == asked.get("XML_ID", row["XML_ID"])
            ]
        }

    def _add_task(self, fields: Row) -> Row:
        self._require_right("task")
        known = {"TITLE", "DESCRIPTION", "RESPONSIBLE_ID", "XML_ID", "UF_CRM_TASK"}
        if fields.keys() - known:
            self._violated("tasks.task.add", f"{sorted(fields)}")
        if not fields.get("TITLE"):
            raise Refusal("ERROR_CORE", "Task title not specified<br>")
        if str(fields.get("RESPONSIBLE_ID")) not in self.users:
            raise Refusal("ERROR_CORE", 'User specified in the "Assignee" field not found<br>')
        number = self._new("task", {})
        self.tasks[number] = dict(fields)
        return {"task": {"id": str(number), "title": fields["TITLE"]}}

    def _require_right(self, right: str) -> None:
        if right not in self.scope:
            text = "The request requires higher privileges than provided by the webhook token"
            raise Refusal("insufficient_scope", text, 403)

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
        self._touch(kind, int(params["id"]))
        self._place(kind, int(params["id"]), row)
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
        for name, value in asked.items():
            field = name.removeprefix("@")
            if field not in known and not field.startswith("UF_CRM_"):
                self._violated(f"crm.{kind}.list", f"filter by {name}")
            if (name != field) != isinstance(value, list):
                self._violated(f"crm.{kind}.list", f"filter by {name}: {value}")
        found = [
            {"ID": str(record), **row}
            for record, row in self._near(kind, asked)
            if all(_is_meant(row, name, value) for name, value in asked.items())
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

    def _items(self, params: Row) -> tuple[Any, Row]:
        """Any kind of records, as they were changed."""
        kind = {"2": "deal", "3": "contact"}[str(params["entityTypeId"])]
        ((field, way), _by_id) = params["order"].items()
        if field not in ("updatedTime", "lastActivityTime"):
            self._violated("crm.item.list", f"order by {field}")
        found = [
            {"id": record, **self._times[kind, record]}
            for record in self.rows[kind]
            if all(
                name == f">={field}" and self._times[kind, record][field] >= value
                for name, value in (params.get("filter") or {}).items()
            )
        ]
        found.sort(key=lambda row: (row[field], row["id"]), reverse=way == "DESC")
        start = int(params.get("start") or 0)
        if start % _PAGE:
            self._violated("crm.item.list", f"start at {start}")
        return {"items": found[start : start + _PAGE]}, {}

    def _touch(self, kind: str, record: int, *fields: str) -> None:
        """Its times move; they are in whole seconds."""
        now = self.now().astimezone(_ZONE).isoformat(timespec="seconds")
        row = self._times.setdefault((kind, record), {})
        row.update(dict.fromkeys(fields or ("updatedTime", "lastActivityTime"), now))

    def _duplicates(self, params: Row) -> Any:
        kind, values = params.get("type"), params.get("values")
        if kind not in _VALUE_TYPES or not isinstance(values, list) or not 1 <= len(values) <= 20:
            self._violated("crm.duplicate.findbycomm", f"{params}")
            raise Refusal("", "Parameters are wrong")
        wanted = {_compared(kind, value) for value in values}
        near = set[int]().union(*(self._places["contact", kind, value] for value in wanted))
        found = sorted(near & self.rows["contact"].keys())
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
        self._touch("deal", int(params["id"]))
        return True

    def _comment(self, fields: Row, author: str = "1") -> int:
        if fields.keys() != {"ENTITY_ID", "ENTITY_TYPE", "COMMENT"}:
            self._violated("crm.timeline.comment.add", f"{sorted(fields)}")
        kind = fields.get("ENTITY_TYPE")
        if kind not in self.rows or int(fields["ENTITY_ID"]) not in self.rows[kind]:
            raise Refusal("OWNER_NOT_FOUND", "Element not found")
        moment = self.now().astimezone(_ZONE).isoformat(timespec="seconds")
        # It is no change of the record.
        self._touch(kind, int(fields["ENTITY_ID"]), "lastActivityTime")
        return self._new("comment", {**fields, "CREATED": moment, "AUTHOR_ID": author})

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
        self._touch(kind, self._last)
        self._place(kind, self._last, fields)
        return self._last

    def _place(self, kind: str, record: int, row: Row) -> None:
        """Have a record found by what it says."""
        for name in _VALUE_TYPES:
            for one in row.get(name, []):
                self._places[kind, name, _compared(name, one["VALUE"])].add(record)
        for name in _FOUND_BY:
            if row.get(name):
                self._places[kind, name, str(row[name])].add(record)

    def _near(self, kind: str, asked: Row) -> Iterable[tuple[int, Row]]:
        """Records among which are all that are asked for."""
        rows = self.rows[kind]
        for name in asked:
            field = name.removeprefix("@")
            if field in _FOUND_BY:
                values = asked[name] if name != field else [asked[name]]
                places = (self._places[kind, field, f"{value}"] for value in values)
                found = set[int]().union(*places)
                return [(record, rows[record]) for record in sorted(found) if record in rows]
        return rows.items()

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


def _parsed(query: str, results: Mapping[str, Any]) -> Any:
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


def _several(values: Sequence[str]) -> list[Row]:
    return [{"VALUE": value, "VALUE_TYPE": "WORK"} for value in values]


def _is_meant(row: Row, name: str, value: Any) -> bool:
    """Whether a row is among those that a filter asks for."""
    field = name.removeprefix("@")
    wanted = value if name != field else [value]
    return str(row.get(field, "")) in map(str, wanted)


def _compared(kind: str, value: str) -> str:
    if kind == "PHONE":
        return "".join(sign for sign in value if sign.isdigit())
    return value.lower()
