"""What staff have done with a payment: taking held money, letting it go, giving money back.

Asked for in the shop, written down with its key, and carried out by a worker. A call without an
answer is made again with the same key; past the time for which the provider knows the key, only
its list of what was done decides.
"""

from collections.abc import Callable
from decimal import Decimal
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from ..outbox import messages
from ..outbox.errors import Retry
from ..outbox.models import Message
from ..store.payments import Action
from . import accounts, applying
from .asking import is_key_safe, look
from .models import Attempt, Operation
from .provider import Account, NoAnswer, Provider, Rejected, Snapshot

TOPIC = "payments.operations"

_KINDS = {
    Action.CHARGE: Operation.Kind.CAPTURE,
    Action.CANCEL: Operation.Kind.CANCEL,
    Action.REFUND: Operation.Kind.REFUND,
}


def request(
    provider: Provider, payment: str, action: Action, amount: Decimal, asked: str
) -> Operation | None:
    """Have an action carried out soon; ``None``: there is no such payment of ours.

    Parameters
    ----------
    payment
        The shop's id of the transaction.
    asked
        The shop's id of the request: asked for again, it is the same operation.
    """
    with transaction.atomic():
        attempt = Attempt.objects.filter(provider=provider.name, transaction=payment).first()
        if attempt is None or not attempt.payment_id:
            return None
        operation, is_new = Operation.objects.get_or_create(
            asked=asked,
            defaults={
                "id": uuid4(),
                "attempt": attempt,
                "kind": _KINDS[action],
                "amount": amount,
            },
        )
        if is_new:
            payload = {"operation": str(operation.pk)}
            messages.append(TOPIC, str(attempt.pk), payload, key=str(operation.pk))
    return operation


def deliver(message: Message) -> None:
    """Carry an operation out, or find out what became of it."""
    operation = Operation.objects.select_related("attempt").get(pk=message.payload["operation"])
    if operation.state != Operation.State.OPEN:
        return
    attempt = operation.attempt
    found = accounts.of_attempt(attempt)
    if found is None:
        raise Retry(f"The gateway {attempt.provider} is switched off in {attempt.channel}")
    try:
        _carry_out(*found, operation)
    except NoAnswer as error:
        raise Retry(str(error)) from None


def _carry_out(provider: Provider, account: Account, operation: Operation) -> None:
    attempt = operation.attempt
    if operation.begun is None:
        operation.begun = timezone.now()
        Operation.objects.filter(pk=operation.pk, begun=None).update(begun=operation.begun)
    elif not is_key_safe(provider, operation.begun):
        _decide(account, operation, "The provider has not answered")
        return
    try:
        snapshot = _CALLS[Operation.Kind(operation.kind)](account, operation)
    except Rejected as error:
        # Among other things because it has been done.
        _decide(account, operation, str(error))
    else:
        applying.apply(attempt.pk, snapshot)


def _decide(account: Account, operation: Operation, reason: str) -> None:
    """Let the payment say whether it was done; if not, it failed for `reason`."""
    attempt = operation.attempt
    applying.apply(attempt.pk, look(account, attempt, attempt.payment_id))
    operation.refresh_from_db()
    if operation.state == Operation.State.OPEN and not operation.refund_id:
        applying.fail_operation(operation.pk, reason)


def _capture(account: Account, operation: Operation) -> Snapshot:
    attempt = operation.attempt
    return account.capture(
        attempt.payment_id, operation.amount, attempt.currency, str(operation.pk)
    )


def _cancel(account: Account, operation: Operation) -> Snapshot:
    return account.cancel(operation.attempt.payment_id, str(operation.pk))


def _give_back(account: Account, operation: Operation) -> Snapshot:
    attempt, key = operation.attempt, str(operation.pk)
    account.refund(attempt.payment_id, operation.amount, attempt.currency, key, key)
    # With what was given back before, or elsewhere.
    return look(account, attempt, attempt.payment_id)


_CALLS: dict[Operation.Kind, Callable[[Account, Operation], Snapshot]] = {
    Operation.Kind.CAPTURE: _capture,
    Operation.Kind.CANCEL: _cancel,
    Operation.Kind.REFUND: _give_back,
}
