"""An account of RetailCRM: the methods of the API v5 that are called, their fields and limits.

By its documentation and its own clients (github.com/retailcrm/api-client-go and -php): ten calls a
second, pages of 20, 50 or 100, uploads of 50, keys of ours that are there once, journals of changes
that count up.
"""

import json
import re
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from saleor_1c_plugin.sandbox.standins.faults import Faults
from saleor_1c_plugin.sandbox.standins.messages import Answer, Request
from tests.payments.standins.base import StandIn
from tests.payments.standins.contract import Violation

KEY = "retailsecret0123456789abcdef"
SITE = "shop"
STATUSES = {
    "new": "Новый",
    "client-confirmed": "Согласован с клиентом",
    "prepayed": "Предоплата поступила",
    "assembling": "Комплектуется",
    "delivering": "Доставляется",
    "complete": "Выполнен",
    "cancel-other": "Отменен",
}
_ZONE = ZoneInfo("Europe/Moscow")
_PAGES = (20, 50, 100)
_UPLOADED = 50
_CUSTOMER = {
    *("externalId", "firstName", "lastName", "patronymic", "email", "phones", "customFields"),
    *("managerId", "birthday", "address"),
}
_FIELDS = {
    "customers": _CUSTOMER,
    "customers-corporate": {"externalId", "nickName", "companies", "managerId"},
    "orders": {
        *("externalId", "number", "createdAt", "firstName", "lastName", "patronymic", "email"),
        *("phone", "additionalPhone", "items", "delivery", "status", "payments", "customer"),
        *("contact", "company", "managerId"),
    },
}
_ITEM = {"id", "externalIds", "offer", "productName", "initialPrice", "quantity", "vatRate"}
_COMPANY = {"externalId", "name", "isMain", "contragent"}
_CONTRAGENT = {"contragentType", "legalName", "INN", "KPP"}
_PAYMENT = {"externalId", "type", "status", "amount", "order"}
#: What a record is called in the body of a call, and in an answer.
_NAMES = {
    "customers": ("customer", "customer", "customers"),
    "customers-corporate": ("customerCorporate", "customerCorporate", "customersCorporate"),
    "orders": ("order", "order", "orders"),
}
#: As journals name fields.
_JOURNAL = {"managerId": "manager", "managerComment": "manager_comment"}

type Row = dict[str, Any]


class Refusal(Exception):
    """The answer is an error."""

    def __init__(self, text: str, status: int = 400, errors: Any = None) -> None:
        super().__init__(text)
        body: Row = {"success": False, "errorMsg": text}
        self.answer = Answer.of(status, {**body, **({"errors": errors} if errors else {})})


class RetailCrm(StandIn):
    """An account.

    Parameters
    ----------
    per_second
        Calls that are let through.
    """

    def __init__(self, faults: Faults | None = None, *, per_second: int = 10) -> None:
        super().__init__(None, faults, 1, 0)
        self.per_second = per_second
        self._calls: deque[datetime] = deque()
        #: Kind → id → record.
        self.rows: dict[str, dict[int, Row]] = {
            kind: {} for kind in ("customers", "customers-corporate", "orders", "notes")
        }
        self.users = {7: {"firstName": "Ольга", "lastName": "Смирнова"}}
        #: Kind → its journal.
        self.journals: dict[str, list[Row]] = {"customers": [], "orders": []}
        self.sites = [SITE]
        #: The catalogue.
        self.offers: list[Row] = []
        self._last = 100
        self._events = 5000
        #: How often it was asked too often.
        self.limited = 0
        #: Methods that were called.
        self.called: list[str] = []
        #: Phones of an edit are added to those that are there; or they stand for all of them.
        self.adds_phones = False
        self.is_closed = False
        self.has_corporate = True

    # What people do there.

    def keep(self, kind: str, **fields: Any) -> int:
        """Somebody has made a record by hand; `phones` are texts."""
        if "phones" in fields:
            fields["phones"] = [{"number": number} for number in fields["phones"]]
        return self._new(kind, fields)

    def change(self, kind: str, record: int, user: int = 7, **fields: Any) -> None:
        """Somebody changes fields of a record."""
        with self._lock:
            self._set(kind, record, fields, {"user": {"id": user}, "source": "user"})

    def remove(self, kind: str, record: int) -> None:
        del self.rows[kind][record]

    def notes(self, customer: int) -> list[str]:
        """Texts of a customer's notes."""
        return [
            row["text"] for row in self.rows["notes"].values() if row["customer"]["id"] == customer
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
        with self._lock:
            now = self.now()
            while self._calls and now - self._calls[0] >= timedelta(seconds=1):
                self._calls.popleft()
            if len(self._calls) >= self.per_second:
                self.limited += 1
                return Refusal("Too many requests", 503).answer
            self._calls.append(now)
        if self.is_closed or request.headers.get("x-api-key") != KEY:
            return Refusal('Wrong "apiKey" value.', 403).answer
        return None

    def act(self, request: Request) -> Answer:
        path = request.path.removeprefix("/api/")
        self.called.append(f"{request.method} {re.sub(r'[0-9]+', '#', path)}")
        try:
            if path == "credentials":
                return _fine({"scopes": ["order_read"], "sitesAvailable": self.sites})
            if not path.startswith("v5/"):
                raise Refusal("API method not found", 404)
            parts = path.removeprefix("v5/").split("/")
            if request.method == "GET":
                return _fine(self._ask(parts, request.query))
            return self._do(parts, self._form(request))
        except Refusal as refusal:
            return refusal.answer

    def _form(self, request: Request) -> Row:
        kind = request.headers.get("content-type", "")
        if request.body and kind != "application/x-www-form-urlencoded":
            self._violated(request.path, f"no form is posted: {kind}")
        form: Row = {}
        for name, text in parse_qsl(request.body.decode(), keep_blank_values=True):
            form[name] = text if name in ("site", "by") else json.loads(text)
        if len(self.sites) > 1 and form.get("site") not in self.sites:
            raise Refusal("Parameter 'site' is missing")
        return form

    # Questions.

    def _ask(self, parts: Sequence[str], query: Mapping[str, str]) -> Row:
        match parts:
            case ["reference", "statuses"]:
                rows = {
                    code: {"code": code, "name": name, "active": True}
                    for code, name in STATUSES.items()
                }
                return {"statuses": rows}
            case ["reference", "sites"]:
                sites = {code: {"code": code, "currency": "RUB"} for code in self.sites}
                return {"sites": sites}
            case ["reference", "payment-types"]:
                return {"paymentTypes": {"bank-card": {"code": "bank-card", "active": True}}}
            case ["reference", "payment-statuses"]:
                return {"paymentStatuses": {"paid": {"code": "paid", "active": True}}}
            case ["custom-fields", "customer", code]:
                if code != "onec":
                    raise Refusal("Not found", 404)
                return {"customField": {"code": code}}
            case ["users"]:
                rows_ = [{"id": key, **row} for key, row in self.users.items()]
                return self._page("users", rows_, query)
            case ["store", "offers"]:
                asked = set(_list(query, "xmlIds"))
                found = [row for row in self.offers if row["xmlId"] in asked]
                return self._page("offers", found, query)
            case ["customers", "notes"]:
                asked = set(_list(query, "customerIds"))
                found = [row for row in self._shown("notes") if str(row["customer"]["id"]) in asked]
                return self._page("notes", found, query)
            case ["orders" | "customers" as kind, "history"]:
                return self._history(kind, query)
            case [kind] if kind in _NAMES:
                found = [row for row in self._shown(kind) if self._matches(kind, row, query)]
                return self._page(_NAMES[kind][2], found, query)
            case ["customers-corporate", record, "companies"]:
                return {"companies": self._one("customers-corporate", record, query)["companies"]}
            case ["customers-corporate", record, "contacts"]:
                asked = set(_list(query, "contactIds"))
                rows_ = self._one("customers-corporate", record, query)["customerContacts"]
                return {"contacts": [row for row in rows_ if str(row["customer"]["id"]) in asked]}
            case [kind, record] if kind in _NAMES:
                return {_NAMES[kind][1]: self._one(kind, record, query)}
        self._violated("/".join(parts), "no such method")
        raise Refusal("API method not found", 404)

    def _one(self, kind: str, record: str, query: Mapping[str, str]) -> Row:
        if query.get("by") != "id" or (len(self.sites) > 1 and query.get("site") not in self.sites):
            self._violated(f"{kind}/{record}", f"{query}")
        return self._shown_one(kind, int(self._known(kind, record)))

    def _known(self, kind: str, record: str) -> int:
        if not record.isdigit() or int(record) not in self.rows[kind]:
            raise Refusal("Not found", 404)
        return int(record)

    def _shown(self, kind: str) -> list[Row]:
        return [self._shown_one(kind, record) for record in self.rows[kind]]

    def _shown_one(self, kind: str, record: int) -> Row:
        return {"id": record, **self.rows[kind][record]}

    def _matches(self, kind: str, row: Row, query: Mapping[str, str]) -> bool:
        for name in query:
            if not name.startswith("filter["):
                continue
            field = name.removeprefix("filter[").partition("]")[0]
            if field in ("ids", "externalIds", "sites"):
                asked = _list(query, field)
                if len(asked) > 100:
                    raise Refusal("Errors in the input parameters")
                own = {"ids": "id", "externalIds": "externalId"}.get(field)
                if own and str(row.get(own)) not in asked:
                    return False
            elif not self._has(kind, row, name, field, query[name]):
                return False
        return True

    def _has(self, kind: str, row: Row, name: str, field: str, value: str) -> bool:
        match kind, field:
            case "customers", "email":
                return value.lower() in str(row.get("email") or "").lower()
            case "customers", "name":
                numbers = [_digits(one["number"]) for one in row.get("phones", [])]
                names = f"{row.get('firstName')} {row.get('lastName')}"
                return value in names or any(value in number for number in numbers)
            case "customers", "customFields":
                code = name.split("[")[2].rstrip("]")
                return str(row.get("customFields", {}).get(code, "")) == value
            case "customers-corporate", "contragentInn":
                return any(one["contragent"]["INN"] == value for one in row["companies"])
            case "orders", "customerId":
                # Of the orders of a company it is the company's.
                return str(row["customer"]["id"]) == value
            case "orders", "email":
                return value.lower() in row["email"].lower()
            case "orders", "customer":
                return value in _digits(row["phone"])
        self._violated(kind, f"filter by {name}")
        raise Refusal("Errors in the input parameters")

    def _page(self, name: str, rows: Sequence[Row], query: Mapping[str, str]) -> Row:
        limit, number = int(query.get("limit", 20)), int(query.get("page", 1))
        if limit not in _PAGES:
            raise Refusal("Errors in the input parameters", errors={"limit": "wrong"})
        pages = -(-len(rows) // limit)
        return {
            "pagination": {
                "limit": limit,
                "totalCount": len(rows),
                "currentPage": number,
                "totalPageCount": pages,
            },
            name: rows[(number - 1) * limit : number * limit],
        }

    def _history(self, kind: str, query: Mapping[str, str]) -> Row:
        rows = self.journals[kind]
        if since := query.get("filter[sinceId]"):
            rows = [row for row in rows if row["id"] > int(since)]
        if start := query.get("filter[startDate]"):
            rows = [row for row in rows if row["createdAt"] >= start]
        if order := query.get("filter[orderId]"):
            rows = [row for row in rows if str(row["order"]["id"]) == order]
        return {"generatedAt": self._clock(), **self._page("history", rows, query)}

    # Deeds.

    def _do(self, parts: Sequence[str], form: Row) -> Answer:
        match parts:
            case ["customers", "notes", "create"]:
                note = form["note"]
                self._only("notes", note, {"text", "customer"})
                if int(note["customer"]["id"]) not in self.rows["customers"]:
                    errors = {"customer": "Customer does not exist."}
                    raise Refusal("Errors in the entity format", errors=errors)
                note["createdAt"] = self._clock()
                return _fine({"id": self._new("notes", note)})
            case ["customers", "notes", record, "delete"]:
                del self.rows["notes"][self._known("notes", record)]
                return _fine({})
            case ["orders", "payments", "create"]:
                return _fine({"id": self._pay(form["payment"])})
            case ["orders", "payments", record, "edit"]:
                self._only("payments", form["payment"], {"amount", "status"})
                payment = self._payment(int(record))
                payment.update(form["payment"])
                return _fine({"id": int(record)})
            case [kind, "create"] if kind in _NAMES:
                return _fine({"id": self._create(kind, form[_NAMES[kind][0]])}, 201)
            case ["customers" | "orders" as kind, "upload"]:
                return self._upload(kind, form[kind])
            case ["customers-corporate", record, "contacts", "create"]:
                row = self.rows["customers-corporate"][self._known("customers-corporate", record)]
                self._related("customers", form["contact"]["customer"])
                row["customerContacts"].append(form["contact"])
                return _fine({"id": 1}, 201)
            case [kind, record, "edit"] if kind in _NAMES:
                return self._edit(kind, record, form)
        self._violated("/".join(parts), "no such method")
        raise Refusal("API method not found", 404)

    def _create(self, kind: str, given: Row) -> int:
        self._checked(kind, given)
        key = given.get("externalId")
        if any(row.get("externalId") == key for row in self.rows[kind].values()):
            raise Refusal(f"{_NAMES[kind][0].capitalize()} already exists.")
        if kind == "customers-corporate":
            if not self.has_corporate:
                raise Refusal("Access denied.", 403)
            given["customerContacts"] = []
            for company in given["companies"]:
                self._only("companies", company, _COMPANY)
                self._only("contragent", company["contragent"], _CONTRAGENT)
                company["id"] = self._number()
        if kind == "orders":
            given.setdefault("status", "new")
            given["payments"] = [{**one, "id": self._number()} for one in given.get("payments", [])]
            self._number_items(given)
        return self._new(kind, given, {"apiKey": {"current": True}, "source": "api"})

    def _upload(self, kind: str, given: Sequence[Row]) -> Answer:
        if len(given) > _UPLOADED:
            self._violated(f"{kind}/upload", f"{len(given)} records")
        made, failed, errors = [], [], []
        for row in given:
            try:
                made.append({"id": self._create(kind, row), "externalId": row["externalId"]})
            except Refusal as refusal:
                failed.append({"externalId": row["externalId"]})
                errors.append(json.loads(refusal.answer.body)["errorMsg"])
        name = kind.capitalize()
        body: Row = {"success": not failed, f"uploaded{name}": made, f"failed{name}": failed}
        if failed:
            body |= {"errorMsg": f"{name} are loaded with errors", "errors": errors}
        return Answer.of(460 if failed else 201, body)

    def _edit(self, kind: str, record: str, form: Row) -> Answer:
        if form.get("by") != "id":
            self._violated(f"{kind}/edit", f"by {form.get('by')}")
        known = self._known(kind, record)
        given = form[_NAMES[kind][0]]
        self._checked(kind, given)
        row = self.rows[kind][known]
        if kind == "orders" and "items" in given:
            there = {one["id"]: one for one in row["items"]}
            given["items"] = [{**there.get(one.get("id"), {}), **one} for one in given["items"]]
            self._number_items(given)
        if "delivery" in given:
            given["delivery"] = {**row.get("delivery", {}), **given["delivery"]}
        if self.adds_phones and "phones" in given:
            known_ = row.get("phones", [])
            given["phones"] = [*known_, *(one for one in given["phones"] if one not in known_)]
        if "payments" in given or "externalId" in given:
            self._violated(f"{kind}/edit", f"{sorted(given)}")
        self._set(kind, known, given, {"apiKey": {"current": True}, "source": "api"})
        return _fine({"id": known})

    def _checked(self, kind: str, given: Row) -> None:
        self._only(kind, given, _FIELDS[kind])
        if kind == "orders":
            if given.get("status", "new") not in STATUSES:
                raise Refusal("Errors in the entity format", errors={"status": "does not exist"})
            for item in given.get("items", []):
                self._only("items", item, _ITEM)
                offer = item.get("offer", {}).get("id")
                if offer and offer not in [one["id"] for one in self.offers]:
                    errors = [f"items[0].offer.id: Offer with id {offer} not found."]
                    raise Refusal("Errors in the entity format", errors=errors)
            for payment in given.get("payments", []):
                self._only("payments", payment, _PAYMENT)
            self._check_owners(given)

    def _check_owners(self, given: Row) -> None:
        owner = given.get("customer")
        if owner is None:
            return
        if owner.get("type") != "customer_corporate":
            self._related("customers", owner)
            return
        self._related("customers-corporate", owner)
        corporate = self.rows["customers-corporate"][owner["id"]]
        if given["company"]["id"] not in [one["id"] for one in corporate["companies"]]:
            raise Refusal("Errors in the entity format", errors={"company": "is not his"})
        people = [one["customer"]["id"] for one in corporate["customerContacts"]]
        if given["contact"]["id"] not in people:
            raise Refusal("Errors in the entity format", errors={"contact": "is not his"})

    def _related(self, kind: str, given: Row) -> None:
        if given.get("id") not in self.rows[kind]:
            raise Refusal("Errors in the entity format", errors={"customer": "does not exist"})

    def _pay(self, given: Row) -> int:
        self._only("payments", given, _PAYMENT)
        order = self.rows["orders"].get(given.pop("order")["id"])
        if order is None or given["type"] != "bank-card":
            raise Refusal("Errors in the entity format")
        every = [
            one["externalId"] for row in self.rows["orders"].values() for one in row["payments"]
        ]
        if given["externalId"] in every:
            raise Refusal("Payment already exists.")
        given["id"] = self._number()
        order["payments"].append(given)
        return int(given["id"])

    def _payment(self, record: int) -> Row:
        for row in self.rows["orders"].values():
            for payment in row["payments"]:
                if payment["id"] == record:
                    found: Row = payment
                    return found
        raise Refusal("Payment not found", 404)

    def _number_items(self, order: Row) -> None:
        for item in order.get("items", []):
            item.setdefault("id", self._number())

    def _new(self, kind: str, fields: Row, by: Row | None = None) -> int:
        record = self._number()
        self.rows[kind][record] = fields
        if kind in self.journals:
            self._write(kind, record, {"created": True, "field": "id"}, by or {"source": "user"})
        return record

    def _set(self, kind: str, record: int, fields: Row, by: Row) -> None:
        row = self.rows[kind][record]
        for name, value in fields.items():
            if row.get(name) != value and kind in self.journals:
                told = {"code": value} if name == "status" else value
                entry = {"field": _JOURNAL.get(name, name), "newValue": told}
                self._write(kind, record, entry, by)
            row[name] = value

    def _write(self, kind: str, record: int, entry: Row, by: Row) -> None:
        self._events += 1
        about = {"id": record, "externalId": self.rows[kind][record].get("externalId")}
        row = {"id": self._events, "createdAt": self._clock(), **entry, **by}
        self.journals[kind].append({**row, _NAMES[kind][1]: about})

    def _number(self) -> int:
        self._last += 1
        return self._last

    def _clock(self) -> str:
        return self.now().astimezone(_ZONE).strftime("%Y-%m-%d %H:%M:%S")

    def _only(self, about: str, given: Row, known: set[str]) -> None:
        if unknown := given.keys() - known:
            self._violated(about, f"no such fields: {sorted(unknown)}")

    def _violated(self, about: str, reason: str) -> None:
        self.hold([Violation("request", about, "", reason)])


def _fine(body: Row, status: int = 200) -> Answer:
    return Answer.of(status, {"success": True, **body})


def _list(query: Mapping[str, str], field: str) -> list[str]:
    """A list of a filter, as PHP reads it."""
    return [value for name, value in query.items() if name.startswith(f"filter[{field}][")]


def _digits(phone: str) -> str:
    return "".join(sign for sign in phone if sign.isdigit())
