"""What becomes of attempts that no provider knows of: 1C's word, staff's, and time's.

1C tells of money by the shop (:mod:`..store.promises`), which writes it down itself; of what staff
and time do the shop is told. Money may come in parts: each is a charge of its own on the attempt's
transaction, and the attempt is charged once they come to what it is about.

All happens under the attempt's lock. Where the shop's order is locked too, it was locked before.
"""

from collections.abc import Collection
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from ..money import quantize
from ..store.orders import NewPayment
from ..store.payments import Action, Report, ReportKind
from ..store.promises import Redeemed
from . import applying
from .models import Attempt, Operation
from .offline import Offline
from .provider import Status, gateway_id, providers
from .told import tell

_OPEN = (Status.PENDING, Status.AUTHORISED)
#: Why an attempt was given up; what comes after :data:`_LATE` is taken all the same.
_LATE = "It was not paid in time"
_WITHDRAWN = "The order was cancelled"
_LET_GO = "Staff have let it go"

_REPORTS = {
    Operation.Kind.CAPTURE: ReportKind.CHARGED,
    Operation.Kind.CANCEL: ReportKind.CANCELLED,
    Operation.Kind.REFUND: ReportKind.REFUNDED,
}


class PromiseKeeper:
    """See :class:`~saleor_1c_plugin.store.promises.Keeper`."""

    def gateways(self) -> Collection[str]:
        return [gateway_id(name) for name in _names()]

    def redeem(self, transactions: Collection[str], payment: NewPayment) -> Redeemed | None:
        attempts = _locked(transactions)
        if payment.refund:
            attempt = next((one for one in attempts if _kept(one) >= payment.amount), None)
        else:
            waiting = [one for one in attempts if one.status in _OPEN]
            late = [one for one in attempts if one.reason == _LATE and _left(one) > 0]
            attempt = next(iter([*waiting, *late]), None)
        if attempt is None:
            return None
        kind = Operation.Kind.REFUND if payment.refund else Operation.Kind.CAPTURE
        operation = Operation(attempt=attempt, kind=kind, amount=payment.amount)
        _do(attempt, operation, payment.reference)
        report = Report(
            attempt.transaction,
            *(_REPORTS[kind], payment.amount, payment.reference, payment.at),
            message=payment.name,
            method=attempt.method,
            actions=actions(attempt),
        )
        return Redeemed(gateway_id(attempt.provider), report)

    def withdraw(self, transactions: Collection[str]) -> None:
        for attempt in _locked(transactions):
            _give_up(attempt, _WITHDRAWN)


def carry_out(operation_id: UUID) -> None:
    """Do what staff have asked for: they have the money in their hands, or give it back."""
    with transaction.atomic():
        attempt = Attempt.objects.select_for_update().get(operations=operation_id)
        operation = attempt.operations.get(pk=operation_id)
        if operation.state != Operation.State.OPEN:
            return
        if operation.kind == Operation.Kind.CAPTURE and not operation.amount:
            # What is not taken for authorised has no amount in the shop: all of it is meant.
            operation.amount = _left(attempt)
        if operation.kind == Operation.Kind.CANCEL and attempt.status == Status.AUTHORISED:
            operation.amount = _left(attempt)
        if reason := _obstacle(attempt, operation):
            applying.fail_operation(operation.pk, reason)
            return
        _do(attempt, operation, str(operation.pk))
        report = Report(
            attempt.transaction,
            *(_REPORTS[Operation.Kind(operation.kind)], operation.amount, str(operation.pk)),
            at=timezone.now(),
            message=attempt.method,
            method=attempt.method,
            actions=actions(attempt),
            asked=operation.asked,
        )
        tell(attempt, report)


def expire(attempt_id: UUID) -> None:
    """Wait no more for an attempt whose time is over."""
    with transaction.atomic():
        attempt = Attempt.objects.select_for_update().get(pk=attempt_id)
        if attempt.next_poll is not None and attempt.next_poll <= timezone.now():
            _give_up(attempt, _LATE)


def last_paid(attempt: Attempt) -> tuple[str, Decimal]:
    """The last part of an attempt that was paid: the reference by which the shop knows it, amount.

    A shop that asks how an attempt ended must be told of what it knows, not of another charge.
    """
    paid = attempt.operations.filter(kind=Operation.Kind.CAPTURE, state=Operation.State.DONE)
    part = paid.order_by("created", "pk").last()
    return (part.refund_id, part.amount) if part else (attempt.payment_id, attempt.charged)


def actions(attempt: Attempt) -> tuple[Action, ...]:
    """What staff can do with an attempt."""
    able = applying.known(attempt).actions
    if attempt.status == Status.PENDING:
        return (Action.CHARGE, Action.CANCEL, *able)
    return able


def _names() -> list[str]:
    return [name for name, provider in providers().items() if isinstance(provider, Offline)]


def _locked(transactions: Collection[str]) -> list[Attempt]:
    """Those of these transactions that are promises, the latest first."""
    rows = Attempt.objects.filter(provider__in=_names(), transaction__in=transactions)
    begun = rows.filter(~Q(status="")).select_for_update()
    return sorted(begun.order_by("pk"), key=lambda attempt: attempt.created, reverse=True)


def _left(attempt: Attempt) -> Decimal:
    """What has not been paid yet."""
    return max(attempt.amount - attempt.charged, Decimal(0))


def _kept(attempt: Attempt) -> Decimal:
    """What was paid and not given back."""
    return attempt.charged - applying.known(attempt).refunded


def _obstacle(attempt: Attempt, operation: Operation) -> str:
    """Why an operation can't be carried out; empty: it can."""
    if operation.kind == Operation.Kind.REFUND:
        most, short = _kept(attempt), "Only %s was paid"
    elif attempt.status not in _OPEN:
        return "Nothing is waited for any more"
    else:
        most, short = _left(attempt), "Only %s is to be paid"
    if 0 <= operation.amount <= most:
        return ""
    return short % f"{quantize(most, attempt.currency):f} {attempt.currency}"


def _do(attempt: Attempt, operation: Operation, reference: str) -> None:
    """Write down that money has moved, or will not."""
    operation.state = Operation.State.DONE
    if operation.kind == Operation.Kind.CANCEL:
        _end(attempt, _LET_GO)
    else:
        operation.refund_id = reference
    if operation.kind == Operation.Kind.CAPTURE:
        attempt.charged += operation.amount
        if attempt.status not in _OPEN or not _left(attempt):
            _end(attempt, attempt.reason)
    operation.save()
    attempt.save()


def _end(attempt: Attempt, reason: str) -> None:
    attempt.status = Status.CHARGED if attempt.charged else Status.CANCELLED
    attempt.reason, attempt.next_poll = reason, None


def _give_up(attempt: Attempt, reason: str) -> None:
    """Wait no more for what is left of an attempt, and have the shop told."""
    if attempt.status not in _OPEN:
        return
    was_relied_on = attempt.status == Status.AUTHORISED
    _end(attempt, reason)
    attempt.save()
    if was_relied_on:
        kind, amount = ReportKind.CANCELLED, _left(attempt)
    elif not attempt.charged:
        kind, amount = ReportKind.CHARGE_FAILED, attempt.amount
    else:
        return
    report = Report(attempt.transaction, kind, amount, attempt.payment_id, timezone.now())
    tell(attempt, replace(report, message=reason, actions=actions(attempt)))
