"""What services say later of messages that they have taken: channels tell it here."""

from decimal import Decimal

from django.db.models import QuerySet
from django.utils import timezone

from . import following
from .models import Delivery

State = Delivery.State


def delivered(channel: str, reference: str) -> bool:
    """Note that the reader has a message; whether there is one with the service's `reference`.

    A service may tell of it before its own answer is written down: where there is none, let it
    tell again.
    """
    rows = _rows(channel, reference)
    rows.filter(state__in=[State.SENT, State.UNKNOWN]).update(
        state=State.DELIVERED, delivered=timezone.now(), due=None
    )
    return rows.exists()


def undelivered(channel: str, reference: str, reason: str) -> bool:
    """Note that a message does not get through, and try the next channel; whether there is one.

    Parameters
    ----------
    reason
        In English; names nobody.
    """
    row = _rows(channel, reference).first()
    if row is not None and row.state in (State.SENT, State.UNKNOWN):
        following.unreachable(row, reason)
    return row is not None


def priced(channel: str, reference: str, cost: Decimal, currency: str) -> bool:
    """Note what a message has cost, where the service says so later."""
    return bool(_rows(channel, reference).update(cost=cost, currency=currency))


def _rows(channel: str, reference: str) -> "QuerySet[Delivery]":
    return Delivery.objects.filter(channel=channel, reference=reference)
