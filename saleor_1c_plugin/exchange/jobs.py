"""Jobs that 1C waits for: making them, giving them to the queue, and giving them again."""

from datetime import timedelta

from django.db import transaction
from django.db.models import (
    DateTimeField,
    Exists,
    ExpressionWrapper,
    OuterRef,
    Q,
    QuerySet,
    Value,
)
from django.db.models.functions import Now
from django.utils import timezone

from ..broker import offer
from ..report import Level
from . import journal, spool
from .errors import Refused
from .lease import is_free
from .limits import Limits
from .models import Exchange, ImportJob, SpoolFile

Kind = ImportJob.Kind
Room = ImportJob.Room
Status = ImportJob.Status

_LIVE = Q(status__in=[Status.QUEUED, Status.RUNNING])
_SUPERSEDED = "1С оставила этот обмен и начала новый: файл не загружен до конца"


def demand_import(
    exchange: Exchange, name: str, *, dry_run: bool, room: ImportJob.Room = Room.CATALOG
) -> ImportJob:
    """The job that imports the newest version of the file `name`; made when there is none.

    Raises
    ------
    Refused
        No such file came.
    """
    with transaction.atomic():
        Exchange.objects.select_for_update().get(pk=exchange.pk)
        job = (
            exchange.jobs.filter(kind=Kind.IMPORT, room=room, file_name=name)
            .order_by("-pk")
            .first()
        )
        if job is not None and not job.is_over:
            return job
        archives = pending_archives(exchange)
        file = None if archives.exists() else spool.find(exchange, name)
        if not archives.exists():
            if job is not None and (file is None or job.file_id == file.pk):
                return job
            if file is None:
                raise Refused(
                    f"Файл {name} не загружен: сначала 1С должна передать его (mode=file)"
                )
        archives.update(sealed=True)
        if file is not None:
            SpoolFile.objects.filter(pk=file.pk).update(sealed=True)
        job = ImportJob.objects.create(
            exchange=exchange,
            kind=Kind.IMPORT,
            room=room,
            file_name=name,
            file=file,
            dry_run=dry_run,
        )
    drop_superseded()
    enqueue(job)
    return job


def demand_finish(exchange: Exchange, *, dry_run: bool) -> ImportJob:
    """The job that ends the package as it now is; made when there is none.

    Raises
    ------
    Refused
        A file failed: what it would have named must not be taken for missing.
    """
    with transaction.atomic():
        Exchange.objects.select_for_update().get(pk=exchange.pk)
        for job in _latest_imports(exchange):
            if not job.is_over:
                return job
            if job.status == Status.FAILED:
                raise Refused(
                    f"Пакет загружен не полностью: {job.file_name} — {job.reason}. "
                    "Отсутствующие товары не обрабатывались."
                )
        last = exchange.jobs.filter(kind=Kind.FINISH).order_by("-pk").first()
        if last is not None and (
            not last.is_over or not exchange.jobs.filter(kind=Kind.IMPORT, pk__gt=last.pk).exists()
        ):
            return last
        job = ImportJob.objects.create(exchange=exchange, kind=Kind.FINISH, dry_run=dry_run)
    enqueue(job)
    return job


def earlier_imports(job: ImportJob) -> QuerySet[ImportJob]:
    """What was imported in the same exchange before `job`, in that order."""
    return job.exchange.jobs.filter(
        pk__lt=job.pk, kind=Kind.IMPORT, room=job.room, status=Status.DONE, file__isnull=False
    ).order_by("pk")


def is_whole(exchange: Exchange) -> bool:
    """Whether every XML file of the package was imported without a failure."""
    imports = _latest_imports(exchange)
    done = {job.file_id for job in imports if job.status == Status.DONE}
    if not done or any(job.status != Status.DONE for job in imports):
        return False
    newest: dict[str, int] = dict(
        exchange.files.filter(name__iendswith=".xml", parts_count__gt=0)
        .order_by("version")
        .values_list("name", "pk")
    )
    return set(newest.values()) <= done and not pending_archives(exchange).exists()


def is_of_documents(exchange: Exchange) -> bool:
    """Whether documents were imported in this exchange, and no catalogue."""
    rooms = set(exchange.jobs.values_list("room", flat=True))
    return rooms == {Room.SALE}


def pending_archives(exchange: Exchange) -> QuerySet[SpoolFile]:
    """Archives that 1C sent and nobody has unpacked."""
    return exchange.files.filter(
        name__iendswith=".zip", archive=None, unpacked=False, fault="", parts_count__gt=0
    ).order_by("pk")


def unattended() -> Q:
    """Jobs to be given to the queue again: their worker is dead, or none ever came."""
    waited = ExpressionWrapper(
        Now() - Value(timedelta(seconds=Limits.load().queue_seconds)),
        output_field=DateTimeField(),
    )
    return Q(status=Status.RUNNING, lease_until__lt=Now()) | Q(status=Status.QUEUED) & (
        Q(enqueued=None) | Q(enqueued__lt=waited)
    )


def attend(job_id: int) -> bool:
    """Give the job to the queue again if it is unattended; whether that was done."""
    with transaction.atomic():
        # A locked row is in the middle of a batch: its worker lives.
        job = (
            ImportJob.objects.select_for_update(skip_locked=True)
            .filter(unattended(), is_free(), pk=job_id)
            .first()
        )
        if job is None:
            return False
        # The token goes too: a worker that was merely slow can commit nothing more.
        ImportJob.objects.filter(pk=job.pk).update(
            status=Status.QUEUED, token="", lease_until=None, enqueued=Now()
        )
    enqueue(job)
    return True


def drop_superseded() -> None:
    """End jobs of exchanges that 1C has left and begun anew.

    Done later, or by a slow worker that is still alive, they would overwrite what is newer.
    """
    newer = ImportJob.objects.filter(
        room=OuterRef("room"), exchange__started__gt=OuterRef("exchange__started")
    )
    silent = timezone.now() - timedelta(seconds=Limits.load().left_seconds)
    for job in ImportJob.objects.filter(
        _LIVE, Exists(newer), exchange__last_seen__lt=silent
    ).select_related("exchange"):
        dropped = ImportJob.objects.filter(_LIVE, pk=job.pk).update(
            status=Status.FAILED, reason=_SUPERSEDED, finished=Now(), token="", lease_until=None
        )
        if dropped:
            journal.write(
                Level.WARNING, _SUPERSEDED, exchange=job.exchange, job=job, file=job.file_name
            )


def enqueue(job: ImportJob) -> None:
    """Give the job to a worker once the present transaction is committed.

    A broker that can't be reached leaves the job queued: the next question of 1C's tries again.
    """
    transaction.on_commit(lambda: _send(job.pk))


def _send(job_id: int) -> None:
    # The task module imports this one's users: at import time it would be a circle.
    from .tasks import run_import

    ImportJob.objects.filter(pk=job_id, status=Status.QUEUED).update(enqueued=Now())
    if not offer(run_import, f"job {job_id}", (job_id,)):
        ImportJob.objects.filter(pk=job_id, status=Status.QUEUED).update(enqueued=None)


def _latest_imports(exchange: Exchange) -> list[ImportJob]:
    latest: dict[str, ImportJob] = {}
    for job in exchange.jobs.filter(kind=Kind.IMPORT).order_by("pk"):
        latest[job.file_name] = job
    return list(latest.values())
