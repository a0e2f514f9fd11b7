"""An account of amoCRM's: what is called of its API v4, with fields, limits and tokens.

By https://www.amocrm.ru/developers and https://developers.kommo.com: lists by up to 250 with 204
where there is nothing, writes of several records that are all done or not at all, seven calls a
second and a closed door for whoever goes on, refresh tokens that work once. Nothing is deleted by
the API; filters by fields belong to a tariff that this account does not have, and are passed over.
"""

import json
import re
import time
from collections import deque
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from saleor_1c_plugin.sandbox.standins.base import StandIn, Violation
from saleor_1c_plugin.sandbox.standins.faults import Faults
from saleor_1c_plugin.sandbox.standins.messages import Answer, Request

TOKEN = "amo-long-lived-0123456789"
CLIENT = {
    "client_id": "11111111-2222-3333-4444-555555555555",
    "client_secret": "amo-client-secret",
    "redirect_uri": "https://shop.example/",
}
CODE = "amo-code-once"
#: Name → id, of the pipeline.
STAGES = {
    "Неразобранное": 5001,
    "Первичный контакт": 5002,
    "Переговоры": 5003,
    "Успешно реализовано": 142,
    "Закрыто и не реализовано": 143,
}
PIPELINE = 500
USERS = {7: "Иван Петров", 8: "Мария Сидорова"}
_MOST_READ = 250
_MOST_WRITTEN = 50
#: So many calls that were too often, one after another, close the door.
_PATIENCE = 5
_KINDS = ("contacts", "companies", "leads")
_ENUMS = {
    "EMAIL": {"WORK", "PRIV", "OTHER"},
    "PHONE": {"WORK", "WORKDD", "MOB", "FAX", "HOME", "OTHER"},
}
_COMMON = {"id", "request_id", "name", "responsible_user_id", "custom_fields_values", "_embedded"}
_FIELDS = {
    "contacts": {*_COMMON, "first_name", "last_name"},
    "companies": _COMMON,
    "leads": {*_COMMON, "price", "status_id", "pipeline_id"},
}

type Row = dict[str, Any]


class Refusal(Exception):
    """The answer is an error; `faults`: number of a record → code, place, text."""

    def __init__(
        self, status: int, text: str, faults: Mapping[str, tuple[str, str, str]] | None = None
    ) -> None:
        super().__init__(text)
        self.status, self.text, self.faults = status, text, dict(faults or {})


class AmoCrm(StandIn):
    """An account.

    Parameters
    ----------
    per_second
        Calls that it lets be made.
    """

    def __init__(self, faults: Faults | None = None, *, per_second: int = 7) -> None:
        super().__init__(faults)
        self._per_second = per_second
        self._calls: deque[float] = deque()
        self._too_often = 0
        #: Path → id → fields.
        self.rows: dict[str, dict[int, Row]] = {
            kind: {} for kind in (*_KINDS, "notes", "tasks", "elements")
        }
        #: Path → code → field.
        self.fields: dict[str, dict[str, Row]] = {kind: {} for kind in _KINDS}
        for kind in ("contacts", "companies"):
            for code in _ENUMS:
                self._field(kind, code, "multitext")
        #: Deal → (type, id) → metadata.
        self.links: dict[int, dict[tuple[str, int], Row]] = {}
        self.catalog = 900
        self.stages = dict(STAGES)
        self.webhooks: list[Row] = []
        self._last = 1000
        #: How often it was asked too often.
        self.limited = 0
        #: "METHOD path", of all that was let in.
        self.called: list[str] = []
        self.is_closed = False
        #: Nobody but this shop may know them.
        self.codes = {CODE}
        self.access: set[str] = set()
        self.refresh: set[str] = set()

    @property
    def saved(self) -> dict[str, object]:
        """Settings that let a shop in."""
        return {"account": self.address, "token": TOKEN, "per_second": f"{self._per_second}"}

    # What people do there.

    def keep(self, kind: str, **given: Any) -> int:
        """Somebody has made a record by hand; `email`, `phone` are lists, other codes are texts."""
        known = _FIELDS[kind] & given.keys()
        row: Row = {name: given[name] for name in known}
        values = []
        for code, value in given.items():
            if code in known:
                continue
            if code.upper() not in self.fields[kind]:
                self._field(kind, code.upper(), "text")
            texts = value if isinstance(value, list) else [value]
            values.append({"field_code": code.upper(), "values": [{"value": v} for v in texts]})
        return self._made(kind, {**row, "custom_fields_values": values})

    def say(self, record: int, text: str, author: int = 7) -> int:
        """Somebody writes a note to a deal."""
        note = {"note_type": "common", "params": {"text": text}, "entity_id": record}
        return self._noted("leads", note, author)

    def change(self, kind: str, record: int, **given: Any) -> None:
        """Somebody changes a record by hand; `tags` are names."""
        row = self.rows[kind][record]
        row |= given
        row["updated_at"] = self._second()

    def remove(self, kind: str, record: int) -> None:
        self.rows[kind][record]["is_deleted"] = True

    def notes(self, kind: str, record: int) -> list[str]:
        """The timeline of a record."""
        return [
            row["params"]["text"]
            for row in self.rows["notes"].values()
            if (row["kind"], row["entity_id"]) == (kind, record)
        ]

    def value(self, kind: str, record: int, code: str) -> list[str]:
        """What a field of a record has."""
        for one in self.rows[kind][record]["custom_fields_values"]:
            if one["field_code"] == code:
                return [value["value"] for value in one["values"]]
        return []

    def there(self, kind: str) -> dict[int, Row]:
        return {key: row for key, row in self.rows[kind].items() if not row.get("is_deleted")}

    # A provider.

    def is_api(self, path: str) -> bool:
        return True

    def page(self, request: Request) -> Answer:
        raise NotImplementedError

    def pass_time(self) -> None:
        """Nothing falls due."""

    def broken(self, status: int) -> Answer:
        return Answer(status, b"<html>", "text/html")

    def admit(self, request: Request) -> Answer | None:
        with self._lock:
            if self._too_often >= _PATIENCE:
                return Answer(403, b"<html>403 Forbidden", "text/html")
            now = time.monotonic()
            while self._calls and self._calls[0] <= now - 1:
                self._calls.popleft()
            if len(self._calls) >= self._per_second:
                self.limited += 1
                self._too_often += 1
                return _problem(Refusal(429, "Too Many Requests"), retry_after=300)
            self._calls.append(now)
            self._too_often = 0
        if request.path == "/oauth2/access_token":
            return None
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self.is_closed or (token != TOKEN and token not in self.access):
            return _problem(Refusal(401, "Неверный логин или пароль"))
        self.called.append(f"{request.method} {request.path.removeprefix('/api/v4/')}")
        return None

    def act(self, request: Request) -> Answer:
        try:
            if request.path == "/oauth2/access_token":
                return self._tokens(request)
            said = self._call(request)
        except Refusal as refusal:
            return _problem(refusal)
        if said is None:
            return Answer(204)
        return Answer(200, json.dumps(said, ensure_ascii=False).encode(), "application/hal+json")

    def _tokens(self, request: Request) -> Answer:
        given = request.json if isinstance(request.json, dict) else {}
        if {key: given.get(key) for key in CLIENT} != CLIENT:
            return _problem(Refusal(401, "Авторизация клиента не прошла"))
        match given.get("grant_type"):
            case "authorization_code" if given.get("code") in self.codes:
                self.codes.discard(given["code"])
            case "refresh_token" if given.get("refresh_token") in self.refresh:
                self.refresh.discard(given["refresh_token"])
            case _:
                body = {"hint": "Token has been revoked", "title": "Некорректный запрос"}
                return Answer.of(401, {**body, "status": 401})
        access, refresh = f"access-{uuid4().hex}", f"refresh-{uuid4().hex}"
        self.access.add(access)
        self.refresh.add(refresh)
        tokens = {"access_token": access, "refresh_token": refresh, "expires_in": 86400}
        return Answer.of(200, {"token_type": "Bearer", **tokens})

    def _call(self, request: Request) -> Row | None:
        path = request.path.removeprefix("/api/v4/").split("/")
        query = request.query
        if int(query.get("limit", 50)) > _MOST_READ:
            raise Refusal(400, "limit")
        match request.method, path:
            case "GET", ["account"]:
                return {"id": 1, "name": "Лавка", "currency": "RUB", "current_user_id": 7}
            case "GET", ["users"]:
                users = [{"id": key, "name": name} for key, name in USERS.items()]
                return _listed("users", users) if query.get("page", "1") == "1" else None
            case "GET", ["leads", "pipelines"]:
                statuses = [{"id": key, "name": name} for name, key in self.stages.items()]
                pipeline = {"id": PIPELINE, "name": "Воронка", "is_main": True}
                return _listed("pipelines", [{**pipeline, "_embedded": {"statuses": statuses}}])
            case "GET", ["catalogs", number] if number == f"{self.catalog}":
                return {"id": self.catalog, "name": "Товары", "type": "products"}
            case "GET", ["catalogs", number, "elements"] if number == f"{self.catalog}":
                return self._list("elements", self._searched("elements", query), query)
            case "GET", ["catalogs", number, "elements", element]:
                return self.there("elements").get(int(element))
            case "POST", ["catalogs", number, "elements"] if number == f"{self.catalog}":
                items = self._items(request)
                made = [self._made("elements", self._element(item)) for item in items]
                return _written("elements", made, items)
            case "POST", ["webhooks"]:
                self.webhooks.append(request.json)
                return {"id": 1, **request.json}
            case "GET", ["tasks"]:
                wanted = int(query["filter[entity_id][0]"])
                found = [row for row in self.rows["tasks"].values() if row["entity_id"] == wanted]
                return _listed("tasks", found) if found else None
            case "POST", ["tasks"]:
                for item in self._items(request):
                    if not {"text", "complete_till"} <= item.keys():
                        raise Refusal(400, "text and complete_till are needed")
                    self._made("tasks", item)
                return _listed("tasks", [])
            case "GET", [kind, "custom_fields"] if kind in self.fields:
                rows = list(self.fields[kind].values())
                return self._list("custom_fields", rows, query)
            case "POST", [kind, "custom_fields"] if kind in self.fields:
                for item in self._items(request):
                    self._field(kind, item["code"], item["type"], item["name"])
                return _listed("custom_fields", [])
            case "GET", ["leads", "links"]:
                found = [
                    {
                        "entity_id": deal,
                        "to_entity_id": key,
                        "to_entity_type": of,
                        "metadata": about,
                    }
                    for name, deal in query.items()
                    if name.startswith("filter[entity_id]")
                    for (of, key), about in self.links.get(int(deal), {}).items()
                    if about.get("catalog_id", 0) == int(query["filter[to_catalog_id]"])
                ]
                return self._list("links", found, query)
            case "POST", ["leads", "link"]:
                items = self._items(request)
                for item in items:
                    self._needed("leads", f"{item['entity_id']}")
                    self._tied(item)
                for item in items:
                    self._link(item["entity_id"], item)
                return _listed("links", [])
            case "POST", ["leads", "unlink"]:
                for item in self._items(request):
                    place = item["to_entity_type"], item["to_entity_id"]
                    self.links.get(item["entity_id"], {}).pop(place, None)
                return None
            case "GET", ["leads", "notes"]:
                rows = [row for row in self.rows["notes"].values() if row["kind"] == "leads"]
                return self._list("notes", rows, query)
            case method, [kind, *rest] if kind in _KINDS:
                return self._record(request, method, kind, rest)
        self._violated(f"{request.method} {request.path}", "no such method")
        raise Refusal(404, "Not Found")

    def _record(self, request: Request, method: str, kind: str, rest: list[str]) -> Row | None:
        match method, rest:
            case "GET", []:
                return self._list(kind, self._searched(kind, request.query), request.query)
            case "POST", []:
                items = self._items(request)
                checked = self._all(kind, items, {})
                made = [self._made(kind, row) for row in checked]
                if kind == "leads":
                    for record, item in zip(made, items, strict=True):
                        self._tie(record, item)
                return _written(kind, made, items)
            case "PATCH", []:
                items = self._items(request)
                there = self.there(kind)
                for place, item in enumerate(items):
                    if item.get("id") not in there:
                        fault = {item.get("request_id", f"{place}"): ("NotFound", "id", "нет")}
                        raise Refusal(400, "Request validation failed", fault)
                for item, row in zip(items, self._all(kind, items, there), strict=True):
                    there[item["id"]].update(row, updated_at=self._second())
                return _written(kind, [item["id"] for item in items], items)
            case "GET", [number]:
                row = self.there(kind).get(int(number))
                return None if row is None else _shown(row)
            case "POST", [number, "notes"]:
                self._needed(kind, number)
                items = self._items(request)
                made = []
                for item in items:
                    if item.keys() - {"note_type", "params", "request_id"}:
                        self._violated("notes", f"{sorted(item)}")
                    made.append(self._noted(kind, {**item, "entity_id": int(number)}, 7))
                return _written("notes", made, items)
            case "GET", [number, "notes"]:
                self._needed(kind, number)
                rows = [
                    row
                    for row in self.rows["notes"].values()
                    if (row["kind"], row["entity_id"]) == (kind, int(number))
                    and row["updated_at"] >= int(request.query.get("filter[updated_at][from]", 0))
                ]
                return self._list("notes", rows, request.query)
        self._violated(f"{method} {kind}/{rest}", "no such method")
        raise Refusal(405, "Method Not Allowed")

    def _items(self, request: Request) -> list[Row]:
        items = request.json
        if not isinstance(items, list) or not items or len(items) > _MOST_WRITTEN:
            self._violated(request.path, "no list of up to fifty")
            raise Refusal(400, "no list")
        return items

    def _all(self, kind: str, items: list[Row], there: Mapping[int, Row]) -> list[Row]:
        """Records as they would be; all of them, or it says which are at fault."""
        made, faults = [], {}
        for place, item in enumerate(items):
            try:
                made.append(self._checked(kind, item, there.get(item.get("id") or 0)))
            except Refusal as refusal:
                number = item.get("request_id", f"{place}")
                faults[number] = ("NotSupportedChoice", "custom_fields_values", refusal.text)
        if faults:
            raise Refusal(400, "Request validation failed", faults)
        return made

    def _checked(self, kind: str, item: Row, there: Row | None) -> Row:
        if item.keys() - _FIELDS[kind]:
            self._violated(kind, f"no such fields: {sorted(item.keys() - _FIELDS[kind])}")
        row = dict(item)
        row.pop("request_id", None)
        inside = row.pop("_embedded", {})
        if "tags" in inside:
            row["tags"] = [tag["name"] for tag in inside["tags"] or ()]
        if len(str(row.get("name") or row.get("first_name") or "")) > 255:
            raise Refusal(400, "name is too long")
        if not isinstance(row.get("price", 0), int):
            raise Refusal(400, "price is no whole number")
        if row.get("status_id", 142) not in self.stages.values():
            raise Refusal(400, f"no such status: {row['status_id']}")
        if row.get("responsible_user_id", 7) not in USERS:
            raise Refusal(400, "no such user")
        for name in ("contacts", "companies"):
            for one in inside.get(name, ()):
                if one["id"] not in self.there(name):
                    raise Refusal(400, f"no such record in {name}: {one['id']}")
        row["custom_fields_values"] = self._values(kind, row, there)
        if kind == "contacts" and "name" not in row:
            both = there or {}
            names = (row.get(key, both.get(key, "")) for key in ("first_name", "last_name"))
            row["name"] = " ".join(filter(None, names)) or both.get("name", "")
        return row

    def _values(self, kind: str, row: Row, there: Row | None) -> list[Row]:
        kept = {one["field_id"]: one for one in (there or {}).get("custom_fields_values", ())}
        for one in row.get("custom_fields_values") or ():
            by_id = {field["id"]: field for field in self.fields[kind].values()}
            field = by_id.get(one.get("field_id")) or self.fields[kind].get(one.get("field_code"))
            if field is None:
                raise Refusal(400, f"no such field: {one}")
            if one["values"] is None:
                kept.pop(field["id"], None)
                continue
            for value in one["values"]:
                if value.get("enum_code", "OTHER") not in _ENUMS.get(field["code"], {"OTHER"}):
                    self._violated(kind, f"no such kind of {field['code']}: {value}")
                if field["type"] == "text" and len(value["value"]) > 256:
                    raise Refusal(400, f"{field['code']} is too long")
            kept[field["id"]] = {
                "field_id": field["id"],
                "field_code": field["code"],
                "field_name": field["name"],
                "values": one["values"],
            }
        return list(kept.values())

    def _element(self, item: Row) -> Row:
        if item.keys() - {"name", "custom_fields_values", "request_id"}:
            self._violated("elements", f"{sorted(item)}")
        return dict(item)

    def _tie(self, record: int, item: Row) -> None:
        for name in ("contacts", "companies"):
            for one in item.get("_embedded", {}).get(name, ()):
                self._link(record, {"to_entity_id": one["id"], "to_entity_type": name})

    def _tied(self, item: Row) -> None:
        of, other = item["to_entity_type"], item["to_entity_id"]
        if other not in self.there("elements" if of == "catalog_elements" else of):
            raise Refusal(400, f"no such record in {of}: {other}")
        about = item.get("metadata") or {}
        if of == "catalog_elements" and about.get("catalog_id") != self.catalog:
            self._violated("link", f"{item}")

    def _link(self, record: int, item: Row) -> None:
        place = item["to_entity_type"], item["to_entity_id"]
        self.links.setdefault(record, {})[place] = item.get("metadata") or {}

    def _noted(self, kind: str, note: Row, author: int) -> int:
        return self._made("notes", {**note, "kind": kind, "created_by": author})

    def _searched(self, kind: str, query: Mapping[str, str]) -> list[Row]:
        text = query.get("query", "").lower()
        digits = re.sub(r"\D", "", text)
        found = []
        for row in self.there(kind).values():
            values = [
                str(value["value"]).lower()
                for one in row.get("custom_fields_values") or ()
                for value in one["values"]
            ]
            is_phone = len(digits) >= 7 and any(
                digits in re.sub(r"\D", "", value) for value in values
            )
            whole = [str(row.get("name", "")).lower(), *values]
            if not text or is_phone or any(text in value for value in whole):
                found.append(row)
        return found

    def _list(self, name: str, rows: list[Row], query: Mapping[str, str]) -> Row | None:
        for key in query:
            if key.startswith("filter[custom_fields_values]"):
                self._violated(name, key)
        for column in ("id", "updated_at"):
            if order := query.get(f"order[{column}]"):
                rows = sorted(
                    rows, key=lambda row: (row[column], row["id"]), reverse=order == "desc"
                )
        limit, page = int(query.get("limit", 50)), int(query.get("page", 1))
        found = rows[(page - 1) * limit : page * limit]
        return _listed(name, list(map(_shown, found))) if found else None

    def _needed(self, kind: str, number: str) -> None:
        if int(number) not in self.there(kind):
            raise Refusal(404, "Not Found")

    def _field(self, kind: str, code: str, of: str, name: str = "") -> None:
        number = 300 + sum(map(len, self.fields.values()))
        self.fields[kind][code] = {"id": number, "code": code, "type": of, "name": name or code}

    def _made(self, kind: str, row: Row) -> int:
        self._last += 1
        now = self._second()
        if kind == "leads":
            row = {"status_id": 5002, "pipeline_id": PIPELINE, **row}
        if kind in _KINDS:
            row = {"responsible_user_id": 7, "tags": [], **row}
            if "field_id" not in str(row.get("custom_fields_values")):
                row["custom_fields_values"] = self._values(kind, row, None)
        made = {**row, "created_at": now, "updated_at": now}
        self.rows[kind][self._last] = {**made, "id": self._last}
        return self._last

    def _second(self) -> int:
        return int(self.now().timestamp())

    def _violated(self, about: str, reason: str) -> None:
        self.hold([Violation("request", about, "", reason)])


def _shown(row: Row) -> Row:
    if "tags" not in row:
        return row
    tags = [{"id": place, "name": tag} for place, tag in enumerate(row["tags"], 1)]
    return {**row, "_embedded": {"tags": tags}}


def _listed(name: str, rows: list[Row]) -> Row:
    return {"_page": 1, "_embedded": {name: rows}}


def _written(name: str, records: list[int], items: list[Row]) -> Row:
    rows = [
        {"id": record, "request_id": item.get("request_id", f"{place}")}
        for place, (record, item) in enumerate(zip(records, items, strict=True))
    ]
    return {"_embedded": {name: rows}}


def _problem(refusal: Refusal, **more: Any) -> Answer:
    body: Row = {"title": refusal.text, "status": refusal.status, "detail": refusal.text, **more}
    if refusal.faults:
        body["validation-errors"] = [
            {"request_id": number, "errors": [{"code": code, "path": path, "detail": text}]}
            for number, (code, path, text) in refusal.faults.items()
        ]
    return Answer(
        refusal.status,
        json.dumps(body, ensure_ascii=False).encode(),
        "application/problem+json",
    )
