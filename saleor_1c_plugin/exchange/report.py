"""The catalogue's report, written into the journal as the batches are committed.

Counts and problems are rows of the batch's own transaction: they stand and fall with the
objects that they speak of. A dry run rolls every batch back, so there they are written by a
thread of their own, over a connection of its own.
"""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self

from django.db import connection

from ..commerceml.model import ItemKind
from ..report import Level, Outcome
from . import journal
from .errors import LostLease
from .lease import Lease
from .limits import Limits


class JournalReport:
    """Implements :class:`~saleor_1c_plugin.report.Report` for the job under `lease`."""

    def __init__(self, lease: Lease) -> None:
        self._lease = lease
        self._job = lease.job
        self._most = Limits.load().journal_entries
        self._entries: Counter[Level] = Counter()
        self._lost = False
        self._aside = ThreadPoolExecutor(1) if self._job.dry_run else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._aside is not None:
            # Named in the thread, whose connection it is to be.
            self._aside.submit(lambda: connection.close()).result()
            self._aside.shutdown()

    def beat(self, seen: int) -> None:
        def hold() -> None:
            self._lease.hold(progress=seen, stage="")

        try:
            self._write(hold)
        except LostLease:
            self._lost = True
            raise

    def count(self, kind: ItemKind, outcome: Outcome, n: int = 1) -> None:
        if n:
            self._count(kind.value, outcome.value, n)

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
        self._entries[level] += 1
        if self._entries[level] > self._most:
            self._count(level.value, journal.UNLISTED, 1)
            return

        def write() -> None:
            journal.write(
                level,
                message,
                exchange=self._job.exchange,
                job=self._job,
                kind=kind,
                object_id=object_id,
                name=name,
                file=self._job.file_name,
                line=line,
            )

        self._write(write)

    def _count(self, kind: str, outcome: str, n: int) -> None:
        self._write(lambda: journal.add_count(self._job, self._job.attempts, kind, outcome, n))

    def _write(self, write: Callable[[], None]) -> None:
        if self._lost:
            # The importer still clears up: its last words are the other worker's to say.
            return
        if self._aside is None:
            write()
        else:
            self._aside.submit(write).result()
