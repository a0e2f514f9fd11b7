"""What was paid twice: two attempts that together took more than is owed for the same goods.

A buyer pays in two windows, or goes back and pays in another way while the first payment is still
under way; both succeed. All of it is believed, for the money is there. The attempt that took too
much is flagged, and gives it back by a refund of its own where the merchant has set so.

Whoever is looked at counts what all the attempts of the same checkout or order keep, under the
locks of their rows: of two that were charged at one moment, the one that is looked at first is
flagged, and the other finds nothing too much any more.
"""

import logging
from collections.abc import Collection
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import Q, Sum

from ..money import quantize
from ..outbox.errors import Retry
from ..outbox.models import Message
from ..store import current_payments
from ..store.payments import Action, Bill, Report, ReportKind
from . import operations
from .models import Attempt, Operation
from .provider import gateway_id, providers
from .settings import Duplicates, PaymentsSettings, SettingsError
from .told import DUPLICATES, tell

TOPIC = DUPLICATES

logger = logging.getLogger(__name__)

_GIVEN_BACK = Q(kind=Operation.Kind.REFUND) & ~Q(state=Operation.State.FAILED) | Q(
    kind=Operation.Kind.CHARGEBACK, state=Operation.State.DONE
)


def deliver(message: Message) -> None:
    """See whether an attempt that was charged took more than was owed."""
    attempt = Attempt.objects.filter(pk=UUID(message.payload["attempt"])).first()
    if attempt is None:
        return
    try:
        settings = PaymentsSettings.load() or PaymentsSettings()
    except SettingsError as error:
        raise Retry(f"Settings of payments: {error}") from None
    bill = current_payments().bill(gateway_id(attempt.provider), attempt.transaction)
    if bill is None:
        return
    with transaction.atomic():
        # By the same order in every transaction; keys of theirs may be referred to meanwhile.
        locked = Attempt.objects.select_for_update(no_key=True).order_by("pk")
        rows = {row.pk: row for row in locked.filter(transaction__in=bill.taken)}
        if attempt.pk in rows and not rows[attempt.pk].duplicate:
            amount = _too_much(rows.pop(attempt.pk), rows.values(), bill)
            if amount > 0:
                _flag(attempt, amount, settings.duplicates)


def _too_much(attempt: Attempt, others: Collection[Attempt], bill: Bill) -> Decimal:
    """How much of what an attempt keeps is more than is owed, given what others keep."""
    charged = [row for row in others if row.charged]
    if not charged:
        # A single payment that is too much is no duplicate: the order may have become cheaper.
        return Decimal(0)
    ours = {attempt.transaction, *(row.transaction for row in others)}
    # Of our own we know more, and sooner, than the shop was told.
    elsewhere = (taken for name, taken in bill.taken.items() if name not in ours)
    kept = sum((_kept(row) for row in charged), Decimal(0)) + sum(elsewhere, Decimal(0))
    own = _kept(attempt)
    return min(own, own + kept - bill.owed)


def _kept(attempt: Attempt) -> Decimal:
    """What an attempt has taken and rightly keeps: less refunds, and what was flagged before."""
    given = attempt.operations.filter(_GIVEN_BACK).aggregate(sum=Sum("amount"))["sum"]
    return attempt.charged - max(attempt.duplicate, given or Decimal(0))


def _flag(attempt: Attempt, amount: Decimal, duplicates: Duplicates) -> None:
    Attempt.objects.filter(pk=attempt.pk).update(duplicate=amount)
    shown = f"{quantize(amount, attempt.currency):f} {attempt.currency}"
    text = f"It was paid twice: {shown} more than is owed"
    logger.warning("Payment %s of %s: %s", attempt.payment_id, attempt.provider, text)
    remark = Report(
        attempt.transaction,
        *(ReportKind.REMARK, Decimal(0), f"{attempt.payment_id}:duplicate"),
        message=text,
    )
    tell(attempt, remark)
    if duplicates is Duplicates.REFUND:
        operations.request(
            *(providers()[attempt.provider], attempt.transaction, Action.REFUND, amount),
            asked=f"duplicate:{attempt.pk}",
        )
