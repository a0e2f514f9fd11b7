"""One file of an exchange into the shop, batch by batch.

A batch is one transaction: the shop's rows, the register's rows and the follow-up work stand or
fall together, so that a process may die anywhere and the next run finds what is left to do. An
object that the shop or the database refuses is found by halving its batch, journalled, and the
others go on.
"""

import gc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import BinaryIO

from django.db import DataError, IntegrityError, transaction

from ..commerceml.items import Item
from ..commerceml.model import ItemKind, Offer, Product, Section
from ..commerceml.reader import Node, ValueFault, scan
from ..report import Level, Outcome, Report
from ..store import bulk, current_store
from ..store.ports import FollowUps, StoreError
from . import follow_ups, register
from .batches import batches, without_repetition
from .changes import OfferChange, ProductChange, TradeChange
from .classifier import Listed, apply_groups, apply_list, apply_properties
from .effects import Effects
from .errors import ImportStopped
from .hashing import fingerprint
from .models import FullExport
from .offers import OfferApplier, as_offer, merge
from .products import ProductApplier
from .references import References
from .report import ImportContext
from .settings import CatalogSettings, SettingsError
from .tasks import start_follow_ups

_PICTURE = "Картинка".encode()
#: What can't be told from its like without an id.
_NAMED = {ItemKind.PRODUCT, ItemKind.OFFER, ItemKind.GROUP, ItemKind.PROPERTY}


def import_file(source: BinaryIO, context: ImportContext, report: Report) -> None:
    """Apply a file of any kind; running it again applies only what is left.

    Parameters
    ----------
    source
        The file, opened for bytes.
    context
        The exchange that it belongs to.
    report
        Hears counts and problems; may stop the import by raising from ``beat``.

    Raises
    ------
    CommerceMLError
        The file can't be read on; what precedes the fault is applied.
    ImportStopped
        An object failed and the settings say to stop, or the settings can't be used; or the file
        holds nothing but documents.
    """
    try:
        settings = CatalogSettings.load()
    except SettingsError as error:
        raise ImportStopped(f"Настройки каталога: {error}") from error
    _Import(settings, context, report).run(source)


class _Import:
    def __init__(self, settings: CatalogSettings, context: ImportContext, report: Report) -> None:
        self._settings = settings
        self._context = context
        self._report = report
        self._store = current_store()
        self._references = References(self._store, settings, context.started_at)
        self._products = ProductApplier(self._store, settings, self._references, context)
        self._offers = OfferApplier(self._store, settings, self._references, context)
        self._seen = 0
        self._documents = 0
        self._catalog_id = ""
        self._full = False
        self._claimed: set[tuple[ItemKind, str]] = set()
        self._pictures_came = bool(context.pictures.names())

    def run(self, source: BinaryIO) -> None:
        # The shop's own modules are a large heap: without this, Python's collector would walk
        # through all of it again and again while an import makes its many short-lived objects.
        gc.freeze()
        try:
            for kind, batch in batches(self._count_documents(scan(source))):
                self._batch(kind, batch)
            self._tell_documents()
        finally:
            gc.unfreeze()
            self._references.trade.tell(self._report)
            # Also of a file that failed: what precedes the fault stands.
            start_follow_ups()

    def _count_documents(self, nodes: Iterator[Node]) -> Iterator[Node]:
        for node in nodes:
            self._documents += node.kind is ItemKind.DOCUMENT
            yield node

    def _tell_documents(self) -> None:
        """Nobody shall wait for orders that came by the wrong kind of exchange."""
        if not self._documents:
            return
        told = (
            f"Документы ({self._documents}) не загружены: их принимает обмен заказами (type=sale)"
        )
        if not self._seen:
            raise ImportStopped(told)
        with transaction.atomic():
            self._report.beat(self._seen)
            self._report.count(ItemKind.DOCUMENT, Outcome.SEEN, self._documents)
            self._report.count(ItemKind.DOCUMENT, Outcome.FAILED, self._documents)
            self._report.problem(Level.WARNING, told, kind=ItemKind.DOCUMENT.value)

    def _batch(self, kind: ItemKind, nodes: Sequence[Node]) -> None:
        self._seen += len(nodes)
        try:
            self._commit(kind, nodes)
        except IntegrityError:
            # Somebody deleted by hand what the batch refers to, between its look and its commit,
            # when foreign keys are checked. A second look finds it gone.
            self._commit(kind, nodes)

    def _commit(self, kind: ItemKind, nodes: Sequence[Node]) -> None:
        try:
            with transaction.atomic():
                self._report.beat(self._seen)
                register.lock_writers()
                bulk.find_by_index()
                work = FollowUps()
                if kind in (ItemKind.CATALOG, ItemKind.OFFER_PACKAGE):
                    self._section(nodes)
                elif kind is ItemKind.PRODUCT:
                    for run in without_repetition(nodes):
                        self._products_once(run, work)
                elif kind is ItemKind.OFFER:
                    self._offer_batch(nodes, work)
                else:
                    self._classifier_batch(kind, nodes, work)
                follow_ups.remember(work)
        except BaseException:
            self._references.reset()
            raise

    def _section(self, nodes: Sequence[Node]) -> None:
        for node in nodes:
            section = node.parse()
            if not isinstance(section, Section):
                continue
            if section.kind is ItemKind.CATALOG:
                self._catalog_id, kind = section.id, ItemKind.PRODUCT
            else:
                self._catalog_id, kind = section.catalog_id or section.id, ItemKind.OFFER
            # By the standard a file that says nothing is a full one; a section of changes is not.
            self._full = not section.only_changes
            if not self._full:
                self._withdraw(kind)
            elif kind is ItemKind.PRODUCT:
                self._claim(kind)

    def _claim(self, kind: ItemKind) -> None:
        """Note that this section names everything that there is."""
        FullExport.objects.get_or_create(
            exchange_key=self._context.exchange_key,
            kind=kind.value,
            catalog_id=self._catalog_id,
            defaults={"started_at": self._context.started_at},
        )
        self._claimed.add((kind, self._catalog_id))

    def _withdraw(self, kind: ItemKind) -> None:
        """Take the claim back: schema 2.03 says only behind the goods that they are changes."""
        if (kind, self._catalog_id) in self._claimed:
            FullExport.objects.filter(
                exchange_key=self._context.exchange_key,
                kind=kind.value,
                catalog_id=self._catalog_id,
            ).delete()

    def _classifier_batch(self, kind: ItemKind, nodes: Sequence[Node], work: FollowUps) -> None:
        items: list[Listed] = []
        for node in nodes:
            item = self._parse(node)
            if item is not None:
                items.append((item, node.raw, node.line))
        if kind is ItemKind.GROUP:
            effects = apply_groups(self._store, self._context, items)
        elif kind is ItemKind.PROPERTY:
            effects = apply_properties(self._store, self._context, items)
        else:
            effects = apply_list(self._context, kind, items)
        self._settle(effects, work)
        self._references.reset()

    def _products_once(self, nodes: Sequence[Node], work: FollowUps) -> None:
        plain = [node for node in nodes if "#" not in node.id]
        with_characteristic = [node for node in nodes if "#" in node.id]
        changed: dict[str, ProductChange] = {}
        for node, mark in self._changed(plain, ItemKind.PRODUCT, "card"):
            item = self._parse(node)
            if isinstance(item, Product):
                changed[item.id] = ProductChange(item, node.raw, mark, node.line)
        offers: list[OfferChange] = []
        for node, mark in self._changed(with_characteristic, ItemKind.OFFER, "goods"):
            item = self._parse(node)
            if isinstance(item, Product):
                card = replace(item, id=item.product_id, characteristics=(), deleted=False)
                if card.id not in changed:
                    self._report.count(ItemKind.PRODUCT, Outcome.SEEN)
                changed.setdefault(card.id, ProductChange(card, node.raw, mark, node.line))
                offers.append(OfferChange(as_offer(item), {"goods": (node.raw, mark)}, node.line))
        created = self._isolate(
            list(changed.values()),
            lambda part: self._products.apply(part, self._catalog_id),
            work,
        )
        waiting = register.pending([change.item.product_id for change in created])
        for entry in waiting:
            offer = merge(entry)
            if offer is not None and all(offer.id != change.item.id for change in offers):
                offers.append(OfferChange(offer))
        self._isolate(offers, lambda part: self._offers.apply(part, self._catalog_id), work)

    def _tell_twice(self, kind: ItemKind, onec_id: str, line: int) -> None:
        what = "Товар" if kind is ItemKind.PRODUCT else "Предложение"
        self._report.problem(
            Level.WARNING,
            f"{what} с этим идентификатором встречается дважды, взято последнее",
            kind=kind.value,
            object_id=onec_id,
            line=line,
        )

    def _offer_batch(self, nodes: Sequence[Node], work: FollowUps) -> None:
        if self._full and any("card" in node.parts for node in nodes):
            # A file of prices or stock alone names only what has any.
            self._claim(ItemKind.OFFER)
        for number, run in enumerate(without_repetition(nodes)):
            if number:
                self._tell_twice(ItemKind.OFFER, run[0].id, run[0].line)
            self._offers_once(run, work)

    def _offers_once(self, nodes: Sequence[Node], work: FollowUps) -> None:
        self._report.count(ItemKind.OFFER, Outcome.SEEN, len(nodes))
        known = register.offers([node.id for node in nodes])
        absent = self._store.absent_variants([row.store_id for row in known.values()])
        register.lose(ItemKind.OFFER, absent)
        salt = self._references.trade.digest
        same: list[int] = []
        trades: list[TradeChange] = []
        changes: list[OfferChange] = []
        for node in nodes:
            row = known.get(node.id)
            if row is not None and row.store_id in absent:
                row = None
            parts: dict[str, tuple[bytes, bytes]] = {}
            for part, raw in node.parts.items():
                mark = fingerprint(raw, salt)
                if row is None or row.prints[part] != mark or self._must_look(part, raw):
                    parts[part] = (raw, mark)
            if row is not None and not parts:
                same.append(row.pk)
            elif row is not None and "card" not in parts:
                if (offer := self._read(node, node.parse_trade)) is not None:
                    trades.append(TradeChange(node, row, offer, parts))
            elif isinstance(item := self._parse(node), Offer):
                changes.append(OfferChange(item, parts, node.line))
        if same:
            register.touch(same, self._context.started_at)
            self._report.count(ItemKind.OFFER, Outcome.UNCHANGED, len(same))
        changes += self._trade_batch(trades, work)
        self._isolate(changes, lambda batch: self._offers.apply(batch, self._catalog_id), work)

    def _must_look(self, part: str, raw: bytes) -> bool:
        """Whether equal bytes may still mean something else than last time."""
        if part == "stock":
            return self._settings.stock_is_free
        return part == "card" and self._pictures_came and _PICTURE in raw

    def _trade_batch(self, trades: Sequence[TradeChange], work: FollowUps) -> list[OfferChange]:
        """Apply prices and stock; the whole offers where something in the batch is refused."""
        if not trades:
            return []
        try:
            with transaction.atomic():
                effects = self._offers.apply_trade(trades)
                effects.save()
        except (DataError, IntegrityError, StoreError):
            self._references.reset()
            return [
                OfferChange(item, trade.parts, trade.node.line)
                for trade in trades
                if isinstance(item := self._parse(trade.node), Offer)
            ]
        self._settle(effects, work, saved=True)
        return []

    def _changed(
        self, nodes: Sequence[Node], kind: ItemKind, slot: str
    ) -> Iterator[tuple[Node, bytes]]:
        """Nodes whose bytes differ from the last ones, with their print; the others are noted."""
        if not nodes:
            return
        self._report.count(kind, Outcome.SEEN, len(nodes))
        started = self._context.started_at
        known = register.cards([node.id for node in nodes], kind, slot, started)
        find_absent = (
            self._store.absent_products if kind is ItemKind.PRODUCT else self._store.absent_variants
        )
        absent = find_absent([row.store_id for row in known.values()])
        register.lose(kind, absent)
        same: list[int] = []
        salt = self._settings.digest if slot == "card" else self._references.trade.digest
        for node in nodes:
            raw = node.raw
            mark = fingerprint(raw, salt)
            row = known.get(node.id)
            if row is None or row.store_id in absent:
                yield node, mark
            elif row.print != mark:
                if row.met:
                    self._tell_twice(kind, node.id, node.line)
                yield node, mark
            elif self._must_look("card", raw):
                yield node, mark
            else:
                same.append(row.pk)
        if same:
            register.touch(same, started)
            self._report.count(kind, Outcome.UNCHANGED, len(same))

    def _parse(self, node: Node) -> Item | None:
        return self._read(node, node.parse)

    def _read[Read: Item](self, node: Node, read: Callable[[], Read]) -> Read | None:
        try:
            if node.kind in _NAMED and not node.id.partition("#")[0]:
                raise ValueFault("Не указан идентификатор (Ид)", node.line)
            return read()
        except ValueFault as error:
            if self._settings.stop_at_error:
                raise ImportStopped(str(error)) from error
            register.touch_named(node.id, self._context.started_at)
            self._report.count(node.kind, Outcome.FAILED)
            self._report.problem(
                Level.ERROR,
                error.message,
                kind=node.kind.value,
                object_id=node.id,
                line=error.line or node.line,
            )
            return None

    def _isolate[Change: (ProductChange, OfferChange)](
        self,
        changes: Sequence[Change],
        apply: Callable[[Sequence[Change]], Effects],
        work: FollowUps,
    ) -> list[Change]:
        """Apply `changes`, halving the batch around what is refused; those that stand."""
        if not changes:
            return []
        try:
            with transaction.atomic():
                effects = apply(changes)
                effects.save()
        except (DataError, IntegrityError, StoreError) as error:
            self._references.reset()
            if len(changes) > 1:
                middle = len(changes) // 2
                return self._isolate(changes[:middle], apply, work) + self._isolate(
                    changes[middle:], apply, work
                )
            self._refuse(changes[0], error)
            return []
        self._settle(effects, work, saved=True)
        return list(changes)

    def _refuse(self, change: ProductChange | OfferChange, error: Exception) -> None:
        reason = str(error).strip().partition("\n")[0]
        kind = ItemKind.PRODUCT if isinstance(change, ProductChange) else ItemKind.OFFER
        if self._settings.stop_at_error:
            raise ImportStopped(f"{change.item.name or change.item.id}: {reason}") from error
        register.touch_named(change.item.id, self._context.started_at)
        self._report.count(kind, Outcome.FAILED)
        self._report.problem(
            Level.ERROR,
            f"Объект не записан: {reason}",
            kind=kind.value,
            object_id=change.item.id,
            name=change.item.name,
            line=change.line,
        )

    def _settle(self, effects: Effects, work: FollowUps, *, saved: bool = False) -> None:
        if not saved:
            effects.save()
        work.add(effects.follow_ups)
        effects.tell(self._report)
