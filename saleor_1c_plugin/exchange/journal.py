"""Writing the journal, and reading its figures."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from ..report import Level, Outcome
from .models import Exchange, ImportJob, JobCount, JournalEntry

#: Entries an hour that need no login: strangers must not fill the disk.
_STRANGERS = 100
#: In :class:`JobCount`: entries of a level that found no more room; the kind is the level.
UNLISTED = "unlisted"

#: Outcomes that an attempt leaves behind it: the next one meets these objects as unchanged.
_LASTING = (Outcome.CREATED, Outcome.UPDATED, Outcome.HIDDEN)


@dataclass(frozen=True, slots=True)
class Counts:
    """Objects of a job by what became of them."""

    seen: int = 0
    unchanged: int = 0
    created: int = 0
    updated: int = 0
    hidden: int = 0
    failed: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.seen + other.seen,
            self.unchanged + other.unchanged,
            self.created + other.created,
            self.updated + other.updated,
            self.hidden + other.hidden,
            self.failed + other.failed,
        )

    def __str__(self) -> str:
        return (
            f"объектов {self.seen}: без изменений {self.unchanged}, создано {self.created}, "
            f"обновлено {self.updated}, скрыто {self.hidden}, с ошибками {self.failed}"
        )


def add_count(job: ImportJob, attempt: int, kind: str, outcome: str, n: int) -> None:
    """Add to a figure; in the transaction of the objects that it counts."""
    table = connection.ops.quote_name(JobCount._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} AS c (job_id, attempt, kind, outcome, n) "  # noqa: S608
            "VALUES (%s, %s, %s, %s, %s) "
            "ON CONFLICT (job_id, attempt, kind, outcome) DO UPDATE SET n = c.n + EXCLUDED.n",
            [job.pk, attempt, kind, outcome, n],
        )


def counts_by_kind(rows: Iterable[JobCount]) -> dict[str, Counts]:
    """Figures of one job over all its attempts.

    Seen and failed are those of the last attempt, which met the whole file. What earlier ones
    created, updated or hid came to the last as unchanged, and is counted as what it was.
    """
    rows = [row for row in rows if row.outcome != UNLISTED]
    if not rows:
        return {}
    last = max(row.attempt for row in rows)
    lasting: dict[tuple[str, str], int] = defaultdict(int)
    earlier: dict[str, int] = defaultdict(int)
    present: dict[tuple[str, str], int] = {}
    for row in rows:
        if row.outcome in _LASTING:
            lasting[row.kind, row.outcome] += row.n
            if row.attempt < last:
                earlier[row.kind] += row.n
        elif row.attempt == last:
            present[row.kind, row.outcome] = row.n
    return {
        kind: Counts(
            seen=present.get((kind, Outcome.SEEN), 0),
            unchanged=max(0, present.get((kind, Outcome.UNCHANGED), 0) - earlier[kind]),
            created=lasting[kind, Outcome.CREATED],
            updated=lasting[kind, Outcome.UPDATED],
            hidden=lasting[kind, Outcome.HIDDEN],
            failed=present.get((kind, Outcome.FAILED), 0),
        )
        for kind in sorted({row.kind for row in rows})
    }


def total(kinds: Mapping[str, Counts]) -> Counts:
    """Figures of all kinds together."""
    return sum(kinds.values(), Counts())


def unlisted(rows: Iterable[JobCount]) -> int:
    """Entries of the last attempt that found no room in the journal."""
    rows = list(rows)
    last = max((row.attempt for row in rows), default=0)
    return sum(row.n for row in rows if row.outcome == UNLISTED and row.attempt == last)


def write(
    level: Level,
    message: str,
    *,
    exchange: Exchange | None = None,
    job: ImportJob | None = None,
    kind: str = "",
    object_id: str = "",
    name: str = "",
    file: str = "",
    line: int = 0,
) -> None:
    """Write an entry; of equal ones of a job, one."""
    digest = hashlib.sha256(repr((level.value, kind, object_id, line, message)).encode())
    entry = JournalEntry(
        exchange=exchange,
        job=job,
        level=level.value,
        kind=kind[:16],
        object_id=_storable(object_id)[:255],
        name=_storable(name)[:300],
        file=_storable(file)[:500],
        line=max(0, min(line, 2**31 - 1)),
        message=_storable(message),
        digest=digest.hexdigest(),
    )
    JournalEntry.objects.bulk_create([entry], ignore_conflicts=True)


def refused(message: str, exchange: Exchange | None = None) -> None:
    """Note an answer `failure`; of strangers only so many an hour."""
    if exchange is None:
        hour_ago = timezone.now() - timedelta(hours=1)
        strangers = JournalEntry.objects.filter(exchange=None, created__gt=hour_ago)
        if strangers.count() >= _STRANGERS:
            return
    write(Level.ERROR, message, exchange=exchange)


def _storable(text: str) -> str:
    return text.replace("\x00", "")
