"""What a worker does with a job."""

import logging

from celery.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from ..catalog.errors import ImportStopped
from ..catalog.importer import import_file
from ..catalog.missing import finish_package
from ..catalog.rehearsal import Untold, rehearsal
from ..catalog.report import ImportContext
from ..catalog.settings import SettingsError
from ..catalog.stock import told_since
from ..commerceml.errors import CommerceMLError
from ..orders.incoming.apply import import_documents
from ..report import Level, Report
from ..store.ports import StoreError
from . import archive, jobs, spool
from .errors import LostLease, Refused
from .lease import Lease, take
from .models import Exchange, ImportJob, SpoolFile
from .pictures import SpooledPictures
from .report import JournalReport
from .storage import telling_full_disk

logger = logging.getLogger(__name__)

#: Reasons that are told to 1C's operator as they are.
_KNOWN = (CommerceMLError, ImportStopped, Refused, StoreError, SettingsError)
#: PostgreSQL's own code: here waiting for the database is of no use.
_DISK_FULL = "53100"
_INTERRUPTED = (
    "Обработка прервалась (обработчик остановлен или база данных недоступна) и начата снова: "
    "записанное раньше остаётся"
)


def run(job_id: int) -> None:
    """Do the job, unless another worker does or did.

    Never raises for what is wrong with the package; a database that went away leaves the job to
    the next worker.
    """
    lease = take(job_id)
    if lease is None:
        return
    try:
        with JournalReport(lease) as report:
            if lease.job.attempts > 1:
                report.problem(Level.WARNING, _INTERRUPTED)
            _settle(lease, report)
    except LostLease:
        logger.warning("Job %s was taken over by another worker", job_id)
    except (OperationalError, InterfaceError, SoftTimeLimitExceeded) as error:
        logger.warning("Job %s was interrupted: %s", job_id, error)
        _give_back(lease)


def _settle(lease: Lease, report: JournalReport) -> None:
    try:
        _work(lease, report)
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) != _DISK_FULL:
            raise
        _fail(
            lease,
            report,
            "На сервере базы данных не осталось места. Освободите его и повторите обмен.",
        )
    except (LostLease, InterfaceError, SoftTimeLimitExceeded):
        raise
    except _KNOWN as error:
        _fail(lease, report, str(error), error.line if isinstance(error, CommerceMLError) else 0)
    except MemoryError:
        logger.exception("Job %s ran out of memory", lease.job.pk)
        _fail(lease, report, "Обработчику не хватило памяти")
    except Exception as error:
        logger.exception("Job %s failed", lease.job.pk)
        _fail(
            lease,
            report,
            f"Внутренняя ошибка ({type(error).__name__}), подробности в журнале сервера",
        )
    else:
        lease.finish(ImportJob.Status.DONE)
        if lease.job.kind == ImportJob.Kind.FINISH:
            Exchange.objects.filter(pk=lease.job.exchange_id).update(finished=timezone.now())


def _work(lease: Lease, report: JournalReport) -> None:
    job = lease.job
    if job.kind == ImportJob.Kind.IMPORT:
        _find_file(lease)
    if not job.dry_run:
        _do(job, report)
        return
    with rehearsal():
        for earlier in jobs.earlier_imports(job):
            _do(earlier, Untold(report))
        _do(job, report)


def _find_file(lease: Lease) -> None:
    """Unpack what came packed, and find the job's file."""
    job, exchange = lease.job, lease.job.exchange
    for pending in jobs.pending_archives(exchange):
        _unpack(lease, pending)
    if job.file is None:
        file = spool.find(exchange, job.file_name)
        if file is None:
            raise Refused(f"Файла {job.file_name} нет ни среди загруженных, ни в архивах")
        SpoolFile.objects.filter(pk=file.pk).update(sealed=True)
        lease.hold(file=file, stage="")
        job.file = file


def _do(job: ImportJob, report: Report) -> None:
    if job.room == ImportJob.Room.SALE:
        _do_documents(job, report)
        return
    context = _context(job, job.exchange)
    if job.kind == ImportJob.Kind.FINISH:
        finish_package(context, report)
    elif job.file is not None:
        # The disk of the shop's pictures may be another one than the spool's.
        with telling_full_disk(job.file_name), spool.open_spooled(job.file) as source:
            import_file(source, context, report)


def _do_documents(job: ImportJob, report: Report) -> None:
    files = spool.documents_of(job.file)
    if not files:
        raise Refused(f"В архиве {job.file_name} нет файлов XML")
    for file in files:
        with spool.open_spooled(file) as source:
            import_documents(source, report, stock_told_since=told_since)


def _unpack(lease: Lease, pending: SpoolFile) -> None:
    try:
        archive.unpack(pending, lambda line: lease.hold(stage=line[:300]))
    except Refused as error:
        pending.fault = error.message[:500]
        pending.save(update_fields=["fault"])
        raise
    pending.unpacked = True
    pending.save(update_fields=["unpacked"])


def _context(job: ImportJob, exchange: Exchange) -> ImportContext:
    return ImportContext(
        exchange_key=str(exchange.public_id),
        started_at=exchange.started,
        pictures=SpooledPictures(exchange),
        dry_run=job.dry_run,
    )


def _fail(lease: Lease, report: JournalReport, reason: str, line: int = 0) -> None:
    # First the end, under the lease: one that lost it has nothing to say.
    lease.finish(ImportJob.Status.FAILED, reason)
    report.problem(Level.ERROR, reason, line=line)


def _give_back(lease: Lease) -> None:
    connection.close()
    try:
        lease.give_back()
    except (LostLease, OperationalError, InterfaceError):
        # Then the lease runs out by itself.
        logger.warning("Job %s waits for its lease to run out", lease.job.pk)
