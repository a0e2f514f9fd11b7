"""What the report is about: what each side knows of a period, a few queries for all of it."""

from collections.abc import Iterator, Sequence, Set
from datetime import datetime

from django.utils import timezone

from ...configuration import SettingsError
from ...orders import known
from ...store import bulk, current_orders
from ...store.orders import Order, Payment, PaymentKind
from .. import noticing
from ..models import Receipt
from ..settings import ReceiptsSettings
from .matching import Money, Row, match

_BATCH = 500
_MOVED = (PaymentKind.CHARGE, PaymentKind.REFUND, PaymentKind.CHARGEBACK)


def rows(since: datetime, until: datetime) -> list[Row]:
    """All money that has moved from `since` on and before `until`, beside its receipts.

    A fact is of the time at which the shop has it, whenever its receipt was registered: what was
    paid about midnight is in one period and not in two.
    """
    made = Receipt.objects.filter(happened__gte=since, happened__lt=until)
    order_ids = sorted(
        {*current_orders().paid_between(since, until), *made.values_list("order_id", flat=True)}
    )
    money: list[Money] = []
    receipts: list[Receipt] = []
    for start in range(0, len(order_ids), _BATCH):
        batch = order_ids[start : start + _BATCH]
        theirs = _receipts(batch)
        receipts += theirs
        facts = {receipt.fact for receipt in theirs}
        for order in current_orders().read_orders(batch):
            money += _money(order, facts)
    knowledge = known.knowledge(order_ids) if known.is_told() else None
    found = match(money, receipts, knowledge, timezone.now())
    return [row for row in found if since <= row.at < until]


def _receipts(order_ids: Sequence[str]) -> list[Receipt]:
    found = Receipt.objects.filter(order_id__in=bulk.any_of(order_ids, "text"))
    return list(found.defer("document").order_by("created", "pk"))


def _money(order: Order, facts: Set[str]) -> Iterator[Money]:
    """Of one order; which of it calls for a receipt is asked only where there is none."""
    moved = [payment for payment in order.payments if payment.kind in _MOVED]
    keys = [_key(order, payment) for payment in moved]
    missing = set() if facts >= set(keys) else _missing(order)
    for payment, key in zip(moved, keys, strict=True):
        yield Money(
            fact=key,
            order_id=order.id,
            order_number=order.number,
            channel=order.channel,
            amount=payment.amount,
            currency=order.currency,
            at=payment.at,
            is_refund=payment.kind is not PaymentKind.CHARGE,
            method=payment.method or payment.gateway,
            is_missing=key in missing,
        )


def _missing(order: Order) -> set[str]:
    """Facts of an order that call for receipts which are not there."""
    try:
        settings = ReceiptsSettings.load(order.channel)
    except SettingsError:
        # Nobody can say what they call for: whoever looks at it has to know.
        return {_key(order, payment) for payment in order.payments}
    if settings is None:
        return set()
    return {one.fact for one in noticing.needed(order, settings)}


def _key(order: Order, payment: Payment) -> str:
    """As :mod:`..facts` names it."""
    kind = "payment" if payment.kind is PaymentKind.CHARGE else "refund"
    return f"{order.id}:{kind}:{payment.id}"
