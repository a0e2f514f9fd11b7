"""Facts of money of orders: payments, both of Saleor's ways, and gift cards."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any

from babel.numbers import get_currency_precision
from django.db.models import Q
from saleor.giftcard import GiftCardEvents
from saleor.giftcard.models import GiftCardEvent
from saleor.payment import TransactionEventType as Event
from saleor.payment import TransactionKind as Legacy
from saleor.payment.models import Transaction, TransactionEvent, TransactionItem

from .. import promises
from ..orders import Payment, PaymentKind
from .mutations import APP
from .uuids import one_of, text

#: Saleor 3.23's own gateway, behind which gift cards are.
GIFT_CARDS = "saleor.io.gift-card-payment-gateway"

_KINDS = {
    Event.AUTHORIZATION_SUCCESS: PaymentKind.AUTHORISED,
    Event.CHARGE_SUCCESS: PaymentKind.CHARGE,
    Event.REFUND_SUCCESS: PaymentKind.REFUND,
    # The provider took a refund back: the buyer has paid after all.
    Event.REFUND_REVERSE: PaymentKind.CHARGE,
    Event.CHARGE_BACK: PaymentKind.CHARGEBACK,
}
#: What takes back a success that was reported under the same reference.
_FAILURES = {
    Event.AUTHORIZATION_FAILURE: Event.AUTHORIZATION_SUCCESS,
    Event.CHARGE_FAILURE: Event.CHARGE_SUCCESS,
    Event.REFUND_FAILURE: Event.REFUND_SUCCESS,
}
#: What is but a promise where no provider takes the money, and what ends one.
_BEGUN = (
    Event.AUTHORIZATION_SUCCESS,
    Event.AUTHORIZATION_ACTION_REQUIRED,
    Event.CHARGE_ACTION_REQUIRED,
)
_ENDED = (Event.CANCEL_SUCCESS, Event.AUTHORIZATION_FAILURE, Event.CHARGE_FAILURE)
_LEGACY_KINDS = {
    Legacy.AUTH: PaymentKind.AUTHORISED,
    Legacy.CAPTURE: PaymentKind.CHARGE,
    # An order that was marked as paid by hand.
    Legacy.EXTERNAL: PaymentKind.CHARGE,
    Legacy.REFUND: PaymentKind.REFUND,
    Legacy.REFUND_REVERSED: PaymentKind.CHARGE,
    Legacy.CAPTURE_FAILED: PaymentKind.CHARGEBACK,
}
_EVENT = (
    *("pk", "type", "amount_value", "currency", "created_at", "psp_reference", "transaction_id"),
    *("transaction__name", "transaction__payment_method_name"),
    *("transaction__psp_reference", "transaction__app_identifier", "transaction__app__name"),
    "app_identifier",
)
_LEGACY = (
    *("pk", "kind", "amount", "currency", "created_at", "token", "payment_id"),
    *("payment__gateway", "payment__payment_method_type"),
)

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class GiftCards:
    """Gift cards of an order: (code's last signs, amount), and what Saleor counts as charged."""

    used: tuple[tuple[str, Decimal], ...] = ()
    charged: Decimal = Decimal(0)


def quantize(amount: Decimal, currency: str) -> Decimal:
    """Round to the digits that Saleor gives the currency: CLDR's, not always those of ISO 4217."""
    return amount.quantize(_digits(currency), ROUND_HALF_UP)


@cache
def _digits(currency: str) -> Decimal:
    return Decimal(10) ** -get_currency_precision(currency)


def paid_between(since: datetime, until: datetime) -> Collection[str]:
    """Ids of orders with payments or refunds of that time, by both of Saleor's ways."""
    events = TransactionEvent.objects.filter(
        type__in=_KINDS,
        include_in_calculations=True,
        transaction__order__isnull=False,
        created_at__gte=since,
        created_at__lt=until,
    ).values_list(text("transaction__order_id"), flat=True)
    legacy = Transaction.objects.filter(
        kind__in=_LEGACY_KINDS,
        is_success=True,
        payment__order__isnull=False,
        created_at__gte=since,
        created_at__lt=until,
    ).values_list(text("payment__order_id"), flat=True)
    return {*events, *legacy}


def read_payments(order_ids: Collection[str]) -> Mapping[str, list[Payment]]:
    """What has happened, by order and in the order of time; requests and failures are left out."""
    found: defaultdict[str, list[Payment]] = defaultdict(list)
    for order_id, payment in [*_transactions(order_ids), *_legacy(order_ids)]:
        found[order_id].append(payment)
    for payments in found.values():
        payments.sort(key=lambda payment: payment.at)
    return found


def _transactions(order_ids: Collection[str]) -> Iterator[tuple[str, Payment]]:
    promising = promises.gateways()
    rows: list[Row] = list(
        TransactionEvent.objects.filter(
            Q(type__in=[*_KINDS, *_FAILURES])
            | Q(type__in=[*_BEGUN, *_ENDED], transaction__app_identifier__in=promising),
            transaction__order_id__in=one_of(order_ids),
            include_in_calculations=True,
        )
        .order_by("created_at", "pk")
        .values(*_EVENT, order=text("transaction__order_id"))
    )
    failed: dict[tuple[int, str, str], datetime] = {}
    refunded: set[int] = set()
    #: Promises that nobody waits for any more.
    ended: set[int] = set()
    for row in rows:
        if success := _FAILURES.get(row["type"]):
            failed[row["transaction_id"], row["psp_reference"], success] = row["created_at"]
        elif row["type"] == Event.REFUND_SUCCESS and not row["psp_reference"]:
            refunded.add(row["transaction_id"])
        elif row["type"] in _ENDED:
            ended.add(row["transaction_id"])
    charges: dict[int, str] = {}
    promised: set[int] = set()
    for row in rows:
        kind, transaction_id = _KINDS.get(row["type"]), row["transaction_id"]
        if row["type"] in _BEGUN and row["transaction__app_identifier"] in promising:
            kind = PaymentKind.PROMISED
            if transaction_id in ended | promised:
                continue
            promised.add(transaction_id)
        failure = failed.get((transaction_id, row["psp_reference"], row["type"]))
        if (
            kind is None
            or row["transaction__app_identifier"] == GIFT_CARDS
            or (failure is not None and failure >= row["created_at"])
        ):
            continue
        amount = quantize(row["amount_value"], row["currency"])
        if amount < 0 and kind is PaymentKind.CHARGE and transaction_id not in refunded:
            # A charge that was corrected downwards; where it is for a refund, that has its own.
            kind, amount = PaymentKind.REFUND, -amount
        if amount <= 0:
            continue
        payment = Payment(
            id=f"t{row['pk']}",
            kind=kind,
            amount=amount,
            at=row["created_at"],
            method=row["transaction__payment_method_name"]
            or row["transaction__name"]
            or row["transaction__app__name"]
            or "",
            gateway=row["transaction__app_identifier"] or row["transaction__app__name"] or "",
            reference=row["psp_reference"] or row["transaction__psp_reference"] or "",
            refunds=_refunded(kind, charges.get(transaction_id)),
            from_onec=row["app_identifier"] == APP,
        )
        if kind is PaymentKind.CHARGE:
            charges[transaction_id] = payment.id
        yield row["order"], payment


def _legacy(order_ids: Collection[str]) -> Iterator[tuple[str, Payment]]:
    rows = Transaction.objects.filter(
        payment__order_id__in=one_of(order_ids),
        is_success=True,
        action_required=False,
        kind__in=_LEGACY_KINDS,
        amount__gt=0,
    ).order_by("created_at", "pk")
    charges: dict[int, str] = {}
    for row in rows.values(*_LEGACY, order=text("payment__order_id")):
        kind = _LEGACY_KINDS[row["kind"]]
        payment = Payment(
            id=f"p{row['pk']}",
            kind=kind,
            amount=quantize(row["amount"], row["currency"]),
            at=row["created_at"],
            method=row["payment__payment_method_type"] or row["payment__gateway"],
            gateway=row["payment__gateway"],
            reference=row["token"],
            refunds=_refunded(kind, charges.get(row["payment_id"])),
        )
        if kind is PaymentKind.CHARGE:
            charges[row["payment_id"]] = payment.id
        yield row["order"], payment


def _refunded(kind: PaymentKind, charge: str | None) -> str:
    return charge or "" if kind in (PaymentKind.REFUND, PaymentKind.CHARGEBACK) else ""


def read_gift_cards(order_ids: Collection[str]) -> Mapping[str, GiftCards]:
    """Gift cards as both versions have them.

    A card that was laid on a checkout is taken off the order's total and leaves an event with its
    balance. One that was used through 3.23's gateway is a transaction, counted as charged; it
    leaves such an event too.
    """
    used: defaultdict[str, list[tuple[str, Decimal]]] = defaultdict(list)
    charged: defaultdict[str, Decimal] = defaultdict(Decimal)
    through_gateway = set()
    if hasattr(TransactionItem, "gift_card_last_chars"):
        for order_id, card_id, code, amount, currency in TransactionItem.objects.filter(
            order_id__in=one_of(order_ids), app_identifier=GIFT_CARDS
        ).values_list(
            *(text("order_id"), "gift_card_id", "gift_card_last_chars"),
            *("charged_value", "currency"),
        ):
            through_gateway.add((order_id, card_id))
            if amount:
                used[order_id].append((code or "", quantize(amount, currency)))
                charged[order_id] += amount
    events = GiftCardEvent.objects.filter(
        order_id__in=one_of(order_ids), type=GiftCardEvents.USED_IN_ORDER
    ).order_by("pk")
    for order_id, card_id, code, parameters in events.values_list(
        text("order_id"), "gift_card_id", "gift_card__code", "parameters"
    ):
        if (order_id, card_id) not in through_gateway:
            balance = parameters["balance"]
            spent = Decimal(balance["old_current_balance"]) - Decimal(balance["current_balance"])
            used[order_id].append((code[-4:], quantize(spent, balance["currency"])))
    return {pk: GiftCards(tuple(cards), charged[pk]) for pk, cards in used.items()}
