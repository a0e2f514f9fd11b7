"""YooKassa's objects as snapshots."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from ..provider import (
    Conversion,
    Entry,
    EntryKind,
    NoAnswer,
    Refund,
    RefundStatus,
    Snapshot,
    Status,
)

_STATUSES = {
    "pending": Status.PENDING,
    "waiting_for_capture": Status.AUTHORISED,
    "succeeded": Status.CHARGED,
    "canceled": Status.CANCELLED,
}
_REFUNDS = {
    "pending": RefundStatus.PENDING,
    "succeeded": RefundStatus.DONE,
    "canceled": RefundStatus.FAILED,
}
#: Reasons for which only held money is let go.
_HELD_BEFORE = ("canceled_by_merchant", "expired_on_capture")
_METHODS = {
    "bank_card": "Банковская карта",
    "yoo_money": "ЮMoney",
    "sbp": "СБП",
    "sberbank": "SberPay",
    "tinkoff_bank": "T-Pay",
}
#: In the metadata of what we create.
ATTEMPT = "onec_attempt"
OPERATION = "onec_operation"


def snapshot(payment: Mapping[str, Any], refunds: Iterable[Mapping[str, Any]] = ()) -> Snapshot:
    """A payment with its refunds.

    Raises
    ------
    NoAnswer
        They are not as the API describes them.
    """
    try:
        return _snapshot(payment, refunds)
    except (AttributeError, InvalidOperation, KeyError, TypeError, ValueError) as error:
        raise NoAnswer(f"The answer can't be read: {type(error).__name__}") from None


def refund(found: Mapping[str, Any]) -> Refund:
    """A refund.

    Raises
    ------
    NoAnswer
        It is not as the API describes it.
    """
    try:
        return _refund(found)
    except (AttributeError, InvalidOperation, KeyError, TypeError, ValueError) as error:
        raise NoAnswer(f"The answer can't be read: {type(error).__name__}") from None


def payment_entry(payment: Mapping[str, Any]) -> Entry:
    """A payment of the registry; what YooKassa keeps is what it does not pay out.

    Raises
    ------
    NoAnswer
        It is not as the API describes it.
    """
    try:
        amount, currency = _money(payment["amount"])
        fee, converted = _income(amount, currency, payment.get("income_amount"))
        payment_id = str(payment["id"])
        return Entry(
            kind=EntryKind.PAYMENT,
            reference=payment_id,
            payment_id=payment_id,
            amount=amount,
            currency=currency,
            at=_moment(payment.get("captured_at") or payment["created_at"]),
            fee=fee,
            attempt=str((payment.get("metadata") or {}).get(ATTEMPT) or ""),
            converted=converted,
        )
    except (AttributeError, InvalidOperation, KeyError, TypeError, ValueError) as error:
        raise NoAnswer(f"The answer can't be read: {type(error).__name__}") from None


def refund_entry(found: Mapping[str, Any]) -> Entry:
    """A refund of the registry.

    Raises
    ------
    NoAnswer
        It is not as the API describes it.
    """
    try:
        amount, currency = _money(found["amount"])
        return Entry(
            kind=EntryKind.REFUND,
            reference=str(found["id"]),
            payment_id=str(found["payment_id"]),
            amount=amount,
            currency=currency,
            at=_moment(found["created_at"]),
        )
    except (AttributeError, InvalidOperation, KeyError, TypeError, ValueError) as error:
        raise NoAnswer(f"The answer can't be read: {type(error).__name__}") from None


def _income(
    amount: Decimal, currency: str, told: Mapping[str, Any] | None
) -> tuple[Decimal | None, Conversion | None]:
    """What is kept of a payment; or what it comes to, where that is in another currency.

    YooKassa does not say at which rate it converts: what it keeps can't be told apart then.
    """
    if not told:
        return None, None
    paid_out, paid_in = _money(told)
    if paid_in == currency:
        return amount - paid_out, None
    return None, Conversion(paid_out, paid_in)


def _moment(text: Any) -> datetime:
    moment = _time(text)
    if moment is None:
        raise ValueError
    return moment


def _snapshot(payment: Mapping[str, Any], refunds: Iterable[Mapping[str, Any]]) -> Snapshot:
    status = _STATUSES[payment["status"]]
    amount, currency = _money(payment["amount"])
    cancelled = payment.get("cancellation_details") or {}
    reason = str(cancelled.get("reason") or "")
    at = payment.get("captured_at") if status is Status.CHARGED else None
    return Snapshot(
        id=str(payment["id"]),
        status=status,
        amount=amount,
        currency=currency,
        attempt=str((payment.get("metadata") or {}).get(ATTEMPT) or ""),
        was_held=status is Status.CANCELLED and reason in _HELD_BEFORE,
        at=_time(at),
        reason=reason,
        method=_method(payment.get("payment_method") or {}),
        # The list has the newest first; the times are of one format.
        refunds=tuple(_refund(item) for item in sorted(refunds, key=_created)),
        confirmation=_confirmation(payment.get("confirmation") or {}),
        is_test=payment.get("test") is True,
    )


def _created(found: Mapping[str, Any]) -> str:
    return str(found["created_at"])


def _refund(found: Mapping[str, Any]) -> Refund:
    amount, currency = _money(found["amount"])
    return Refund(
        id=str(found["id"]),
        status=_REFUNDS[found["status"]],
        amount=amount,
        currency=currency,
        at=_time(found.get("created_at")),
        reason=str((found.get("cancellation_details") or {}).get("reason") or ""),
        operation=str((found.get("metadata") or {}).get(OPERATION) or ""),
    )


def _money(given: Mapping[str, Any]) -> tuple[Decimal, str]:
    value = given["value"]
    amount = Decimal(value) if isinstance(value, str) else None
    if amount is None or not amount.is_finite():
        raise ValueError
    return amount, str(given["currency"])


def _time(text: Any) -> datetime | None:
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _method(given: Mapping[str, Any]) -> str:
    """How it was paid: “Банковская карта Mir •4444”, never more of a card."""
    kind = str(given.get("type") or "")
    words = [_METHODS.get(kind, kind)]
    card = given.get("card") or {}
    if card.get("card_type"):
        words.append(str(card["card_type"]))
    if card.get("last4"):
        words.append(f"•{str(card['last4'])[-4:]}")
    return " ".join(word for word in words if word)


def _confirmation(given: Mapping[str, Any]) -> dict[str, str] | None:
    if given.get("confirmation_url"):
        return {"type": "redirect", "url": str(given["confirmation_url"])}
    if given.get("confirmation_token"):
        return {"type": "widget", "token": str(given["confirmation_token"])}
    return None
