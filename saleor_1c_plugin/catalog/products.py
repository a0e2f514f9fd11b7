"""Cards of goods into the shop: what differs, and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..commerceml.model import ItemKind, Product
from ..commerceml.reader import parse_raw
from ..report import Level, Outcome
from ..store.ports import (
    Assignment,
    CatalogStore,
    FieldGroup,
    MediaWrite,
    Missing,
    ProductWrite,
)
from . import register
from .changes import ProductChange
from .effects import Effects
from .hashing import canonical
from .pictures import ExchangedPicture, gallery, resolve_pictures, shown
from .references import References, ValueMismatch
from .register import Entry, State
from .report import ImportContext
from .settings import CatalogSettings

#: Requisites that have a place of their own, or that describe the package and not the goods.
_NOT_METADATA = {"ОписаниеФайла", "Вес", "ОписаниеВФорматеHTML"}


@dataclass(slots=True)
class _Card:
    change: ProductChange
    entry: Entry
    write: ProductWrite
    #: False where something that the card refers to has not come yet: look at it again next time.
    complete: bool
    hash: bytes


class ProductApplier:
    """Writes a batch of changed cards; one object serves one import."""

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

    def apply(self, changes: Sequence[ProductChange], catalog_id: str) -> Effects:
        """Write what differs; in the caller's transaction.

        Returns
        -------
        Effects
            Rows for the register, counts and problems; nothing of them is known yet.
        """
        effects = Effects()
        entries = register.load(ItemKind.PRODUCT, [change.item.product_id for change in changes])
        cards: list[_Card] = []
        for change in changes:
            product = change.item
            entry = entries.get(product.product_id) or Entry(
                ItemKind.PRODUCT, product.product_id, self._context.started_at
            )
            entry.last_seen = self._context.started_at
            entry.catalog_id = catalog_id or entry.catalog_id
            entry.name, entry.article = product.name, product.article
            entry.raw_card = change.raw
            if product.deleted and self._settings.deleted is not Missing.LEAVE:
                self._retire(entry, change, effects)
            else:
                cards.append(self._card(change, entry, effects))
        self._restore([card.entry for card in cards], effects)
        self._write_cards(cards, effects)
        self._write_pictures(cards, effects)
        for card in cards:
            if card.complete:
                card.entry.print_card = card.change.print
            effects.entries.append(card.entry)
        return effects

    def _retire(self, entry: Entry, change: ProductChange, effects: Effects) -> None:
        if entry.store_id and entry.state != State.RETIRED:
            written = self._store.retire_products([entry.store_id], self._settings.deleted)
            effects.follow_ups.add(written.follow_ups)
            effects.count(ItemKind.PRODUCT, Outcome.HIDDEN)
            if self._settings.deleted is Missing.DELETE:
                entry.store_id = None
        else:
            effects.count(ItemKind.PRODUCT, Outcome.UNCHANGED)
        entry.state = State.RETIRED
        entry.forget()
        effects.entries.append(entry)

    def _restore(self, entries: Sequence[Entry], effects: Effects) -> None:
        hidden = [entry for entry in entries if entry.state == State.RETIRED and entry.store_id]
        if hidden:
            written = self._store.restore_products([entry.store_id or "" for entry in hidden])
            effects.follow_ups.add(written.follow_ups)
        for entry in entries:
            entry.state = State.ACTIVE

    def _card(self, change: ProductChange, entry: Entry, effects: Effects) -> _Card:
        product, complete = change.item, True

        def warn(message: str) -> None:
            effects.problem(
                Level.WARNING,
                message,
                ItemKind.PRODUCT,
                product.product_id,
                product.name,
                change.line,
            )

        name = product.name or product.requisite("Полное наименование") or product.article
        if not name:
            name = product.product_id
            warn("У товара нет наименования, показан его идентификатор")
        category_id = None
        for group_id in product.group_ids:
            category_id = self._references.group(group_id)
            if category_id is not None:
                break
            complete = False
            warn(f"Группа {group_id} товара ещё не приходила из 1С")
        assignments: list[Assignment] = []
        for value in product.properties:
            ref = self._references.property(value.property_id, value.values)
            if ref is None:
                complete = False
                if any(value.values):
                    warn(f"Свойство {value.property_id} товара ещё не приходило из 1С")
                continue
            try:
                values = ref.values(value.values)
            except ValueMismatch as error:
                warn(f"Значение свойства не подходит к его типу: {error}")
                continue
            assignments.append(Assignment(ref.attribute_id, ref.input_type, values))
        for key, text in (
            ("onec:article", product.article),
            ("onec:barcode", ", ".join(product.barcodes)),
            ("onec:unit", self._references.unit_name(product.unit)),
            ("onec:manufacturer", product.manufacturer),
            ("onec:brand", product.brand),
            ("onec:country", product.country),
        ):
            if text:
                assignments.append(self._references.system(key, text))
        metadata = {
            f"onec.{title}": text
            for title, text in product.requisites
            if text and title not in _NOT_METADATA
        }
        packs = [
            f"{self._references.unit_name(unit)} = {unit.ratio.normalize():f}"
            for unit in product.units
            if unit.ratio != 1
        ]
        if packs:
            # How many base units a pack holds; prices and stock are per base unit.
            metadata["onec.units"] = "; ".join(packs)
        write = ProductWrite(
            key=product.product_id,
            product_type_id=entry.type_id or self._references.product_type(product),
            name=name,
            fields=self._settings.owned,
            description=product.description_html or product.description,
            description_is_html=bool(product.description_html),
            category_id=category_id,
            assignments=tuple(item for item in assignments if item.values),
            weight=product.weight,
            tax_class_id=self._references.tax_class(product.taxes),
            metadata=metadata,
        )
        return _Card(change, entry, write, complete, canonical(write))

    def _write_cards(self, cards: Sequence[_Card], effects: Effects) -> None:
        different = [
            card
            for card in cards
            if card.entry.store_id is None or card.entry.hash_card != card.hash
        ]
        for card in cards:
            if card.entry.store_id is not None and card.entry.hash_card == card.hash:
                effects.count(ItemKind.PRODUCT, Outcome.UNCHANGED)
        if not different:
            return
        cleared = self._cleared([card for card in different if card.entry.store_id])
        bindings: dict[str, list[str]] = {}
        for card in different:
            bindings.setdefault(card.write.product_type_id, []).extend(
                item.attribute_id for item in card.write.assignments
            )
        for type_id, attribute_ids in bindings.items():
            self._references.bind(type_id, attribute_ids, variant=False)
        written = self._store.write_products(
            [
                replace(
                    card.write,
                    store_id=card.entry.store_id,
                    assignments=card.write.assignments + cleared.get(card.entry.onec_id, ()),
                )
                for card in different
            ]
        )
        effects.follow_ups.add(written.follow_ups)
        for index, card in enumerate(different):
            created = card.entry.store_id is None
            card.entry.store_id = written.ids[index]
            card.entry.type_id = card.write.product_type_id
            card.entry.hash_card = card.hash
            effects.count(ItemKind.PRODUCT, Outcome.CREATED if created else Outcome.UPDATED)
            if note := written.notes.get(index):
                effects.problem(
                    Level.WARNING,
                    note,
                    ItemKind.PRODUCT,
                    card.entry.onec_id,
                    card.entry.name,
                    card.change.line,
                )

    def _cleared(self, cards: Sequence[_Card]) -> dict[str, tuple[Assignment, ...]]:
        """Attributes that the last card of a product filled and this one leaves out."""
        known = register.load_with_raw(ItemKind.PRODUCT, [card.entry.onec_id for card in cards])
        cleared: dict[str, tuple[Assignment, ...]] = {}
        for card in cards:
            raw = known[card.entry.onec_id].raw_card if card.entry.onec_id in known else None
            before = parse_raw(raw) if raw else None
            if not isinstance(before, Product):
                continue
            ids = {value.property_id for value in before.properties}
            ids |= {
                key
                for key, text in (
                    ("onec:article", before.article),
                    ("onec:barcode", before.barcodes),
                    ("onec:unit", before.unit),
                    ("onec:manufacturer", before.manufacturer),
                    ("onec:brand", before.brand),
                    ("onec:country", before.country),
                )
                if text
            }
            filled = {item.attribute_id for item in card.write.assignments}
            refs = [self._references.property(onec_id) for onec_id in sorted(ids)]
            cleared[card.entry.onec_id] = tuple(
                Assignment(ref.attribute_id, ref.input_type, ())
                for ref in refs
                if ref is not None and ref.attribute_id not in filled
            )
        return cleared

    def _write_pictures(self, cards: Sequence[_Card], effects: Effects) -> None:
        if FieldGroup.PICTURES not in self._settings.owned:
            return
        writes: list[tuple[_Card, MediaWrite, bytes]] = []
        told = [card for card in cards if card.change.item.pictures is not None]
        offers: dict[str, dict[str, list[ExchangedPicture]]] = {}
        for offer in register.pictured([card.entry.onec_id for card in told]):
            of_product = offers.setdefault(offer.parent_id, {})
            of_product[offer.store_id or ""] = shown(offer, self._context.pictures)
        for card in told:
            product = card.change.item
            if product.pictures is None or card.entry.store_id is None:
                continue
            pictures, problems = resolve_pictures(
                product.pictures,
                card.entry.pictures,
                self._context.pictures,
                self._settings.max_picture_mb,
            )
            for message in problems:
                card.complete = False
                effects.problem(
                    Level.WARNING,
                    message,
                    ItemKind.PRODUCT,
                    product.product_id,
                    product.name,
                    card.change.line,
                )
            write, digest = gallery(
                card.entry.store_id, pictures, offers.get(card.entry.onec_id, {})
            )
            if digest != card.entry.hash_pictures and (write.pictures or card.entry.hash_pictures):
                writes.append((card, write, digest))
            card.entry.pictures = {item.path: item.digest for item in pictures}
        if not writes or self._context.dry_run:
            return
        written = self._store.write_media([write for _, write, _ in writes])
        effects.follow_ups.add(written.follow_ups)
        for index, (card, _, digest) in enumerate(writes):
            note = written.notes.get(index)
            if note is None:
                card.entry.hash_pictures = digest
            else:
                effects.problem(
                    Level.WARNING,
                    note,
                    ItemKind.PRODUCT,
                    card.entry.onec_id,
                    card.entry.name,
                    card.change.line,
                )
