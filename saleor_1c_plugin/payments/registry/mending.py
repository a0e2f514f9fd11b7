"""Money of ours that a registry knows and we don't: the provider is asked how that payment is.

What it answers is applied as any of its answers is, so that the shop and 1C hear of it in the known
way. Nothing else is mended by itself: all other differences are shown.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import batched
from uuid import UUID

from ...outbox import messages
from ...outbox.errors import Retry
from ...outbox.models import Message
from ...store import bulk
from .. import accounts, applying
from ..applying import Foreign
from ..asking import look
from ..models import Attempt, Operation
from ..provider import EntryKind, NoAnswer, Rejected, Status
from .asking import topic
from .models import RegistryEntry, RegistryRun

_BATCH = 1000


def doubt(run: RegistryRun) -> None:
    """Have the payments looked at of which the period shows more than we know; in a transaction.

    Each entry is a reason once: what is still different then is for people.
    """
    entries = RegistryEntry.objects.filter(
        provider=run.provider, account=run.account, at__gte=run.since, at__lt=run.until
    )
    for batch in batched(entries.order_by("pk").iterator(_BATCH), _BATCH):
        for attempt_id, entry in _unknown(run.provider, batch):
            messages.append(
                topic(run.provider),
                f"attempt:{attempt_id}",
                {"attempt": str(attempt_id), "payment": entry.payment_id},
                key=f"{entry.kind}:{entry.reference}",
            )


def deliver(message: Message) -> None:
    """Look at a payment."""
    attempt = Attempt.objects.filter(pk=UUID(message.payload["attempt"])).first()
    found = accounts.of_attempt(attempt) if attempt else None
    if attempt is None or found is None:
        return
    _, account = found
    try:
        applying.apply(attempt.pk, look(account, attempt, message.payload["payment"]))
    except NoAnswer as error:
        raise Retry(str(error)) from None
    except (Rejected, Foreign):
        # The report goes on showing it.
        return


def _unknown(
    provider: str, entries: tuple[RegistryEntry, ...]
) -> Iterator[tuple[UUID, RegistryEntry]]:
    """Entries of our attempts whose money we don't know, with the attempt."""
    attempts = _attempts(provider, entries)
    refunds = set(
        Operation.objects.filter(
            attempt__in=[attempt.pk for attempt in attempts.values()], state=Operation.State.DONE
        )
        .exclude(refund_id="")
        .values_list("attempt_id", "refund_id")
    )
    for entry in entries:
        attempt = attempts.get(entry.payment_id)
        # What does not fit what was asked for is known, and is a person's.
        if attempt is None or attempt.problem:
            continue
        if entry.kind == EntryKind.PAYMENT:
            is_known = attempt.status == Status.CHARGED
        else:
            is_known = (attempt.pk, entry.reference) in refunds
        if not is_known:
            yield attempt.pk, entry


def _attempts(provider: str, entries: tuple[RegistryEntry, ...]) -> Mapping[str, Attempt]:
    """The provider's id of a payment → our attempt, though its own call was never answered."""
    rows = Attempt.objects.filter(provider=provider)
    ids = {entry.payment_id for entry in entries}
    found = {
        attempt.payment_id: attempt
        for attempt in rows.filter(payment_id__in=bulk.any_of(ids, "text"))
    }
    named: dict[UUID, str] = {}
    for entry in entries:
        if entry.attempt and entry.payment_id not in found:
            with suppress(ValueError):
                named[UUID(entry.attempt)] = entry.payment_id
    for attempt in rows.filter(pk__in=list(named), payment_id=""):
        found[named[attempt.pk]] = attempt
    return found
