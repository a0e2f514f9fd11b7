"""Money of ours that a registry knows and we don't: the provider is asked how that payment is.

What it answers is applied as any of its answers is, so that the shop and 1C hear of it in the known
way. Nothing else is mended by itself: all other differences are shown, and an entry by which
nothing could be mended says why. A person closes it (:mod:`.closing`).
"""

from collections import defaultdict
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
        for entry, attempt in _foreign(run.provider, batch):
            _refuse(entry, f"It names our payment {attempt.payment_id}, and its own id is another")


def deliver(message: Message) -> None:
    """Look at a payment."""
    attempt = Attempt.objects.filter(pk=UUID(message.payload["attempt"])).first()
    if attempt is None:
        return
    found = accounts.of_attempt(attempt)
    if found is None:
        _refuse(_entry(attempt, message), f"The gateway is switched off in {attempt.channel}")
        return
    _, account = found
    try:
        applying.apply(attempt.pk, look(account, attempt, message.payload["payment"]))
    except NoAnswer as error:
        raise Retry(str(error)) from None
    except Rejected as error:
        reason = f"The provider does not know the payment: {error}"
        _refuse(_entry(attempt, message), reason)
    except Foreign as error:
        _refuse(_entry(attempt, message), str(error))


def _entry(attempt: Attempt, message: Message) -> RegistryEntry | None:
    """What was the reason to look at an attempt."""
    kind, _, reference = message.key.partition(":")
    rows = RegistryEntry.objects.filter(provider=attempt.provider, kind=kind)
    return rows.filter(reference=reference).first()


def _refuse(entry: RegistryEntry | None, reason: str) -> None:
    """Write down why an entry has changed nothing: the report goes on showing it."""
    if entry is not None and entry.refusal != reason[:255]:
        entry.refusal = reason[:255]
        entry.save(update_fields=["refusal"])


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


def _foreign(
    provider: str, entries: tuple[RegistryEntry, ...]
) -> Iterator[tuple[RegistryEntry, Attempt]]:
    """Entries that name an attempt of ours, and belong to another payment."""
    named: defaultdict[UUID, list[RegistryEntry]] = defaultdict(list)
    for entry in entries:
        with suppress(ValueError):
            named[UUID(entry.attempt)].append(entry)
    rows = Attempt.objects.filter(provider=provider, pk__in=list(named)).exclude(payment_id="")
    for attempt in rows:
        for entry in named[attempt.pk]:
            if entry.payment_id != attempt.payment_id:
                yield entry, attempt


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
