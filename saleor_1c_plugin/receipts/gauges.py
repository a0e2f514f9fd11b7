"""How the queue stands, in a few figures: for staff, and for whoever watches the shop."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q
from django.utils import timezone

from .models import Receipt, RegisterHealth

State = Receipt.State


@dataclass(frozen=True, slots=True)
class Gauges:
    """Counts of receipts that are not done with."""

    #: To be sent, and sent without an answer yet.
    queued: int
    sent: int
    #: Wait for a person.
    failed: int
    #: Of all these, those whose term is over.
    overdue: int
    #: The next term that ends, and since when the oldest waits; ``None``: nothing waits.
    next_deadline: datetime | None
    oldest: datetime | None
    #: Registers that are left alone, or have said that something is wrong.
    ailing: int


def read() -> Gauges:
    """By now."""
    now = timezone.now()
    rows = Receipt.objects.filter(state__in=(State.QUEUED, State.SENT, State.FAILED))
    found = rows.aggregate(
        queued=Count("pk", filter=Q(state=State.QUEUED)),
        sent=Count("pk", filter=Q(state=State.SENT)),
        failed=Count("pk", filter=Q(state=State.FAILED)),
        overdue=Count("pk", filter=Q(deadline__lt=now)),
        next_deadline=Min("deadline", filter=Q(deadline__gte=now)),
        oldest=Min("created"),
    )
    ailing = RegisterHealth.objects.filter(Q(away_until__gt=now) | ~Q(problem=""))
    return Gauges(ailing=ailing.count(), **found)
