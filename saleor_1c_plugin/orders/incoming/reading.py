"""Documents and counterparties of a file, in batches that are compared at once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import BinaryIO

from django.utils import timezone

from ...commerceml.documents import Counterparty, Document
from ...commerceml.errors import CommerceMLError, ValueFault
from ...commerceml.model import ItemKind, Package
from ...commerceml.reader import Node, scan

#: Objects, and bytes of XML, after which a batch ends; what belongs to its last order may make it
#: twice as large.
_MOST, _MOST_BYTES = 100, 1 << 20


@dataclass(frozen=True, slots=True)
class Told:
    """A document or a counterparty of 1C's; `item` is the fault where it can't be read."""

    kind: ItemKind
    id: str
    line: int
    item: Document | Counterparty | ValueFault
    #: SHA-256 (hex) of its bytes and of the settings.
    digest: str
    #: When 1C wrote the package.
    written: datetime | None

    @property
    def basis(self) -> str:
        """Id of the order that a payment or a shipment belongs to."""
        return self.item.basis if isinstance(self.item, Document) else ""


def batches(source: BinaryIO, salt: bytes) -> Iterator[list[Told]]:
    """Objects of a file, in its order.

    Parameters
    ----------
    source
        The file, opened for bytes.
    salt
        Goes into the digests: the settings under which the objects will be looked at.

    Raises
    ------
    CommerceMLError
        The file can't be read on: what was whole before has been yielded. Or it is a catalogue.
    """
    batch: list[Told] = []
    size = 0
    found = is_catalogue = False
    written: datetime | None = None
    try:
        for node in scan(source):
            if node.kind is ItemKind.PACKAGE:
                written = _written(node)
            elif node.kind in (ItemKind.CATALOG, ItemKind.OFFER_PACKAGE):
                is_catalogue = True
            elif node.kind in (ItemKind.DOCUMENT, ItemKind.COUNTERPARTY):
                found = True
                digest = sha256(salt + node.raw).hexdigest()
                told = Told(node.kind, node.id, node.line, _read(node), digest, written)
                full = max(len(batch) / _MOST, size / _MOST_BYTES)
                if full >= 2 or (full >= 1 and not told.basis):
                    yield batch
                    batch, size = [], 0
                batch.append(told)
                size += len(node.raw)
    except CommerceMLError:
        yield batch
        raise
    yield batch
    if is_catalogue and not found:
        raise CommerceMLError(
            "В файле товары, а не документы: ничего не загружено. Товары принимает обмен "
            "каталогом (type=catalog)"
        )


def grouped(batch: Iterable[Told]) -> list[tuple[Told, list[Told]]]:
    """Each object with what belongs to it: payments and shipments that follow their order."""
    groups: list[tuple[Told, list[Told]]] = []
    parts: dict[str, list[Told]] = {}
    for told in batch:
        if told.basis in parts:
            parts[told.basis].append(told)
            continue
        groups.append((told, []))
        if told.id and told.kind is ItemKind.DOCUMENT and not told.basis:
            parts[told.id] = groups[-1][1]
    return groups


def _read(node: Node) -> Document | Counterparty | ValueFault:
    try:
        item = node.parse()
    except ValueFault as fault:
        return fault
    if not isinstance(item, Document | Counterparty):
        raise TypeError(f"{node!r} is no document")
    return item


def _written(node: Node) -> datetime | None:
    package = node.parse()
    if not isinstance(package, Package) or package.created_at is None:
        return None
    moment = package.created_at
    return moment if moment.tzinfo else timezone.make_aware(moment)
