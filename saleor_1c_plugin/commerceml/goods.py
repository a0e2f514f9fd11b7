"""``Товар`` and ``Предложение``: the two elements that fill a package."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Literal

from lxml import etree

from . import trade, values
from .draft import Draft
from .fields import requisites_of
from .model import (
    Characteristic,
    Offer,
    Picture,
    Product,
    PropertyValue,
    TaxRate,
)
from .names import NAMES, text_of
from .units import unit
from .unreadable import is_removed, number_of, rate_of, switch_of

OfferPart = Literal["card", "price", "stock"]

#: Elements that only a card of goods has; ``prices`` and ``rests`` files have none of them.
CARD = frozenset(
    {
        "Наименование",
        "БазоваяЕдиница",
        "ХарактеристикиТовара",
        "ЗначенияСвойств",
        "ЗначенияРеквизитов",
        "Картинка",
        "Картинки",
    }
)

#: Texts with any of these are HTML, whether 1C says so or not: most configurations don't.
_MARKUP = re.compile(
    r"</?(?:p|br|div|span|ul|ol|li|b|i|strong|em|h[1-6]|table|a|img)(?:[\s/][^<>]*)?>",
    re.IGNORECASE,
)


def _barcode(draft: Draft, element: etree._Element) -> None:
    code = text_of(element)
    if code and code not in draft.barcodes:
        draft.barcodes.append(code)


def _barcodes(draft: Draft, element: etree._Element) -> None:
    for child in element:
        _barcode(draft, child)


def _base_unit(draft: Draft, element: etree._Element) -> None:
    draft.unit = unit(element)
    for child in element:
        if NAMES[child.tag] == "Пересчет" and (other := unit(child)):
            draft.units.append(other)


def _units(draft: Draft, element: etree._Element) -> None:
    draft.units.extend(found for child in element if (found := unit(child)))


def _groups(draft: Draft, element: etree._Element) -> None:
    draft.groups.extend(own for child in element if (own := text_of(child)))


def _description(draft: Draft, element: etree._Element) -> None:
    if switch_of(element, "ФорматHTML"):
        draft.html = text_of(element)
    else:
        draft.texts["Описание"] = text_of(element)


def _html(draft: Draft, element: etree._Element) -> None:
    draft.html = text_of(element) or draft.html


def _picture(draft: Draft, element: etree._Element) -> None:
    if draft.pictures is None:
        draft.pictures = []
    path = text_of(element).replace("\\", "/")
    if path:
        draft.pictures.append(Picture(path, (element.get("Описание") or "").strip()))


def _pictures(draft: Draft, element: etree._Element) -> None:
    if draft.pictures is None:
        draft.pictures = []
    for child in element:
        _picture(draft, child)


def _properties(draft: Draft, element: etree._Element) -> None:
    found: dict[str, tuple[str, ...]] = {}
    for entry in element:
        own = ""
        literals: list[str] = []
        ids: list[str] = []
        for child in entry:
            name = NAMES[child.tag]
            if name == "Ид":
                own = text_of(child)
            elif name == "Значение":
                if text := text_of(child):
                    literals.append(text)
            elif name == "ИдЗначения" and (text := text_of(child)):
                ids.append(text)
        if own:
            # Several values stand in one element, or in several that name the same property.
            found[own] = found.get(own, ()) + tuple(ids or literals)
    draft.properties += [PropertyValue(own, given) for own, given in found.items()]


def _characteristics(draft: Draft, element: etree._Element) -> None:
    for entry in element:
        texts = {NAMES[child.tag]: text_of(child) for child in entry}
        name = texts.get("Наименование", "")
        own = texts.get("Ид", "")
        if name or own:
            draft.characteristics.append(Characteristic(name, texts.get("Значение", ""), own))


def _requisites(draft: Draft, element: etree._Element) -> None:
    draft.requisites += [(name, text_of(value)) for name, value in requisites_of(element)]


def _taxes(draft: Draft, element: etree._Element) -> None:
    for entry in element:
        name = ""
        rate = None
        for child in entry:
            match NAMES[child.tag]:
                case "Наименование":
                    name = text_of(child)
                case "Ставка":
                    rate = rate_of(child)
        if rate is not None:
            draft.taxes.append(TaxRate(name, rate[0], rate[1]))


def _weight(draft: Draft, element: etree._Element) -> None:
    draft.weight = number_of(element)


def _mark(draft: Draft, element: etree._Element) -> None:
    if switch_of(element):
        draft.deleted = True


def _status(draft: Draft, element: etree._Element) -> None:
    if is_removed(element.text):
        draft.deleted = True


def _contractor(draft: Draft, element: etree._Element) -> None:
    texts = {NAMES[child.tag]: text_of(child) for child in element}
    draft.texts[NAMES[element.tag]] = (
        texts.get("Наименование") or texts.get("ОфициальноеНаименование") or text_of(element)
    )


def _category(draft: Draft, element: etree._Element) -> None:
    inner = next((text_of(child) for child in element if NAMES[child.tag] == "Ид"), "")
    draft.texts["Категория"] = inner or text_of(element)


_FIELDS: dict[str, Callable[[Draft, etree._Element], None]] = {
    "Штрихкод": _barcode,
    "ШтрихКод": _barcode,
    "Штрихкоды": _barcodes,
    "БазоваяЕдиница": _base_unit,
    "КодЕдиницыИзмерения": _base_unit,
    "Единицы": _units,
    "Группы": _groups,
    "Категория": _category,
    "Описание": _description,
    "ОписаниеВФорматеHTML": _html,
    "Картинка": _picture,
    "Картинки": _pictures,
    "ЗначенияСвойств": _properties,
    "ХарактеристикиТовара": _characteristics,
    "ЗначенияРеквизитов": _requisites,
    "СтавкиНалогов": _taxes,
    "Изготовитель": _contractor,
    "Производитель": _contractor,
    "ТорговаяМарка": _contractor,
    "Вес": _weight,
    "ПометкаУдаления": _mark,
    "Статус": _status,
    **trade.READERS,
}


def _draft(element: etree._Element) -> Draft:
    draft = Draft()
    texts = draft.texts
    for child in element:
        name = NAMES[child.tag]
        field = _FIELDS.get(name)
        if field is not None:
            field(draft, child)
        else:
            texts[name] = text_of(child)
        if name in CARD:
            draft.has_card = True
    if is_removed(element.get("Статус")):
        draft.deleted = True
    if draft.requisites:
        _use_requisites(draft)
    return draft


def _use_requisites(draft: Draft) -> None:
    """Take from the requisites what other configurations write as elements."""
    captions: dict[str, str] = {}
    for name, value in draft.requisites:
        if name == "Вес" and draft.weight is None:
            draft.weight = _loose_weight(value)
        elif name == "ОписаниеФайла":
            path, _, caption = value.replace("\\", "/").partition("#")
            captions[path.strip()] = caption.strip()
        elif name == "ОписаниеВФорматеHTML" and value and not draft.html:
            _html_requisite(draft, value)
        elif name == "Торговая марка":
            draft.texts.setdefault("ТорговаяМарка", value)
    if captions and draft.pictures:
        draft.pictures = [
            Picture(picture.path, picture.caption or captions.get(picture.path, ""))
            for picture in draft.pictures
        ]


def _html_requisite(draft: Draft, value: str) -> None:
    """Take the HTML, or the word that ``Описание`` is HTML: both are in use."""
    lowered = value.lower()
    if lowered == "true":
        draft.html = draft.texts.pop("Описание", "")
    elif lowered != "false":
        draft.html = value


def _loose_weight(text: str) -> Decimal | None:
    """Read a weight that a person typed; a text that is none stays among the requisites."""
    try:
        return values.number(text.lower().removesuffix("кг").strip())
    except ValueError:
        return None


def full_id(own: str, characteristic: str) -> str:
    """Join the two ids where a package gives them apart."""
    return f"{own}#{characteristic}" if own and characteristic and "#" not in own else own


def product(element: etree._Element) -> Product:
    """Read ``Товар``."""
    draft = _draft(element)
    texts = draft.texts
    requisites = draft.requisites
    if not draft.html and _MARKUP.search(texts.get("Описание", "")):
        draft.html = texts.pop("Описание")
    # The same two facts stand as elements in one configuration and as requisites in another.
    for name, key in (("ПолноеНаименование", "Полное наименование"), ("Код", "Код")):
        if texts.get(name) and all(key != known for known, _ in requisites):
            requisites.append((key, texts[name]))
    return Product(
        id=texts.get("Ид", ""),
        name=texts.get("Наименование", ""),
        article=texts.get("Артикул", ""),
        barcodes=tuple(draft.barcodes),
        unit=draft.unit,
        units=tuple(draft.units),
        group_ids=tuple(draft.groups),
        category_id=texts.get("Категория", ""),
        description=texts.get("Описание", ""),
        description_html=draft.html,
        pictures=None if draft.pictures is None else tuple(draft.pictures),
        properties=tuple(draft.properties),
        characteristics=tuple(draft.characteristics),
        requisites=tuple(requisites),
        taxes=tuple(draft.taxes),
        manufacturer=texts.get("Изготовитель") or texts.get("Производитель", ""),
        brand=texts.get("ТорговаяМарка", ""),
        country=texts.get("Страна", ""),
        weight=draft.weight,
        deleted=draft.deleted,
    )


def offer(element: etree._Element) -> Offer:
    """Read ``Предложение``."""
    draft = _draft(element)
    texts = draft.texts
    return Offer(
        id=full_id(texts.get("Ид", ""), texts.get("ИдХарактеристики", "")),
        has_card=draft.has_card,
        name=texts.get("Наименование", ""),
        article=texts.get("Артикул", ""),
        barcodes=tuple(draft.barcodes),
        unit=draft.unit,
        characteristics=tuple(draft.characteristics),
        properties=tuple(draft.properties),
        pictures=None if draft.pictures is None else tuple(draft.pictures),
        prices=None if draft.prices is None else tuple(draft.prices),
        stocks=None if draft.stocks is None else tuple(draft.stocks),
        quantity=draft.quantity,
        weight=draft.weight,
        deleted=draft.deleted,
    )
