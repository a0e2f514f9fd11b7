"""Documents that came from 1C, applied to the shop's orders one by one.

A document is one transaction, and an order is one with the payments and shipments that came with
it: the shop's rows, the record of the order and what is told in the journal stand or fall
together, so that a process may die anywhere and the same file once more does what is left. A
document that can't be used is journalled, and the others go on.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import BinaryIO

from django.db import DataError, IntegrityError, transaction
from django.utils import timezone

from ...commerceml.documents import Counterparty, Document, Operation
from ...commerceml.errors import ValueFault
from ...commerceml.model import ItemKind
from ...report import Level, Outcome, Report
from ...store import current_orders
from ...store.orders import Order, OrderStatus
from ...store.ports import StoreError
from ...store.status_names import STATUS_NAMES
from .. import counterparties, customers, echo, sources
from ..customers import Tell
from ..outgoing.documents import Composer
from ..outgoing.settings import OutgoingSettings
from . import register, sourced
from .asked import Asked, asked_by, is_posted
from .creation import create, require_currency
from .errors import Refused, Skipped
from .finding import find
from .reading import Told, batches, grouped
from .settings import Action, IncomingSettings, status_key
from .steps import Steps, StockToldSince, never_told

#: What the shop's own statuses ask when 1C sends them back.
_OWN: Mapping[str, Action] = {
    OrderStatus.OPEN: Action.CONFIRM,
    OrderStatus.SHIPPED: Action.SHIP,
    OrderStatus.CANCELLED: Action.CANCEL,
}


def import_documents(
    source: BinaryIO, report: Report, *, stock_told_since: StockToldSince = never_told
) -> None:
    """Apply a file of documents; running it again applies only what is left.

    Parameters
    ----------
    source
        The file, opened for bytes.
    report
        Hears counts and problems; may stop the import by raising from ``beat``.
    stock_told_since
        What the catalogue knows of the stock figures, see :data:`.steps.StockToldSince`.

    Raises
    ------
    CommerceMLError
        The file can't be read on; the documents before the fault are applied.
    SettingsError
        The settings can't be used.
    """
    outgoing = OutgoingSettings.load()
    # 1C writes its own clock's time and no zone.
    with timezone.override(outgoing.zone):
        _Import(IncomingSettings.load(), outgoing, report, stock_told_since).run(source)


class _Import:
    def __init__(
        self,
        settings: IncomingSettings,
        outgoing: OutgoingSettings,
        report: Report,
        stock_told_since: StockToldSince,
    ) -> None:
        self._stock_told_since = stock_told_since
        self._settings = settings
        self._composer = Composer(outgoing)
        self._report = report
        self._orders = current_orders()
        offered = [(status.id, status.name) for status in self._orders.reference_lists().statuses]
        self._own = {
            status_key(name): _OWN.get(status, Action.NONE)
            for status, name in (*STATUS_NAMES.items(), *offered)
        }
        self._unknown_statuses: Counter[str] = Counter()
        self._seen = 0

    def run(self, source: BinaryIO) -> None:
        try:
            for batch in batches(source, self._settings.digest):
                self._batch(batch)
        finally:
            # Also of a file that can't be read on: what precedes the fault stands.
            self._tell_statuses()

    def _batch(self, batch: Sequence[Told]) -> None:
        """Apply those that are others than last time; the rest is only counted."""
        known = register.known([told.digest for told in batch])
        met: set[str] = set()
        changed: list[Told] = []
        for told in batch:
            # What comes twice meets what the first has done.
            if told.digest not in known or told.id in met:
                changed.append(told)
            met.add(told.id)
        for told, parts in grouped(changed):
            self._one(told, parts)
        if same := len(batch) - len(changed):
            self._seen += same
            with transaction.atomic():
                self._report.beat(self._seen)
                self._report.count(ItemKind.DOCUMENT, Outcome.SEEN, same)
                self._report.count(ItemKind.DOCUMENT, Outcome.UNCHANGED, same)

    def _one(self, told: Told, parts: Sequence[Told] = ()) -> None:
        """Apply an object, and within it the payments and shipments that came with an order."""
        before = self._seen
        try:
            with transaction.atomic():
                self._seen += 1
                self._report.beat(self._seen)
                self._count(told, self._do(told, parts))
        except (ValueFault, Refused, StoreError, DataError, IntegrityError) as error:
            self._seen = before + 1
            with transaction.atomic():
                self._report.beat(self._seen)
                self._leave_out(told, error)
            for part in parts:
                self._one(part)

    def _count(self, told: Told, outcome: Outcome) -> None:
        self._report.count(told.kind, Outcome.SEEN)
        self._report.count(told.kind, outcome)

    def _leave_out(self, told: Told, error: Exception) -> None:
        skipped = isinstance(error, Skipped)
        self._count(told, Outcome.UNCHANGED if skipped else Outcome.FAILED)
        what = "Документ" if told.kind is ItemKind.DOCUMENT else "Контрагент"
        line = told.line
        if isinstance(error, ValueFault):
            reason, line = error.message, error.line or line
        else:
            reason = str(error).strip().partition("\n")[0]
        self._report.problem(
            Level.WARNING if skipped else Level.ERROR,
            f"{what} {'пропущен' if skipped else 'не обработан'}: {reason}",
            kind=told.kind.value,
            object_id=told.id,
            line=line,
        )

    def _do(self, told: Told, parts: Sequence[Told]) -> Outcome:
        item = told.item
        if isinstance(item, ValueFault):
            raise item
        name = item.name if isinstance(item, Counterparty) else f"{item.kind} № {item.number}"
        tell = partial(
            self._report.problem,
            kind=told.kind.value,
            object_id=told.id,
            name=name,
            line=told.line,
        )
        if isinstance(item, Counterparty):
            outcome = customers.take(item, self._orders, tell)
            is_changed = counterparties.told(item, None, tell)
            return Outcome.UPDATED if is_changed and outcome is Outcome.UNCHANGED else outcome
        if not parts and register.known([told.digest]):
            return Outcome.UNCHANGED
        return self._document(item, told, parts, tell)

    def _document(
        self, document: Document, told: Told, parts: Sequence[Told], tell: Tell
    ) -> Outcome:
        is_order = document.operation is Operation.ORDER
        source = sources.source_of(document.id)
        if source is None and not is_order:
            source = sources.source_of(document.basis)
        if source is None and (source := sources.source_of(document.number)) is not None:
            # УНФ tells of what it has from the site by its number, and an id of its own.
            document = replace(document, id=document.number)
        if source is not None:
            outcome = sourced.take(source, document, told, self._settings, self._composer, tell)
            for part in parts:
                self._one(part)
            return outcome
        asked = asked_by(document, self._settings, self._own)
        if asked.unknown_status:
            self._unknown_statuses[asked.unknown_status] += 1
        order = find(document, self._orders)
        if order is None and is_order and self._settings.create_orders:
            if asked.cancel or document.deleted or is_posted(document) is False:
                raise Skipped("такого заказа в магазине нет, а в 1С он не проведён или отменён")
            register.lock_document(document.id)
            # Another worker may have made it in the meantime.
            order = find(document, self._orders)
        if order is not None:
            return self._apply(order, document, asked, told, parts, tell)
        if not (is_order and self._settings.create_orders):
            wanted = document.basis or document.number or document.id
            raise Refused(f"Заказа {wanted} нет в магазине")
        # Older 1C tells an order of its own by its number alone: there is no other one.
        number, issued = asked.number or document.number, asked.issued or document.issued
        asked = replace(asked, number=number, issued=issued)
        order_id = create(document, asked, self._settings, self._orders, tell)
        [order] = self._orders.read_orders([order_id])
        rest = replace(asked, lines=(), confirm=False)
        outcome = self._apply(order, document, rest, told, parts, tell, created=True)
        self._orders.mark_taken([order_id])
        return outcome if outcome is Outcome.FAILED else Outcome.CREATED

    def _apply(
        self,
        order: Order,
        document: Document,
        asked: Asked,
        told: Told,
        parts: Sequence[Told],
        tell: Tell,
        *,
        created: bool = False,
    ) -> Outcome:
        require_currency(document, order.currency)
        record = register.lock(order.id)
        if told.written and record.applied_from and told.written < record.applied_from:
            raise Skipped("применён более поздний обмен с этим заказом")
        had_news = not created and echo.is_news(record, self._composer)
        known = register.applied(record, document)
        steps = Steps(self._orders, record, order, tell, self._stock_told_since)
        steps.take_over(document, asked, winner=self._settings.conflict if had_news else None)
        # They know more than the order's requisites, which speak of all of it.
        for part in parts:
            self._one(part)
        if parts:
            steps.look_again()
        steps.record(asked)
        meets = False
        if party := customers.buyer_of(document):
            customers.link(order, party)
            meets = counterparties.told(party, order, tell)
        record.applied_from = told.written or record.applied_from
        register.save(record)
        echo.settle(record, self._composer, had_news=had_news)
        if steps.contradicted and known.digest != told.digest:
            register.contradict(record)
        known.order, known.digest = record, told.digest
        # Told again once 1C has taken what the shop did, it is no longer a conflict.
        known.refused = steps.refused or steps.overruled
        known.save()
        if steps.refused:
            return Outcome.FAILED
        return Outcome.UPDATED if steps.changed or meets else Outcome.UNCHANGED

    def _tell_statuses(self) -> None:
        """Name the unknown statuses, each once a file."""
        if not self._unknown_statuses:
            return
        with transaction.atomic():
            for status, documents in self._unknown_statuses.items():
                self._report.problem(
                    Level.WARNING,
                    f"Статус «{status}» не сопоставлен в настройках «1С: заказы», документов: "
                    f"{documents}. По нему ничего не сделано",
                    kind=ItemKind.DOCUMENT.value,
                )
