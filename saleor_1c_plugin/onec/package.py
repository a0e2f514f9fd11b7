"""An export as it lies in a folder or a ZIP, and the order in which 1C sends it.

1C imports what others refer to first:

1. files in the root: the classifier (groups, price types, warehouses, units);
2. ``properties…/``: properties, of goods and then of offers;
3. ``goods/``: cards, then offers, then prices, then stock.

Within each, a file's kind goes by its name (``import___<uuid>.xml`` is ``import``), and, for
names that say nothing, by what it contains. Files of one kind keep their portions' order.
"""

import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from .errors import BadPackage

#: A file whose name says nothing, with goods or a part of a classifier in it.
_OTHER = "other"
#: Beginnings of names, in 1C's order.
_KINDS = (
    "classifier",
    "import",
    "groups",
    "units",
    "pricelists",
    "storages",
    "propertiesgoods",
    "propertiesoffers",
    "properties",
    "goods",
    _OTHER,
    "offers",
    "prices",
    "rests",
)
_DOCUMENTS = ("documents", "orders", "contragents")
#: Folders of an export in portions.
_SECTIONS = {"properties": 1, "propertiesgoods": 1, "propertiesoffers": 1, "goods": 2}
_HEAD = 1 << 16


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of an export; `name` is relative, with forward slashes, as it is sent."""

    name: str
    size: int
    path: Path
    #: Name inside the archive `path`; empty when `path` is the file itself.
    member: str = ""

    def open(self) -> BinaryIO:
        if not self.member:
            return self.path.open("rb")
        with zipfile.ZipFile(self.path) as archive:
            try:
                # The open member holds the archive's file on its own.
                return cast(BinaryIO, archive.open(self.member))
            except (RuntimeError, NotImplementedError) as error:
                raise BadPackage(f"{self.path}: {error}") from error

    @property
    def is_xml(self) -> bool:
        return self.name.lower().endswith(".xml")


@dataclass(slots=True)
class Package:
    """Files of one export."""

    entries: list[Entry] = field(default_factory=list)
    #: The ZIP that the export came as, when it came as one.
    archive: Path | None = None

    def catalog(self) -> list[Entry]:
        """XML files with goods and what belongs to them, in the order of import."""
        found = [entry for entry in self.entries if entry.is_xml and not _is_document(entry)]
        return sorted(found, key=_order)

    def documents(self) -> list[Entry]:
        """XML files with documents: they go by an exchange of orders."""
        found = [entry for entry in self.entries if entry.is_xml and _is_document(entry)]
        return sorted(found, key=_order)

    def attachments(self) -> list[Entry]:
        """Pictures and other files that cards name."""
        found = (entry for entry in self.entries if not entry.is_xml)
        return sorted(found, key=lambda entry: _natural(entry.name))


def open_package(paths: Sequence[Path]) -> Package:
    """Find the files of an export.

    Parameters
    ----------
    paths
        A folder, a ZIP, or any number of single files.

    Raises
    ------
    BadPackage
        A path does not exist, is no archive, or there is no file at all.
    """
    package = Package()
    for path in paths:
        if path.is_dir():
            package.entries += _folder(path)
        elif path.suffix.lower() == ".zip":
            package.entries += _archive(path)
            package.archive = path if len(paths) == 1 else None
        elif path.is_file():
            package.entries.append(Entry(path.name, path.stat().st_size, path))
        else:
            raise BadPackage(f"{path}: no such file or folder")
    if not package.entries:
        raise BadPackage(f"{', '.join(map(str, paths))}: no files to send")
    return package


def _folder(root: Path) -> Iterable[Entry]:
    for path in root.rglob("*"):
        name = path.relative_to(root)
        if path.is_file() and not any(part.startswith(".") for part in name.parts):
            yield Entry(name.as_posix(), path.stat().st_size, path)


def _archive(path: Path) -> Iterable[Entry]:
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
    except (OSError, zipfile.BadZipFile) as error:
        raise BadPackage(f"{path}: {error}") from error
    for info in infos:
        if not info.is_dir():
            yield Entry(info.filename, info.file_size, path, info.filename)


def _order(entry: Entry) -> tuple[int, int, list[tuple[int, int, str]]]:
    folders = (part.lower() for part in PurePosixPath(entry.name).parts[:-1])
    section = max((_SECTIONS.get(folder, 0) for folder in folders), default=0)
    kind = _kind(entry)
    return section, (*_KINDS, *_DOCUMENTS).index(kind), _natural(entry.name)


def _is_document(entry: Entry) -> bool:
    return _kind(entry) in _DOCUMENTS


def _kind(entry: Entry) -> str:
    stem = PurePosixPath(entry.name).stem.lower()
    # "import0_1", "offers___5f3a…", "propertiesGoods___…": letters up to anything else.
    word = re.match(r"[a-z]*", stem)
    name = word.group() if word else ""
    if name in _KINDS or name in _DOCUMENTS:
        return name
    with entry.open() as source:
        head = source.read(_HEAD)
    for encoding in ("utf-8", "windows-1251"):
        if "<ПакетПредложений".encode(encoding) in head:
            return "offers"
        if re.search("<(Документ|Контейнер|Контрагенты)[ >]".encode(encoding), head):
            return "documents"
    return _OTHER


def _natural(name: str) -> list[tuple[int, int, str]]:
    """Sort key under which ``goods/10`` comes after ``goods/9``."""
    return [
        (0, int(part), "") if part.isdigit() else (1, 0, part)
        for part in re.split(r"(\d+)", name.lower())
        if part
    ]
