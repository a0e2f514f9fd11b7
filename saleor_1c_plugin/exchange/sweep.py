"""Clearing up after exchanges: begun by every login, cheap when there is nothing to do."""

import logging
import uuid
from datetime import timedelta

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from ..catalog.missing import forget_package
from ..orders.outgoing import portions
from ..report import Level
from . import jobs, journal, throttle
from .errors import Refused
from .limits import Limits
from .models import Exchange, ImportJob, JournalEntry
from .storage import delete_tree, spool_storage

logger = logging.getLogger(__name__)

_LIVE = ImportJob.objects.filter(
    exchange=OuterRef("pk"), status__in=[ImportJob.Status.QUEUED, ImportJob.Status.RUNNING]
)


def sweep() -> None:
    """Give lost jobs to workers again, finish and close what is idle, delete what is old."""
    limits = Limits.load()
    now = timezone.now()
    jobs.drop_superseded()
    for job_id in ImportJob.objects.filter(jobs.unattended(), exchange__closed=None).values_list(
        "pk", flat=True
    ):
        jobs.attend(job_id)
    idle = Exchange.objects.filter(
        ~Exists(_LIVE),
        closed=None,
        finished=None,
        last_seen__lt=now - timedelta(seconds=limits.idle_seconds),
    )
    for exchange in idle:
        _end(exchange)
    over = Exchange.objects.filter(
        ~Exists(_LIVE),
        closed=None,
        last_seen__lt=now - timedelta(hours=limits.keep_files_hours),
        finished__lt=now - timedelta(hours=limits.keep_files_hours),
    )
    for exchange in over:
        close(exchange)
    throttle.forget_old()
    _forget_journal(now - timedelta(days=limits.journal_days))
    _delete_orphans()


def close(exchange: Exchange) -> None:
    """End the session and delete its files; the journal stays."""
    # First the session, so that no part can come after its folder is gone.
    Exchange.objects.filter(pk=exchange.pk, closed=None).update(closed=timezone.now(), spooled=0)
    delete_tree(spool_storage(), str(exchange.public_id))
    exchange.files.all().delete()
    forget_package(str(exchange.public_id))
    portions.forget(str(exchange.public_id))


def _end(exchange: Exchange) -> None:
    """Many configurations of 1C never say that a package is complete; others just go away."""
    if jobs.is_of_documents(exchange):
        # Each of them stands by itself: nothing is missing, and nothing is to be finished.
        Exchange.objects.filter(pk=exchange.pk, finished=None).update(finished=timezone.now())
        return
    if jobs.is_whole(exchange):
        last = exchange.jobs.order_by("pk").last()
        try:
            jobs.demand_finish(exchange, dry_run=last is not None and last.dry_run)
        except Refused as error:
            # Somebody came back and failed in this very moment.
            logger.info("Exchange %s is not finished: %s", exchange, error)
        else:
            Exchange.objects.filter(pk=exchange.pk, finished=None).update(finished=timezone.now())
        return
    if exchange.files.exists() or exchange.jobs.exists():
        journal.write(
            Level.WARNING,
            "1С не завершила обмен: файлы удалены, отсутствующие товары не обрабатывались",
            exchange=exchange,
        )
    close(exchange)


def _forget_journal(before: object) -> None:
    Exchange.objects.filter(started__lt=before).exclude(closed=None).delete()
    JournalEntry.objects.filter(exchange=None, created__lt=before).delete()


def _delete_orphans() -> None:
    """Delete folders of exchanges that are closed or forgotten."""
    storage = spool_storage()
    try:
        folders, _ = storage.listdir("")
    except FileNotFoundError:
        return
    found: dict[uuid.UUID, str] = {}
    for folder in folders:
        try:
            found[uuid.UUID(folder)] = folder
        except ValueError:
            # Not ours: the storage may be shared.
            continue
    alive = set(
        Exchange.objects.filter(Q(closed=None), public_id__in=found).values_list(
            "public_id", flat=True
        )
    )
    for public_id, folder in found.items():
        if public_id not in alive:
            deleted = delete_tree(storage, folder)
            logger.info("Deleted %s orphaned files of exchange %s", deleted, public_id)
