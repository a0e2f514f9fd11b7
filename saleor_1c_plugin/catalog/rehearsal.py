"""A dry run: everything is really done, and then undone.

An offer can't be judged without its card, nor a full export without all of its files. So what
came before in the same exchange is done first, and only the last step is told about.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from ..commerceml.model import ItemKind
from ..report import Level, Outcome, Report


@contextmanager
def rehearsal() -> Iterator[None]:
    """Undo at the end whatever is written within; what waits for a commit never begins."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


class Untold:
    """Report of a step that was told about before: only says that the import lives."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def count(self, kind: ItemKind, outcome: Outcome, n: int = 1) -> None:
        """Leave it out."""

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
        """Leave it out."""

    def beat(self, seen: int) -> None:
        self._report.beat(0)
