"""Files on their way: kept on Django's storage API, so that web and workers may be apart.

A storage can't append, therefore every request's body is an object of its own and a file is the
list of its parts.
"""

import hashlib
import io
import re
import secrets
import tempfile
from collections.abc import Collection, Iterator
from typing import IO, BinaryIO, cast

from django.conf import settings as django_settings
from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, Storage, storages
from django.db import transaction
from django.db.models import Sum

from .errors import Refused
from .limits import limits, spool_folder
from .models import Exchange, SpoolFile, SpoolPart

_CHUNK = 1 << 16
_IN_MEMORY = 1 << 20
_BAD = re.compile(r"[\x00-\x1f\x7f]|^[A-Za-z]:")


def storage() -> Storage:
    """Where parts lie: the storage ``ONEC_SPOOL_STORAGE`` of Django's, or a local folder."""
    alias = getattr(django_settings, "ONEC_SPOOL_STORAGE", "")
    if alias:
        return storages[alias]
    return FileSystemStorage(
        location=str(spool_folder()), file_permissions_mode=0o600, directory_permissions_mode=0o700
    )


def clean_name(name: str) -> str:
    """The name with forward slashes.

    Raises
    ------
    Refused
        The name is empty, too long, absolute, or leads out of the package.
    """
    path = name.strip().replace("\\", "/")
    while path.startswith("./"):
        path = path[2:]
    if not path:
        raise Refused("Не указано имя файла (filename).")
    if len(path) > limits().file_name:
        raise Refused("Имя файла слишком длинное.")
    if path.startswith("/") or _BAD.search(path) or ".." in path.split("/"):
        raise Refused("Недопустимое имя файла.")
    return "/".join(part for part in path.split("/") if part not in ("", "."))


def add_part(
    exchange: Exchange, name: str, body: IO[bytes], expected: int | None, most: int
) -> SpoolFile:
    """Keep a request's body as the next part of a file.

    Parameters
    ----------
    body
        Read in pieces, never whole into memory.
    expected
        Bytes that the request announced; ``None`` where it did not.
    most
        Bytes that a part may have.

    Raises
    ------
    Refused
        Too large, cut off on its way, empty, or no room; nothing of it is kept then.
    """
    digest, size = hashlib.sha256(), 0
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as whole:
        try:
            while chunk := body.read(_CHUNK):
                size += len(chunk)
                if size > most:
                    raise Refused(f"Часть файла {name} больше {most >> 20} МБ.")
                digest.update(chunk)
                whole.write(chunk)
            if expected is not None and size != expected:
                raise Refused(
                    f"Файл {name} передан не полностью: {size} из {expected} байт. Повторите."
                )
            if not size:
                raise Refused(f"Файл {name} пуст.")
            whole.seek(0)
            return _keep(exchange, name, cast(BinaryIO, whole), size, digest.hexdigest())
        except OSError as error:
            raise Refused(
                f"Файл {name} не сохранён: {error.strerror or 'ошибка диска'}."
            ) from error


def _keep(exchange: Exchange, name: str, body: BinaryIO, size: int, digest: str) -> SpoolFile:
    with transaction.atomic():
        # One request a session at a time: parts keep the order in which 1C sent them.
        Exchange.objects.select_for_update().get(pk=exchange.pk)
        file, _ = SpoolFile.objects.get_or_create(exchange=exchange, name=name)
        if file.imported:
            forget(file)
            file = SpoolFile.objects.create(exchange=exchange, name=name)
        last = file.parts.order_by("-number").first()
        if last is not None and (last.digest, last.size) == (digest, size):
            return file  # 1C did not hear our answer and sends the part again
        used = SpoolFile.objects.filter(exchange=exchange).aggregate(sum=Sum("size"))["sum"] or 0
        if used + size > limits().package_bytes:
            raise Refused(f"Пакет больше {limits().package_bytes >> 20} МБ.")
        number = last.number + 1 if last else 1
        key = f"{exchange.pk}/{file.pk}/{number}-{secrets.token_hex(8)}"
        key = storage().save(key, File(body))
        SpoolPart.objects.create(file=file, number=number, key=key, size=size, digest=digest)
        file.size += size
        file.digest = ""
        file.unpacked = False
        file.save(update_fields=["size", "digest", "unpacked"])
    return file


def put(exchange: Exchange, name: str, body: IO[bytes]) -> None:
    """Replace a file by `body` (out of an archive); running again gives the same."""
    with transaction.atomic():
        for old in SpoolFile.objects.filter(exchange=exchange, name=name):
            forget(old)
        add_part(exchange, name, body, None, limits().package_bytes)


def forget(file: SpoolFile) -> None:
    """Remove a file; its objects go when the transaction stands."""
    keys = list(file.parts.values_list("key", flat=True))
    file.delete()
    transaction.on_commit(lambda: _delete(keys))


def _delete(keys: list[str]) -> None:
    for key in keys:
        storage().delete(key)


def clear(exchange: Exchange) -> None:
    """Remove all files of an exchange."""
    with transaction.atomic():
        for file in exchange.files.all():
            forget(file)


class _Parts(io.RawIOBase):
    """The parts of a file, one after the other."""

    def __init__(self, keys: list[str]) -> None:
        self._keys: Iterator[str] = iter(keys)
        self._current: IO[bytes] | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        while True:
            if self._current is None:
                key = next(self._keys, None)
                if key is None:
                    return 0
                self._current = storage().open(key)
            data = self._current.read(len(buffer))
            if data:
                buffer[: len(data)] = data
                return len(data)
            self._current.close()
            self._current = None

    def close(self) -> None:
        if self._current is not None:
            self._current.close()
        super().close()


def open_file(file: SpoolFile) -> BinaryIO:
    """The whole file as one stream."""
    keys = list(file.parts.order_by("number").values_list("key", flat=True))
    return cast(BinaryIO, io.BufferedReader(_Parts(keys), _CHUNK))


class SpooledPictures:
    """The picture files of an exchange, for the importer."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._sizes: dict[str, int] | None = None

    def names(self) -> Collection[str]:
        return self._files().keys()

    def size(self, path: str) -> int:
        return self._files()[path]

    def open(self, path: str) -> BinaryIO:
        return open_file(self._exchange.files.get(name=path))

    def digest(self, path: str) -> str:
        file = self._exchange.files.get(name=path)
        if not file.digest:
            with open_file(file) as stream:
                whole = hashlib.file_digest(cast(io.BufferedReader, stream), "sha256")
            file.digest = whole.hexdigest()
            file.save(update_fields=["digest"])
        return file.digest

    def _files(self) -> dict[str, int]:
        if self._sizes is None:
            rows = self._exchange.files.exclude(name__iendswith=".xml").exclude(
                name__iendswith=".zip"
            )
            self._sizes = dict(rows.values_list("name", "size"))
        return self._sizes
