"""What 1C is told about a job, within a second or so."""

import time

from django.utils import timezone

from ..report import Level
from . import jobs, journal
from .models import ImportJob
from .protocol import Reply

#: Small files are done in this time: 1C is told at once, and does not ask in a tight loop.
PATIENCE = 1.0
_STEP = 0.1
#: A job that nobody has taken for so long is worth a word.
_PICKED_UP = 5
#: Remarks in an answer; all of them are in the journal.
_REMARKS = 10


def await_job(job: ImportJob, patience: float = PATIENCE) -> Reply:
    """The answer about `job`: its end if that comes within so many seconds, else how far it is."""
    deadline = time.monotonic() + patience
    jobs.attend(job.pk)
    while True:
        job.refresh_from_db()
        if job.is_over or time.monotonic() > deadline:
            return describe(job)
        time.sleep(_STEP)


def describe(job: ImportJob) -> Reply:
    """The answer about `job` as it is."""
    what = f"Импорт {job.file_name}" if job.kind == ImportJob.Kind.IMPORT else "Завершение обмена"
    if job.status == ImportJob.Status.FAILED:
        return Reply.failure(f"{what}: {job.reason}")
    if job.status == ImportJob.Status.DONE:
        counts = journal.total(journal.counts_by_kind(job.counts.all()))
        rehearsal = " (пробный прогон, ничего не записано)" if job.dry_run else ""
        return Reply.success(f"{what}: {counts}{rehearsal}", *_remarks(job))
    if job.status == ImportJob.Status.QUEUED:
        waiting = (timezone.now() - job.created).total_seconds() > _PICKED_UP
        return Reply.progress(
            f"{what}: ожидает обработчика (worker)" if waiting else f"{what}: в очереди"
        )
    return Reply.progress(job.stage or f"{what}: обработано объектов: {job.progress}")


def _remarks(job: ImportJob) -> list[str]:
    """What 1C's operator should know of documents: an order is somebody who waits."""
    if job.room != ImportJob.Room.SALE:
        return []
    entries = job.entries.exclude(level=Level.INFO).order_by("pk")[:_REMARKS]
    return [f"{entry.object_id}: {entry.message}".removeprefix(": ") for entry in entries]
