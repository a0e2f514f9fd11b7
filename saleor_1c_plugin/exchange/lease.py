"""A worker's right to a job, given for a minute and renewed with every batch."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Now

from ..clock import from_now
from ..report import Level
from . import journal
from .errors import LostLease
from .limits import Limits
from .models import ImportJob

Status = ImportJob.Status


def is_free() -> Q:
    """Jobs that nobody works at, although somebody may have been given them."""
    return Q(status=Status.QUEUED) | Q(status=Status.RUNNING, lease_until__lt=Now())


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to `job`; every write under it fails once another worker has taken over."""

    job: ImportJob
    token: str

    def hold(self, **values: object) -> None:
        """Renew the lease and write `values` to the job's row.

        Inside a transaction this also fences it: the row stays locked until the commit, so that
        nobody can take the job over in between.

        Raises
        ------
        LostLease
            The job is another worker's, or over.
        """
        self._update({"lease_until": from_now(Limits.load().lease_seconds), **values})

    def finish(self, status: ImportJob.Status, reason: str = "") -> None:
        """End the job."""
        self._update(
            {
                "status": status,
                "reason": reason,
                "finished": Now(),
                "lease_until": None,
                "token": "",
                "stage": "",
            }
        )

    def give_back(self) -> None:
        """Let another worker go on, at once."""
        self._update({"status": Status.QUEUED, "token": "", "lease_until": None, "enqueued": None})

    def _update(self, values: Mapping[str, object]) -> None:
        mine = ImportJob.objects.filter(pk=self.job.pk, token=self.token, status=Status.RUNNING)
        if not mine.update(**values):
            raise LostLease


def take(job_id: int) -> Lease | None:
    """Take the job if it is free; ``None`` when somebody works at it, or it is over."""
    limits = Limits.load()
    with transaction.atomic():
        # A row that is locked is in the middle of somebody's batch.
        job = (
            ImportJob.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("exchange")
            .filter(is_free(), pk=job_id)
            .first()
        )
        if job is None:
            return None
        if job.attempts >= limits.max_attempts:
            reason = (
                f"Обработчик прерывался {job.attempts} раз подряд. "
                "Проверьте память и место на сервере."
            )
            ImportJob.objects.filter(pk=job.pk).update(
                status=Status.FAILED, finished=Now(), lease_until=None, token="", reason=reason
            )
            journal.write(Level.ERROR, reason, exchange=job.exchange, job=job, file=job.file_name)
            return None
        token = uuid.uuid4().hex
        ImportJob.objects.filter(pk=job.pk).update(
            status=Status.RUNNING,
            token=token,
            attempts=F("attempts") + 1,
            lease_until=from_now(limits.lease_seconds),
            started=Coalesce(F("started"), Now()),
            progress=0,
            stage="",
        )
        job.refresh_from_db()
        return Lease(job, token)
