"""Whether 1C knows an order as it is: a hash of its documents' content."""

from collections.abc import Callable, Iterable
from dataclasses import fields
from decimal import Decimal
from hashlib import sha256
from json import JSONEncoder
from operator import attrgetter
from typing import Any

from ...commerceml import documents, model
from ...commerceml.documents import Container

#: What 1C has told of itself, and where in a file: no news to it.
_NOT_CONTENT = {"onec_number", "onec_issued", "version", "line", "attributes"}


def digest(container: Container) -> str:
    """SHA-256 (hex) of what the documents say: equal content has an equal one.

    1C's own number of the order is no content: it would make an order news that 1C has numbered.
    """
    text = _ENCODER.encode(container)
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


def _plain(value: Any) -> Any:
    """What JSON has no word for: fields of a dataclass, a number, a date or a time."""
    values = _VALUES.get(type(value))
    if values:
        return values(value)
    # 1.50 is 1.5, and minus nought is nought.
    return str(value.normalize() + 0) if type(value) is Decimal else str(value)


#: Written in C, which goes through texts and tuples by itself.
_ENCODER = JSONEncoder(ensure_ascii=False, check_circular=False, default=_plain)
