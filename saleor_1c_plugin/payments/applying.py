"""Writing down what a snapshot says, and having the shop told of what is new in it.

All writes of an attempt and its operations that follow from the provider's word happen here, under
the attempt's lock, whoever has asked for the snapshot and when.
"""

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from ..store.payments import Action, Report, ReportKind
from . import states, totals
from .models import Attempt, Operation
from .offline import Offline
from .provider import Refund, RefundStatus, Snapshot, Status, providers
from .states import Asked, Known, Mismatch
from .told import suspect, tell

#: Seconds until a payment that is under way is asked for, doubled before each time.
_FIRST_POLL = 15
_LONGEST_POLL = 900
#: Of money that is held, and of disputes: they stay so for days.
_SLOW_POLL = 3600
#: Longer than any answer takes to be looked at.
_OLD = timedelta(minutes=2)

_STATES = {
    RefundStatus.PENDING: Operation.State.OPEN,
    RefundStatus.DONE: Operation.State.DONE,
    RefundStatus.FAILED: Operation.State.FAILED,
}
_STATUSES = {state: status for status, state in _STATES.items()}
_FAILURES = {
    Operation.Kind.CAPTURE: ReportKind.CHARGE_FAILED,
    Operation.Kind.CANCEL: ReportKind.CANCEL_FAILED,
    Operation.Kind.REFUND: ReportKind.REFUND_FAILED,
}

_GIVEN_BACK = (Operation.Kind.REFUND, Operation.Kind.CHARGEBACK)

logger = logging.getLogger(__name__)


class Foreign(Exception):
    """The provider's payment belongs to another attempt, or to nobody here."""


def apply(attempt_id: UUID, snapshot: Snapshot) -> Attempt:
    """Write down what a snapshot says; the attempt as it is then.

    A payment that is not what was asked for leaves a remark at the attempt and in the shop, and
    nothing else.

    Raises
    ------
    Foreign
        It is another attempt's.
    """
    with transaction.atomic():
        attempt = Attempt.objects.select_for_update().get(pk=attempt_id)
        _require_own(attempt, snapshot)
        attempt.payment_id = snapshot.id
        asked = Asked(attempt.amount, attempt.currency, attempt.two_stage)
        try:
            if snapshot.left is not None:
                snapshot = _listed(attempt, asked, snapshot)
            states.require_match(asked, snapshot)
        except Mismatch as error:
            _flag(attempt, str(error))
        else:
            _write(attempt, asked, snapshot)
        _schedule(attempt)
        attempt.save()
    return attempt


def fail(attempt_id: UUID, reason: str) -> Attempt:
    """There is no payment, and there won't be one."""
    with transaction.atomic():
        attempt = Attempt.objects.select_for_update().get(pk=attempt_id)
        if attempt.status:
            return attempt
        attempt.status, attempt.reason = Status.CANCELLED, reason[:255]
        attempt.next_poll = None
        attempt.save()
        kind = ReportKind.AUTHORISATION_FAILED if attempt.two_stage else ReportKind.CHARGE_FAILED
        # Nothing of the provider's names it.
        report = Report(attempt.transaction, kind, attempt.amount, str(attempt.pk))
        tell(attempt, replace(report, message=attempt.reason))
    return attempt


def fail_operation(operation_id: UUID, reason: str) -> None:
    """An operation has not been carried out, and won't be."""
    with transaction.atomic():
        attempt = Attempt.objects.select_for_update().get(operations=operation_id)
        operation = attempt.operations.get(pk=operation_id)
        if operation.state == Operation.State.OPEN:
            _end(operation, known(attempt), Operation.State.FAILED, reason)
            operation.save()
        _schedule(attempt)
        attempt.save()


def known(attempt: Attempt) -> Known:
    """What is written down."""
    refunds = attempt.operations.filter(kind__in=_GIVEN_BACK).exclude(refund_id="")
    return Known(
        status=Status(attempt.status) if attempt.status else None,
        was_held=attempt.was_held,
        charged=attempt.charged,
        reason=attempt.reason,
        refunds={
            row.refund_id: _refund(row, attempt.currency)
            for row in refunds.order_by("created", "pk")
        },
    )


def postpone(attempt_id: UUID) -> None:
    """Ask again later: there was no answer."""
    with transaction.atomic():
        attempt = Attempt.objects.select_for_update().get(pk=attempt_id)
        _schedule(attempt)
        attempt.save()


def give_up(attempt_id: UUID, problem: str) -> None:
    """Ask no more: the provider does not know the payment."""
    with transaction.atomic():
        attempt = Attempt.objects.select_for_update().get(pk=attempt_id)
        _flag(attempt, problem)
        attempt.next_poll = None
        attempt.save()


def _require_own(attempt: Attempt, snapshot: Snapshot) -> None:
    if attempt.payment_id:
        is_own = attempt.payment_id == snapshot.id
    else:
        is_own = snapshot.attempt == str(attempt.pk)
    if not is_own or (snapshot.attempt and snapshot.attempt != str(attempt.pk)):
        raise Foreign("The payment is not this attempt's")


def _listed(attempt: Attempt, asked: Asked, snapshot: Snapshot) -> Snapshot:
    """Find the refunds of a snapshot that says only what is left.

    Raises
    ------
    Mismatch
        What was taken was not what had been asked for, and can't be told any more.
    """
    is_reduced = snapshot.status is Status.CHARGED and snapshot.left and snapshot.left.is_reduced
    if attempt.problem and is_reduced and attempt.status != Status.CHARGED:
        raise Mismatch(attempt.problem)
    begun = attempt.operations.exclude(begun=None).exclude(state=Operation.State.FAILED)
    capture = begun.filter(kind=Operation.Kind.CAPTURE).order_by("-begun").first()
    refunds = begun.filter(kind=Operation.Kind.REFUND, state=Operation.State.OPEN)
    now = timezone.now()
    wanted = [
        totals.Wanted(
            str(row.pk),
            row.amount,
            is_seen=bool(row.refund_id),
            is_old=row.begun is not None and now - row.begun > _OLD,
        )
        for row in refunds.order_by("begun", "pk")
    ]
    return totals.listed(
        snapshot, asked, known(attempt), wanted, capture.amount if capture else None
    )


def _flag(attempt: Attempt, problem: str) -> None:
    attempt.problem = problem[:255]
    logger.error("Payment %s of %s: %s", attempt.payment_id, attempt.provider, problem)
    # Each remark once.
    reference = f"{attempt.payment_id}:{sha256(problem.encode()).hexdigest()[:16]}"
    report = Report(attempt.transaction, ReportKind.REMARK, Decimal(0), reference)
    tell(attempt, replace(report, message=problem))


def _write(attempt: Attempt, asked: Asked, snapshot: Snapshot) -> None:
    before = known(attempt)
    after = states.merge(before, snapshot)
    attempt.status, attempt.was_held = after.status or "", after.was_held
    attempt.charged, attempt.reason = after.charged, after.reason[:255]
    attempt.method = snapshot.method[:128] or attempt.method
    attempt.is_test = snapshot.is_test
    if snapshot.confirmation is not None:
        attempt.confirmation = dict(snapshot.confirmation)
    if after.status is Status.CHARGED and before.status is not Status.CHARGED:
        suspect(attempt)
    answers = dict(_settle(attempt, after))
    told = {_key(one) for one in states.reports(asked, before, snapshot.id, attempt.transaction)}
    for report in states.reports(asked, after, snapshot.id, attempt.transaction):
        if _key(report) not in told:
            told_now = replace(report, asked=answers.get(_key(report), ""))
            message = report.message or attempt.method
            tell(attempt, replace(told_now, message=message, method=attempt.method))
    if before.status is None and after.status is Status.PENDING:
        _introduce(attempt)


def _introduce(attempt: Attempt) -> None:
    """Have the shop told of a promise that is no fact yet: how it is paid, what staff can do."""
    if isinstance(providers().get(attempt.provider), Offline):
        report = Report(attempt.transaction, ReportKind.REMARK, Decimal(0), attempt.payment_id)
        able = (Action.CHARGE, Action.CANCEL)
        method = attempt.method
        tell(attempt, replace(report, message=method, method=method, actions=able))


def _key(report: Report) -> tuple[ReportKind, str]:
    return report.kind, report.reference


def _settle(attempt: Attempt, after: Known) -> Iterator[tuple[tuple[ReportKind, str], str]]:
    """End the operations that the provider has carried out; report → the request it answers."""
    rows = list(attempt.operations.all())
    for refund in after.refunds.values():
        operation = _operation_of(attempt, rows, refund)
        operation.refund_id, operation.amount = refund.id, refund.amount
        operation.state, operation.reason = _STATES[refund.status], refund.reason[:255]
        operation.save()
        for kind in (ReportKind.REFUNDED, ReportKind.REFUND_FAILED):
            yield (kind, refund.id), operation.asked
    if not after.is_final:
        return
    was_taken = after.status is Status.CHARGED
    for operation in rows:
        is_capture = operation.kind == Operation.Kind.CAPTURE
        if operation.kind in _GIVEN_BACK or operation.state != Operation.State.OPEN:
            continue
        if is_capture != was_taken:
            reason = "The money was taken" if was_taken else "The payment was cancelled"
            _end(operation, after, Operation.State.FAILED, reason)
        elif is_capture and operation.amount != after.charged:
            _end(operation, after, Operation.State.FAILED, "Another amount was taken")
        else:
            _end(operation, after, Operation.State.DONE)
            kind = ReportKind.CHARGED if is_capture else ReportKind.CANCELLED
            yield (kind, attempt.payment_id), operation.asked
        operation.save()


def _operation_of(attempt: Attempt, rows: list[Operation], refund: Refund) -> Operation:
    """The row of a refund: the one that was asked for, or a new one."""
    for row in rows:
        if row.refund_id == refund.id or (not row.refund_id and str(row.pk) == refund.operation):
            return row
    kind = Operation.Kind.CHARGEBACK if refund.is_chargeback else Operation.Kind.REFUND
    made = Operation(attempt=attempt, kind=kind, amount=refund.amount)
    rows.append(made)
    return made


def _end(operation: Operation, after: Known, state: Operation.State, reason: str = "") -> None:
    operation.state, operation.reason = state, reason[:255]
    if state == Operation.State.FAILED:
        attempt = operation.attempt
        kind = _FAILURES[Operation.Kind(operation.kind)]
        # Under an id of its own: the payment's would take back what it reports later.
        report = Report(attempt.transaction, kind, operation.amount, str(operation.pk))
        tell(
            attempt,
            replace(report, message=operation.reason, actions=after.actions, asked=operation.asked),
        )


def _refund(row: Operation, currency: str) -> Refund:
    status = _STATUSES[Operation.State(row.state)]
    return Refund(
        row.refund_id,
        *(status, row.amount, currency),
        reason=row.reason,
        operation=str(row.pk),
        is_chargeback=row.kind == Operation.Kind.CHARGEBACK,
    )


def _schedule(attempt: Attempt) -> None:
    """Say when the provider is to be asked if it does not tell."""
    attempt.polls += 1
    attempt.next_poll = _next_poll(attempt)


def _next_poll(attempt: Attempt) -> datetime | None:
    provider = providers().get(attempt.provider)
    if isinstance(provider, Offline):
        return None if known(attempt).is_final else provider.ends(attempt)
    if attempt.problem:
        return None
    seconds = min(_FIRST_POLL * 2.0 ** min(attempt.polls, 16), _LONGEST_POLL)
    if attempt.status == Status.AUTHORISED:
        seconds = _SLOW_POLL
    elif attempt.status in (Status.CHARGED, Status.CANCELLED):
        open_ones = attempt.operations.filter(state=Operation.State.OPEN).exclude(refund_id="")
        kinds = set(open_ones.values_list("kind", flat=True))
        if not kinds:
            return None
        if kinds == {Operation.Kind.CHARGEBACK}:
            seconds = _SLOW_POLL
    return timezone.now() + timedelta(seconds=seconds)
