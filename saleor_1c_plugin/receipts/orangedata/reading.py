"""What OrangeData says of a receipt (protocol 2.31.3, 2.2 and 2.8), and of the registers (2.5)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from ..driver import FiscalData, Health, OutcomeUnknown

_KOPECK = Decimal("0.01")
#: How the numbers of drives begin that are for tests (protocol, 1.1).
_TEST = "9999"
#: Of an answer, as far as people need it.
_MOST_TEXT = 500


def fiscal_data(told: Mapping[str, Any] | None, zone: ZoneInfo) -> FiscalData:
    """Of a receipt that was registered.

    Raises
    ------
    OutcomeUnknown
        It is not as the protocol says.
    """
    try:
        return _fiscal_data(told or {}, zone)
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise OutcomeUnknown(f"Ответ OrangeData не читается: {type(error).__name__}") from None


def health(told: Mapping[str, Any] | None, zone: ZoneInfo) -> Health:
    """Of a group of registers, as of one.

    Raises
    ------
    OutcomeUnknown
        It is not as the protocol says.
    """
    try:
        devices: Sequence[Mapping[str, Any]] = (told or {})["devices"]
        if not devices:
            return Health(problem="В группе нет ни одной кассы")
        told_ends = [one["fsExpirationDate"] for one in devices if one.get("fsExpirationDate")]
        return Health(
            unsent=sum(int(one["unsentDocumentsCount"]) for one in devices),
            drive_ends=min((_moment(text, zone) for text in told_ends), default=None),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise OutcomeUnknown(f"Ответ OrangeData не читается: {type(error).__name__}") from None


def errors(told: Mapping[str, Any] | None) -> str:
    """What is wrong, in its words; empty: it does not say."""
    found = (told or {}).get("errors")
    if not isinstance(found, list):
        return ""
    return "; ".join(str(one) for one in found if isinstance(one, str))[:_MOST_TEXT]


def bad_codes(told: Mapping[str, Any] | None) -> str:
    """Which lines have marking codes that were not accepted; the codes themselves are left out."""
    found = (told or {}).get("errors")
    numbers = [
        str(one["position"] + 1)
        for one in (found if isinstance(found, list) else ())
        if isinstance(one, dict) and isinstance(one.get("position"), int)
    ]
    lines = f" в строках {', '.join(numbers)}" if numbers else ""
    return f"Коды маркировки{lines} не прошли проверку: исправьте их"


def _fiscal_data(told: Mapping[str, Any], zone: ZoneInfo) -> FiscalData:
    drive = str(told["fsNumber"])
    return FiscalData(
        drive=drive,
        document=int(told["documentNumber"]),
        sign=str(told["fp"]),
        at=_moment(told["processedAt"], zone),
        total=_total(told["content"]),
        register_number=str(told.get("deviceRN") or ""),
        shift=int(told.get("shiftNumber") or 0),
        number=int(told.get("documentIndex") or 0),
        is_test=drive.startswith(_TEST),
    )


def _total(content: Mapping[str, Any]) -> Decimal:
    """What it is over: each line is rounded, as registers do."""
    return sum(
        (
            (_decimal(line["price"]) * _decimal(line["quantity"])).quantize(_KOPECK, ROUND_HALF_UP)
            for line in content["positions"]
        ),
        Decimal(0),
    )


def _decimal(value: Any) -> Decimal:
    number = Decimal(value)
    if not number.is_finite():
        raise InvalidOperation
    return number


def _moment(text: Any, zone: ZoneInfo) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)
