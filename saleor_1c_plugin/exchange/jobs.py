"""From a request to a worker and back: queueing, leases and what 1C is told meanwhile."""

import logging
import secrets
import time
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError

from .errors import Refused
from .limits import limits
from .models import Exchange, ImportJob, JournalEntry, SpoolFile

logger = logging.getLogger(__name__)
Status = ImportJob.Status
_OVER = (Status.DONE, Status.FAILED)


def request_import(exchange: Exchange, name: str, *, dry_run: bool) -> ImportJob:
    """The job that imports a file: the running one, or a new one where there is none.

    Raises
    ------
    Refused
        1C has not sent the file (and no archive that may hold it).
    """
    with transaction.atomic():
        Exchange.objects.select_for_update().get(pk=exchange.pk)
        file = SpoolFile.objects.filter(exchange=exchange, name=name).first()
        job = exchange.jobs.filter(kind=ImportJob.Kind.IMPORT, file_name=name).last()
        # A file that came anew after its import is imported anew.
        if job is not None and (file is None or file.imported or job.status not in _OVER):
            return job
        packed = exchange.files.filter(name__iendswith=".zip", unpacked=False).exists()
        if file is None and not packed:
            raise Refused(f"Файл {name} не был передан в этой сессии.")
        if job is not None and job.status == Status.FAILED:
            return job
        return _queue(exchange, ImportJob.Kind.IMPORT, name, dry_run=dry_run)


def request_finish(exchange: Exchange, *, dry_run: bool) -> ImportJob:
    """The job that ends the exchange, once."""
    with transaction.atomic():
        Exchange.objects.select_for_update().get(pk=exchange.pk)
        job = exchange.jobs.filter(kind=ImportJob.Kind.FINISH).last()
        later = exchange.jobs.filter(kind=ImportJob.Kind.IMPORT).last()
        if job is not None and (later is None or later.pk < job.pk):
            return job
        return _queue(exchange, ImportJob.Kind.FINISH, "", dry_run=dry_run)


def _queue(exchange: Exchange, kind: str, name: str, *, dry_run: bool) -> ImportJob:
    job = ImportJob.objects.create(
        exchange=exchange, kind=kind, file_name=name, queued=timezone.now(), dry_run=dry_run
    )
    transaction.on_commit(lambda: send_to_worker(job))
    return job


def send_to_worker(job: ImportJob) -> None:
    """Put a job into Celery's queue; a broker that is away is tried again at the next poll."""
    from .tasks import run_import

    try:
        run_import.delay(job.pk)
    except BrokerError as error:
        logger.error("Celery broker is unreachable, job %s stays queued: %s", job.pk, error)


def revive(job: ImportJob) -> None:
    """Send a job again that nobody picked up, or whose worker is gone."""
    now = timezone.now()
    lost = Q(status=Status.RUNNING, lease_until__lt=now) | Q(
        status=Status.QUEUED, queued__lt=now - timedelta(seconds=limits().pickup_seconds)
    )
    # One of many pollers wins: the update itself makes the condition false.
    if ImportJob.objects.filter(lost, pk=job.pk).update(
        status=Status.QUEUED, queued=now, token="", lease_until=None
    ):
        logger.warning("Job %s had no living worker and is queued again", job.pk)
        send_to_worker(job)


def take(job_id: int) -> ImportJob | None:
    """Lease a queued job to this worker; ``None`` where somebody else has it or it is over."""
    now = timezone.now()
    token = secrets.token_hex(16)
    with transaction.atomic():
        taken = (
            ImportJob.objects.filter(pk=job_id)
            .filter(Q(status=Status.QUEUED) | Q(status=Status.RUNNING, lease_until__lt=now))
            .update(
                status=Status.RUNNING,
                token=token,
                lease_until=now + timedelta(seconds=limits().lease_seconds),
                attempts=F("attempts") + 1,
            )
        )
        if not taken:
            return None
        ImportJob.objects.filter(pk=job_id, started=None).update(started=now)
        # The remarks of an attempt that died come again with this one.
        JournalEntry.objects.filter(job_id=job_id).delete()
        return ImportJob.objects.select_related("exchange").get(pk=job_id)


def settle(job: ImportJob, status: str, reason: str = "", **totals: int) -> None:
    """End a job, unless its lease was lost meanwhile."""
    ImportJob.objects.filter(pk=job.pk, token=job.token, status=Status.RUNNING).update(
        status=status, reason=reason, finished=timezone.now(), lease_until=None, **totals
    )


def answer(job: ImportJob) -> str:
    """What 1C is told about a job, waiting for it a little: below two seconds in any case."""
    deadline = time.monotonic() + limits().wait_seconds
    while True:
        job.refresh_from_db()
        if job.status in _OVER or time.monotonic() >= deadline:
            break
        time.sleep(0.1)
    if job.status == Status.DONE:
        return f"success\n{summary(job)}"
    if job.status == Status.FAILED:
        return f"failure\n{job.reason}"
    if job.attempts >= limits().attempts:
        return f"failure\nИмпорт прерывался {job.attempts} раз. Подробности в журнале обмена."
    revive(job)
    title = f"Импорт {job.file_name}" if job.file_name else "Завершение обмена"
    if job.status == Status.QUEUED:
        return f"progress\n{title}: ожидает обработчика (worker)"
    return f"progress\n{title}: обработано {job.progress}"


def summary(job: ImportJob) -> str:
    """Counts of a job in a line."""
    return (
        f"Прочитано {job.seen}: без изменений {job.unchanged}, создано {job.created}, "
        f"обновлено {job.updated}, скрыто {job.hidden}, с ошибками {job.failed}"
    )
