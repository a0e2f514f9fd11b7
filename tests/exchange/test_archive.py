"""ZIP packages, honest and otherwise."""

import io
import stat
import struct
import zipfile
from collections.abc import Callable

import pytest

from tests.catalog.support import catalogue, good

from .shop import Shop

GOODS = catalogue(good("p1")).encode()


def pack_named(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return target.getvalue()


def honest() -> bytes:
    return pack_named({"import.xml": GOODS, "import_files/a.txt": b"a" * 1000})


def linked() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        link = zipfile.ZipInfo("import.xml")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    return target.getvalue()


def patched(offset_in_directory: int, offset_in_entry: int, value: bytes) -> bytes:
    """The honest archive with `value` in the heads of its first file."""
    body = bytearray(honest())
    for start in (body.index(b"PK\x01\x02") + offset_in_directory, offset_in_entry):
        body[start : start + len(value)] = value
    return bytes(body)


def twice() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("import.xml", GOODS)
        archive.writestr("./import.xml", b"<x/>")
    return target.getvalue()


def overlapping() -> bytes:
    """Many entries that are all the same bytes of the file: a bomb of an honest ratio each."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("import.xml", GOODS * 100)
        for number in range(50):
            copy = zipfile.ZipInfo(f"{number}.xml")
            original = archive.infolist()[0]
            for name in ("compress_type", "CRC", "compress_size", "file_size", "header_offset"):
                setattr(copy, name, getattr(original, name))
            archive.filelist.append(copy)
        archive._didModify = True
    return target.getvalue()


BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "upwards": (lambda: pack_named({"../../import.xml": GOODS}), "выход из папки"),
    "upwards-inside": (lambda: pack_named({"a/../../import.xml": GOODS}), "выход из папки"),
    "upwards-by-backslash": (lambda: pack_named({"..\\import.xml": GOODS}), "выход из папки"),
    "absolute": (lambda: pack_named({"/etc/import.xml": GOODS}), "относительным"),
    "drive": (lambda: pack_named({"C:/import.xml": GOODS}), "относительным"),
    "control-character": (lambda: pack_named({"a\nb.xml": GOODS}), "недопустимые символы"),
    "link": (linked, "ссылка вместо файла"),
    "same-name": (twice, "два файла с именем import.xml"),
    "bomb": (lambda: pack_named({"import.xml": b"0" * (65 << 20)}), "бомб"),
    "overlapping": (overlapping, "повреждён"),
    "encrypted": (lambda: patched(8, 6, b"\x01"), "зашифрован"),
    "unknown-method": (lambda: patched(10, 8, b"\x5f\x00"), "неизвестным способом"),
    "larger-than-it-says": (lambda: patched(24, 22, struct.pack("<I", 50)), "повреждён"),
    "wrong-checksum": (lambda: patched(16, 14, b"\0\0\0\0"), "повреждён"),
    "cut-off": (lambda: honest()[:-30], "повреждён"),
    "no-archive": (lambda: b"this is no archive", "повреждён"),
}


def check_next_exchange(shop: Shop) -> None:
    talk = shop.client()
    talk.send({"package.zip": honest()})
    assert "создано 1" in talk.client.import_file("import.xml").message


@pytest.mark.parametrize("name", BAD)
def test_a_bad_archive(shop: Shop, name: str) -> None:
    make, reason = BAD[name]
    told = shop.check_refused({"package.zip": make()}, reason)
    assert "package.zip" in told
    assert not shop.value("SELECT count(*) FROM onec_sandbox_product")
    check_next_exchange(shop)


def test_an_archive_in_parts(shop: Shop) -> None:
    talk = shop.client()
    talk.send({"package.zip": honest()}, limit=100)
    assert "создано 1" in talk.client.import_file("import.xml").message


@pytest.mark.parametrize("lost", [0, 1, 2, 3])
def test_a_part_of_an_archive_is_missing(shop: Shop, lost: int) -> None:
    body = honest()
    size = len(body) // 4 + 1
    start = lost * size
    shop.check_refused({"package.zip": body[:start] + body[start + size :]}, "повреждён")
    check_next_exchange(shop)


def test_an_archive_within_an_archive_is_only_a_file(shop: Shop) -> None:
    bomb = pack_named({"x.xml": b"0" * (65 << 20)})
    talk = shop.client()
    talk.send({"package.zip": pack_named({"import.xml": GOODS, "inner.zip": bomb})})
    assert "создано 1" in talk.client.import_file("import.xml").message


def test_more_files_than_an_archive_may_have(shop: Shop) -> None:
    files = {f"import_files/{number}": b"" for number in range(301)}
    shop.check_refused({"package.zip": pack_named(files)}, "больше 300 файлов")
