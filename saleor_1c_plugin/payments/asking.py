"""Asking the provider: to create an attempt's payment, or how it is. No transaction is open."""

from datetime import datetime, timedelta

from django.utils import timezone

from . import applying
from .models import Attempt, Operation
from .provider import Account, Completes, NoAnswer, Order, Provider, Rejected, Snapshot

#: Share of the time for which the provider knows a key again: later a call might be a second one.
_SAFE_SHARE = 0.8


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
    return applying.apply(attempt.pk, snapshot)


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
