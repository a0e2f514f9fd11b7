"""ZIP packages: unpacked into the spool, within bounds, whatever the archive claims."""

import stat
import tempfile
import zipfile
import zlib
from shutil import copyfileobj
from typing import IO

from . import spool
from .errors import Refused
from .limits import limits
from .models import Exchange, SpoolFile

_CHUNK = 1 << 16


class _Bounded:
    """A member that stops being read where it grows beyond what it may."""

    def __init__(self, source: IO[bytes], budget: int) -> None:
        self._source = source
        self.left = budget

    def read(self, size: int = _CHUNK) -> bytes:
        data = self._source.read(size)
        self.left -= len(data)
        if self.left < 0:
            raise Refused("Архив распаковывается в слишком большой объём и не принят.")
        return data


def unpack_all(exchange: Exchange) -> None:
    """Unpack the archives of an exchange that are not unpacked yet.

    Safe to run again after a crash: a file that is there already is replaced by itself.

    Raises
    ------
    Refused
        The archive is broken, encrypted, too large unpacked, or names paths out of the package.
    """
    for file in exchange.files.filter(name__iendswith=".zip", unpacked=False):
        _unpack(exchange, file)
        SpoolFile.objects.filter(pk=file.pk).update(unpacked=True)


def _unpack(exchange: Exchange, file: SpoolFile) -> None:
    bounds = limits()
    with tempfile.TemporaryFile() as local, spool.open_file(file) as stream:
        copyfileobj(stream, local, _CHUNK)
        local.seek(0)
        try:
            with zipfile.ZipFile(local) as archive:
                members = [item for item in archive.infolist() if not item.is_dir()]
                if len(members) > bounds.zip_entries:
                    raise Refused(f"В архиве {file.name} слишком много файлов.")
                budget = min(file.size * bounds.zip_ratio, bounds.package_bytes)
                for item in members:
                    name = _name(item)
                    with archive.open(item) as member:
                        bounded = _Bounded(member, budget)
                        spool.put(exchange, name, bounded)  # type: ignore[arg-type]
                        budget = bounded.left
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
            raise Refused(f"Архив {file.name} повреждён или передан не полностью.") from error


def _name(item: zipfile.ZipInfo) -> str:
    if item.flag_bits & 0x1:
        raise Refused("Архив зашифрован паролем и не принят.")
    if stat.S_ISLNK(item.external_attr >> 16):
        raise Refused("Архив содержит ссылки и не принят.")
    name = item.filename
    if not item.flag_bits & 0x800:
        # Without the UTF-8 flag Python takes the bytes for cp437; 1C writes cp866.
        name = name.encode("cp437", "replace").decode("cp866", "replace")
    try:
        return spool.clean_name(name)
    except Refused as error:
        raise Refused(f"В архиве недопустимое имя файла. {error}") from error
