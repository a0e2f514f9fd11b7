"""Work after the commit: kept in the database until it is done, so that no crash loses it."""

from django.db import transaction

from ..store import current_store
from ..store.ports import FollowUps
from .models import PendingFollowUp

#: Batches: some hundred thousand objects are named by their ids at most.
_AT_ONCE = 100


def remember(work: FollowUps) -> None:
    """Keep `work` for :func:`run_pending`; called in the transaction that made it necessary."""
    if work:
        PendingFollowUp.objects.create(work=work.as_json())


def run_pending() -> int:
    """Do whatever is owed, oldest first; several workers share it. Returns how many were done.

    Many batches are done as one, for most of the work is finding out who listens. A worker that
    dies in between leaves the rows: their work is done again, which is harmless.
    """
    done = 0
    while True:
        with transaction.atomic():
            rows = list(
                PendingFollowUp.objects.select_for_update(skip_locked=True).order_by("pk")[
                    :_AT_ONCE
                ]
            )
            if not rows:
                return done
            work = FollowUps()
            for row in rows:
                work.add(FollowUps(**row.work))
            current_store().follow_up(work)
            PendingFollowUp.objects.filter(pk__in=[row.pk for row in rows]).delete()
        done += len(rows)
