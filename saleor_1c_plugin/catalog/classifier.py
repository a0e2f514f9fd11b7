"""Groups, properties and the small lists of a classifier, into the shop."""

from collections.abc import Sequence

from ..commerceml.items import Item
from ..commerceml.model import (
    GoodsCategory,
    Group,
    ItemKind,
    PriceType,
    Property,
    Unit,
    Warehouse,
)
from ..report import Level, Outcome
from ..store.ports import AttributeWrite, CatalogStore, CategoryWrite, ChoiceValue, InputType
from . import register
from .effects import Effects
from .hashing import canonical
from .references import input_type_of
from .register import Entry
from .report import ImportContext

#: An object of the classifier, its XML and its line.
Listed = tuple[Item, bytes, int]


def apply_groups(store: CatalogStore, context: ImportContext, items: Sequence[Listed]) -> Effects:
    """Categories, parents before children; a circle of groups is cut and told."""
    effects = Effects()
    groups: dict[str, tuple[Group, bytes, int]] = {}
    for item, raw, line in items:
        if not isinstance(item, Group):
            continue
        effects.count(ItemKind.GROUP, Outcome.SEEN)
        if item.id in groups:
            effects.problem(
                Level.ERROR,
                "Группа встречается дважды или содержит сама себя, взято первое место",
                ItemKind.GROUP,
                item.id,
                item.name,
                line,
            )
            effects.count(ItemKind.GROUP, Outcome.FAILED)
            continue
        groups[item.id] = (item, raw, line)
    entries = register.load(ItemKind.GROUP)
    placed: dict[str, str | None] = {key: entry.store_id for key, entry in entries.items()}
    # The reader gives parents first, so one pass over the levels is enough.
    waiting = list(groups.values())
    done: set[str] = set()
    while waiting:
        level = [
            row
            for row in waiting
            if not row[0].parent_id or row[0].parent_id not in groups or row[0].parent_id in done
        ]
        if not level:
            level = waiting[:1]
        writes: list[tuple[Entry, CategoryWrite, bytes]] = []
        for group, raw, _ in level:
            done.add(group.id)
            entry = entries.get(group.id) or Entry(ItemKind.GROUP, group.id, context.started_at)
            entry.last_seen, entry.raw_card = context.started_at, raw
            entry.parent_id, entry.name = group.parent_id or "", group.name
            parent = placed.get(group.parent_id) if group.parent_id else None
            write = CategoryWrite(group.id, group.name or group.id, None, parent, group.description)
            digest = canonical(write)
            effects.entries.append(entry)
            if entry.store_id is not None and (group.deleted or entry.hash_card == digest):
                # A deleted group keeps its category: goods may still lie in it.
                effects.count(ItemKind.GROUP, Outcome.UNCHANGED)
            elif group.deleted:
                effects.count(ItemKind.GROUP, Outcome.UNCHANGED)
            else:
                write = CategoryWrite(
                    group.id, group.name or group.id, entry.store_id, parent, group.description
                )
                writes.append((entry, write, digest))
        if writes:
            written = store.write_categories([write for _, write, _ in writes])
            effects.follow_ups.add(written.follow_ups)
            for (entry, _, digest), store_id in zip(writes, written.ids, strict=True):
                created = entry.store_id is None
                entry.store_id, entry.hash_card = store_id, digest
                placed[entry.onec_id] = store_id
                effects.count(ItemKind.GROUP, Outcome.CREATED if created else Outcome.UPDATED)
        taken = {row[0].id for row in level}
        waiting = [row for row in waiting if row[0].id not in taken]
    return effects


def apply_properties(
    store: CatalogStore, context: ImportContext, items: Sequence[Listed]
) -> Effects:
    """Attributes with their values; an attribute keeps the type that it was made with."""
    effects = Effects()
    unique = {item.id: (item, raw, line) for item, raw, line in items if isinstance(item, Property)}
    entries = register.load(ItemKind.PROPERTY, list(unique))
    writes: list[tuple[Entry, AttributeWrite, bytes]] = []
    for item, raw, line in unique.values():
        effects.count(ItemKind.PROPERTY, Outcome.SEEN)
        entry = entries.get(item.id) or Entry(ItemKind.PROPERTY, item.id, context.started_at)
        entry.last_seen, entry.raw_card, entry.name = context.started_at, raw, item.name
        wanted = input_type_of(item)
        kept = InputType(entry.type_id) if entry.type_id else wanted
        if {kept, wanted} == {InputType.CHOICE, InputType.MULTICHOICE}:
            # Every value stays as it is: the wider type serves both.
            kept = wanted = InputType.MULTICHOICE
        if kept is not wanted:
            effects.problem(
                Level.WARNING,
                f"Тип свойства в 1С изменился ({wanted.value}), в магазине остаётся {kept.value}: "
                "тип атрибута с данными не меняется",
                ItemKind.PROPERTY,
                item.id,
                item.name,
                line,
            )
        choices = (
            tuple(ChoiceValue(choice.id, choice.value) for choice in item.choices if choice.value)
            if kept in (InputType.CHOICE, InputType.MULTICHOICE)
            else ()
        )
        write = AttributeWrite(item.id, item.name or item.id, kept, entry.store_id, choices)
        # The type is compared by itself: a card with several values may have widened it.
        digest = canonical([write.name, choices])
        same = entry.hash_card == digest and entry.type_id == kept.value
        effects.entries.append(entry)
        if item.deleted or (entry.store_id is not None and same):
            effects.count(ItemKind.PROPERTY, Outcome.UNCHANGED)
        else:
            entry.type_id = kept.value
            writes.append((entry, write, digest))
    if writes:
        written = store.write_attributes([write for _, write, _ in writes])
        effects.follow_ups.add(written.follow_ups)
        for (entry, _, digest), store_id in zip(writes, written.ids, strict=True):
            created = entry.store_id is None
            entry.store_id, entry.hash_card = store_id, digest
            effects.count(ItemKind.PROPERTY, Outcome.CREATED if created else Outcome.UPDATED)
    return effects


def apply_list(context: ImportContext, kind: ItemKind, items: Sequence[Listed]) -> Effects:
    """Price types, warehouses, units and kinds of goods: the register alone needs them."""
    effects = Effects()
    for item, raw, _ in items:
        if isinstance(item, Unit):
            key, name = item.code or item.name, item.name or item.full_name
        elif isinstance(item, PriceType | Warehouse | GoodsCategory):
            key, name = item.id, item.name
        else:
            continue
        if not key:
            continue
        effects.count(kind, Outcome.SEEN)
        effects.count(kind, Outcome.UNCHANGED)
        effects.entries.append(Entry(kind, key, context.started_at, name=name, raw_card=raw))
    return effects
