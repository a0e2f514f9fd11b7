"""Deciding who a customer or a company is in a CRM, where that was in doubt."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from ..outbox import messages
from .adapter import System
from .models import Held, Link, Proposal


def hold(system: System, payload: Mapping[str, Any], key: str) -> None:
    """Keep a message of the outbox until it is decided who its person is."""
    with transaction.atomic():
        Held.objects.get_or_create(
            system=system.name,
            key=key,
            defaults={"person_id": UUID(payload["person"]), "payload": dict(payload)},
        )


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
