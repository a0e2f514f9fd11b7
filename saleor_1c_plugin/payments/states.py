"""What a payment has come to: pure, and the same whatever order its snapshots come in.

A snapshot may be old when it is looked at: it was asked for before another that came sooner. So
what is known never shrinks: :func:`merge` takes the later of two states of an order that has no
way back (asked, held, then taken or let go), refund by refund too. It does not matter then which
came first, or how often; and what there is to report is a function of what is known.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from ..store.payments import Action, Report, ReportKind
from .provider import Refund, RefundStatus, Snapshot, Status

_RANK = {None: 0, Status.PENDING: 1, Status.AUTHORISED: 2, Status.CANCELLED: 3, Status.CHARGED: 4}
_REFUND_RANK = {RefundStatus.PENDING: 0, RefundStatus.FAILED: 1, RefundStatus.DONE: 2}


class Mismatch(Exception):
    """The provider's payment is not what was asked for: nothing of it may be believed."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of the provider."""

    amount: Decimal
    currency: str
    two_stage: bool


@dataclass(frozen=True, slots=True)
class Known:
    """What has happened to a payment, as far as is known."""

    status: Status | None = None
    was_held: bool = False
    charged: Decimal = Decimal(0)
    at: datetime | None = None
    reason: str = ""
    #: By the provider's ids.
    refunds: Mapping[str, Refund] = field(default_factory=dict)

    @property
    def refunded(self) -> Decimal:
        done = (one.amount for one in self.refunds.values() if one.status is RefundStatus.DONE)
        return sum(done, Decimal(0))

    @property
    def is_final(self) -> bool:
        return self.status in (Status.CHARGED, Status.CANCELLED)

    @property
    def actions(self) -> tuple[Action, ...]:
        """What can be done with it."""
        if self.status is Status.AUTHORISED:
            return (Action.CHARGE, Action.CANCEL)
        if self.status is Status.CHARGED and self.refunded < self.charged:
            return (Action.REFUND,)
        return ()


def require_match(asked: Asked, snapshot: Snapshot) -> None:
    """Say whether the payment is the one that was asked for.

    What is taken may be less than what is held: staff take a part, here or at the provider's.

    Raises
    ------
    Mismatch
        It isn't.
    """
    currencies = {snapshot.currency, *(refund.currency for refund in snapshot.refunds)}
    if currencies != {asked.currency}:
        raise Mismatch(f"It is in {', '.join(sorted(currencies))}, not in {asked.currency}")
    is_part = asked.two_stage and snapshot.status is Status.CHARGED
    fits = 0 < snapshot.amount <= asked.amount if is_part else snapshot.amount == asked.amount
    if not fits:
        raise Mismatch(f"It is {snapshot.amount:f} {asked.currency}, not {asked.amount:f}")
    given = (
        one.amount
        for one in snapshot.refunds
        if one.status is not RefundStatus.FAILED and not one.is_chargeback
    )
    if snapshot.refunds and sum(given, Decimal(0)) > snapshot.amount:
        raise Mismatch("More is given back than was taken")


def merge(known: Known, snapshot: Snapshot) -> Known:
    """What is known when a snapshot, of any age, has been looked at too."""
    was_held = snapshot.was_held or snapshot.status is Status.AUTHORISED
    if _RANK[snapshot.status] > _RANK[known.status]:
        known = replace(
            known,
            status=snapshot.status,
            charged=snapshot.amount if snapshot.status is Status.CHARGED else known.charged,
            at=snapshot.at,
            reason=snapshot.reason,
        )
    return replace(
        known,
        was_held=known.was_held or was_held,
        refunds=_merged(known.refunds, snapshot.refunds),
    )


def _merged(known: Mapping[str, Refund], told: Iterable[Refund]) -> Mapping[str, Refund]:
    merged = dict(known)
    for refund in told:
        old = merged.get(refund.id)
        if old is None or _REFUND_RANK[refund.status] > _REFUND_RANK[old.status]:
            merged[refund.id] = refund
    return merged


def reports(asked: Asked, known: Known, payment_id: str, transaction: str) -> list[Report]:
    """All that there is to report of what is known, in the order in which it happened."""
    return [
        replace(report, transaction=transaction, actions=known.actions)
        for report in _facts(asked, known, payment_id)
    ]


def _facts(asked: Asked, known: Known, payment_id: str) -> Iterator[Report]:
    def fact(kind: ReportKind, amount: Decimal, at: datetime | None = None) -> Report:
        return Report("", kind, amount, payment_id, at)

    held = known.status is Status.AUTHORISED or (
        known.is_final and (known.was_held or (asked.two_stage and known.status is Status.CHARGED))
    )
    if held:
        yield fact(ReportKind.AUTHORISED, asked.amount, known.at)
    if known.status is Status.CHARGED:
        yield fact(ReportKind.CHARGED, known.charged, known.at)
        if held and known.charged < asked.amount:
            yield fact(ReportKind.CANCELLED, asked.amount - known.charged, known.at)
    elif known.status is Status.CANCELLED:
        failed = ReportKind.AUTHORISATION_FAILED if asked.two_stage else ReportKind.CHARGE_FAILED
        kind = ReportKind.CANCELLED if held else failed
        yield replace(fact(kind, asked.amount, known.at), message=known.reason)
    for refund in known.refunds.values():
        if refund.is_chargeback:
            yield _chargeback(refund)
        elif refund.status is RefundStatus.DONE:
            yield Report("", ReportKind.REFUNDED, refund.amount, refund.id, refund.at)
        elif refund.status is RefundStatus.FAILED:
            yield Report(
                "",
                *(ReportKind.REFUND_FAILED, refund.amount, refund.id, refund.at),
                message=refund.reason,
            )


def _chargeback(refund: Refund) -> Report:
    if refund.status is RefundStatus.DONE:
        return Report("", ReportKind.CHARGED_BACK, refund.amount, refund.id, refund.at)
    is_open = refund.status is RefundStatus.PENDING
    return Report(
        "",
        *(ReportKind.REMARK, Decimal(0)),
        f"{refund.id}:{refund.status.value}",
        refund.at,
        message=f"The buyer disputes {refund.amount:f} {refund.currency}: {refund.reason}"
        if is_open
        else f"The dispute about {refund.amount:f} {refund.currency} was won",
    )
