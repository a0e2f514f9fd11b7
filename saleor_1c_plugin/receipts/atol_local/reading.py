"""What a task has come to; results are as the driver's scripts make them ("myscripts_utils")."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from ..driver import FiscalData, Health, OutcomeUnknown, ShiftReport
from ..fiscal import checked
from .client import Done

#: From its opening on.
_LONGEST_SHIFT = timedelta(hours=24)
#: Where the answers to the questions of :func:`health` are.
QUESTIONS = {
    "getDeviceStatus": "deviceStatus",
    "getShiftStatus": "shiftStatus",
    "getFnInfo": "fnInfo",
    "ofdExchangeStatus": "status",
}
#: With these nothing can be registered.
_FAULTS = {
    "criticalError": "Фискальный накопитель неисправен",
    "memoryOverflow": "Память фискального накопителя заполнена",
}
#: With these it can, for a while.
_WARNINGS = {
    "needReplacement": "Фискальный накопитель пора срочно заменить",
    "resourceExhausted": "Ресурс фискального накопителя подходит к концу",
    "ofdTimeout": "ОФД давно не отвечает: документы не передаются",
}


def fiscal_data(result: Mapping[str, Any]) -> FiscalData:
    """What a receipt has become.

    Raises
    ------
    OutcomeUnknown
        It is not said.
    """
    given = _object(result, "fiscalParams")
    try:
        found = FiscalData(
            drive=str(given["fnNumber"]).strip(),
            document=int(given["fiscalDocumentNumber"]),
            sign=str(given["fiscalDocumentSign"]).strip(),
            at=_moment(given["fiscalDocumentDateTime"]),
            total=Decimal(str(given["total"])),
            register_number=str(given.get("registrationNumber") or "").strip(),
            shift=int(given.get("shiftNumber") or 0),
            number=int(given.get("fiscalReceiptNumber") or 0),
            is_test=_object(result, "warnings").get("nonFiscal") is True,
        )
        return checked(found)
    except (ArithmeticError, KeyError, TypeError, ValueError):
        raise OutcomeUnknown("Касса не назвала реквизитов готового чека") from None


def shift_report(result: Mapping[str, Any], totals: Mapping[str, Any]) -> ShiftReport:
    """A shift that was opened or closed just now.

    Raises
    ------
    OutcomeUnknown
        It is not said.
    """
    given = _object(result, "fiscalParams")
    receipts = given.get("receiptsCount")
    try:
        return ShiftReport(
            number=int(given["shiftNumber"]),
            at=_moment(given["fiscalDocumentDateTime"]),
            document=int(given["fiscalDocumentNumber"]),
            sign=str(given["fiscalDocumentSign"]).strip(),
            receipts=receipts if isinstance(receipts, int) else None,
            sold=_total(totals, "sell"),
            refunded=_total(totals, "sellReturn"),
        )
    except (ArithmeticError, KeyError, TypeError, ValueError):
        raise OutcomeUnknown("Касса не назвала реквизитов смены") from None


def open_shift(result: Mapping[str, Any]) -> ShiftReport | None:
    """The shift that is open, with nothing but its number and its time; ``None``: none is.

    Raises
    ------
    OutcomeUnknown
        It is not said.
    """
    given = _object(result, "shiftStatus")
    if given.get("state") == "closed":
        return None
    try:
        # Its end alone is told, and that is 24 hours after it was opened.
        return ShiftReport(int(given["number"]), _moment(given["expiredTime"]) - _LONGEST_SHIFT)
    except (ArithmeticError, KeyError, TypeError, ValueError):
        raise OutcomeUnknown("Касса не сказала, открыта ли смена") from None


def counted(shift: ShiftReport, at: datetime, totals: Mapping[str, Any]) -> ShiftReport:
    """What has been counted in an open shift by now."""
    receipts = _object(totals, "receipts")
    counts = [_object(receipts, kind).get("count") for kind in receipts]
    return ShiftReport(
        number=shift.number,
        at=at,
        receipts=sum(count for count in counts if isinstance(count, int)) if counts else None,
        sold=_total(totals, "sell"),
        refunded=_total(totals, "sellReturn"),
    )


def totals(result: Mapping[str, Any]) -> Mapping[str, Any]:
    """What "getShiftTotals" has counted."""
    return _object(result, "shiftTotals")


def health(found: Sequence[Done], *, needs_paper: bool) -> Health:
    """How the register is, by the answers to its :data:`QUESTIONS`; some may be missing."""
    names = QUESTIONS.values()
    device, shift, drive, exchange = (
        _object(one.result, name) for one, name in zip(found, names, strict=True)
    )
    is_open = shift.get("state") in ("opened", "expired")
    opened = open_shift({"shiftStatus": shift}) if is_open else None
    unsent, paper = exchange.get("notSentCount"), device.get("paperPresent")
    failed = next((one.why for one in found if one.code), "")
    return Health(
        problem=_problem(device, shift, drive, needs_paper=needs_paper) or failed,
        shift=opened.number if opened else None,
        shift_opened=opened.at if opened else None,
        has_paper=paper if isinstance(paper, bool) else None,
        unsent=unsent if isinstance(unsent, int) else None,
        drive_ends=_ends(drive),
    )


def _problem(
    device: Mapping[str, Any],
    shift: Mapping[str, Any],
    drive: Mapping[str, Any],
    *,
    needs_paper: bool,
) -> str:
    """What stands in the way, the worst first; empty: nothing."""
    warnings = _object(drive, "warnings")
    signs = [
        (device.get("blocked") is True, "Касса заблокирована"),
        (device.get("fnPresent") is False, "В кассе нет фискального накопителя"),
        *((warnings.get(name) is True, text) for name, text in _FAULTS.items()),
        (needs_paper and device.get("coverOpened") is True, "Открыта крышка кассы"),
        (needs_paper and device.get("paperPresent") is False, "Закончилась бумага"),
        (shift.get("state") == "expired", "Смена открыта дольше 24 часов"),
        *((warnings.get(name) is True, text) for name, text in _WARNINGS.items()),
    ]
    return next((text for is_so, text in signs if is_so), "")


def _ends(drive: Mapping[str, Any]) -> datetime | None:
    try:
        return _moment(drive["validityDate"])
    except (KeyError, ValueError):
        return None


def _total(totals: Mapping[str, Any], kind: str) -> Decimal | None:
    found = _object(_object(totals, "receipts"), kind).get("sum")
    return Decimal(str(found)) if isinstance(found, int | Decimal) else None


def _moment(text: object) -> datetime:
    found = datetime.fromisoformat(str(text))
    if found.tzinfo is None:
        raise ValueError("No zone")
    return found


def _object(given: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = given.get(name)
    return found if isinstance(found, Mapping) else {}
