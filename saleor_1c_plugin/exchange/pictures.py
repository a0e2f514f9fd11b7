"""The pictures of an exchange, as the catalogue asks for them."""

from functools import cached_property
from typing import BinaryIO

from . import spool
from .models import Exchange, SpoolFile

_FOLDER = "import_files/"


class SpooledPictures:
    """Files of the spool by the path that cards name.

    Parameters
    ----------
    exchange
        Its files as they are when first asked for: 1C sends pictures before the cards.
    """

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    @cached_property
    def _files(self) -> dict[str, int]:
        """Primary key of the newest version by name, and by the name that cards use."""
        rows = (
            self._exchange.files.filter(parts_count__gt=0)
            .exclude(name__iendswith=".xml")
            .exclude(name__iendswith=".zip")
            .order_by("version")
            .values_list("name", "pk")
        )
        exact = dict(rows)
        files: dict[str, int] = {}
        for name, pk in exact.items():
            before, folder, after = name.rpartition(_FOLDER)
            # The 3.1 layout puts import_files deeper than cards say.
            if folder and (not before or before.endswith("/")):
                files[folder + after] = pk
        return files | exact

    def names(self) -> frozenset[str]:
        return self._names

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(self._files)

    def open(self, path: str) -> BinaryIO:
        return spool.open_spooled(self._file(path))

    def digest(self, path: str) -> str:
        return spool.file_digest(self._file(path))

    def size(self, path: str) -> int:
        return self._file(path).size

    def _file(self, path: str) -> SpoolFile:
        pk = self._files.get(path)
        if pk is None:
            raise FileNotFoundError(path)
        return SpoolFile.objects.get(pk=pk)
