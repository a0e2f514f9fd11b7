"""What PayPal's report of transactions says has moved."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import InvalidOperation
from typing import Any

from ..provider import Entry, EntryKind, NoAnswer
from . import reading

#: One call may ask for no more.
_LONGEST = timedelta(days=31)
_SECOND = timedelta(seconds=1)
_PAGE = "500"
#: Refunds by the merchant; taken back by PayPal, or by the buyer's bank.
_REFUNDS, _CHARGEBACKS = ("T1107",), ("T1106", "T1201")
#: Through, or through and given back since.
_THROUGH = ("S", "V")

type Ask = Callable[[Mapping[str, str]], Mapping[str, Any]]


def entries(ask: Ask, since: datetime, until: datetime) -> Iterator[Entry]:
    """All that was moved from `since` on and before `until`.

    A chargeback that was won back later is still one: PayPal reports that as money of another
    kind. What was sold or bought otherwise than by a payment is left out.

    Parameters
    ----------
    ask
        Has the answer to a question with these parameters.

    Raises
    ------
    NoAnswer
        An answer is not as the API describes it.
    """
    begin = since
    while begin < until:
        # Both ends are meant to belong to a report, by whole seconds.
        end = min(begin + _LONGEST, until)
        yield from _window(ask, begin, end - _SECOND)
        begin = end


def _window(ask: Ask, begin: datetime, end: datetime) -> Iterator[Entry]:
    page = pages = 1
    while page <= pages:
        told = ask(
            {
                "start_date": _instant(begin),
                "end_date": _instant(max(begin, end)),
                "fields": "transaction_info",
                "page_size": _PAGE,
                "page": f"{page}",
            }
        )
        try:
            found = [_entry(one["transaction_info"]) for one in told.get("transaction_details", ())]
            pages = int(told.get("total_pages") or 0)
        except (AttributeError, InvalidOperation, KeyError, TypeError, ValueError) as error:
            raise NoAnswer(f"The report can't be read: {type(error).__name__}") from None
        yield from (one for one in found if one is not None)
        page += 1


def _entry(told: Mapping[str, Any]) -> Entry | None:
    amount, currency = reading.money(told["transaction_amount"])
    kind = _kind(str(told.get("transaction_event_code")), is_income=amount > 0)
    at = reading.time(told["transaction_initiation_date"])
    if kind is None or told.get("transaction_status") not in _THROUGH:
        return None
    if at is None:
        raise ValueError
    fee = None
    if told.get("fee_amount"):
        # It is what the account has of it: less than nothing.
        fee = -reading.money(told["fee_amount"])[0]
    reference = str(told["transaction_id"])
    about = str(told.get("paypal_reference_id") or "")
    return Entry(
        kind=kind,
        reference=reference,
        payment_id=reference if kind is EntryKind.PAYMENT else about,
        amount=abs(amount),
        currency=currency,
        at=at,
        fee=fee,
        attempt=reading.attempt_of(told, "custom_field", "invoice_id"),
    )


def _kind(code: str, *, is_income: bool) -> EntryKind | None:
    if code.startswith("T00") and is_income:
        return EntryKind.PAYMENT
    if code in _REFUNDS and not is_income:
        return EntryKind.REFUND
    if code in _CHARGEBACKS and not is_income:
        return EntryKind.CHARGEBACK
    return None


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
