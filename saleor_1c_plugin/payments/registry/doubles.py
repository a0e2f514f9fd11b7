"""What was paid twice, for people: by which payments, and how much of it has gone back.

The flag (:mod:`..duplicates`) says how much an attempt took too much. What is left of that is found
out anew each time, for staff may give back another of the payments, and the order may cost more
since: it is never more than what all of them keep beyond what is owed.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import DecimalField, F, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce

from ...money import quantize
from ...store import current_payments
from ..models import Attempt, Operation
from ..provider import gateway_id
from . import closing
from .matching import Closed

#: Each costs the shop some queries; so many orders are not paid twice.
_MOST = 200
_NONE = Decimal(0)
_MONEY = DecimalField(max_digits=15, decimal_places=3)

_DONE = Q(
    operations__kind__in=(Operation.Kind.REFUND, Operation.Kind.CHARGEBACK),
    operations__state=Operation.State.DONE,
)
_OPEN = Q(operations__kind=Operation.Kind.REFUND, operations__state=Operation.State.OPEN)


@dataclass(frozen=True, slots=True)
class Double:
    """An attempt that took too much: `too_much` is `given` back, `under_way` or `left`."""

    attempt: Attempt
    #: Number of the order; where none has been placed, what was paid for in words.
    order: str
    #: What else was paid for the same.
    others: tuple[Attempt, ...]
    #: The same by gateways that are not ours.
    elsewhere: Decimal
    given: Decimal
    under_way: Decimal
    left: Decimal
    #: Why the last refund has failed.
    failure: str
    closed: Closed | None = None

    @property
    def too_much(self) -> Decimal:
        return self.attempt.duplicate

    @property
    def is_settled(self) -> bool:
        """Whether nobody has to look at it."""
        return self.closed is not None or not self.left + self.under_way

    @property
    def line(self) -> closing.Line:
        return closing.double(self.attempt, f"{quantize(self.left, self.attempt.currency):f}")


@dataclass(frozen=True, slots=True)
class Share:
    """What an attempt took too much, and what of its money has gone back, or is about to."""

    too_much: Decimal
    done: Decimal
    under_way: Decimal


def split(shares: Iterable[Share], over: Decimal, left: Decimal) -> list[tuple[Decimal, Decimal]]:
    """How much of each share is under way, and how much is left: pure.

    Parameters
    ----------
    shares
        Of the same order, the newest first: it is the first to be given back.
    over
        What all payments keep beyond what is owed, refunds under way aside.
    left
        The same once those are done.
    """
    found = []
    for share in shares:
        kept = share.too_much - share.done
        not_given = max(min(kept, over), _NONE)
        to_give = max(min(kept - share.under_way, left, not_given), _NONE)
        over, left = over - not_given, left - to_give
        found.append((not_given - to_give, to_give))
    return found


def doubles(since: datetime, until: datetime, provider: str = "") -> list[Double]:
    """Those begun from `since` on and before `until`, and older ones of which something is left.

    Parameters
    ----------
    provider
        Only this one's; empty: all.
    """
    wanted = Q(provider=provider) if provider else Q()
    flagged = Attempt.objects.filter(wanted, duplicate__gt=0, created__lt=until)
    of_time = flagged.annotate(done=_sum(_DONE)).filter(
        Q(created__gte=since) | Q(done__lt=F("duplicate"))
    )
    rows = list(of_time.order_by("-created", "pk")[:_MOST])
    numbers = _numbers(rows)
    groups: dict[tuple[str, str], _Group] = {}
    found = []
    for row in rows:
        if (group := groups.get(_key(row))) is None:
            group = _group(row)
            groups |= {_key(one): group for one in group.attempts}
        double = _double(row, group, numbers.get(row.payment_id, ""))
        if row.created >= since or double.left or double.under_way:
            found.append(double)
    known = closing.closed([one.line for one in found])
    return [replace(one, closed=known.get(one.line)) for one in found]


@dataclass(frozen=True, slots=True)
class _Group:
    """All that was paid for one checkout or order; the newest first."""

    attempts: tuple[Attempt, ...]
    elsewhere: Decimal
    #: Of those that took too much: what is under way, and what is left.
    shares: Mapping[UUID, tuple[Decimal, Decimal]]


def _key(attempt: Attempt) -> tuple[str, str]:
    return attempt.provider, attempt.transaction


def _sum(which: Q) -> Coalesce:
    """Of an attempt's operations."""
    return Coalesce(Sum("operations__amount", filter=which), Value(_NONE), output_field=_MONEY)


def _given(attempts: "QuerySet[Attempt]") -> Mapping[UUID, tuple[Decimal, Decimal]]:
    """What of each was given back, and what is about to be."""
    counted = attempts.annotate(done=_sum(_DONE), under_way=_sum(_OPEN))
    return {
        pk: (done, under_way)
        for pk, done, under_way in counted.values_list("pk", "done", "under_way")
    }


def _group(attempt: Attempt) -> _Group:
    bill = current_payments().bill(gateway_id(attempt.provider), attempt.transaction)
    names = bill.taken if bill else [attempt.transaction]
    rows = Attempt.objects.filter(transaction__in=names).order_by("-created", "pk")
    attempts = tuple(rows)
    sums = _given(rows)
    shares = {one.pk: Share(one.duplicate, *sums[one.pk]) for one in attempts if one.duplicate}
    if bill is None:
        # What it was for is gone: the flag is all that is known.
        over = left = sum((one.too_much for one in shares.values()), _NONE)
        elsewhere = _NONE
    else:
        ours = {one.transaction for one in attempts}
        others = (taken for name, taken in bill.taken.items() if name not in ours)
        elsewhere = sum(others, _NONE)
        kept = sum((one.charged - sums[one.pk][0] for one in attempts), elsewhere)
        over = kept - bill.owed
        left = over - sum((under_way for _, under_way in sums.values()), _NONE)
    told = dict(zip(shares, split(shares.values(), over, left), strict=True))
    return _Group(attempts, elsewhere, told)


def _double(attempt: Attempt, group: _Group, order: str) -> Double:
    under_way, left = group.shares[attempt.pk]
    failed = attempt.operations.filter(
        kind=Operation.Kind.REFUND, state=Operation.State.FAILED
    ).order_by("-created", "-pk")
    return Double(
        attempt,
        order or attempt.about,
        tuple(one for one in group.attempts if one.charged and one.pk != attempt.pk),
        group.elsewhere,
        given=attempt.duplicate - under_way - left,
        under_way=under_way,
        left=left,
        failure=failed.values_list("reason", flat=True).first() or "" if left else "",
    )


def _numbers(attempts: Iterable[Attempt]) -> Mapping[str, str]:
    """Id of a payment → number of the order that it is for, where one has been placed."""
    found: dict[str, str] = {}
    by_provider: defaultdict[str, list[Attempt]] = defaultdict(list)
    for attempt in attempts:
        by_provider[attempt.provider].append(attempt)
    for name, rows in by_provider.items():
        transactions = [row.transaction for row in rows]
        # Of no time, but of these.
        moment = rows[0].created
        moves = current_payments().moves(gateway_id(name), moment, moment, transactions)
        found |= {move.reference: move.order_number for move in moves if move.order_number}
    return found
