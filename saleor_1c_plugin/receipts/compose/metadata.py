"""What the catalogue and people may write in metadata for the sake of receipts.

On goods (a variant or a product):

``onec.unit``
    Unit of measure in words, as the catalogue writes it: "кг".
``onec.ТипНоменклатуры``, ``onec.ВидНоменклатуры``
    As 1C has them: "Услуга", "Работа", "Подарочный сертификат"; anything else is goods.
``onec.payment_object``
    Instead of those: one of :data:`OBJECTS`, or "gift_card".
``onec.marked``
    "true": goods may not be handed over without a code of "Честный знак".
``onec.agent``
    JSON of one whose goods the shop sells on behalf of another: ``{"kind": "commission_agent",
    "name": "ООО Ромашка", "inn": "7707083893", "phones": ["+74950000000"]}``; kinds are those of
    :class:`~.document.AgentKind` in lower case.

On the goods or on the order:

``onec.marking``
    Codes, one for each piece, in the order in which the pieces leave. On goods a JSON list, or a
    code a line; on an order a JSON object of such lists by the line's id, its article or 1C's id.
    An element is the code as it was scanned, or ``{"code": "…", "fraction": "1/20"}`` where a part
    of a package is sold.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .document import AgentKind, Fraction, Measure, PaymentObject, Supplier
from .problem import Problem

UNIT = "onec.unit"
TYPE, KIND = "onec.ТипНоменклатуры", "onec.ВидНоменклатуры"
OBJECT = "onec.payment_object"
MARKED = "onec.marked"
MARKING = "onec.marking"
AGENT = "onec.agent"

GIFT_CARD = "gift_card"
OBJECTS = {
    "commodity": PaymentObject.COMMODITY,
    "excise": PaymentObject.EXCISE,
    "job": PaymentObject.JOB,
    "service": PaymentObject.SERVICE,
    "another": PaymentObject.ANOTHER,
}
_AGENTS = {kind.name.lower(): kind for kind in AgentKind}

_MEASURES = {
    Measure.GRAM: "г грамм",
    Measure.KILOGRAM: "кг килограмм",
    Measure.TON: "т тонна",
    Measure.CENTIMETRE: "см сантиметр",
    Measure.DECIMETRE: "дм дециметр",
    Measure.METRE: "м метр м.п пог.м",
    Measure.SQUARE_CENTIMETRE: "см² см2",
    Measure.SQUARE_DECIMETRE: "дм² дм2",
    Measure.SQUARE_METRE: "м² м2",
    Measure.MILLILITRE: "мл миллилитр",
    Measure.LITRE: "л литр",
    Measure.CUBIC_METRE: "м³ м3",
    Measure.KILOWATT_HOUR: "квт·ч квт*ч",
    Measure.GIGACALORIE: "гкал",
    Measure.DAY: "сут день дн",
    Measure.HOUR: "ч час",
    Measure.MINUTE: "мин",
    Measure.SECOND: "с сек",
    Measure.KILOBYTE: "кб",
    Measure.MEGABYTE: "мб",
    Measure.GIGABYTE: "гб",
    Measure.TERABYTE: "тб",
    # What is sold by whole units, whatever they are called.
    Measure.PIECE: "шт штука ед упак упаковка уп компл комплект пар пара лист рул рулон набор",
}
_BY_NAME = {name: measure for measure, names in _MEASURES.items() for name in names.split()} | {
    "квадратный метр": Measure.SQUARE_METRE,
    "кубический метр": Measure.CUBIC_METRE,
}


@dataclass(frozen=True, slots=True)
class Code:
    """A code of "Честный знак", of a piece or of a part of a package."""

    text: str
    fraction: Fraction | None = None


def measure(metadata: Mapping[str, str]) -> Measure:
    name = metadata.get(UNIT, "").strip().rstrip(".").casefold()
    return _BY_NAME.get(name, Measure.OTHER) if name else Measure.PIECE


def payment_object(metadata: Mapping[str, str]) -> PaymentObject | None:
    """What the goods are by law; ``None``: a gift card, which is no goods at all."""
    if named := metadata.get(OBJECT, "").strip().casefold():
        if named == GIFT_CARD:
            return None
        if named not in OBJECTS:
            raise Problem(f"Предмет расчёта «{named}» ({OBJECT}) неизвестен")
        return OBJECTS[named]
    kind = (metadata.get(TYPE) or metadata.get(KIND) or "").casefold()
    if "сертификат" in kind or "подарочная карта" in kind:
        return None
    if "услуга" in kind:
        return PaymentObject.SERVICE
    return PaymentObject.JOB if "работа" in kind else PaymentObject.COMMODITY


def agent(metadata: Mapping[str, str], name: str) -> tuple[AgentKind, Supplier] | None:
    """On whose behalf goods called `name` are sold; ``None``: they are the seller's own."""
    text = metadata.get(AGENT, "").strip()
    if not text:
        return None
    found = _json(text, f"{name}: сведения о поставщике ({AGENT})")
    kind = _AGENTS.get(str(found.get("kind", ""))) if isinstance(found, dict) else None
    if kind is None:
        raise Problem(f"{name}: вид агента в {AGENT} не указан или неизвестен")
    phones = found.get("phones") or []
    return kind, Supplier(
        str(found.get("name") or ""),
        str(found.get("inn") or ""),
        tuple(map(str, phones)) if isinstance(phones, list) else (str(phones),),
    )


def codes(metadata: Mapping[str, str], name: str) -> tuple[Code, ...]:
    """Codes that the metadata of goods called `name` has."""
    text = metadata.get(MARKING, "").strip("\r\n ")
    if not text:
        return ()
    if text.startswith("["):
        return _codes(_json(text, _of(name)), name)
    return tuple(Code(line.strip("\r ")) for line in text.split("\n") if line.strip("\r "))


def codes_of_order(metadata: Mapping[str, str]) -> Mapping[str, Any]:
    """What people have written on the order: codes by line, see :func:`codes_of_line`."""
    text = metadata.get(MARKING, "").strip()
    found = _json(text, f"Коды маркировки заказа ({MARKING})") if text else {}
    if not isinstance(found, dict):
        raise Problem(f"Коды маркировки заказа ({MARKING}) — не объект JSON по строкам")
    return found


def codes_of_line(found: object, name: str) -> tuple[Code, ...]:
    return _codes(found, name)


def _codes(found: object, name: str) -> tuple[Code, ...]:
    if not isinstance(found, list):
        raise Problem(f"{_of(name)} — не список")
    return tuple(_code(element, name) for element in found)


def _code(element: object, name: str) -> Code:
    match element:
        case str() if element:
            return Code(element)
        case {"code": str(text), "fraction": str(part)} if text:
            numerator, slash, denominator = part.partition("/")
            if slash and numerator.strip().isdecimal() and denominator.strip().isdecimal():
                return Code(text, Fraction(int(numerator), int(denominator)))
        case {"code": str(text), **others} if text and not others:
            return Code(text)
    raise Problem(f"{_of(name)} записаны с ошибкой")


def _of(name: str) -> str:
    return f"{name}: коды маркировки ({MARKING})"


def _json(text: str, what: str) -> Any:
    try:
        # Separators of codes may stand there as they are.
        return json.loads(text, strict=False)
    except ValueError:
        raise Problem(f"{what} — не JSON") from None
