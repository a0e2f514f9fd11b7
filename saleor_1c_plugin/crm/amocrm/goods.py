"""Goods of an order as elements of a list of amoCRM's, that are linked with its deal.

What the list has of a product, its price too, belongs to the merchant: a new one gets the price of
its first order, and afterwards nothing is changed. What an order has cost is in its field.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ...outbox.errors import Retry
from ..adapter import Row
from ..turns import turn
from . import fields, links
from .client import Client, Params
from .directory import Directory
from .models import Good
from .settings import PLUGIN

_BUSY = 3.0
_LONGEST_QUERY = 100


class Goods:
    """The list that the settings name."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._number = client.settings.catalog
        self._path = f"catalogs/{self._number}/elements"
        self._key = f"{client.settings.account} {self._number}"

    def set(self, deals: Sequence[tuple[str, Sequence[Row]]], *, are_new: bool) -> dict[str, str]:
        """Have these deals linked with their goods; deal → what amoCRM says against it.

        Parameters
        ----------
        are_new
            They have been made just now: nothing is linked yet.
        """
        elements = self._elements([row for _deal, rows in deals for row in rows])
        records = [record for record, _rows in deals]
        linked = {} if are_new else links.counts(self._client, records, self._number)
        missing, surplus = [], []
        for record, rows in deals:
            wanted = {elements[name]: count for name, count in fields.pieces(rows).items()}
            there = linked.get(record, {})
            missing += [
                self._tie(record, element, quantity=count)
                for element, count in wanted.items()
                if there.get(element) != count
            ]
            surplus += [self._tie(record, one) for one in there if one not in wanted]
        problems = links.link(self._client, missing)
        if problems:
            self._need_all({int(one["to_entity_id"]) for one in missing})
        return links.unlink(self._client, surplus) | problems

    def _tie(self, record: str, element: int, **about: int) -> links.Tie:
        return links.tie(record, element, "catalog_elements", catalog_id=self._number, **about)

    def _elements(self, rows: Sequence[Row]) -> dict[str, int]:
        """Name of a product → its element, made where it is new."""
        first = {row.name: row for row in reversed(rows)}
        found = self._known(first)
        new = [name for name in first if name not in found]
        if not new:
            return found
        with turn(PLUGIN, [f"good:{_digest(name)[:32]}" for name in new]) as mine:
            if len(mine) < len(new):
                raise Retry("Another worker makes these goods in amoCRM", after=_BUSY)
            found |= self._known(new)
            for name in new:
                if name not in found and (element := self._sought(name)):
                    found[name] = element
            missing = [first[name] for name in new if name not in found]
            for row, said in zip(
                missing,
                self._client.write("POST", self._path, "elements", list(map(self._new, missing))),
                strict=True,
            ):
                if not said.id:
                    raise Retry(f"amoCRM has not made a product: {said.problem}")
                found[row.name] = int(said.id)
            Good.objects.bulk_create(
                [Good(catalog=self._key, name=_digest(name), element=found[name]) for name in new],
                ignore_conflicts=True,
            )
        return found

    def _known(self, names: Mapping[str, Row] | Sequence[str]) -> dict[str, int]:
        by_digest = {_digest(name): name for name in names}
        rows = Good.objects.filter(catalog=self._key, name__in=by_digest)
        return {by_digest[name]: element for name, element in rows.values_list("name", "element")}

    def _sought(self, name: str) -> int:
        asked: Params = [("query", name[:_LONGEST_QUERY]), ("limit", 250)]
        for row in self._client.sure(self._path, asked).rows("elements"):
            if str(row.get("name") or "").strip() == name.strip():
                return int(row["id"])
        return 0

    def _new(self, row: Row) -> dict[str, Any]:
        made: dict[str, Any] = {"name": row.name}
        if Directory(self._client).is_of_products():
            made["custom_fields_values"] = [fields.text("PRICE", f"{row.price:.2f}")]
        return made

    def _need_all(self, elements: Collection[int]) -> None:
        """Have those that were deleted there made anew."""
        gone = [one for one in elements if not self._client.get(f"{self._path}/{one}").id]
        if gone:
            Good.objects.filter(catalog=self._key, element__in=gone).delete()
            raise Retry("A product was deleted in amoCRM: it is made again", after=1)


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()
