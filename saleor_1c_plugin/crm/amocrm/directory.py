"""What an account has that seldom changes: its currency, pipelines, people, and fields of ours.

Each process asks for it and remembers it for a while.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..adapter import Kind
from .client import Client

#: Of records in addresses, by their kinds.
PATHS = {Kind.CONTACT: "contacts", Kind.COMPANY: "companies", Kind.DEAL: "leads"}

#: Codes of fields that we make where there are none.
KEY = "ONEC_KEY"
ONEC_ID = "ONEC_ID"
INN = "ONEC_INN"
KPP = "ONEC_KPP"
GOODS = "ONEC_GOODS"

#: Path → code, type and name of each field of ours.
_FIELDS: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "contacts": ((KEY, "text", "1С: покупатель"), (ONEC_ID, "text", "1С: контрагент")),
    "companies": (
        (KEY, "text", "1С: компания"),
        (INN, "text", "ИНН"),
        (KPP, "text", "КПП"),
    ),
    "leads": ((KEY, "text", "1С: заказ"), (GOODS, "textarea", "Состав заказа")),
}
_FIELDS_ABROAD: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "contacts": ((KEY, "text", "1C: customer"), (ONEC_ID, "text", "1C: counterparty")),
    "companies": ((KEY, "text", "1C: company"), (INN, "text", "INN"), (KPP, "text", "KPP")),
    "leads": ((KEY, "text", "1C: order"), (GOODS, "textarea", "Goods of the order")),
}
_SECONDS = 600.0


class Denial(Exception):
    """There is something that the account does not let be seen or made; the text says what."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Of a pipeline."""

    id: int
    pipeline: int
    name: str


@dataclass(frozen=True, slots=True)
class Pipeline:
    id: int
    name: str
    is_main: bool
    stages: tuple[Stage, ...]


_known: dict[tuple[str, str], tuple[float, Any]] = {}


def forget(account: str) -> None:
    """Ask anew: something there is not as it was."""
    for key in [key for key in _known if key[0] == account]:
        _known.pop(key, None)


class Directory:
    def __init__(self, client: Client) -> None:
        self._client = client
        self._settings = client.settings

    def account(self) -> Mapping[str, Any]:
        """Itself: ``name``, ``currency`` and more."""
        found: Mapping[str, Any] = self._remembered("account", self._asked_account)
        return found

    def pipelines(self) -> tuple[Pipeline, ...]:
        found: tuple[Pipeline, ...] = self._remembered("pipelines", self._asked_pipelines)
        return found

    def people(self) -> Mapping[int, str]:
        """Id → name; none where the token may not see them."""
        found: Mapping[int, str] = self._remembered("people", self._asked_people)
        return found

    def is_of_products(self) -> bool:
        """Whether the list of goods is the one of products: its elements have prices."""
        found: bool = self._remembered(f"catalog {self._settings.catalog}", self._asked_catalog)
        return found

    def need_fields(self) -> None:
        """Have our fields there.

        Raises
        ------
        Denial
            They can't be made.
        """
        self._remembered("fields", self._made_fields)

    def pipeline(self) -> Pipeline:
        """The one that the settings name.

        Raises
        ------
        Denial
            There is none.
        """
        wanted = self._settings.pipeline
        for one in self.pipelines():
            is_named = wanted in (str(one.id), one.name) or wanted.lower() == one.name.lower()
            if is_named if wanted else one.is_main:
                return one
        known = ", ".join(one.name for one in self.pipelines())
        raise Denial(f"{wanted or '—'} ({known or '—'})")

    def stage(self, text: str) -> Stage | None:
        """A stage of that pipeline, by its number or its name."""
        for one in self.pipeline().stages:
            if text == str(one.id) or text.lower() == one.name.lower():
                return one
        return None

    def _remembered(self, name: str, ask: Callable[[], Any]) -> Any:
        key = (self._settings.account, name)
        known = _known.get(key)
        now = time.monotonic()
        if known is None or known[0] < now:
            known = _known[key] = now + _SECONDS, ask()
        return known[1]

    def _asked_account(self) -> Mapping[str, Any]:
        return self._client.sure("account").result

    def _asked_pipelines(self) -> tuple[Pipeline, ...]:
        rows = self._client.sure("leads/pipelines").rows("pipelines")
        return tuple(_pipeline(row) for row in rows)

    def _asked_people(self) -> Mapping[int, str]:
        found: dict[int, str] = {}
        page = 1
        while True:
            said = self._client.get("users", [("limit", 250), ("page", page)])
            rows = said.rows("users")
            found |= {int(row["id"]): str(row.get("name") or "") for row in rows if "id" in row}
            if len(rows) < 250:
                return found
            page += 1

    def _asked_catalog(self) -> bool:
        said = self._client.get(f"catalogs/{self._settings.catalog}")
        if said.problem or said.is_empty:
            raise Denial(said.problem or "204")
        return said.result.get("type") == "products"

    def _made_fields(self) -> bool:
        wanted = _FIELDS_ABROAD if self._settings.is_abroad else _FIELDS
        for path, fields in wanted.items():
            there = {
                str(row.get("code") or "").upper()
                for row in self._client.pages(f"{path}/custom_fields", "custom_fields")
            }
            items = [
                # People see what it is, and can't break the link.
                {"name": name, "type": kind, "code": code, "is_api_only": code != GOODS}
                for code, kind, name in fields
                if code not in there
            ]
            if items:
                said = self._client.post(f"{path}/custom_fields", items)
                if said.problem:
                    raise Denial(said.problem)
        return True


def _pipeline(row: Mapping[str, Any]) -> Pipeline:
    number = int(row["id"])
    inside = row.get("_embedded")
    statuses = inside.get("statuses") if isinstance(inside, Mapping) else None
    stages = tuple(
        Stage(int(one["id"]), number, str(one.get("name") or "")) for one in statuses or ()
    )
    return Pipeline(number, str(row.get("name") or ""), bool(row.get("is_main")), stages)
