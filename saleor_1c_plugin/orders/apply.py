"""Documents that came from 1C, applied to the shop's orders one by one.

A document is one transaction: the shop's rows, the record of the order and what is told in the
journal stand or fall together, so that a process may die anywhere and the same file once more
does what is left. A document that can't be used is journalled, and the others go on.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import BinaryIO, cast

from django.db import DataError, IntegrityError, transaction
from django.utils import timezone

from ..commerceml.documents import Counterparty, Document, Operation
from ..commerceml.model import ItemKind, Package
from ..commerceml.reader import Node, ValueFault, scan
from ..report import Level, Outcome, Report
from ..store import current_orders
from ..store.orders import Order, OrderStatus
from ..store.ports import StoreError
from . import customers, echo, incoming, register
from .creation import create, require_currency
from .customers import Tell
from .errors import Refused
from .finding import find
from .incoming import Asked
from .outgoing import OutgoingSettings
from .settings import Action, OrdersSettings, status_key
from .steps import Steps
from .terms import STATUS_NAMES

#: What the shop's own statuses ask when 1C sends them back.
_OWN: Mapping[str, Action] = {
    OrderStatus.OPEN: Action.CONFIRM,
    OrderStatus.SHIPPED: Action.SHIP,
    OrderStatus.CANCELLED: Action.CANCEL,
}


def import_documents(source: BinaryIO, report: Report) -> None:
    """Apply a file of documents; running it again applies only what is left.

    Parameters
    ----------
    source
        The file, opened for bytes.
    report
        Hears counts and problems; may stop the import by raising from ``beat``.

    Raises
    ------
    CommerceMLError
        The file can't be read on; the documents before the fault are applied.
    SettingsError
        The settings can't be used.
    """
    _Import(OrdersSettings.load(), OutgoingSettings.load(), report).run(source)


class _Import:
    def __init__(
        self, settings: OrdersSettings, outgoing: OutgoingSettings, report: Report
    ) -> None:
        self._settings = settings
        self._outgoing = outgoing
        self._report = report
        self._orders = current_orders()
        offered = [(status.id, status.name) for status in self._orders.reference_lists().statuses]
        self._own = {
            status_key(name): _OWN.get(status, Action.NONE)
            for status, name in (*STATUS_NAMES.items(), *offered)
        }
        self._unknown_statuses: Counter[str] = Counter()
        self._written: datetime | None = None
        self._seen = 0

    def run(self, source: BinaryIO) -> None:
        try:
            for node in scan(source):
                if node.kind is ItemKind.PACKAGE:
                    self._package(node)
                elif node.kind is ItemKind.DOCUMENT:
                    self._one(node, self._document)
                elif node.kind is ItemKind.COUNTERPARTY:
                    self._one(node, self._counterparty)
        finally:
            # Also of a file that can't be read on: what precedes the fault stands.
            self._tell_statuses()

    def _package(self, node: Node) -> None:
        package = node.parse()
        if isinstance(package, Package) and package.created_at is not None:
            written = package.created_at
            self._written = written if written.tzinfo else timezone.make_aware(written)

    def _one(self, node: Node, apply: Callable[[Node], Outcome]) -> None:
        self._seen += 1
        try:
            with transaction.atomic():
                self._report.beat(self._seen)
                outcome = apply(node)
                self._count(node, outcome)
        except (ValueFault, Refused, StoreError, DataError, IntegrityError) as error:
            with transaction.atomic():
                self._report.beat(self._seen)
                self._count(node, Outcome.FAILED)
                self._fail(node, error)

    def _count(self, node: Node, outcome: Outcome) -> None:
        self._report.count(node.kind, Outcome.SEEN)
        self._report.count(node.kind, outcome)

    def _fail(self, node: Node, error: Exception) -> None:
        what = "Документ" if node.kind is ItemKind.DOCUMENT else "Контрагент"
        line = node.line
        if isinstance(error, ValueFault):
            reason, line = error.message, error.line or line
        else:
            reason = str(error).strip().partition("\n")[0]
        self._report.problem(
            Level.ERROR,
            f"{what} не обработан: {reason}",
            kind=node.kind.value,
            object_id=node.id,
            line=line,
        )

    def _document(self, node: Node) -> Outcome:
        digest = sha256(self._settings.digest + node.raw).hexdigest()
        if register.is_known(node.id, digest):
            return Outcome.UNCHANGED
        document = cast(Document, node.parse())
        tell = self._teller(node, f"{document.kind} № {document.number}")
        asked = incoming.read(document, self._settings, self._own)
        if asked.unknown_status:
            self._unknown_statuses[asked.unknown_status] += 1
        order = find(document, self._orders)
        if order is not None:
            return self._apply(order, document, asked, digest, tell)
        if document.operation is not Operation.ORDER or not self._settings.create_orders:
            raise Refused(
                f"Заказа {document.basis or document.number or document.id} нет в магазине"
            )
        if asked.cancel or document.deleted or incoming.is_posted(document) is False:
            tell(Level.INFO, "Заказ 1С не проведён или отменён: в магазине он не создан")
            return Outcome.UNCHANGED
        return self._create(document, asked, digest, tell)

    def _create(self, document: Document, asked: Asked, digest: str, tell: Tell) -> Outcome:
        register.lock_document(document.id)
        order = find(document, self._orders)
        if order is not None:  # made by another worker in the meantime
            return self._apply(order, document, asked, digest, tell)
        order_id = create(document, asked, self._settings, self._orders, tell)
        [order] = self._orders.read_orders([order_id])
        rest = replace(asked, lines=(), confirm=False)
        outcome = self._apply(order, document, rest, digest, tell, created=True)
        self._orders.mark_taken([order_id])
        return outcome if outcome is Outcome.FAILED else Outcome.CREATED

    def _apply(
        self,
        order: Order,
        document: Document,
        asked: Asked,
        digest: str,
        tell: Tell,
        *,
        created: bool = False,
    ) -> Outcome:
        require_currency(document, order.currency)
        record = register.lock(order.id)
        if self._written and record.applied_from and self._written < record.applied_from:
            tell(Level.WARNING, "Документ пропущен: применён более поздний обмен с этим заказом")
            return Outcome.UNCHANGED
        had_news = register.has_news(record) and not created
        steps = Steps(self._orders, record, order, tell)
        steps.apply(document, asked, winner=self._settings.conflict if had_news else None)
        party = customers.buyer_of(document)
        if party is not None:
            customers.link(order, party)
        is_new = register.remember(record, document, digest, refused=steps.refused)
        register.stamp(record, self._written)
        echo.settle(record, self._outgoing, had_news=had_news)
        if steps.contradicted and is_new:
            register.contradict(record)
        if steps.refused:
            return Outcome.FAILED
        return Outcome.UPDATED if steps.changed else Outcome.UNCHANGED

    def _counterparty(self, node: Node) -> Outcome:
        party = cast(Counterparty, node.parse())
        return customers.take(party, self._orders, self._teller(node, party.name))

    def _teller(self, node: Node, name: str) -> Tell:
        return partial(
            self._report.problem,
            kind=node.kind.value,
            object_id=node.id,
            name=name,
            line=node.line,
        )

    def _tell_statuses(self) -> None:
        """Name the unknown statuses, each once a file."""
        with transaction.atomic():
            for status, documents in self._unknown_statuses.items():
                self._report.problem(
                    Level.WARNING,
                    f"Статус «{status}» не сопоставлен в настройках «1С: заказы», документов: "
                    f"{documents}. По нему ничего не сделано",
                    kind=ItemKind.DOCUMENT.value,
                )
