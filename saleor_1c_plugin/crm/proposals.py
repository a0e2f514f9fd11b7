"""Deciding who a customer or a company is in a CRM, where that was in doubt."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from ..outbox import messages
from .adapter import System
from .models import Held, Link, Proposal

_listeners: list[Callable[[System], object]] = []


def hold(system: System, payload: Mapping[str, Any], key: str) -> None:
    """Keep a message of the outbox until it is decided who its person is."""
    with transaction.atomic():
        Held.objects.get_or_create(
            system=system.name,
            key=key,
            defaults={"person_id": UUID(payload["person"]), "payload": dict(payload)},
        )


def when_made(told: Callable[[System], object]) -> None:
    """Have `told` called whenever somebody has to decide; called in ``AppConfig.ready()``."""
    if told not in _listeners:
        _listeners.append(told)


def propose(system: System, of: str, ours: str, candidates: Sequence[Mapping[str, Any]]) -> None:
    """Have somebody decide which of the candidates it is.

    Parameters
    ----------
    candidates
        As :class:`~.models.Proposal` has them.
    """
    Proposal.objects.update_or_create(
        system=system.name,
        of=of,
        ours=ours,
        defaults={"candidates": candidates, "decided": None, "chosen": ""},
    )
    for told in _listeners:
        told(system)


def decide(system: System, proposal_id: int, record: str) -> bool:
    """Say which of the candidates it is, and have done what has waited for that.

    Parameters
    ----------
    record
        Its id there; empty: none of them, a new one is made.

    Returns
    -------
    bool
        Whether that could be said: it was open, and the record is one of them.
    """
    with transaction.atomic():
        rows = Proposal.objects.select_for_update().filter(system=system.name, decided=None)
        proposal = rows.filter(pk=proposal_id).first()
        if proposal is None:
            return False
        if record and record not in {candidate["id"] for candidate in proposal.candidates}:
            return False
        proposal.chosen, proposal.decided = record, timezone.now()
        proposal.save()
        if record:
            Link.objects.update_or_create(
                system=system.name,
                of=proposal.of,
                ours=proposal.ours,
                defaults={"theirs": record, "digest": ""},
            )
        if proposal.of == Link.Of.CONTACT:
            for held in Held.objects.filter(
                system=system.name, person=UUID(proposal.ours)
            ).order_by("pk"):
                key = f"decided:{proposal.pk}:{held.pk}"
                messages.append(system.topic, proposal.ours, held.payload, key=key)
                held.delete()
    return True
