"""YooKassa's receipts as answers: ``Receipt`` of its OpenAPI description."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from ..driver import Answer, FiscalData, OutcomeUnknown, Progress, Refused

#: How the numbers of drives begin that are for tests.
_TEST = "9999"
#: What tells receipts of one payment apart.
_ITEM = ("description", "vat_code", "payment_mode", "payment_subject")


def answer(found: Mapping[str, Any]) -> Answer:
    """How a receipt is.

    Raises
    ------
    Refused
        It could not be registered.
    OutcomeUnknown
        It is not as the description says.
    """
    try:
        reference, status = str(found["id"]), found["status"]
        if status == "canceled":
            raise Refused(
                "Чек не зарегистрирован: проверьте его данные и настройки кассы в ЮKassa "
                f"(чек {reference})"
            )
        if status == "pending":
            return Answer(Progress.WAITING, reference)
        if status == "succeeded":
            return Answer(Progress.DONE, reference, _fiscal_data(found))
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise _unreadable(error) from None
    raise OutcomeUnknown("ЮKassa говорит о чеке непонятное")


def same(
    sent: Mapping[str, Any], listed: Mapping[str, Any], besides: Sequence[str]
) -> Mapping[str, Any] | None:
    """The receipt of a list that is the one that was sent; ``None``: none is.

    Parameters
    ----------
    besides
        Ids of those that are others of ours.

    Raises
    ------
    OutcomeUnknown
        The list is not as the description says.
    """
    try:
        wanted = _shape(sent)
        for one in listed["items"]:
            if one["status"] != "canceled" and one["id"] not in besides and _shape(one) == wanted:
                found: Mapping[str, Any] = one
                return found
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise _unreadable(error) from None
    return None


def _shape(receipt: Mapping[str, Any]) -> tuple[object, ...]:
    items = [
        (
            *(item.get(name) for name in _ITEM),
            Decimal(str(item["quantity"])),
            Decimal(item["amount"]["value"]),
        )
        for item in receipt["items"]
    ]
    settlements = sorted(
        (one["type"], Decimal(one["amount"]["value"])) for one in receipt["settlements"]
    )
    return (receipt["type"], items, settlements)


def _fiscal_data(found: Mapping[str, Any]) -> FiscalData:
    at = datetime.fromisoformat(found["registered_at"])
    if at.tzinfo is None:
        raise ValueError
    drive = str(found["fiscal_storage_number"])
    return FiscalData(
        drive=drive,
        document=int(found["fiscal_document_number"]),
        sign=str(found["fiscal_attribute"]),
        at=at,
        total=sum((Decimal(one["amount"]["value"]) for one in found["settlements"]), Decimal(0)),
        is_test=drive.startswith(_TEST),
    )


def _unreadable(error: Exception) -> OutcomeUnknown:
    return OutcomeUnknown(f"Ответ ЮKassa не читается: {type(error).__name__}")
