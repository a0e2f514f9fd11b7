"""PayPal's orders as snapshots."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from ..provider import Conversion, NoAnswer, Refund, RefundStatus, Snapshot, Status

#: Of captures: the money is there, whatever was given back since.
TAKEN = ("COMPLETED", "PARTIALLY_REFUNDED", "REFUNDED")
#: Of authorizations: the money is held.
HELD = ("CREATED", "PARTIALLY_CAPTURED")
#: So long PayPal vouches for a hold, which is there for 29 days. Renewed, it does so again.
_HONOURED = timedelta(days=3)
_REFUNDS = {
    "PENDING": RefundStatus.PENDING,
    "COMPLETED": RefundStatus.DONE,
    "CANCELLED": RefundStatus.FAILED,
    "FAILED": RefundStatus.FAILED,
}
#: Of disputes: the buyer has the money back, from the merchant.
_LOST = ("RESOLVED_BUYER_FAVOUR", "ACCEPTED")
#: PayPal writes up to so many digits after the point of a rate; and no rate is so high.
_RATE_PLACES, _MOST_RATE = 15, Decimal(10) ** 12
#: What is between the ids of our attempt and our operation in a refund's own.
_BETWEEN = "."
_ATTEMPT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
#: What reading an answer comes to where it is not as it is described.
FAULTS = (AttributeError, IndexError, InvalidOperation, KeyError, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class Payments:
    """What has become of an order that the buyer has agreed to."""

    authorizations: tuple[Mapping[str, Any], ...] = ()
    captures: tuple[Mapping[str, Any], ...] = ()
    refunds: tuple[Mapping[str, Any], ...] = ()

    @property
    def taken(self) -> tuple[Mapping[str, Any], ...]:
        return tuple(one for one in self.captures if one["status"] in TAKEN)


def snapshot(
    order: Mapping[str, Any], disputes: Iterable[Mapping[str, Any]] = (), *, is_test: bool
) -> Snapshot:
    """An order with its refunds.

    Raises
    ------
    NoAnswer
        It is not as the API describes it.
    """
    try:
        return _snapshot(order, disputes, is_test)
    except FAULTS as error:
        raise _unread(error) from None


def refund(found: Mapping[str, Any]) -> Refund:
    """A refund.

    Raises
    ------
    NoAnswer
        It is not as the API describes it.
    """
    try:
        return _refund(found)
    except FAULTS as error:
        raise _unread(error) from None


def chargebacks(disputes: Iterable[Mapping[str, Any]]) -> list[Refund]:
    """What buyers want back by way of PayPal.

    Raises
    ------
    NoAnswer
        They are not as the API describes them.
    """
    try:
        return [_chargeback(one) for one in disputes]
    except FAULTS as error:
        raise _unread(error) from None


def payments(order: Mapping[str, Any]) -> Payments:
    """What was held, taken and given back.

    Raises
    ------
    NoAnswer
        The order is not as the API describes it.
    """
    try:
        return _payments(_unit(order))
    except FAULTS as error:
        raise _unread(error) from None


def received(capture: Mapping[str, Any]) -> Conversion | None:
    """What a capture has come to on an account in another currency.

    Raises
    ------
    NoAnswer
        It is not as the API describes it.
    """
    try:
        told = capture.get("seller_receivable_breakdown") or {}
        amounts = [told["receivable_amount"]] if told.get("receivable_amount") else []
        return _conversion(capture["amount"], amounts, [told.get("exchange_rate")])
    except FAULTS as error:
        raise _unread(error) from None


def paid_back(found: Mapping[str, Any]) -> Conversion | None:
    """What a refund has cost an account in another currency.

    Raises
    ------
    NoAnswer
        It is not as the API describes it.
    """
    try:
        told = (found.get("seller_payable_breakdown") or {}).get("net_amount_breakdown") or ()
        names = ("payable_amount", "converted_amount")
        amounts = [one[name] for one in told for name in names if one.get(name)]
        return _conversion(found["amount"], amounts, [one.get("exchange_rate") for one in told])
    except FAULTS as error:
        raise _unread(error) from None


def needs_renewal(authorization: Mapping[str, Any], now: datetime) -> bool:
    """Whether the days are over for which PayPal vouches for a hold; where it says when it began.

    Raises
    ------
    NoAnswer
        It is not as the API describes it.
    """
    try:
        begun = time(authorization.get("create_time"))
    except FAULTS as error:
        raise _unread(error) from None
    return begun is not None and now - begun >= _HONOURED


def renewed(authorization: Mapping[str, Any]) -> str:
    """Id of a hold that has taken another's place; empty: it holds nothing.

    Raises
    ------
    NoAnswer
        It is not as the API describes it.
    """
    try:
        # Captured: it was asked for before.
        is_good = authorization["status"] in (*HELD, "CAPTURED", "PENDING")
        return str(authorization["id"]) if is_good else ""
    except FAULTS as error:
        raise _unread(error) from None


def attempt(order: Mapping[str, Any]) -> str:
    """Id of our attempt; empty: it is not ours."""
    try:
        return str(_unit(order).get("custom_id") or "")
    except FAULTS as error:
        raise _unread(error) from None


def refund_id(attempt_id: str, operation: str) -> str:
    """What a refund is called: reports have no more of it than this."""
    return f"{attempt_id}{_BETWEEN}{operation}"


def attempt_of(told: Mapping[str, Any], *names: str) -> str:
    """Id of our attempt in the first of these fields that has one.

    An account may take money for others, too, who write there what they like.
    """
    for name in names:
        found = told.get(name)
        begin = found.partition(_BETWEEN)[0] if isinstance(found, str) else ""
        if _ATTEMPT.fullmatch(begin):
            return begin
    return ""


def money(given: Mapping[str, Any]) -> tuple[Decimal, str]:
    """An amount.

    Raises
    ------
    AttributeError, InvalidOperation, KeyError, TypeError, ValueError
        It is none.
    """
    value = given["value"]
    amount = Decimal(value) if isinstance(value, str) else None
    if amount is None or not amount.is_finite():
        raise ValueError
    return amount, str(given["currency_code"])


def time(text: Any) -> datetime | None:
    """A moment; ``None`` where there is none."""
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _conversion(
    moved: Mapping[str, Any], amounts: Iterable[Mapping[str, Any]], rates: Iterable[Any]
) -> Conversion | None:
    """The amounts that are in another currency than what was moved, and the rate to it."""
    _, own = money(moved)
    found = [(amount, other) for amount, other in map(money, amounts) if other != own]
    if not found:
        return None
    (currency,) = {other for _, other in found}
    told = [
        Decimal(one["value"])
        for one in rates
        if one and (one.get("source_currency"), one.get("target_currency")) == (own, currency)
    ]
    # Several conversions have no common rate.
    is_one = len(told) == 1 and told[0].is_finite() and 0 < told[0] < _MOST_RATE
    rate = round(told[0], _RATE_PLACES) if is_one else None
    return Conversion(sum((abs(amount) for amount, _ in found), Decimal(0)), currency, rate)


def _unread(error: Exception) -> NoAnswer:
    return NoAnswer(f"The answer can't be read: {type(error).__name__}")


def _unit(order: Mapping[str, Any]) -> Mapping[str, Any]:
    (unit,) = order["purchase_units"]
    found: Mapping[str, Any] = unit
    return found


def _payments(unit: Mapping[str, Any]) -> Payments:
    found = unit.get("payments") or {}

    def those(name: str) -> tuple[Mapping[str, Any], ...]:
        return tuple(sorted(found.get(name) or (), key=lambda one: str(one.get("create_time"))))

    return Payments(those("authorizations"), those("captures"), those("refunds"))


def _snapshot(
    order: Mapping[str, Any], disputes: Iterable[Mapping[str, Any]], is_test: bool
) -> Snapshot:
    unit = _unit(order)
    found = _payments(unit)
    amount, currency = money(unit["amount"])
    about = Snapshot(
        id=str(order["id"]),
        status=Status.PENDING,
        amount=amount,
        currency=currency,
        attempt=str(unit.get("custom_id") or ""),
        method=_method(order.get("payment_source") or {}),
        is_test=is_test,
    )
    if found.captures or found.authorizations:
        return _paid(about, found, disputes)
    status = order["status"]
    if status == "VOIDED":
        return replace(about, status=Status.CANCELLED, reason=status)
    if status not in ("CREATED", "SAVED", "APPROVED", "PAYER_ACTION_REQUIRED", "COMPLETED"):
        raise ValueError
    return replace(
        about, is_approved=status == "APPROVED", confirmation=_confirmation(order.get("links"))
    )


def _paid(about: Snapshot, found: Payments, disputes: Iterable[Mapping[str, Any]]) -> Snapshot:
    if found.taken:
        amounts = [money(one["amount"]) for one in found.taken]
        (currency,) = {currency for _amount, currency in amounts}
        charged = sum((amount for amount, _currency in amounts), Decimal(0))
        refunds = [_refund(one) for one in found.refunds]
        return replace(
            about,
            status=Status.CHARGED,
            amount=charged,
            currency=currency,
            was_held=bool(found.authorizations),
            at=time(found.taken[-1].get("create_time")),
            refunds=(*refunds, *_chargebacks(disputes, charged, refunds)),
        )
    if found.authorizations:
        last = found.authorizations[-1]
        amount, currency = money(last["amount"])
        about = replace(about, amount=amount, currency=currency, at=time(last.get("create_time")))
        states = {one["status"] for one in found.authorizations}
        if states & {*HELD, "CAPTURED"}:
            # Captured, and that is not through yet.
            return replace(about, status=Status.AUTHORISED)
        if "PENDING" in states:
            return about
        was_held = "VOIDED" in states
        reason = str(last["status"])
        return replace(about, status=Status.CANCELLED, was_held=was_held, reason=reason)
    last = found.captures[-1]
    amount, currency = money(last["amount"])
    about = replace(about, amount=amount, currency=currency)
    if last["status"] == "PENDING":
        return about
    if last["status"] not in ("DECLINED", "FAILED"):
        raise ValueError
    details = last.get("status_details") or {}
    reason = str(details.get("reason") or last["status"])
    return replace(about, status=Status.CANCELLED, reason=reason)


def _refund(found: Mapping[str, Any]) -> Refund:
    amount, currency = money(found["amount"])
    status = _REFUNDS[found["status"]]
    details = found.get("status_details") or {}
    return Refund(
        id=str(found["id"]),
        status=status,
        amount=amount,
        currency=currency,
        at=time(found.get("create_time")),
        reason=str(details.get("reason") or "") if status is RefundStatus.FAILED else "",
        operation=str(found.get("custom_id") or "").partition(_BETWEEN)[2],
    )


def _chargebacks(
    disputes: Iterable[Mapping[str, Any]], charged: Decimal, refunds: Iterable[Refund]
) -> Iterator[Refund]:
    """What is disputed or lost.

    What the merchant has given back of himself is not lost a second time, though the dispute is
    about it.
    """
    given = (one.amount for one in refunds if one.status is not RefundStatus.FAILED)
    rest = charged - sum(given, Decimal(0))
    for found in map(_chargeback, disputes):
        if found.status is RefundStatus.DONE:
            lost = min(found.amount, rest)
            rest -= lost
            yield replace(found, amount=lost)
        else:
            yield found


def _chargeback(found: Mapping[str, Any]) -> Refund:
    status, reason = RefundStatus.PENDING, str(found.get("reason") or "")
    outcome = found.get("dispute_outcome") or {}
    told = found["dispute_amount"]
    if code := str(outcome.get("outcome_code") or ""):
        status, reason = RefundStatus.FAILED, code
    if code in _LOST:
        status, told = RefundStatus.DONE, outcome.get("amount_refunded") or told
    amount, currency = money(told)
    return Refund(
        id=str(found["dispute_id"]),
        status=status,
        amount=amount,
        currency=currency,
        at=time(found.get("update_time")),
        reason=reason,
        is_chargeback=True,
    )


def _method(source: Mapping[str, Any]) -> str:
    """How it was paid: “PayPal”, or “Банковская карта VISA •1111”, never more of a card."""
    card = source.get("card") or {}
    if not card:
        return "PayPal"
    words = ["Банковская карта", str(card.get("brand") or "")]
    if card.get("last_digits"):
        words.append(f"•{str(card['last_digits'])[-4:]}")
    return " ".join(word for word in words if word)


def _confirmation(links: Any) -> dict[str, object] | None:
    for rel in ("payer-action", "approve"):
        for one in links or ():
            if one.get("rel") == rel:
                return {"type": "redirect", "url": str(one["href"])}
    return None
