"""One element of a package → one value of :mod:`.model`.

Each element is walked once, its children are looked up by local name: a full export is
hundreds of thousands of elements, and a ``find()`` per field costs more than the parsing.
"""

from collections.abc import Callable
from decimal import Decimal

from lxml import etree

from . import values
from .counterparty_reader import counterparty
from .document_reader import document
from .errors import CommerceMLError, ValueFault
from .goods import offer, product
from .items import Item
from .model import (
    Choice,
    GoodsCategory,
    Group,
    ItemKind,
    Package,
    PriceType,
    Property,
    PropertyType,
    Section,
    Unit,
    Warehouse,
)
from .names import NAMES, line_of, text_of
from .units import unit
from .unreadable import Unreadable, is_deleted, switch_of

ROOT = "КоммерческаяИнформация"
CHANGES = "ИзмененияПакетаПредложений"
#: Names of the sections of a package.
SECTIONS = {
    "Классификатор": ItemKind.CLASSIFIER,
    "Каталог": ItemKind.CATALOG,
    "ПакетПредложений": ItemKind.OFFER_PACKAGE,
    CHANGES: ItemKind.OFFER_PACKAGE,
}
#: What the head of a section consists of.
SECTION_HEAD = frozenset(
    {"Ид", "Наименование", "ИдКлассификатора", "ИдКаталога", "СодержитТолькоИзменения"}
)
#: Not of the standard: how :class:`~.reader.Node` keeps the parent of a nested group.
PARENT = "ИдРодителя"

_TYPES = {
    "строка": PropertyType.TEXT,
    "число": PropertyType.NUMBER,
    "время": PropertyType.MOMENT,
    "дата": PropertyType.MOMENT,
    "датавремя": PropertyType.MOMENT,
    "булево": PropertyType.BOOLEAN,
    "boolean": PropertyType.BOOLEAN,
    "логическое": PropertyType.BOOLEAN,
    "справочник": PropertyType.CHOICE,
}


def _texts(element: etree._Element) -> dict[str, str]:
    return {NAMES[child.tag]: text_of(child) for child in element}


def _children(element: etree._Element) -> dict[str, etree._Element]:
    return {NAMES[child.tag]: child for child in element}


def _package(element: etree._Element) -> Package:
    try:
        created_at = values.moment(element.get("ДатаФормирования"))
    except ValueError:
        # Nothing depends on it, and some exporters write the date in their own way.
        created_at = None
    return Package(schema=(element.get("ВерсияСхемы") or "").strip(), created_at=created_at)


def _section(element: etree._Element) -> Section:
    name = NAMES[element.tag]
    parts = _children(element)
    texts = {key: text_of(child) for key, child in parts.items() if key in SECTION_HEAD}
    only_changes = switch_of(element, "СодержитТолькоИзменения")
    if only_changes is None and "СодержитТолькоИзменения" in parts:
        only_changes = switch_of(parts["СодержитТолькоИзменения"])
    if only_changes is None and name == CHANGES:
        only_changes = True
    return Section(
        kind=SECTIONS[name],
        id=texts.get("Ид", ""),
        name=texts.get("Наименование", ""),
        only_changes=only_changes,
        classifier_id=texts.get("ИдКлассификатора", ""),
        catalog_id=texts.get("ИдКаталога", ""),
    )


def _group(element: etree._Element) -> Group:
    texts = _texts(element)
    return Group(
        id=texts.get("Ид", ""),
        name=texts.get("Наименование", ""),
        parent_id=texts.get(PARENT) or None,
        deleted=is_deleted(element),
        description=texts.get("Описание", ""),
    )


def _category(element: etree._Element) -> GoodsCategory:
    texts = _texts(element)
    ids: list[str] = []
    for child in element:
        if NAMES[child.tag] == "Свойства":
            for entry in child:
                # Plain ids by the standard; some configurations repeat the whole property.
                own = text_of(entry) if len(entry) == 0 else _texts(entry).get("Ид", "")
                if own:
                    ids.append(own)
    return GoodsCategory(
        id=texts.get("Ид", ""),
        name=texts.get("Наименование", ""),
        property_ids=tuple(ids),
        deleted=is_deleted(element),
    )


def _choices(element: etree._Element) -> list[Choice]:
    found = []
    for child in element:
        if len(child) == 0:
            # ``Значение`` alone: the text is all there is to know it by.
            own = value = text_of(child)
        else:
            texts = _texts(child)
            value = texts.get("Значение") or texts.get("Наименование", "")
            own = texts.get("ИдЗначения") or texts.get("Ид") or value
        if own:
            found.append(Choice(id=own, value=value))
    return found


def _property(element: etree._Element) -> Property:
    parts = _children(element)
    type_name = ""
    choices: list[Choice] = []
    if "ТипыЗначений" in parts:  # 2.03: the type with its values is nested
        for child in parts["ТипыЗначений"]:
            inner = _children(child)
            found = text_of(inner["Тип"]) if "Тип" in inner else text_of(child)
            type_name = type_name or found
            if "ВариантыЗначений" in inner:
                choices += _choices(inner["ВариантыЗначений"])
    if "ТипЗначений" in parts:
        type_name = text_of(parts["ТипЗначений"]) or type_name
    if "ВариантыЗначений" in parts:
        choices += _choices(parts["ВариантыЗначений"])
    kind = _TYPES.get(type_name.replace(" ", "").lower())
    if kind is None:
        kind = PropertyType.CHOICE if choices else PropertyType.TEXT
    required = text_of(parts["Обязательное"]).lower() if "Обязательное" in parts else ""

    def said(name: str) -> bool | None:
        return switch_of(parts[name]) if name in parts else None

    return Property(
        id=text_of(parts["Ид"]) if "Ид" in parts else "",
        name=text_of(parts["Наименование"]) if "Наименование" in parts else "",
        type=kind,
        choices=tuple(choices),
        multiple=said("Множественное") or False,
        # The schema names where it is required ("Для каталога"), 1C writes true or false.
        required=required not in {"", "false", "0", "нет", "ложь"},
        deleted=is_deleted(element),
        for_products=said("ДляТоваров"),
        for_offers=said("ДляПредложений"),
    )


def _price_type(element: etree._Element) -> PriceType:
    texts = _texts(element)
    included: bool | None = None
    for child in element:
        if included is None and NAMES[child.tag] == "Налог":
            inner = _children(child)
            if "УчтеноВСумме" in inner:
                included = switch_of(inner["УчтеноВСумме"])
    return PriceType(
        id=texts.get("Ид", ""),
        name=texts.get("Наименование", ""),
        currency=texts.get("Валюта", ""),
        tax_included=included,
        deleted=is_deleted(element),
    )


def _warehouse(element: etree._Element) -> Warehouse:
    texts = _texts(element)
    return Warehouse(
        id=texts.get("Ид", ""), name=texts.get("Наименование", ""), deleted=is_deleted(element)
    )


def _unit(element: etree._Element) -> Unit:
    return unit(element) or Unit(ratio=Decimal(1))


_READERS: dict[str, tuple[ItemKind, Callable[[etree._Element], Item]]] = {
    ROOT: (ItemKind.PACKAGE, _package),
    **{name: (kind, _section) for name, kind in SECTIONS.items()},
    "Группа": (ItemKind.GROUP, _group),
    "Категория": (ItemKind.CATEGORY_OF_GOODS, _category),
    "Свойство": (ItemKind.PROPERTY, _property),
    "СвойствоНоменклатуры": (ItemKind.PROPERTY, _property),
    "ТипЦены": (ItemKind.PRICE_TYPE, _price_type),
    "Склад": (ItemKind.WAREHOUSE, _warehouse),
    "ЕдиницаИзмерения": (ItemKind.UNIT, _unit),
    "Товар": (ItemKind.PRODUCT, product),
    "Предложение": (ItemKind.OFFER, offer),
    "Документ": (ItemKind.DOCUMENT, document),
    "Контрагент": (ItemKind.COUNTERPARTY, counterparty),
}


def kind_of(element: etree._Element) -> ItemKind | None:
    """Kind of the object that this element describes; ``None`` where it is none."""
    known = _READERS.get(NAMES[element.tag])
    return known[0] if known else None


def read(element: etree._Element, item_id: str, *, with_lines: bool = True) -> Item:
    """Read one object.

    Raises
    ------
    ValueFault
        A number or a switch in it cannot be read.
    """
    name = NAMES[element.tag]
    if name not in _READERS:
        raise CommerceMLError(f"Неизвестный элемент «{name}»")
    try:
        return _READERS[name][1](element)
    except Unreadable as fault:
        raise told(fault, item_id, with_lines=with_lines) from fault


def told(fault: Unreadable, item_id: str, *, with_lines: bool = True) -> ValueFault:
    """The fault with the object that it is in, and the line where there is one."""
    line = line_of(fault.element) if with_lines else 0
    return ValueFault(str(fault), line, item_id, fault.text)
