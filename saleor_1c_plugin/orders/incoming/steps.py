"""What a document asks, done to one order: each step by the shop's own operation.

A step that the shop forbids is undone by itself and told of; the others stand.
"""

from collections.abc import Callable, Collection
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from ...commerceml.documents import Document
from ...money import quantize
from ...report import Level
from ...store.orders import (
    Forbidden,
    NewPayment,
    NewShipment,
    Order,
    OrderStatus,
    OrderStore,
    PaymentKind,
)
from ..customers import Tell
from ..models import OrderRecord
from . import matching, register
from .asked import Asked, AskedPayment, AskedShipment
from .errors import Refused
from .register import FactKind
from .settings import Side

#: Of these goods (1C's ids of offers) those whose stock the shop has as 1C told it after a moment.
StockToldSince = Callable[[Collection[str], datetime], Collection[str]]


def never_told(onec_ids: Collection[str], moment: datetime) -> Collection[str]:
    """No stock of 1C's is known: as where no catalogue is exchanged."""
    return ()


class Steps:
    """Applies documents to an order that is locked, and whose record is.

    Attributes
    ----------
    changed
        The shop's order became another.
    refused
        Something that the document asks was not done.
    overruled
        The shop's lines and confirmation stand, for 1C did not know them.
    contradicted
        The order is not as 1C thinks: it is to hear how it is.
    """

    def __init__(
        self,
        store: OrderStore,
        record: OrderRecord,
        order: Order,
        tell: Tell,
        stock_told_since: StockToldSince,
    ) -> None:
        self._stock_told_since = stock_told_since
        self._store = store
        self._record = record
        self._order = order
        self._tell = tell
        self.changed = self.refused = self.contradicted = self.overruled = False

    def take_over(self, document: Document, asked: Asked, *, winner: Side | None) -> None:
        """Take 1C's number, lines and confirmation.

        Parameters
        ----------
        document, asked
            The document, and what it asks.
        winner
            Where the shop has changes that 1C has not taken: whose lines and confirmation stand.
        """
        self._number(asked)
        if asked.lines or asked.confirm:
            self._composition(document, asked, winner)

    def record(self, asked: Asked) -> None:
        """Record what has happened: a payment, a shipment, a cancellation."""
        if asked.payment is not None:
            self._payment(asked.payment)
        if asked.shipment is not None:
            self._shipment(asked.shipment)
        if asked.cancel:
            self._do("Отмена заказа", lambda: self._store.cancel(self._order.id))

    def look_again(self) -> None:
        """See what others have done to the order in the same transaction."""
        [self._order] = self._store.read_orders([self._order.id])

    def _number(self, asked: Asked) -> None:
        record = self._record
        number, issued = asked.number or record.onec_number, asked.issued or record.onec_issued
        if (number, issued) == (record.onec_number, record.onec_issued):
            return
        record.onec_number, record.onec_issued = number, issued
        self._store.write_metadata(self._order.id, onec_metadata(asked))
        self.changed = True

    def _composition(self, document: Document, asked: Asked, winner: Side | None) -> None:
        """Change the lines, then confirm; never confirm other lines than those of 1C's."""
        wanted = None
        if asked.lines:
            try:
                matching.check_sums(document)
                variants = self._store.variants_by_key(
                    matching.missing(self._order, document.lines)
                )
                wanted = matching.changes(self._order, document, variants)
            except Refused as error:
                self._refuse(f"{error.message}. Состав заказа оставлен как в магазине")
                return
            if matching.delivery_differs(self._order, document):
                self._tell(
                    Level.WARNING,
                    "Стоимость доставки в 1С другая, чем в магазине; в магазине она не меняется",
                )
        confirm = asked.confirm and self._order.status is OrderStatus.UNCONFIRMED
        if winner is not None and (wanted is not None or confirm):
            self._tell(Level.WARNING, _conflict(self._order, document, winner))
            if winner is Side.SHOP:
                self.overruled = True
                return
        if wanted is not None:
            if not self._do(
                "Изменение состава заказа",
                lambda: self._store.change_lines(self._order.id, wanted),
            ):
                return
            self.look_again()
            if matching.changes(self._order, document, variants) is not None:
                self.contradicted = True
                self._tell(
                    Level.WARNING,
                    f"Состав изменён, но магазин считает иначе: {self._order.total_gross} "
                    f"{self._order.currency} (в 1С {document.amount}): действуют его скидки",
                )
        if asked.confirm:
            self._do("Подтверждение заказа", lambda: self._store.confirm(self._order.id))

    def _payment(self, asked: AskedPayment) -> None:
        payments = self._order.payments
        # The number of an invoice may be that of a payment, too.
        moved = [item for item in payments if item.kind is not PaymentKind.PROMISED]
        known = {mark for item in moved for mark in (item.id, item.reference)}
        if known.intersection(asked.references):
            return  # the shop's own, come back
        kind = FactKind.REFUND if asked.refund else FactKind.PAYMENT
        owed = self._owed()
        if self._was_told(kind, asked.references, nothing_left=owed <= 0):
            return
        amount = quantize(owed if asked.amount is None else asked.amount, self._order.currency)
        if amount <= 0:
            return
        name = self._name(asked.references)
        payment = NewPayment(name, amount, asked.title, asked.at, asked.refund)
        if self._do(
            f"{asked.title} на {amount} {self._order.currency}",
            lambda: self._store.record_payment(self._order.id, payment),
        ):
            self._remember(kind, asked.references, name, whole=asked.amount is None)

    def _owed(self) -> Decimal:
        """What was never paid: what was given back is not owed again."""
        order = self._order
        charges = (item.amount for item in order.payments if item.kind is PaymentKind.CHARGE)
        by_cards = sum((amount for _code, amount in order.gift_cards), Decimal(0))
        return order.total_gross - by_cards - max(order.paid, sum(charges, Decimal(0)))

    def _shipment(self, asked: AskedShipment) -> None:
        own = next((one for one in self._order.shipments if one.id in asked.references), None)
        if own is not None:
            if asked.tracking not in ("", own.tracking):
                self._refuse(
                    f"Номер отправления {asked.tracking} не записан: отгрузка {own.number} "
                    "оформлена в магазине"
                )
            return
        if asked.returned:
            self._refuse(f"{asked.title} не перенесён: оформите возврат в магазине")
            return
        left = any(line.quantity > line.shipped for line in self._order.lines)
        # What came back did leave: the order's requisites go on saying so.
        left = left and not any(one.returned for one in self._order.shipments)
        told = self._was_told(FactKind.SHIPMENT, asked.references, nothing_left=not left)
        if told:
            change = NewShipment(told, tracking=asked.tracking)
            self._do("Номер отправления", lambda: self._store.ship(self._order.id, change))
            return
        try:
            gone = matching.shipped(self._order, asked.lines)
        except Refused as error:
            self._refuse(f"{asked.title} не записана: {error.message}")
            return
        if not gone and (asked.lines or not left):
            return
        name = self._name(asked.references)
        shipment = NewShipment(
            name, gone, asked.tracking, at=asked.at, counted=self._counted(asked.at)
        )
        if self._do(asked.title, lambda: self._store.ship(self._order.id, shipment)):
            self._remember(FactKind.SHIPMENT, asked.references, name, whole=not asked.lines)

    def _counted(self, at: datetime | None) -> frozenset[str]:
        """Lines whose goods are off the shop's stock already, if they left at `at`."""
        if at is None:
            return frozenset()
        told = self._stock_told_since({line.key for line in self._order.lines if line.key}, at)
        return frozenset(line.id for line in self._order.lines if line.key in told)

    def _was_told(self, kind: FactKind, references: tuple[str, ...], *, nothing_left: bool) -> str:
        """Name by which the fact was recorded in the shop before, or ``""``.

        What 1C said of the whole order, and left nothing of it, was said of its every part.
        """
        whole = (self._whole,) if nothing_left or not references else ()
        told = register.told_as(self._record, kind, (*references, *whole))
        if told:
            register.tell(self._record, kind, references, told)
        return told

    def _remember(
        self, kind: FactKind, references: tuple[str, ...], name: str, *, whole: bool
    ) -> None:
        more = (self._whole,) if whole else ()
        register.tell(self._record, kind, (*references, *more), name)

    def _name(self, references: tuple[str, ...]) -> str:
        return references[0] if references else self._whole

    @property
    def _whole(self) -> str:
        return f"order {self._order.id}"

    def _do(self, what: str, action: Callable[[], bool]) -> bool:
        """Do a step; whether it is done now, be it by somebody else before."""
        try:
            with transaction.atomic():
                self.changed |= action()
        except Forbidden as error:
            self.contradicted = True
            self._refuse(f"{what}: магазин не позволяет. {error}")
            return False
        return True

    def _refuse(self, message: str) -> None:
        self.refused = True
        self._tell(Level.WARNING, message)


def onec_metadata(asked: Asked) -> dict[str, str]:
    """What the shop shows of the order in 1C."""
    shown = {"onec.number": asked.number}
    if asked.issued:
        shown["onec.date"] = asked.issued.isoformat()
    return {key: value for key, value in shown.items() if value}


def _conflict(order: Order, document: Document, winner: Side) -> str:
    taken = "из 1С" if winner is Side.ONEC else "магазина"
    return (
        "Заказ изменён и в магазине, и в 1С после последнего обмена: "
        f"в магазине {len(order.lines)} стр. на {order.total_gross} {order.currency}, "
        f"в 1С {len(document.lines)} стр. на {document.amount}. "
        f"Состав и подтверждение взяты {taken}, 1С получит итог"
    )
