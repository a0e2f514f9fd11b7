"""Files of an exchange: objects of a storage, joined by rows of the database.

The storage is written first, the row is the commit point: whatever dies in between leaves an
object that nobody refers to, and that goes with its exchange. Nothing is kept in a process.
"""

import hashlib
import io
import tempfile
import uuid
from collections.abc import Callable, Sequence
from typing import BinaryIO, cast

from django.core.files import File
from django.db import transaction
from django.db.models import F

from .errors import Refused
from .limits import Limits
from .models import Exchange, SpoolFile, SpoolPart
from .storage import spool_storage, telling_full_disk

_CHUNK = 1 << 16
#: What is kept in memory of a part before it goes to a temporary file.
_IN_MEMORY = 1 << 20


class TooBig(Exception):
    """More bytes came than were allowed."""


def receive(
    exchange: Exchange,
    name: str,
    read: Callable[[int], bytes],
    declared: int | None,
    most: int,
) -> SpoolFile:
    """Append one part that 1C sends to the file `name`.

    A part equal to the last one is the same part, sent again after a lost answer. A part equal
    to the first one begins the file again, as 1C does after an error.

    Parameters
    ----------
    read
        Gives up to so many bytes of the request.
    declared
        ``Content-Length``; ``None`` when 1C did not say.
    most
        Bytes that the part may have.

    Raises
    ------
    Refused
        Too large, cut off, or no room. Nothing is kept then.
    """
    with telling_full_disk(name), tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as buffer:
        if declared is not None and declared > most:
            raise _too_big_part(name, most)
        try:
            size, digest = _copy(read, buffer, most)
        except TooBig:
            raise _too_big_part(name, most) from None
        if declared is not None and size != declared:
            raise Refused(
                f"Часть файла {name} пришла не целиком: {size} байт из {declared}. Повторите обмен."
            )
        buffer.seek(0)
        key = _save(exchange, cast(BinaryIO, buffer))
    kept = False
    try:
        with transaction.atomic():
            _lock(exchange)
            file = find_exact(exchange, name)
            if file is not None and not file.sealed and size:
                last = file.parts.order_by("-number").first()
                if last is not None and (last.digest, last.size) == (digest, size):
                    return file
                first = file.parts.order_by("number").first()
                again = first is not None and (first.digest, first.size) == (digest, size)
            else:
                again = False
            if file is None or file.sealed or again:
                file = _new_version(exchange, name, file)
            _append(exchange, file, key, size, digest)
            kept = True
            return file
    finally:
        if not kept:
            spool_storage().delete(key)


def store(
    exchange: Exchange,
    name: str,
    source: BinaryIO,
    archive: SpoolFile,
    fence: Callable[[], None],
) -> SpoolFile:
    """Put a file unpacked from `archive` into the spool, unless it is there.

    `fence` is called in the transaction that makes the file exist, and raises where the worker
    has been replaced by another.
    """
    with telling_full_disk(name), tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as buffer:
        try:
            size, digest = _copy(source.read, buffer, Limits.load().max_file)
        except TooBig:
            raise Refused(f"Файл {name} в архиве больше {Limits.load().max_file_mb} МБ") from None
        current = find_exact(exchange, name)
        if current is not None and current.size == size and file_digest(current) == digest:
            return current
        buffer.seek(0)
        key = _save(exchange, cast(BinaryIO, buffer))
    kept = False
    try:
        with transaction.atomic():
            fence()
            _lock(exchange)
            file = _new_version(exchange, name, find_exact(exchange, name), archive)
            _append(exchange, file, key, size, digest)
            kept = True
            return file
    finally:
        if not kept:
            spool_storage().delete(key)


def find_exact(exchange: Exchange, name: str) -> SpoolFile | None:
    """The newest version of the file called `name`."""
    return exchange.files.filter(name=name, parts_count__gt=0).order_by("-version").first()


def documents_of(file: SpoolFile | None) -> list[SpoolFile]:
    """The file itself, or the XML files that were in it: an older 1C names but the archive."""
    if file is None or not file.unpacked:
        return [file] if file is not None else []
    inside = file.exchange.files.filter(archive=file, name__iendswith=".xml", parts_count__gt=0)
    return list(inside.order_by("name", "-version").distinct("name"))


def find(exchange: Exchange, name: str) -> SpoolFile | None:
    """The file that 1C means by `name`: an archive may hold it deeper, or less deep."""
    exact = find_exact(exchange, name)
    if exact is not None:
        return exact
    base = name.rpartition("/")[2]
    known = set(
        exchange.files.filter(parts_count__gt=0, name__iendswith=base).values_list(
            "name", flat=True
        )
    )
    wanted = name.casefold()
    alike = [
        other
        for other in known
        if _ends_with(other.casefold(), wanted) or _ends_with(wanted, other.casefold())
    ]
    return find_exact(exchange, alike[0]) if len(alike) == 1 else None


def _ends_with(path: str, tail: str) -> bool:
    return path == tail or path.endswith(f"/{tail}")


def names(exchange: Exchange) -> frozenset[str]:
    """Names of all files that came."""
    return frozenset(exchange.files.filter(parts_count__gt=0).values_list("name", flat=True))


def open_file(exchange: Exchange, name: str) -> BinaryIO:
    """The file `name`, its parts joined.

    Raises
    ------
    FileNotFoundError
        There is none.
    """
    file = find_exact(exchange, name)
    if file is None:
        raise FileNotFoundError(name)
    return open_spooled(file)


def open_spooled(file: SpoolFile) -> BinaryIO:
    """The parts of `file` as one stream."""
    return io.BufferedReader(_Parts(list(file.parts.order_by("number"))), _CHUNK)


def file_digest(file: SpoolFile) -> str:
    """SHA-256 of the whole file, hex; kept once it is known."""
    if not file.digest:
        parts = list(file.parts.order_by("number"))
        if len(parts) == 1:
            file.digest = parts[0].digest
        else:
            with open_spooled(file) as source:
                file.digest = hashlib.file_digest(
                    cast(io.BufferedReader, source), "sha256"
                ).hexdigest()
        # A part may have come meanwhile: then the digest is of what no longer is the whole.
        SpoolFile.objects.filter(pk=file.pk, parts_count=len(parts)).update(digest=file.digest)
    return file.digest


class _Parts(io.RawIOBase):
    """Objects of the storage read one after the other."""

    def __init__(self, parts: Sequence[SpoolPart]) -> None:
        self._storage = spool_storage()
        self._parts = iter(parts)
        self._open: File[bytes] | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast(bytearray, buffer))
        while True:
            if self._open is None:
                part = next(self._parts, None)
                if part is None:
                    return 0
                self._open = self._storage.open(part.key, "rb")
            data = self._open.read(len(view))
            if data:
                view[: len(data)] = data
                return len(data)
            self._open.close()
            self._open = None

    def close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None
        super().close()


def _copy(
    read: Callable[[int], bytes], target: tempfile.SpooledTemporaryFile[bytes], most: int
) -> tuple[int, str]:
    size = 0
    digest = hashlib.sha256()
    while chunk := read(_CHUNK):
        size += len(chunk)
        if size > most:
            raise TooBig
        digest.update(chunk)
        target.write(chunk)
    return size, digest.hexdigest()


def _save(exchange: Exchange, source: BinaryIO) -> str:
    storage = spool_storage()
    name = uuid.uuid4().hex
    key = f"{exchange.public_id}/{name[:2]}/{name}"
    try:
        # A storage may choose another name than the one asked for.
        return storage.save(key, File(source))
    except OSError:
        storage.delete(key)
        raise


def _lock(exchange: Exchange) -> None:
    """Let one request at a time change the files; sees what others have committed."""
    exchange.spooled = (
        Exchange.objects.select_for_update().values_list("spooled", flat=True).get(pk=exchange.pk)
    )


def _new_version(
    exchange: Exchange, name: str, before: SpoolFile | None, archive: SpoolFile | None = None
) -> SpoolFile:
    version = before.version + 1 if before is not None else 1
    return SpoolFile.objects.create(exchange=exchange, name=name, version=version, archive=archive)


def _append(exchange: Exchange, file: SpoolFile, key: str, size: int, digest: str) -> None:
    limits = Limits.load()
    if file.size + size > limits.max_file:
        raise Refused(f"Файл {file.name} больше {limits.max_file_mb} МБ")
    if exchange.spooled + size > limits.max_package:
        raise Refused(f"Файлы обмена занимают больше {limits.max_package_mb} МБ")
    file.parts_count += 1
    SpoolPart.objects.create(file=file, number=file.parts_count, key=key, size=size, digest=digest)
    file.size += size
    file.digest = ""
    file.save(update_fields=["parts_count", "size", "digest"])
    Exchange.objects.filter(pk=exchange.pk).update(spooled=F("spooled") + size, finished=None)


def _too_big_part(name: str, most: int) -> Refused:
    return Refused(
        f"Часть файла {name} больше {most >> 20} МБ: 1С должна делить файлы по file_limit"
    )
