"""What cards and offers refer to: groups, properties, units, kinds, tax classes, in the shop.

Loaded from the register once an import, and thrown away whenever a transaction is rolled back:
an id that was made in it does not exist.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

from ..commerceml import units
from ..commerceml.model import (
    GoodsCategory,
    ItemKind,
    PriceType,
    Product,
    Property,
    PropertyType,
    TaxRate,
    Unit,
    Warehouse,
)
from ..commerceml.reader import parse_raw
from ..store.ports import (
    Assignment,
    AttributeValue,
    AttributeWrite,
    CatalogStore,
    ChoiceValue,
    InputType,
)
from . import register
from .register import Entry
from .settings import CatalogSettings
from .trade import TradeMap

#: Attributes of ours for what every card has; key → name that buyers see and how it is given.
#: What buyers choose by is a choice.
SYSTEM_ATTRIBUTES = {
    "onec:article": ("Артикул", InputType.TEXT),
    "onec:barcode": ("Штрихкод", InputType.TEXT),
    "onec:unit": ("Единица измерения", InputType.CHOICE),
    "onec:manufacturer": ("Производитель", InputType.CHOICE),
    "onec:brand": ("Торговая марка", InputType.CHOICE),
    "onec:country": ("Страна", InputType.CHOICE),
}

_INPUT_TYPES = {
    PropertyType.TEXT: InputType.TEXT,
    PropertyType.NUMBER: InputType.NUMBER,
    PropertyType.MOMENT: InputType.MOMENT,
    PropertyType.BOOLEAN: InputType.BOOLEAN,
    PropertyType.CHOICE: InputType.CHOICE,
}
_TRUE = {"true", "да", "истина", "1", "yes"}
_FALSE = {"false", "нет", "ложь", "0", "no"}


class ValueMismatch(ValueError):
    """A value that its property's type can't hold."""


@dataclass(slots=True)
class PropertyRef:
    """A property as the shop has it."""

    attribute_id: str
    input_type: InputType
    choices: dict[str, str]

    def values(self, texts: Sequence[str]) -> tuple[AttributeValue, ...]:
        """1C's texts as values of the attribute.

        Raises
        ------
        ValueMismatch
            A text is no value of this type.
        """
        texts = [text for text in texts if text]
        if not texts:
            return ()
        match self.input_type:
            case InputType.MULTICHOICE:
                return tuple(self._choice(text) for text in dict.fromkeys(texts))
            case InputType.CHOICE:
                return (self._choice(texts[0]),)
            case InputType.TEXT:
                return (", ".join(self.choices.get(text, text) for text in texts),)
            case InputType.NUMBER:
                return (_number(texts[0]),)
            case InputType.BOOLEAN:
                return (_boolean(texts[0]),)
            case _:
                return (_moment(texts[0]),)

    def _choice(self, text: str) -> ChoiceValue:
        return ChoiceValue(text, self.choices.get(text, text))


def _number(text: str) -> Decimal:
    compact = text.replace("\xa0", "").replace(" ", "").replace(",", ".")
    try:
        number = Decimal(compact)
    except InvalidOperation:
        raise ValueMismatch(f"«{text}» — не число") from None
    if not number.is_finite():
        raise ValueMismatch(f"«{text}» — не число")
    return number


def _boolean(text: str) -> bool:
    lowered = text.casefold()
    if lowered in _TRUE or lowered in _FALSE:
        return lowered in _TRUE
    raise ValueMismatch(f"«{text}» — ни да, ни нет")


def _moment(text: str) -> datetime:
    from django.utils.timezone import get_default_timezone, is_naive

    for parse in (datetime.fromisoformat, _russian_date):
        try:
            moment = parse(text)
        except ValueError:
            continue
        # 1C writes its own zone's time without naming the zone: the shop's is the nearest.
        return moment.replace(tzinfo=get_default_timezone()) if is_naive(moment) else moment
    raise ValueMismatch(f"«{text}» — не дата")


def _russian_date(text: str) -> datetime:
    pattern = "%d.%m.%Y %H:%M:%S" if " " in text else "%d.%m.%Y"
    return datetime.strptime(text, pattern)  # noqa: DTZ007 - the caller adds the zone


def input_type_of(definition: Property) -> InputType:
    """How the values of a property are given in the shop."""
    if definition.type is PropertyType.CHOICE and definition.multiple:
        return InputType.MULTICHOICE
    return _INPUT_TYPES[definition.type]


class References:
    """Lazy, in-memory view of the referenced objects; small beside the goods."""

    def __init__(self, store: CatalogStore, settings: CatalogSettings, seen: datetime) -> None:
        self._store = store
        self._settings = settings
        self._seen = seen
        self.reset()

    def reset(self) -> None:
        """Forget everything: after a roll-back, or when the classifier has changed."""
        self._groups: dict[str, str | None] | None = None
        self._properties: dict[str, PropertyRef] | None = None
        self._units: dict[str, str] | None = None
        self._categories: dict[str, str] | None = None
        self._trade: TradeMap | None = None
        self._types: dict[str, str] = {}
        self._tax_classes: dict[tuple[Decimal | None, bool], str] = {}
        self._bound: set[tuple[str, str, bool]] = set()

    @property
    def trade(self) -> TradeMap:
        if self._trade is None:
            price_types = [
                item
                for raw in self._raws(ItemKind.PRICE_TYPE)
                if isinstance(item := parse_raw(raw), PriceType)
            ]
            warehouses = [
                item
                for raw in self._raws(ItemKind.WAREHOUSE)
                if isinstance(item := parse_raw(raw), Warehouse)
            ]
            self._trade = TradeMap(
                self._settings,
                self._store.channels(),
                self._store.warehouses(),
                price_types,
                warehouses,
            )
        return self._trade

    def group(self, onec_id: str) -> str | None:
        """The shop's category for a group; ``None`` where the group isn't known."""
        if self._groups is None:
            self._groups = {
                key: entry.store_id for key, entry in register.load(ItemKind.GROUP).items()
            }
        return self._groups.get(onec_id)

    def property(self, onec_id: str, texts: Sequence[str] = ()) -> PropertyRef | None:
        """The property in the shop, able to hold `texts`; ``None`` where it isn't known."""
        if self._properties is None:
            self._properties = {}
            for key, entry in register.load_all_with_raw(ItemKind.PROPERTY).items():
                if entry.store_id is None:
                    continue
                item = parse_raw(entry.raw_card) if entry.raw_card else None
                choices = (
                    {choice.id: choice.value for choice in item.choices}
                    if isinstance(item, Property)
                    else {}
                )
                self._properties[key] = PropertyRef(
                    entry.store_id, InputType(entry.type_id), choices
                )
        ref = self._properties.get(onec_id)
        if ref and ref.input_type is InputType.CHOICE and len({text for text in texts if text}) > 1:
            self._widen(onec_id, ref)
        return ref

    def _widen(self, onec_id: str, ref: PropertyRef) -> None:
        """Let a choice hold several values: many configurations never say that it may."""
        entry = register.load(ItemKind.PROPERTY, [onec_id])[onec_id]
        wide = InputType.MULTICHOICE
        write = AttributeWrite(onec_id, entry.name or onec_id, wide, entry.store_id)
        self._store.write_attributes([write])
        entry.type_id, ref.input_type = wide.value, wide
        register.save([entry])

    def own_attribute(self, key: str, name: str, input_type: InputType) -> PropertyRef:
        """An attribute that isn't a property in 1C (article, a characteristic), made when new."""
        known = self.property(key)
        if known is not None:
            return known
        written = self._store.write_attributes([AttributeWrite(key, name, input_type)])
        entry = Entry(
            ItemKind.PROPERTY,
            key,
            self._seen,
            store_id=written.ids[0],
            type_id=input_type.value,
            name=name,
        )
        register.save([entry])
        made = PropertyRef(written.ids[0], input_type, {})
        assert self._properties is not None  # noqa: S101 - self.property() has just loaded it
        self._properties[key] = made
        return made

    def system(self, key: str, text: str) -> Assignment:
        """Assignment of one of :data:`SYSTEM_ATTRIBUTES`."""
        ref = self.own_attribute(key, *SYSTEM_ATTRIBUTES[key])
        return Assignment(ref.attribute_id, ref.input_type, ref.values([text]))

    def unit_name(self, unit: Unit | None) -> str:
        """Short name of a unit: as written, else by its code from 1C's list or OKEI."""
        if unit is None:
            return ""
        if unit.name and not unit.name.isdigit():
            return unit.name
        code = unit.code or unit.name
        if self._units is None:
            self._units = {
                item.code: item.name or item.full_name
                for raw in self._raws(ItemKind.UNIT)
                if isinstance(item := parse_raw(raw), Unit)
            }
        known = units.of_code(code)
        return self._units.get(code) or (known.name if known else "") or unit.full_name or code

    def kind_of(self, product: Product) -> tuple[str, str]:
        """Key and name of the kind of goods."""
        if product.category_id:
            if self._categories is None:
                self._categories = {
                    item.id: item.name
                    for raw in self._raws(ItemKind.CATEGORY_OF_GOODS)
                    if isinstance(item := parse_raw(raw), GoodsCategory)
                }
            name = self._categories.get(product.category_id)
            if name:
                return f"category:{product.category_id}", name
        name = product.requisite("ВидНоменклатуры") or product.requisite("ТипНоменклатуры")
        return (f"kind:{name.casefold()}", name) if name else ("kind:", "")

    def product_type(self, product: Product) -> str:
        """The shop's product type: by kind of goods, or the only one, as set."""
        key, name = self.kind_of(product)
        if not self._settings.type_per_kind or not name:
            key, name = "kind:", "Товар"
        else:
            named = self._settings.kinds.get(name) or self._settings.kinds.get("*")
            if named:
                key, name = f"kind:{named[0].casefold()}", named[0]
        if key not in self._types:
            self._types[key] = self._store.product_type(key, name)
        return self._types[key]

    def tax_class(self, taxes: Sequence[TaxRate]) -> str | None:
        """The shop's class for the VAT of a card; ``None`` where 1C doesn't say."""
        rate = next((tax for tax in taxes if "НДС" in tax.name.upper() or not tax.name), None)
        if rate is None:
            return None
        key = (rate.percent, rate.calculated)
        if key not in self._tax_classes:
            percent = rate.percent
            if percent is None:
                code, name = "vat:none", "Без НДС"
            else:
                text = f"{percent.normalize():f}"
                code, name = f"vat:{text}", f"НДС {text}%"
                if rate.calculated:
                    code, name = f"vat:{text}/1{text:0>2}", f"НДС {text}/1{text:0>2}"
            self._tax_classes[key] = self._store.tax_class(code, name, percent)
        return self._tax_classes[key]

    def bind(self, type_id: str, attribute_ids: Sequence[str], *, variant: bool) -> None:
        """Let a product type have these attributes."""
        new = [
            attribute_id
            for attribute_id in dict.fromkeys(attribute_ids)
            if (type_id, attribute_id, variant) not in self._bound
        ]
        if new:
            self._store.bind_attributes(type_id, () if variant else new, new if variant else ())
            self._bound.update((type_id, attribute_id, variant) for attribute_id in new)

    def _raws(self, kind: ItemKind) -> list[bytes]:
        return [
            entry.raw_card for entry in register.load_all_with_raw(kind).values() if entry.raw_card
        ]
