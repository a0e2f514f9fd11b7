"""Loading a registry: what a worker does with one period of one account.

It can be begun again at any line: entries are written as they come, each is one row however often
it is told, and the period counts as loaded only when its last one was written.
"""

import time
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice

from django.db import transaction
from django.utils import timezone

from ...money import quantize
from ...outbox.errors import Retry
from ...outbox.models import Message
from ..provider import Entry, NoAnswer, Registers, Rejected
from . import mending, onec
from .asking import ask_for, listed, topic
from .models import RegistryEntry, RegistryRun

__all__ = ["deliver", "topic"]

_BATCH = 100
#: Seconds: what takes longer goes on in two halves, for a delivery may last about a minute.
_BUDGET = 30.0
#: A period that is not halved any more.
_SHORTEST = timedelta(minutes=1)

State = RegistryRun.State


class _TooLong(Exception):
    """The period is more than can be loaded at a time."""


def deliver(message: Message) -> None:
    """Load a period; or look at a payment that a registry has made us doubt."""
    if "attempt" in message.payload:
        mending.deliver(message)
        return
    run = RegistryRun.objects.filter(pk=message.payload["run"]).first()
    if run is None or run.loaded >= message.payload["asked"]:
        return
    item = next((one for one in listed(run.provider) if one.number == run.account), None)
    if item is None:
        _fail(run, "The account is switched off")
        return
    try:
        _load(run, item.account)
    except NoAnswer as error:
        RegistryRun.objects.filter(pk=run.pk).update(error=str(error)[:255])
        raise Retry(str(error)) from None
    except Rejected as error:
        _fail(run, str(error))
    except _TooLong:
        _halve(run)


def _load(run: RegistryRun, account: Registers) -> None:
    until = min(run.until, timezone.now())
    entries = added = 0
    ends = time.monotonic() + _BUDGET
    told = account.registry(run.since, until) if run.since < until else iter(())
    for batch in _batches(told):
        if time.monotonic() > ends and until - run.since > _SHORTEST:
            raise _TooLong
        entries += len(batch)
        added += _write(run, batch)
    with transaction.atomic():
        found = RegistryRun.objects.select_for_update().filter(pk=run.pk).first()
        if found is None or found.loaded >= run.asked:
            return
        found.loaded, found.covered = run.asked, max(until, run.since)
        found.entries, found.added, found.error = entries, added, ""
        if found.asked == run.asked:
            found.state = State.DONE
        found.save()
        mending.doubt(found)
        onec.tell(found)


def _batches(told: Iterator[Entry]) -> Iterator[list[Entry]]:
    while batch := list(islice(told, _BATCH)):
        yield batch


def _write(run: RegistryRun, batch: Iterable[Entry]) -> int:
    """Write entries down; how many of them are new."""
    # Told twice, the later word counts.
    rows = {(entry.kind, entry.reference): _row(run, entry) for entry in batch}
    with transaction.atomic():
        known = RegistryEntry.objects.filter(
            provider=run.provider, reference__in=[reference for _, reference in rows]
        ).values_list("kind", "reference")
        new = rows.keys() - set(known)
        RegistryEntry.objects.bulk_create(
            # In one order, so that two loads can't wait for each other.
            [rows[key] for key in sorted(rows)],
            update_conflicts=True,
            unique_fields=["provider", "kind", "reference"],
            update_fields=[
                *("account", "payment_id", "attempt", "amount", "currency", "fee", "at"),
                *("converted", "converted_currency", "rate"),
            ],
        )
    return len(new)


def _row(run: RegistryRun, entry: Entry) -> RegistryEntry:
    converted = entry.converted
    return RegistryEntry(
        provider=run.provider,
        account=run.account,
        kind=entry.kind.value,
        reference=entry.reference[:128],
        payment_id=entry.payment_id[:128],
        attempt=entry.attempt[:64],
        amount=quantize(entry.amount, entry.currency),
        currency=entry.currency[:3],
        fee=None if entry.fee is None else quantize(entry.fee, entry.currency),
        at=entry.at,
        converted=quantize(converted.amount, converted.currency) if converted else None,
        converted_currency=converted.currency[:3] if converted else "",
        rate=converted.rate if converted else None,
    )


def _halve(run: RegistryRun) -> None:
    middle = _middle(run.since, min(run.until, timezone.now()))
    with transaction.atomic():
        RegistryRun.objects.filter(pk=run.pk).delete()
        periods = [(run.since, middle), (middle, run.until)]
        ask_for(run.provider, run.account, run.channel, periods)


def _middle(since: datetime, until: datetime) -> datetime:
    return (since + (until - since) / 2).replace(microsecond=0)


def _fail(run: RegistryRun, reason: str) -> None:
    RegistryRun.objects.filter(pk=run.pk, asked=run.asked).update(
        state=State.FAILED, error=reason[:255], loaded=run.asked
    )
