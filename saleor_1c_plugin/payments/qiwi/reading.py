"""Bills and refunds as snapshots; the signature of notifications."""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from typing import Any

from ..provider import NoAnswer, Refund, RefundStatus, Snapshot, Status

#: Lower case.
SIGNATURE = "x-api-signature-sha256"
_STATUSES = {
    "WAITING": Status.PENDING,
    "PAID": Status.CHARGED,
    "REJECTED": Status.CANCELLED,
    "EXPIRED": Status.CANCELLED,
}
#: Of a part of the bill, or of what was left of it: the money has gone back either way.
_REFUNDS = ("PARTIAL", "FULL")
_METHOD = "Кошелёк QIWI"
#: Some times are told without their zone.
_MOSCOW = timezone(timedelta(hours=3))
_CENT = Decimal("0.01")
_UNREADABLE = (AttributeError, InvalidOperation, KeyError, TypeError, ValueError)


def snapshot(
    bill: Mapping[str, Any],
    refunds: Iterable[Refund] = (),
    confirmation: Mapping[str, object] | None = None,
) -> Snapshot:
    """A bill with what was given back of it.

    Raises
    ------
    NoAnswer
        It is not as the protocol describes it.
    """
    try:
        told = bill["status"]
        status = _STATUSES[told["value"]]
        amount, currency = _money(bill["amount"])
        bill_id = str(bill["billId"])
        return Snapshot(
            id=bill_id,
            status=status,
            amount=amount,
            currency=currency,
            attempt=bill_id,
            at=_time(told.get("changedDateTime") or told.get("datetime")),
            reason=str(told["value"]) if status is Status.CANCELLED else "",
            method=_METHOD if status is Status.CHARGED else "",
            refunds=tuple(refunds),
            confirmation=confirmation,
        )
    except _UNREADABLE as error:
        raise NoAnswer(f"The answer can't be read: {type(error).__name__}") from None


def refund(found: Mapping[str, Any], operation: str) -> Refund:
    """A refund that was asked for under the id of our operation.

    Raises
    ------
    NoAnswer
        It is not as the protocol describes it.
    """
    try:
        if found["status"] not in _REFUNDS or str(found["refundId"]) != operation:
            raise ValueError
        amount, currency = _money(found["amount"])
        at = _time(found.get("datetime"))
    except _UNREADABLE as error:
        raise NoAnswer(f"The answer can't be read: {type(error).__name__}") from None
    return Refund(operation, RefundStatus.DONE, amount, currency, at, operation=operation)


def is_signed(body: bytes, signature: str, secret_key: str) -> bool:
    """Whether a notification was signed with this key.

    The amount is signed as it stands there, or with two decimals: so the examples of the protocol
    have it, though not its words.
    """
    try:
        # Numbers as they are written.
        bill = json.loads(body, parse_float=str, parse_int=str)["bill"]
        amount, status = bill["amount"], bill["status"]["value"]
        value = str(amount["value"])
        rest = (bill["billId"], bill["siteId"], status)
        cents = f"{Decimal(value).quantize(_CENT):f}"
    except (*_UNREADABLE, RecursionError):
        return False
    key, given = secret_key.encode(), signature.strip().lower().encode()
    return any(
        hmac.compare_digest(_sign(key, (amount["currency"], written, *rest)), given)
        for written in dict.fromkeys((value, cents))
    )


def _sign(key: bytes, fields: Iterable[object]) -> bytes:
    text = "|".join(map(str, fields))
    # "surrogatepass": JSON may hold half a letter.
    return hmac.new(key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest().encode()


def _money(given: Mapping[str, Any]) -> tuple[Decimal, str]:
    value = given["value"]
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise TypeError
    amount = Decimal(value)
    if not amount.is_finite():
        raise ValueError
    return amount, str(given["currency"])


def _time(text: Any) -> datetime | None:
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=_MOSCOW)
