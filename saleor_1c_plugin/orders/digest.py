"""Whether 1C knows an order as it is: a hash of its documents' content."""

from collections.abc import Callable, Iterable
from dataclasses import fields
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from json import JSONEncoder
from operator import attrgetter
from types import NoneType
from typing import Any

from ..commerceml import documents, model
from ..commerceml.documents import Container

#: What 1C has told of itself, and where in a file: no news to it.
_NOT_CONTENT = {"onec_number", "onec_issued", "version", "line"}


def digest(container: Container) -> str:
    """SHA-256 (hex) of what the documents say: equal content has an equal one.

    1C's own number of the order is no content: it would make an order news that 1C has numbered.
    """
    text = _ENCODER.encode(_plain(container))
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _values(kind: type[Any]) -> Callable[[Any], Iterable[Any]]:
    names = [field.name for field in fields(kind) if field.name not in _NOT_CONTENT]
    return attrgetter(*names)


_VALUES: dict[type[object], Callable[[Any], Iterable[Any]]] = {
    kind: _values(kind)
    for kind in (
        Container,
        documents.AddressField,
        documents.Contact,
        documents.Counterparty,
        documents.Document,
        documents.DocumentDiscount,
        documents.DocumentLine,
        documents.DocumentTax,
        documents.DocumentWarehouse,
        documents.PostalAddress,
        documents.Representative,
        documents.SitePayment,
        model.TaxRate,
        model.Unit,
    )
}


_ENCODER = JSONEncoder(ensure_ascii=False, check_circular=False)
_LEAVES = frozenset((str, bool, NoneType))
#: Few of these are in all the orders of a shop.
_SHARED = frozenset((model.TaxRate, model.Unit))


@lru_cache(maxsize=256)
def _shared(value: Any) -> list[Any]:
    return _plain(value)


def _plain(value: Any) -> list[Any]:
    """Fields of a dataclass or items of a tuple, all the way down, as JSON has them."""
    values = _VALUES.get(type(value))
    return [
        item
        if type(item) in _LEAVES
        # 1.50 is 1.5, and minus nought is nought.
        else str(item.normalize() + 0)
        if type(item) is Decimal
        else _shared(item)
        if type(item) in _SHARED
        else _plain(item)
        if item and (type(item) is tuple or type(item) in _VALUES)
        # Words of an enumeration, dates, times, and what is empty.
        else str(item)
        for item in (values(value) if values else value)
    ]
