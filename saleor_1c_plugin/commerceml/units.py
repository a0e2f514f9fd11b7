"""Units of measure."""

from decimal import Decimal

from lxml import etree

from .model import Unit
from .names import NAMES, text_of
from .unreadable import number_of

ONE = Decimal(1)


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
