"""What a room tells about its work on 1C's files; the exchange's journal listens."""

from enum import StrEnum
from typing import Protocol

from .commerceml.model import ItemKind


class Outcome(StrEnum):
    """What became of an object; every object is SEEN and one of the others."""

    SEEN = "seen"
    UNCHANGED = "unchanged"
    CREATED = "created"
    UPDATED = "updated"
    HIDDEN = "hidden"
    FAILED = "failed"


class Level(StrEnum):
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Report(Protocol):
    """Receives counts and problems. All calls happen inside the transaction of their batch."""

    def count(self, kind: ItemKind, outcome: Outcome, n: int = 1) -> None: ...

    def problem(
        self,
        level: Level,
        message: str,
        *,
        kind: str = "",
        object_id: str = "",
        name: str = "",
        line: int = 0,
    ) -> None: ...

    def beat(self, seen: int) -> None:
        """Say that the import lives, `seen` objects in; raises where it must stop at once."""
