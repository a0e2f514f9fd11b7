"""What the importer is given to work with."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol


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
