"""Work after the commit: kept in the database until it is done, so that no crash loses it."""

from django.db import transaction

from ..store import current_store
from ..store.ports import FollowUps
from .models import PendingFollowUp


def remember(work: FollowUps) -> None:
    """Keep `work` for :func:`run_pending`; called in the transaction that made it necessary."""
    if work:
        PendingFollowUp.objects.create(work=work.as_json())


def run_pending() -> int:
    """Do whatever is owed, oldest first; several workers share it. Returns how many were done.

    A worker that dies in between leaves the row: its work is done again, which is harmless.
    """
    done = 0
    while True:
        with transaction.atomic():
            row = PendingFollowUp.objects.select_for_update(skip_locked=True).order_by("pk").first()
            if row is None:
                return done
            current_store().follow_up(FollowUps(**row.work))
            row.delete()
        done += 1
