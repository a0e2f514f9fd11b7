"""T-Bank's answers as snapshots."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from ...money import quantize
from ..provider import Left, NoAnswer, Snapshot, Status

#: The only one that the bank takes.
CURRENCY = "RUB"
#: Payments for which nobody has been sent anywhere.
NEW = "NEW"
#: The bank is at it: how it ends is not known yet.
CONFIRMING = ("CONFIRMING", "CONFIRM_CHECKING")
REVERSING = ("REVERSING",)
_REFUNDING = ("REFUNDING", "ASYNC_REFUNDING")
_REDUCED = ("PARTIAL_REFUNDED", "REFUNDED")
_HELD_BEFORE = ("REVERSED",)
_STATUSES = {
    **dict.fromkeys(
        (
            *(NEW, "FORM_SHOWED", "PREAUTHORIZING", "AUTHORIZING", "PROCESSING"),
            *("3DS_CHECKING", "3DS_CHECKED", "PAY_CHECKING", "CHECKING", "CHECKED"),
            *("COMPLETING", "COMPLETED"),
        ),
        Status.PENDING,
    ),
    **dict.fromkeys(("AUTHORIZED", "PARTIAL_REVERSED", *CONFIRMING, *REVERSING), Status.AUTHORISED),
    **dict.fromkeys(("CONFIRMED", *_REFUNDING, *_REDUCED), Status.CHARGED),
    **dict.fromkeys(
        (
            *("CANCELED", "REVERSED", "REJECTED", "AUTH_FAIL"),
            *("DEADLINE_EXPIRED", "ATTEMPTS_EXPIRED"),
        ),
        Status.CANCELLED,
    ),
}
#: Ways to pay, by words by which 1C books them.
_METHODS = {
    "cards": "Банковская карта",
    "MirPay": "Банковская карта (Mir Pay)",
    "YandexPay": "Банковская карта (Yandex Pay)",
    "TinkoffPay": "T-Pay",
    "SberPay": "SberPay",
    "qrsbp": "СБП",
    "Installment": "Рассрочка",
    "BNPL": "Долями",
}


def snapshot(payment: Mapping[str, Any], problem: str = "") -> Snapshot:
    """A payment, of the answers to ``Init`` and ``GetState``.

    Parameters
    ----------
    problem
        Why the last refund has failed.

    Raises
    ------
    NoAnswer
        It is not as the API describes it.
    """
    try:
        return _snapshot(payment, problem)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise NoAnswer(f"The answer can't be read: {type(error).__name__}") from None


def reduced(before: Snapshot, answer: Mapping[str, Any]) -> Snapshot:
    """A payment after ``Cancel`` has given money back.

    Raises
    ------
    NoAnswer
        The answer is not as the API describes it.
    """
    try:
        code = answer["Status"]
        if code in _REFUNDING:
            return replace(before, left=Left(None, is_reduced=True))
        if code not in _REDUCED:
            raise ValueError
        amount = Decimal(0) if code == "REFUNDED" else rubles(answer["NewAmount"])
    except (KeyError, TypeError, ValueError) as error:
        raise NoAnswer(f"The answer can't be read: {type(error).__name__}") from None
    return replace(before, amount=amount, left=Left(amount, is_reduced=True))


def status(code: object) -> Status:
    """Of a payment, by T-Bank's word for it.

    Raises
    ------
    NoAnswer
        The word is unknown.
    """
    found = _STATUSES.get(str(code))
    if found is None:
        raise NoAnswer(f"The payment is {str(code)[:32]}")
    return found


def source(payment: Mapping[str, Any]) -> str:
    """How it was paid, as the answer to ``GetState`` says; empty before that."""
    for item in payment.get("Params") or ():
        if isinstance(item, dict) and item.get("Key") == "Source":
            return str(item.get("Value") or "")
    return ""


def kopecks(amount: Decimal) -> int:
    return int(quantize(amount, CURRENCY).scaleb(2))


def rubles(number: object) -> Decimal:
    """An amount in kopecks, which is a number or its digits.

    Raises
    ------
    ValueError
        It is none.
    """
    if isinstance(number, float) and number.is_integer():
        number = int(number)
    if isinstance(number, bool) or not isinstance(number, int | str):
        raise ValueError("No amount")
    return Decimal(int(number)).scaleb(-2)


def _snapshot(payment: Mapping[str, Any], problem: str) -> Snapshot:
    code = payment["Status"]
    found, amount, left = status(code), rubles(payment["Amount"]), None
    if code in (*_HELD_BEFORE, "REFUNDED"):
        # Whether the amount is told as it was or as it is: nothing is left of it.
        amount = Decimal(0)
    if code in _REFUNDING:
        left = Left(None, is_reduced=True)
    elif found is Status.CHARGED or code in _HELD_BEFORE:
        left = Left(amount, is_reduced=code != "CONFIRMED", problem=problem)
    return Snapshot(
        id=str(payment["PaymentId"]),
        status=found,
        amount=amount,
        currency=CURRENCY,
        attempt=str(payment["OrderId"]),
        was_held=code in _HELD_BEFORE,
        reason=_reason(payment) if found is Status.CANCELLED else "",
        method=_METHODS.get(source(payment), source(payment)),
        left=left,
    )


def _reason(payment: Mapping[str, Any]) -> str:
    words = [payment.get("Message"), payment.get("Details")]
    said = [str(word) for word in words if word and word not in ("OK", "None")]
    return ". ".join(dict.fromkeys(said)) or str(payment["Status"])
