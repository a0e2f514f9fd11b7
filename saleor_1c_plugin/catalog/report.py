"""What the importer tells about its work; the exchange's journal listens."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import BinaryIO, Protocol

from ..commerceml.model import ItemKind


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


class PictureSource(Protocol):
    """The picture files that came with this exchange, by the path that the cards name."""

    def names(self) -> Collection[str]: ...

    def open(self, path: str) -> BinaryIO: ...

    def digest(self, path: str) -> str:
        """SHA-256 of the content, hex."""

    def size(self, path: str) -> int:
        """Bytes."""


@dataclass(frozen=True, slots=True)
class ImportContext:
    """What the importer knows about the exchange that it works for."""

    #: Names the exchange; the files of one exchange share it.
    exchange_key: str
    #: When the exchange began: objects seen later than this are in it.
    started_at: datetime
    pictures: PictureSource
    #: Everything will be undone: files, which no transaction holds, must not be written.
    dry_run: bool = False
