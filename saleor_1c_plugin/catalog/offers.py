"""Offers into the shop: variants, their prices and their stock, each only where it differs."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from ..commerceml.model import Characteristic, ItemKind, Offer, Product
from ..commerceml.reader import parse_raw
from ..report import Level, Outcome
from ..store.ports import (
    Assignment,
    CatalogStore,
    FieldGroup,
    InputType,
    MediaWrite,
    Missing,
    VariantWrite,
)
from . import register
from .changes import OfferChange, TradeChange
from .effects import Effects
from .hashing import canonical
from .pictures import ExchangedPicture, gallery, resolve_pictures, shown
from .references import References, ValueMismatch
from .register import Entry, State, TradeRow
from .report import ImportContext
from .settings import CatalogSettings
from .trade_writer import TradeLine, TradeWriter


def as_offer(product: Product) -> Offer:
    """The offer that a ``Товар`` with a characteristic (``uuid#uuid``, schema 2.04) stands for."""
    return Offer(
        id=product.id,
        name=product.name,
        article=product.article,
        barcodes=product.barcodes,
        unit=product.unit,
        characteristics=product.characteristics,
        pictures=product.pictures,
        weight=product.weight,
        deleted=product.deleted,
    )


def merge(entry: Entry) -> Offer | None:
    """The offer as its kept parts tell it; ``None`` where nothing is kept."""
    parts: dict[str, Offer] = {}
    for slot in ("goods", "card", "price", "stock"):
        raw = getattr(entry, f"raw_{slot}")
        if raw:
            item = parse_raw(raw)
            if isinstance(item, Product):
                item = as_offer(item)
            if isinstance(item, Offer):
                parts[slot] = item
    base = parts.get("card") or parts.get("goods")
    if base is None:
        base = Offer(id=entry.onec_id, has_card=False)
    if "goods" in parts and not base.characteristics:
        base = replace(base, characteristics=parts["goods"].characteristics)
    if "goods" in parts and base.pictures is None:
        base = replace(base, pictures=parts["goods"].pictures)
    for slot in ("price", "stock"):
        part = parts.get(slot)
        if part is not None and part.prices is not None:
            base = replace(base, prices=part.prices)
        if part is not None and (part.stocks is not None or part.quantity is not None):
            base = replace(base, stocks=part.stocks, quantity=part.quantity)
    return base if parts else None


@dataclass(slots=True)
class _Line:
    change: OfferChange
    entry: Entry
    product: Entry
    complete: bool = True
    touched: bool = False
    created: bool = False


class OfferApplier:
    """Writes a batch of changed offers; one object serves one import."""

    def __init__(
        self,
        store: CatalogStore,
        settings: CatalogSettings,
        references: References,
        context: ImportContext,
    ) -> None:
        self._store = store
        self._settings = settings
        self._references = references
        self._context = context
        self._trade = TradeWriter(store, settings, references)

    def apply(self, changes: Sequence[OfferChange], catalog_id: str) -> Effects:
        """Write what differs; in the caller's transaction."""
        effects = Effects()
        entries = register.load(ItemKind.OFFER, [change.item.id for change in changes])
        products = self._products({change.item.product_id for change in changes})
        lines: list[_Line] = []
        for change in changes:
            offer = change.item
            entry = entries.get(offer.id) or Entry(
                ItemKind.OFFER, offer.id, self._context.started_at, parent_id=offer.product_id
            )
            entry.last_seen = self._context.started_at
            entry.catalog_id = catalog_id or entry.catalog_id
            if offer.has_card:
                entry.name, entry.article = offer.name, offer.article
            for part, (raw, _) in change.parts.items():
                setattr(entry, f"raw_{part}", raw)
            product = products.get(offer.product_id)
            if offer.deleted and self._settings.deleted is not Missing.LEAVE:
                self._retire(entry, effects)
            elif entry.state == State.RETIRED and not offer.has_card:
                # A price of something that is off sale: only its card brings it back.
                effects.entries.append(entry)
                effects.count(ItemKind.OFFER, Outcome.UNCHANGED)
            elif product is not None and product.state == State.RETIRED:
                self._hold(entry, change, effects, "его товар снят с продажи", Level.INFO)
            elif product is None or product.store_id is None:
                self._hold(entry, change, effects, "карточка его товара ещё не пришла")
            else:
                if entry.state == State.RETIRED:
                    entry.forget()
                entry.state = State.ACTIVE
                lines.append(_Line(change, entry, product))
        self._write_variants(lines, effects)
        self._write_pictures(lines, effects)
        self._write_trade(lines, effects)
        for line in lines:
            for part, (_, mark) in line.change.parts.items():
                # A card that refers to what has not come is looked at again.
                setattr(
                    line.entry,
                    f"print_{part}",
                    None if part == "card" and not line.complete else mark,
                )
            effects.entries.append(line.entry)
            outcome = (
                Outcome.CREATED
                if line.created
                else Outcome.UPDATED
                if line.touched
                else Outcome.UNCHANGED
            )
            effects.count(ItemKind.OFFER, outcome)
        return effects

    def apply_trade(self, changes: Sequence[TradeChange]) -> Effects:
        """Write prices and stock of offers whose card is as it was; in the caller's transaction."""
        effects = Effects()
        lines = [
            TradeLine(
                change.known.store_id,
                change.known.product_id,
                change.offer,
                change.known.hash_price,
                change.known.hash_stock,
            )
            for change in changes
        ]
        self._trade.write(lines, effects)
        touched = sum(line.touched for line in lines)
        effects.counts[ItemKind.OFFER, Outcome.UPDATED] = touched
        effects.counts[ItemKind.OFFER, Outcome.UNCHANGED] = len(lines) - touched
        seen = self._context.started_at
        effects.trades = [
            TradeRow(change.known.pk, seen, change.parts, line.hash_price, line.hash_stock)
            for change, line in zip(changes, lines, strict=True)
        ]
        return effects

    def _products(self, onec_ids: Collection[str]) -> dict[str, Entry]:
        """Products of these offers; one that was deleted in the shop by hand is not there."""
        entries = register.load(ItemKind.PRODUCT, onec_ids)
        ids = [entry.store_id for entry in entries.values() if entry.store_id]
        absent = self._store.absent_products(ids)
        for entry in entries.values():
            if entry.store_id in absent:
                entry.store_id = None
        return entries

    def _retire(self, entry: Entry, effects: Effects) -> None:
        if entry.store_id and entry.state != State.RETIRED:
            written = self._store.retire_variants([entry.store_id], self._settings.deleted)
            effects.follow_ups.add(written.follow_ups)
            effects.count(ItemKind.OFFER, Outcome.HIDDEN)
            if self._settings.deleted is Missing.DELETE:
                entry.store_id = None
        else:
            effects.count(ItemKind.OFFER, Outcome.UNCHANGED)
        entry.state = State.RETIRED
        entry.forget()
        effects.entries.append(entry)

    def _hold(
        self,
        entry: Entry,
        change: OfferChange,
        effects: Effects,
        why: str,
        level: Level = Level.WARNING,
    ) -> None:
        entry.state = State.PENDING
        entry.forget()
        effects.entries.append(entry)
        effects.count(ItemKind.OFFER, Outcome.UNCHANGED)
        effects.problem(
            level,
            f"Предложение отложено: {why}",
            ItemKind.OFFER,
            entry.onec_id,
            entry.name,
            change.line,
        )

    def _write_variants(self, lines: Sequence[_Line], effects: Effects) -> None:
        if any("card" in line.change.parts and line.entry.print_goods for line in lines):
            self._recall_characteristics(lines)
        writes: list[tuple[_Line, VariantWrite, bytes]] = []
        for line in lines:
            if not line.change.item.has_card and line.entry.store_id is not None:
                continue
            write = self._variant(line, effects)
            digest = canonical(write)
            if line.entry.store_id is None or line.entry.hash_card != digest:
                writes.append((line, write, digest))
        if not writes:
            return
        bindings: dict[str, list[str]] = {}
        for line, write, _ in writes:
            bindings.setdefault(line.product.type_id, []).extend(
                item.attribute_id for item in write.assignments
            )
        for type_id, attribute_ids in bindings.items():
            self._references.bind(type_id, attribute_ids, variant=True)
        written = self._store.write_variants(
            [replace(write, store_id=line.entry.store_id) for line, write, _ in writes]
        )
        effects.follow_ups.add(written.follow_ups)
        for index, (line, _, digest) in enumerate(writes):
            line.created = line.entry.store_id is None
            line.touched = True
            line.entry.store_id = written.ids[index]
            line.entry.hash_card = digest
            if note := written.notes.get(index):
                self._warn(line, effects, note)

    def _recall_characteristics(self, lines: Sequence[_Line]) -> None:
        """Schema 2.04 tells characteristics in the catalogue, and not again with the offer."""
        ids = [line.entry.onec_id for line in lines if line.entry.print_goods]
        kept = register.load_with_raw(ItemKind.OFFER, ids)
        for line in lines:
            entry = kept.get(line.entry.onec_id)
            if entry is None or not entry.raw_goods or line.change.item.characteristics:
                continue
            goods = parse_raw(entry.raw_goods)
            if isinstance(goods, Product):
                line.change.item = replace(line.change.item, characteristics=goods.characteristics)

    def _variant(self, line: _Line, effects: Effects) -> VariantWrite:
        offer, product = line.change.item, line.product
        assignments: list[Assignment] = []
        for characteristic in offer.characteristics:
            if characteristic.name and characteristic.value:
                assignments.append(self._characteristic(characteristic))
        for value in offer.properties:
            ref = self._references.property(value.property_id, value.values)
            if ref is None:
                line.complete = False
                if any(value.values):
                    self._warn(
                        line, effects, f"Свойство {value.property_id} ещё не приходило из 1С"
                    )
                continue
            try:
                values = ref.values(value.values)
            except ValueMismatch as error:
                self._warn(line, effects, f"Значение свойства не подходит к его типу: {error}")
                continue
            if values:
                assignments.append(Assignment(ref.attribute_id, ref.input_type, values))
        unit = self._references.unit_name(offer.unit)
        if offer.barcodes:
            assignments.append(self._references.system("onec:barcode", ", ".join(offer.barcodes)))
        named = ", ".join(item.value for item in offer.characteristics if item.value)
        sku = offer.article or (product.article if not offer.characteristic_id else "")
        if offer.characteristic_id and sku == product.article:
            # Every characteristic repeats its product's article: it names none of them.
            sku = ""
        metadata = {"onec.unit": unit} if unit else {}
        return VariantWrite(
            key=offer.id,
            product_id=product.store_id or "",
            name=named or offer.name or product.name,
            fields=self._settings.owned,
            sku=sku or None,
            # An attribute may be named twice (as a characteristic and as a property): once.
            assignments=tuple({item.attribute_id: item for item in assignments}.values()),
            weight=offer.weight,
            metadata=metadata,
        )

    def _characteristic(self, item: Characteristic) -> Assignment:
        key = f"characteristic:{item.name.casefold()}"[:200]
        ref = self._references.own_attribute(key, item.name, InputType.CHOICE)
        return Assignment(ref.attribute_id, ref.input_type, ref.values([item.value]))

    def _write_pictures(self, lines: Sequence[_Line], effects: Effects) -> None:
        """An offer's own pictures join its product's, and show the variant."""
        if FieldGroup.PICTURES not in self._settings.owned:
            return
        source = self._context.pictures
        now: dict[str, dict[str, list[ExchangedPicture]]] = {}
        products: dict[str, Entry] = {}
        for line in lines:
            if line.change.item.pictures is None:
                continue
            pictures, problems = resolve_pictures(
                line.change.item.pictures,
                line.entry.pictures,
                source,
                self._settings.max_picture_mb,
            )
            for message in problems:
                line.complete = False
                self._warn(line, effects, message)
            before, key = line.entry.pictures, line.product.onec_id
            line.entry.pictures = {picture.path: picture.digest for picture in pictures}
            line.touched = line.touched or line.entry.pictures != before
            if pictures or before:
                products[key] = line.product
                now.setdefault(key, {})[line.entry.store_id or ""] = pictures
        kept = register.load_with_raw(ItemKind.PRODUCT, products)
        for entry in register.pictured(products):
            now[entry.parent_id].setdefault(entry.store_id or "", shown(entry, source))
        writes: list[tuple[Entry, MediaWrite, bytes]] = []
        for key, product in products.items():
            write, digest = gallery(product.store_id or "", shown(kept[key], source), now[key])
            if digest != product.hash_pictures and (write.pictures or product.hash_pictures):
                writes.append((product, write, digest))
        if not writes or self._context.dry_run:
            return
        written = self._store.write_media([write for _, write, _ in writes])
        effects.follow_ups.add(written.follow_ups)
        for index, (product, _, digest) in enumerate(writes):
            note = written.notes.get(index)
            if note is None:
                product.hash_pictures = digest
                effects.entries.append(product)
            else:
                effects.problem(
                    Level.WARNING, note, ItemKind.PRODUCT, product.onec_id, product.name
                )

    def _write_trade(self, lines: Sequence[_Line], effects: Effects) -> None:
        trades = [
            TradeLine(
                line.entry.store_id or "",
                line.product.store_id or "",
                line.change.item,
                line.entry.hash_price,
                line.entry.hash_stock,
            )
            for line in lines
        ]
        self._trade.write(trades, effects)
        for line, trade in zip(lines, trades, strict=True):
            line.entry.hash_price, line.entry.hash_stock = trade.hash_price, trade.hash_stock
            line.touched = line.touched or trade.touched

    def _warn(self, line: _Line, effects: Effects, message: str) -> None:
        effects.problem(
            Level.WARNING,
            message,
            ItemKind.OFFER,
            line.entry.onec_id,
            line.entry.name,
            line.change.line,
        )
