"""Celery's way into this room."""

import logging
from pathlib import PurePosixPath

from celery import shared_task
from django.db import InterfaceError, OperationalError, connection, transaction

from ..catalog.errors import ImportStopped
from ..catalog.importer import import_file
from ..catalog.missing import finish_package
from ..catalog.report import ImportContext, Level
from ..commerceml.errors import CommerceMLError
from . import archive, jobs, spool
from .errors import LostLease, Refused
from .models import Exchange, ImportJob, SpoolFile
from .report import JobReport
from .sweep import sweep_now

logger = logging.getLogger(__name__)


@shared_task(name="saleor_1c_plugin.exchange.run_import")
def run_import(job_id: int) -> None:
    """Do a job; may be started twice, or again after a crash: the lease lets one through."""
    job = jobs.take(job_id)
    if job is None:
        return
    report = JobReport(job)
    try:
        _work(job, report)
    except LostLease:
        logger.warning("Job %s was taken over by another worker", job.pk)
        return
    except (Refused, ImportStopped, CommerceMLError) as error:
        report.close()
        jobs.settle(job, ImportJob.Status.FAILED, str(error), **report.totals())
        return
    except (OperationalError, InterfaceError) as error:
        # The lease runs out and the next poll starts the job again, when there is a database.
        logger.error("Database failed during job %s: %s", job.pk, error)
        connection.close()
        return
    except Exception as error:
        logger.exception("Job %s failed", job.pk)
        report.close()
        reason = f"Внутренняя ошибка ({type(error).__name__}), подробности в логе магазина."
        jobs.settle(job, ImportJob.Status.FAILED, reason, **report.totals())
        return
    report.close()
    with transaction.atomic():
        jobs.settle(job, ImportJob.Status.DONE, "", **report.totals())
        if job.kind == ImportJob.Kind.IMPORT:
            SpoolFile.objects.filter(exchange=job.exchange, name=job.file_name).update(
                imported=True
            )


def _work(job: ImportJob, report: JobReport) -> None:
    context = ImportContext(
        exchange_key=str(job.exchange_id),
        started_at=job.exchange.started,
        pictures=spool.SpooledPictures(job.exchange),
        dry_run=job.dry_run,
    )
    if job.kind == ImportJob.Kind.FINISH:
        if job.exchange.jobs.filter(
            kind=ImportJob.Kind.IMPORT, status=ImportJob.Status.FAILED
        ).exists():
            # What stood in a file that could not be read was not missing from the export.
            report.problem(
                Level.WARNING,
                "Часть файлов не загружена: товары, которых нет в выгрузке, оставлены как есть",
            )
        else:
            finish_package(context, report)
        Exchange.objects.filter(pk=job.exchange_id).update(status=Exchange.Status.FINISHED)
        return
    archive.unpack_all(job.exchange)
    file = SpoolFile.objects.filter(exchange=job.exchange, name=job.file_name).first()
    if file is None:
        raise Refused(f"Файла {job.file_name} нет ни среди переданных, ни в архиве.")
    if PurePosixPath(job.file_name).suffix.lower() != ".xml":
        return  # a picture or an attachment: the card that names it takes it
    with spool.open_file(file) as source:
        import_file(source, context, report)


@shared_task(name="saleor_1c_plugin.exchange.sweep")
def sweep() -> None:
    """Close abandoned exchanges and remove what nobody needs any more."""
    sweep_now()
