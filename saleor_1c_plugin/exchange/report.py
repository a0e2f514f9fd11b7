"""The journal's side of an import: counts, remarks and the beat of its heart."""

from collections import Counter
from datetime import timedelta

from django.utils import timezone

from ..catalog.report import Level, Outcome
from ..commerceml.model import ItemKind
from .errors import LostLease
from .limits import limits
from .models import ImportJob, JournalEntry

_COUNTED = (ItemKind.GROUP, ItemKind.PROPERTY, ItemKind.PRODUCT, ItemKind.OFFER)


class JobReport:
    """Journals one attempt of a job.

    Remarks are written in the batch's own transaction: a batch that is rolled back leaves none.
    """

    def __init__(self, job: ImportJob) -> None:
        self._job = job
        self._earlier = {
            name: getattr(job, name) for name in ("created", "updated", "hidden", "failed")
        }
        self.counts: Counter[str] = Counter()
        self._entries = 0
        self.suppressed = 0

    def count(self, kind: ItemKind, outcome: Outcome, n: int = 1) -> None:
        if kind in _COUNTED:
            self.counts[outcome.value] += n

    def problem(
        self,
        level: Level,
        message: str,
        *,
        kind: str = "",
        object_id: str = "",
        name: str = "",
        line: int = 0,
    ) -> None:
        if self._entries >= limits().entries_per_job:
            self.suppressed += 1
            return
        self._entries += 1
        JournalEntry.objects.create(
            job=self._job,
            level=level.value,
            kind=kind,
            object_id=object_id[:255],
            name=name[:300],
            line=line,
            message=message,
        )

    def beat(self, seen: int) -> None:
        """Prolong the lease, inside the batch's transaction.

        Raises
        ------
        LostLease
            Another worker took the job over: the batch is rolled back and the attempt ends.
        """
        now = timezone.now()
        alive = ImportJob.objects.filter(
            pk=self._job.pk, token=self._job.token, status=ImportJob.Status.RUNNING
        ).update(
            lease_until=now + timedelta(seconds=limits().lease_seconds),
            progress=seen,
            **self.totals(),
        )
        if not alive:
            raise LostLease

    def totals(self) -> dict[str, int]:
        """Columns of the job: what was done adds up over the attempts, what was seen does not."""
        done = {name: self._earlier[name] + self.counts[name] for name in self._earlier}
        return {"seen": self.counts["seen"], "unchanged": self.counts["unchanged"], **done}

    def close(self) -> None:
        """Say how many remarks found no room."""
        if self.suppressed:
            JournalEntry.objects.create(
                job=self._job,
                level=Level.INFO.value,
                message=f"Ещё {self.suppressed} замечаний не записано в журнал.",
            )
