"""Refunds of a provider that has no list of them: it says how much is left of a payment.

Pure. How much less is left than is known says what was given back, and by how much a refund of
ours explains it, that it was carried out: so one whose answer was lost is found again. It has to
be looked at under the attempt's lock, against what is written down at that moment: two who have
asked at the same time are told of the same refund, and it must not become two.

Where somebody gives money back at the provider's while a refund of ours has no answer yet, it
can't be said which was which. Then ours counts as done: rather a refund that staff have to ask
for again than one that is paid out twice. What is left is right in any case.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from ..money import quantize
from .provider import Left, Refund, RefundStatus, Snapshot, Status
from .states import Asked, Known


@dataclass(frozen=True, slots=True)
class Wanted:
    """A refund of ours that the provider was asked for, and that has not ended."""

    operation: str
    amount: Decimal
    #: The provider was seen to be at it.
    is_seen: bool
    #: The provider was asked so long ago that no answer from before can still be looked at.
    is_old: bool


def listed(
    snapshot: Snapshot, asked: Asked, known: Known, wanted: Sequence[Wanted], taken: Decimal | None
) -> Snapshot:
    """The snapshot with its refunds one by one, and with what was taken as its amount.

    Parameters
    ----------
    wanted
        In the order in which the provider was asked.
    taken
        How much of what was held we have asked for, where only a part.
    """
    left = snapshot.left
    if left is None:
        return snapshot
    if snapshot.status is not Status.CHARGED:
        # All of it was let go.
        return replace(snapshot, amount=asked.amount)
    charged = snapshot.amount
    if left.is_reduced or left.amount is None:
        charged = known.charged if known.status is Status.CHARGED else taken or asked.amount
    if left.amount is not None and left.amount > charged:
        # It is another payment than was asked for; whoever compares will say so.
        return replace(snapshot, amount=left.amount)
    # Those that the provider has been seen at come first.
    wanted = sorted(wanted, key=lambda one: not one.is_seen)
    if left.amount is None:
        refunds = _under_way(snapshot, wanted)
    else:
        refunds = _ended(snapshot, left, charged - left.amount, known.refunded, wanted)
    return replace(snapshot, amount=charged, refunds=tuple(refunds))


def _under_way(snapshot: Snapshot, wanted: Sequence[Wanted]) -> Iterator[Refund]:
    """The provider is at one refund at a time."""
    for one in wanted[:1]:
        yield _refund(snapshot, one, RefundStatus.PENDING)


def _ended(
    snapshot: Snapshot, left: Left, given: Decimal, refunded: Decimal, wanted: Sequence[Wanted]
) -> Iterator[Refund]:
    news = given - refunded
    for one in wanted:
        if one.amount <= news:
            news -= one.amount
            yield _refund(snapshot, one, RefundStatus.DONE)
        elif one.is_seen and one.is_old:
            reason = left.problem or "The provider has not carried it out"
            yield _refund(snapshot, one, RefundStatus.FAILED, reason)
    if news > 0:
        # By how much was given back with it: that only grows.
        total = quantize(given, snapshot.currency)
        yield Refund(f"{snapshot.id}:{total:f}", RefundStatus.DONE, news, snapshot.currency)


def _refund(snapshot: Snapshot, one: Wanted, status: RefundStatus, reason: str = "") -> Refund:
    """Under the id of our operation: the provider has none."""
    return Refund(
        one.operation,
        *(status, one.amount, snapshot.currency),
        reason=reason,
        operation=one.operation,
    )
