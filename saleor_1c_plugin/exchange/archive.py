"""ZIP archives of 1C into the spool, entry by entry, trusting nothing that an archive says.

Unpacking again after a death in the middle gives the same: an entry that is in the spool stays.
"""

import errno
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable
from typing import BinaryIO, cast

from . import spool
from .errors import Refused
from .limits import Limits
from .models import Exchange, SpoolFile
from .names import normalise
from .storage import telling_full_disk

#: A small archive may be of any ratio: it can't hurt.
_HARMLESS = 64 << 20
_UTF8_FLAG = 0x800
_ENCRYPTED_FLAG = 0x1
#: The commonest letters: tells the two Russian encodings apart when both give letters.
_COMMON = frozenset("оеаинтсрвлкмдпу")


def unpack(archive: SpoolFile, hold: Callable[[str], None]) -> None:
    """Put the files of `archive` into its exchange's spool.

    Parameters
    ----------
    hold
        Called with a line about the progress in the transaction of every entry; raises where
        this worker must stop.

    Raises
    ------
    Refused
        The archive is damaged, encrypted, or tries something.
    """
    name = archive.name
    with telling_full_disk(name), tempfile.TemporaryFile() as copy:
        # Entries are reached by seeking, which the storage may not offer.
        with spool.open_spooled(archive) as source:
            shutil.copyfileobj(source, copy, 1 << 20)
        try:
            with zipfile.ZipFile(copy) as opened:
                _unpack(archive, opened, hold)
        except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OSError) as error:
            # An offset in a damaged directory may lead before the beginning of the file.
            if isinstance(error, OSError) and error.errno != errno.EINVAL:
                raise
            raise Refused(f"Архив {name} повреждён или загружен не целиком") from error
        except NotImplementedError as error:
            raise Refused(f"Архив {name} сжат неизвестным способом") from error


def _unpack(archive: SpoolFile, opened: zipfile.ZipFile, hold: Callable[[str], None]) -> None:
    entries = _checked(archive, opened)
    exchange: Exchange = archive.exchange
    for number, (name, info) in enumerate(entries.items(), 1):
        line = f"Распаковка {archive.name}: файл {number} из {len(entries)}"
        hold(line)
        with opened.open(info) as source:
            spool.store(exchange, name, cast(BinaryIO, source), archive, lambda: hold(line))  # noqa: B023


def _checked(archive: SpoolFile, opened: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Files of the archive by name; refuses the whole when a single one is suspicious."""
    limits = Limits.load()
    infos = opened.infolist()
    if len(infos) > limits.max_archive_entries:
        raise Refused(f"В архиве {archive.name} больше {limits.max_archive_entries} файлов")
    total = sum(info.file_size for info in infos)
    if total > limits.max_unpacked or (
        total > _HARMLESS and total > archive.size * limits.max_unpack_ratio
    ):
        raise Refused(
            f"Архив {archive.name} распаковывается в {total >> 20} МБ: похоже на «бомбу», отклонён"
        )
    entries: dict[str, zipfile.ZipInfo] = {}
    for info in infos:
        raw_name = entry_name(info)
        if info.flag_bits & _ENCRYPTED_FLAG:
            raise Refused(f"Архив {archive.name} зашифрован")
        if stat.S_ISLNK(info.external_attr >> 16):
            raise Refused(f"В архиве {archive.name} есть ссылка вместо файла: «{raw_name[:100]}»")
        if info.is_dir() or raw_name.endswith("\\"):
            continue
        try:
            name = normalise(raw_name)
        except Refused as error:
            raise Refused(f"Архив {archive.name}: {error.message}") from error
        if info.file_size > limits.max_file:
            raise Refused(f"Файл {name} в архиве больше {limits.max_file_mb} МБ")
        if name in entries:
            raise Refused(f"В архиве {archive.name} два файла с именем {name}")
        entries[name] = info
    return entries


def entry_name(info: zipfile.ZipInfo) -> str:
    """Name of an entry in the encoding that its maker most likely used."""
    if info.flag_bits & _UTF8_FLAG or info.orig_filename.isascii():
        return info.orig_filename
    raw = info.orig_filename.encode("cp437")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        guesses = [raw.decode(encoding, "replace") for encoding in ("cp866", "windows-1251")]
        return max(guesses, key=_likeness)


def _likeness(text: str) -> tuple[int, int]:
    signs = Counter(text.lower())
    russian = sum(n for sign, n in signs.items() if sign.isascii() or "а" <= sign <= "я")
    return russian, sum(n for sign, n in signs.items() if sign in _COMMON)
