"""Units of measure."""

from decimal import Decimal

from lxml import etree

from .model import Unit
from .names import NAMES, text_of
from .unreadable import number_of

ONE = Decimal(1)

#: Units that most goods are sold in, by their code in the classifier OKEI (OK 015-94).
OKEI = {
    unit.code: unit
    for unit in (
        Unit("796", "шт", "Штука", "PCE"),
        Unit("166", "кг", "Килограмм", "KGM"),
        Unit("163", "г", "Грамм", "GRM"),
        Unit("168", "т", "Тонна", "TNE"),
        Unit("112", "л", "Литр", "LTR"),
        Unit("111", "мл", "Миллилитр", "MLT"),
        Unit("006", "м", "Метр", "MTR"),
        Unit("055", "м²", "Квадратный метр", "MTK"),
        Unit("113", "м³", "Кубический метр", "MTQ"),
        Unit("778", "упак", "Упаковка", "NMP"),
        Unit("839", "компл", "Комплект", "SET"),
        Unit("715", "пар", "Пара", "NPR"),
        Unit("625", "лист", "Лист", "LEF"),
        Unit("736", "рул", "Рулон", "NPL"),
    )
}
_BY_NAME = {
    name.casefold(): unit for unit in OKEI.values() for name in (unit.name, unit.full_name)
} | {"м2": OKEI["055"], "м3": OKEI["113"], "уп": OKEI["778"]}


def named(name: str) -> Unit:
    """The unit that is called so, with its code where OKEI has one; pieces for no name."""
    if not name:
        return OKEI["796"]
    return _BY_NAME.get(name.rstrip(".").casefold()) or Unit(name=name, full_name=name)


def of_code(code: str) -> Unit | None:
    """The unit with OKEI's `code`, also where its leading zeros were lost."""
    return OKEI.get(code.zfill(3))


def unit(element: etree._Element) -> Unit | None:
    """Read a unit of measure in any of its forms; ``None`` where the element is empty.

    With attributes (2.x), with child elements (unit files, 3.1), or only OKEI's code (3.1).
    """
    code = (element.get("Код") or "").strip()
    name = text_of(element)
    short = (element.get("НаименованиеКраткое") or "").strip()
    full = (element.get("НаименованиеПолное") or "").strip()
    international = (element.get("МеждународноеСокращение") or "").strip()
    own = ""
    ratio = None
    for child in element:
        match NAMES[child.tag]:
            case "Код" | "Единица":
                code = code or text_of(child)
            case "Ид":
                own = text_of(child)
            case "Наименование" | "НаименованиеКраткое":
                short = short or text_of(child)
            case "НаименованиеПолное":
                full = full or text_of(child)
            case "МеждународноеСокращение":
                international = international or text_of(child)
            case "Коэффициент":
                ratio = number_of(child)
    if name.isdigit() and not code:
        code, name = name, ""
    code = code or own
    name = name or short
    if not (code or name or full or international):
        return None
    return Unit(code, name, full, international, ratio or ONE)
