"""A 1C's books of a site's orders: taken in once, numbered, and told of as УТ 11 does.

What goes back for an order is the order itself with 1C's number and the state in requisites, and
a document of its own for each payment and shipment that 1C made. Modelled on what the exchange
module of 1C-Bitrix (schema 3.1) receives from УТ 11.
"""

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO
from uuid import NAMESPACE_URL, uuid5

from ..commerceml.documents import Container, Document, DocumentLine, Operation
from ..commerceml.model import ItemKind
from ..commerceml.reader import scan
from ..commerceml.writer import write
from .errors import ExchangeError

_NONE = Decimal(0)
#: A gift card comes as something else: it was paid for when it was bought.
_RECEIPTS = {
    Operation.CASH_PAYMENT,
    Operation.CASHLESS_PAYMENT,
    Operation.CARD_PAYMENT,
    Operation.OTHER,
}
_REFUNDS = {Operation.CASH_REFUND, Operation.CASHLESS_REFUND}
#: 1C calls its own currency by the name that its users gave it.
_CURRENCIES = {"RUB": "руб"}


@dataclass(slots=True)
class Entry:
    """An order in 1C: as the site told of it last, and what was done with it here."""

    order: Document
    number: str
    posted: bool = False
    cancelled: bool = False
    #: Documents of the site that belong to the order, by their ids.
    told: dict[str, Document] = field(default_factory=dict)
    payments: list[Document] = field(default_factory=list)
    shipments: list[Document] = field(default_factory=list)

    @property
    def paid(self) -> Decimal:
        """What has come in, here and on the site, less what was given back."""
        # Schema 2.09 lists payments in the order, and has documents of them too if the site likes.
        numbers = {document.number for document in self.told.values()}
        listed = (item.amount for item in self.order.payments if item.number not in numbers)
        total = sum(listed, _NONE)
        for document in (*self.told.values(), *self.payments):
            if document.operation in _RECEIPTS:
                total += document.amount
            elif document.operation in _REFUNDS:
                total -= document.amount
        return total

    def left(self) -> dict[str, Decimal]:
        """Quantity of each line that is to be shipped yet."""
        left = {line.id: _NONE for line in self.order.lines}
        for line in self.order.lines:
            left[line.id] += line.quantity
        for document in (*self.told.values(), *self.shipments):
            for line in document.lines if document.operation is Operation.SHIPMENT else ():
                left[line.id] = left.get(line.id, _NONE) - line.quantity
        return {line_id: quantity for line_id, quantity in left.items() if quantity > 0}


class Books:
    """Orders by the site's ids.

    Parameters
    ----------
    folder
        Keeps the packages that came, and with them the numbers, from run to run; what was done
        with the orders is not kept. ``None`` keeps nothing.
    zone
        Of the moments that are told: 1C names none. ``None``: that of this machine.
    """

    def __init__(self, folder: Path | None = None, *, zone: tzinfo | None = None) -> None:
        self._folder = folder
        self._zone = zone
        self._entries: dict[str, Entry] = {}
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            for path in sorted(folder.glob("orders-*.xml")):
                with path.open("rb") as package:
                    self._take(package)

    def __getitem__(self, order_id: str) -> Entry:
        try:
            return self._entries[order_id]
        except KeyError:
            raise ExchangeError(f"there is no order {order_id} in these books") from None

    def __len__(self) -> int:
        return len(self._entries)

    def take(self, package: BinaryIO) -> list[Document]:
        """Take in what the site gave; returns its documents, those of orders among them.

        An order that is here already is replaced and keeps its number.

        Parameters
        ----------
        package
            Can be read twice: it is seekable.
        """
        documents = self._take(package)
        if documents and self._folder is not None:
            package.seek(0)
            number = len(list(self._folder.glob("orders-*.xml"))) + 1
            path = self._folder / f"orders-{number:04}.xml"
            part = path.with_suffix(".part")
            with part.open("wb") as target:
                shutil.copyfileobj(package, target)
            part.replace(path)
        return documents

    def post(self, order_id: str) -> None:
        """Confirm the order: its document is posted."""
        self[order_id].posted = True

    def cancel(self, order_id: str) -> None:
        self[order_id].cancelled = True

    def change(self, order_id: str, line_id: str, quantity: Decimal) -> None:
        """Let there be another quantity of a line, at the same price; none takes it out."""
        entry = self[order_id]
        lines = [
            _part(line, quantity) if line.id == line_id else line for line in entry.order.lines
        ]
        kept = tuple(line for line in lines if line.quantity)
        entry.order = replace(entry.order, lines=kept, amount=_sum(kept))

    def pay(self, order_id: str, amount: Decimal | None = None) -> bool:
        """Receive money for the order, all that is owed when not told; whether any was owed."""
        entry = self[order_id]
        amount = entry.order.amount - entry.paid if amount is None else amount
        if amount <= 0:
            return False
        document = self._document(entry, Operation.CASHLESS_PAYMENT, len(entry.payments))
        requisites = (("Проведен", "true"), ("Оплачен", "true"), ("Отменен", "false"))
        entry.payments.append(replace(document, amount=amount, requisites=requisites))
        return True

    def ship(
        self,
        order_id: str,
        tracking: str = "",
        quantities: Mapping[str, Decimal] | None = None,
    ) -> bool:
        """Ship the order, or so much of its lines; whether anything was left to ship."""
        entry = self[order_id]
        wanted = dict(entry.left() if quantities is None else quantities)
        lines: list[DocumentLine] = []
        for line in entry.order.lines:
            # Two lines may be of the same goods.
            part = min(line.quantity, wanted.get(line.id, _NONE))
            if part > 0:
                lines.append(_part(line, part))
                wanted[line.id] -= part
        if not lines:
            return False
        document = self._document(entry, Operation.SHIPMENT, len(entry.shipments))
        requisites = [("Проведен", "true"), ("Отгружен", "true"), ("Отменен", "false")]
        if tracking:
            requisites.append(("Идентификатор отправления", tracking))
        entry.shipments.append(
            replace(document, amount=_sum(lines), lines=tuple(lines), requisites=tuple(requisites))
        )
        return True

    def write(self, target: BinaryIO, order_ids: Iterable[str]) -> None:
        """Write what 1C says of these orders into `target`, as a package."""
        write(
            target,
            [_container(self[order_id]) for order_id in order_ids],
            schema="3.1",
            encoding="utf-8",
            created=self._now(),
            namespace=True,
        )

    def _take(self, package: BinaryIO) -> list[Document]:
        found = [node.parse() for node in scan(package) if node.kind is ItemKind.DOCUMENT]
        documents = [document for document in found if isinstance(document, Document)]
        for document in documents:
            if document.operation is Operation.ORDER:
                entry = self._entries.get(document.id)
                if entry is None:
                    number = f"ТД00-{len(self._entries) + 1:06}"
                    self._entries[document.id] = Entry(document, number)
                else:
                    entry.order = document
        for document in documents:
            if document.basis in self._entries:
                self._entries[document.basis].told[document.id] = document
        return documents

    def _now(self) -> datetime:
        return datetime.now(UTC).astimezone(self._zone)

    def _document(self, entry: Entry, kind: Operation, index: int) -> Document:
        """A document of 1C's own; its id is the same whenever the same books are told the same."""
        now = self._now()
        sign = "О" if kind is Operation.SHIPMENT else "П"
        number = f"{sign}{entry.number[4:]}-{index + 1}"
        order = entry.order
        return Document(
            id=str(uuid5(NAMESPACE_URL, f"{order.id}/{number}")),
            number=number,
            onec_number=number,
            kind=kind,
            issued=now.date(),
            issued_at=now.time().replace(microsecond=0),
            onec_issued=now.date(),
            currency=_CURRENCIES.get(order.currency, order.currency),
            rate=order.rate,
            basis=order.id,
            counterparties=order.counterparties,
        )


def _container(entry: Entry) -> Container:
    order = replace(
        entry.order,
        onec_number=entry.number,
        onec_issued=entry.order.issued,
        currency=_CURRENCIES.get(entry.order.currency, entry.order.currency),
        payments=(),
        requisites=tuple(_requisites(entry)),
    )
    # УТ 11 tells of all that belongs to the order, the site's own documents too.
    told = (
        replace(document, onec_number=f"{entry.number}-{index}", onec_issued=document.issued)
        for index, document in enumerate(entry.told.values(), 1)
    )
    return Container(order, (*told, *entry.payments, *entry.shipments))


def _requisites(entry: Entry) -> Iterable[tuple[str, str]]:
    is_shipped = bool(entry.shipments) and not entry.left()
    yield "Проведен", _word(entry.posted)
    yield "Отменен", _word(entry.cancelled)
    yield "Отгружен", _word(is_shipped)
    # They speak of the order as a whole: parts of it have only documents.
    if is_shipped:
        yield "Номер отгрузки по 1С", entry.shipments[-1].onec_number
        yield "Дата отгрузки по 1С", _moment(entry.shipments[-1])
    if entry.payments and entry.paid >= entry.order.amount:
        yield "Номер оплаты по 1С", entry.payments[-1].onec_number
        yield "Дата оплаты по 1С", _moment(entry.payments[-1])


def _moment(document: Document) -> str:
    return f"{document.issued}T{document.issued_at}"


def _word(value: bool) -> str:
    return "true" if value else "false"


def _part(line: DocumentLine, quantity: Decimal) -> DocumentLine:
    """So much of `line`, with its share of every sum."""
    share = quantity / line.quantity if line.quantity else _NONE

    def cut(amount: Decimal) -> Decimal:
        return (amount * share).quantize(Decimal("0.01"))

    return replace(
        line,
        quantity=quantity,
        amount=cut(line.amount),
        taxes=tuple(replace(tax, amount=cut(tax.amount)) for tax in line.taxes),
        discounts=tuple(replace(item, amount=cut(item.amount)) for item in line.discounts),
    )


def _sum(lines: Iterable[DocumentLine]) -> Decimal:
    return sum((line.amount for line in lines), _NONE)
