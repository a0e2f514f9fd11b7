"""What PayPal's report of transactions says has moved."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from ..provider import Conversion, Entry, EntryKind, NoAnswer, RefundStatus, Rejected
from . import reading

#: One call may ask for no more.
_LONGEST = timedelta(days=31)
_SECOND = timedelta(seconds=1)
_PAGE = "500"
#: Refunds by the merchant; taken back by PayPal, or by the buyer's bank.
_REFUNDS, _CHARGEBACKS = ("T1107",), ("T1106", "T1201")
#: Through, or through and given back since.
_THROUGH = ("S", "V")

type Call = Callable[[str, Mapping[str, str]], Mapping[str, Any]]
type Disputes = Callable[[str], Iterable[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class _Capture:
    """What is known of one; of what is not ours nothing is."""

    order: str = ""
    converted: Conversion | None = None


class Report:
    """Transactions as entries.

    PayPal lists captures and what was taken back of them by ids that nobody else knows: of what is
    ours, the order and the dispute are asked for. So it is with conversions: the report has them
    as moves of their own, which nobody can tell apart.

    Parameters
    ----------
    call
        Has the answer to ``GET`` of a path with these parameters.
    disputes
        Those about a capture.
    """

    def __init__(self, call: Call, disputes: Disputes) -> None:
        self._call = call
        self._disputes = disputes
        #: By their ids.
        self._captures: dict[str, _Capture] = {}
        #: Disputes that have an entry.
        self._used: set[str] = set()

    def entries(self, since: datetime, until: datetime) -> Iterator[Entry]:
        """All that was moved from `since` on and before `until`.

        A chargeback that was won back later is still one: PayPal reports that as money of another
        kind. What was sold or bought otherwise than by a payment is left out.

        Raises
        ------
        NoAnswer
            An answer is not as the API describes it.
        """
        begin = since
        while begin < until:
            # Both ends are meant to belong to a report, by whole seconds.
            end = min(begin + _LONGEST, until)
            yield from self._window(begin, end - _SECOND)
            begin = end

    def _window(self, begin: datetime, end: datetime) -> Iterator[Entry]:
        page = pages = 1
        while page <= pages:
            told = self._call(
                "/v1/reporting/transactions",
                {
                    "start_date": _instant(begin),
                    "end_date": _instant(max(begin, end)),
                    "fields": "transaction_info",
                    "page_size": _PAGE,
                    "page": f"{page}",
                },
            )
            try:
                details = told.get("transaction_details") or ()
                found = [_entry(one["transaction_info"]) for one in details]
                pages = int(told.get("total_pages") or 0)
            except reading.FAULTS as error:
                raise NoAnswer(f"The report can't be read: {type(error).__name__}") from None
            yield from (self._named(one) for one in found if one is not None)
            page += 1

    def _named(self, entry: Entry) -> Entry:
        """By the ids under which the payment is known."""
        if not entry.attempt or not entry.payment_id:
            return entry
        capture = self._capture(entry.payment_id)
        if not capture.order:
            return entry
        named = replace(entry, payment_id=capture.order)
        if entry.kind is EntryKind.PAYMENT:
            return replace(named, reference=capture.order, converted=capture.converted)
        if entry.kind is EntryKind.CHARGEBACK:
            return replace(named, reference=self._dispute(entry) or entry.reference)
        # What came in its own currency goes in it.
        return replace(named, converted=self._refund(entry)) if capture.converted else named

    def _capture(self, capture: str) -> _Capture:
        if capture not in self._captures:
            self._captures[capture] = self._asked(capture)
        return self._captures[capture]

    def _asked(self, capture: str) -> _Capture:
        try:
            found = self._call(f"/v2/payments/captures/{quote(capture, safe='')}", {})
            related = (found.get("supplementary_data") or {}).get("related_ids") or {}
            order = str(related.get("order_id") or "")
        except (AttributeError, Rejected):
            return _Capture()
        return _Capture(order, reading.received(found)) if order else _Capture()

    def _refund(self, entry: Entry) -> Conversion | None:
        try:
            found = self._call(f"/v2/payments/refunds/{quote(entry.reference, safe='')}", {})
        except Rejected:
            return None
        return reading.paid_back(found)

    def _dispute(self, entry: Entry) -> str:
        for found in reading.chargebacks(self._disputes(entry.payment_id)):
            is_it = found.status is RefundStatus.DONE and found.amount == entry.amount
            if is_it and found.id not in self._used:
                self._used.add(found.id)
                return found.id
        return ""


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
