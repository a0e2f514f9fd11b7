"""Asking the provider: to create an attempt's payment, or how it is. No transaction is open."""

from datetime import datetime, timedelta

from django.utils import timezone

from . import applying
from .applying import Foreign
from .models import Attempt, Operation
from .provider import (
    Account,
    Completes,
    Gone,
    NoAnswer,
    Order,
    Provider,
    Rejected,
    Snapshot,
    Status,
)

#: Share of the time for which the provider knows a key again: later a call might be a second one.
_SAFE_SHARE = 0.8
#: No provider forgets a payment that soon: it may not know it yet.
_FORGOTTEN = timedelta(hours=1)


def ask(provider: Provider, account: Account, attempt: Attempt) -> Attempt:
    """Bring an attempt up to date; what it is then.

    A call whose answer was lost is made again, with the same key and the same content.

    Raises
    ------
    NoAnswer
        It is as it was.
    """
    if attempt.payment_id:
        try:
            snapshot = look(account, attempt, attempt.payment_id)
        except Gone as error:
            return _lapsed(attempt, str(error))
        except Rejected as error:
            applying.give_up(attempt.pk, f"The provider does not know the payment: {error}")
            return Attempt.objects.get(pk=attempt.pk)
        return applying.apply(attempt.pk, snapshot)
    if attempt.status:
        # It was never created.
        return attempt
    if not is_key_safe(provider, attempt.created):
        return applying.fail(attempt.pk, "The provider has not answered")
    try:
        snapshot = account.create(_order(attempt), str(attempt.pk))
    except Rejected as error:
        return applying.fail(attempt.pk, str(error))
    except NoAnswer:
        applying.postpone(attempt.pk)
        raise
    try:
        return applying.apply(attempt.pk, snapshot)
    except Foreign:
        # Two have asked at the same time, and the provider has no keys: theirs was the first, and
        # nobody is let go on with this one.
        return Attempt.objects.get(pk=attempt.pk)


def _lapsed(attempt: Attempt, reason: str) -> Attempt:
    """The provider has forgotten a payment; what the attempt is then."""
    if attempt.status != Status.PENDING:
        applying.give_up(attempt.pk, f"The provider does not know the payment: {reason}")
        return Attempt.objects.get(pk=attempt.pk)
    if timezone.now() - attempt.created < _FORGOTTEN:
        raise NoAnswer(reason)
    ended = Snapshot(
        *(attempt.payment_id, Status.CANCELLED, attempt.amount, attempt.currency),
        reason="Nobody has paid in time",
    )
    return applying.apply(attempt.pk, ended)


def look(account: Account, attempt: Attempt, payment_id: str) -> Snapshot:
    """How a payment is; where the buyer has agreed to it, after the money was taken.

    Raises
    ------
    NoAnswer, Rejected
        See :class:`~.provider.Account`.
    """
    refunds = attempt.operations.filter(kind=Operation.Kind.REFUND).exclude(begun=None)
    asked = refunds.order_by("begun", "pk").values_list("pk", flat=True)
    snapshot = account.fetch(payment_id, [str(pk) for pk in asked])
    if not snapshot.is_approved or not isinstance(account, Completes):
        return snapshot
    # What does not fit is never taken; nor is what belongs to somebody else.
    if (snapshot.amount, snapshot.currency) != (attempt.amount, attempt.currency):
        return snapshot
    if snapshot.attempt and snapshot.attempt != str(attempt.pk):
        return snapshot
    return account.complete(payment_id, attempt.two_stage, f"{attempt.pk}-complete")


def is_key_safe(provider: Provider, first_call: datetime) -> bool:
    """Whether a call that was made first at this time can be made again with its key."""
    safe = timedelta(seconds=provider.key_seconds * _SAFE_SHARE)
    return timezone.now() - first_call < safe


def _order(attempt: Attempt) -> Order:
    return Order(
        attempt=str(attempt.pk),
        amount=attempt.amount,
        currency=attempt.currency,
        description=attempt.about,
        about_id=attempt.about_id,
        two_stage=attempt.two_stage,
        method=attempt.chosen,
        return_url=attempt.return_url,
        address=attempt.address,
        email=attempt.email,
        phone=attempt.phone,
    )
