"""Pictures that are none or too much, and a disk that is full."""

import os
import shutil
import struct
import subprocess
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from saleor_1c_plugin.onec.errors import Refused
from tests.catalog.support import catalogue, good

from .exports import picture
from .shop import Shop

FINE = picture(1)
LARGE = 200 << 20


def card(*paths: str) -> bytes:
    return catalogue(good("p1", more="".join(f"<Картинка>{p}</Картинка>" for p in paths))).encode()


def huge_png() -> bytes:
    """A few bytes that claim to be 50,000 by 50,000 points."""
    head = b"IHDR" + struct.pack(">IIBBBBB", 50_000, 50_000, 8, 0, 0, 0, 0)
    return FINE[:12] + head + struct.pack(">I", zlib.crc32(head)) + FINE[33:]


def shown(shop: Shop) -> list[str]:
    return [name for (name,) in shop.rows("SELECT image FROM onec_sandbox_media ORDER BY position")]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("Это не картинка, а письмо".encode(), "не изображение"),
        (FINE[:60], "не изображение"),
        (b"", "не изображение"),
        (huge_png(), "слишком много точек"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "не изобр"),
    ],
    ids=["text", "cut-off", "empty", "huge-dimensions", "svg"],
)
def test_a_picture_that_is_none(shop: Shop, content: bytes, reason: str) -> None:
    xml = card("import_files/bad.jpg", "import_files/fine.jpg")
    files = {"import_files/bad.jpg": content, "import_files/fine.jpg": FINE, "import.xml": xml}
    told = shop.client().load(files)
    assert "создано 1" in told
    assert "с ошибками 0" in told
    assert "Картинки не приняты: bad.jpg" in shop.journal("warning")
    assert reason in shop.journal("warning")
    # What it really is decides its name: nobody's browser shall take it for something else.
    (name,) = shown(shop)
    assert name.endswith(".png")
    shop.client().load({**files, "import_files/bad.jpg": picture(2)})
    assert len(shown(shop)) == 2


def test_a_picture_that_never_came(shop: Shop) -> None:
    xml = card("import_files/lost.jpg", "import_files/fine.jpg")
    shop.client().load({"import_files/fine.jpg": FINE, "import.xml": xml})
    assert "import_files/lost.jpg не пришёл" in shop.journal("warning")
    assert len(shown(shop)) == 1
    shop.client().load({"import_files/lost.jpg": picture(2), "import.xml": xml})
    assert len(shown(shop)) == 2


@contextmanager
def memory_of(pids: list[int], most: int) -> Iterator[None]:
    """Check that no process grows by more than `most` bytes, not even for a moment."""

    def peaks() -> list[int]:
        return [
            int(line.split()[1]) << 10
            for pid in pids
            for line in Path(f"/proc/{pid}/status").read_text().splitlines()
            if line.startswith("VmHWM:")
        ]

    for pid in pids:
        # Forget earlier peaks.
        Path(f"/proc/{pid}/clear_refs").write_text("5")
    before = peaks()
    yield
    grown = [after - start for start, after in zip(before, peaks(), strict=True)]
    assert max(grown) < most, [f"{size >> 20} MB" for size in grown]


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A picture of 200 MB; its parts differ, as they do in life."""
    path = tmp_path / "large.jpg"
    with path.open("wb") as file:
        for start in range(0, LARGE, 1 << 20):
            file.seek(start)
            file.write(start.to_bytes(8))
        file.truncate(LARGE)
    return path


def check_large_is_left_out(shop: Shop, load: Callable[[], str]) -> None:
    assert shop.web is not None
    with memory_of([shop.web.pid, *shop.pool()], 48 << 20):
        assert "создано 1" in load()
    assert "больше 20 МБ (200 МБ), пропущена" in shop.journal("warning")
    assert not shown(shop)
    xml = card("import_files/large.jpg")
    shop.client().load({"import_files/large.jpg": FINE, "import.xml": xml})
    assert len(shown(shop)) == 1


def test_a_picture_of_200_mb_in_parts(shop: Shop, large: Path) -> None:
    def load() -> str:
        talk = shop.client()
        with large.open("rb") as source:
            talk.client.send_file("import_files/large.jpg", source, 16 << 20)
        assert shop.value("SELECT size FROM onec_exchange_spoolfile") == LARGE
        return talk.load({"import.xml": card("import_files/large.jpg")})

    check_large_is_left_out(shop, load)


def test_a_picture_of_200_mb_in_an_archive(shop: Shop, large: Path, tmp_path: Path) -> None:
    packed = tmp_path / "package.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(large, "import_files/large.jpg")
        archive.writestr("import.xml", card("import_files/large.jpg"))

    def load() -> str:
        talk = shop.client()
        with packed.open("rb") as source:
            talk.client.send_file("package.zip", source, 16 << 20)
        return talk.client.import_file("import.xml").message

    check_large_is_left_out(shop, load)


def test_200_mb_in_one_part_are_refused(shop: Shop, large: Path) -> None:
    talk = shop.client()
    assert shop.web is not None
    with (
        memory_of([shop.web.pid], 48 << 20),
        large.open("rb") as source,
    ):
        response = requests.post(
            f"{shop.exchange_url}?type=catalog&mode=file&filename=large.jpg",
            data=source,
            headers={"Cookie": talk.client._session.headers["Cookie"]},
            timeout=60,
        )
    reason = "Часть файла large.jpg больше 17 МБ: 1С должна делить файлы по file_limit"
    assert response.content.decode() == f"failure\n{reason}"
    assert reason in shop.journal("error")
    assert not shop.files("spool")


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[None]:
    """A real file system of `size` bytes at `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid():
        pytest.skip("only root can mount a small file system")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "onec-test", str(folder)],
        check=False,
        capture_output=True,
        text=True,
    )
    if mounted.returncode:
        pytest.skip(f"no small file system could be mounted: {mounted.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk_while_1c_sends(shop: Shop) -> None:
    files = {"import_files/a.png": os.urandom(600 << 10), "import.xml": card("import_files/a.png")}
    with small_disk(shop.folder / "spool", "400k"):
        talk = shop.client()
        with pytest.raises(Refused, match=r"не осталось места для файла import_files/a\.png"):
            talk.send(files)
        assert "не осталось места" in shop.journal("error")
        assert not shop.files("spool")
        assert not shop.value("SELECT count(*) FROM onec_exchange_spoolpart")
    assert "создано 1" in shop.client().load({"import.xml": card()})


def test_a_full_disk_while_an_archive_is_unpacked(shop: Shop, tmp_path: Path) -> None:
    packed = tmp_path / "package.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("import_files/a.png", FINE)
        archive.writestr("import_files/b.png", b"0" * (2 << 20))
        archive.writestr("import.xml", card("import_files/a.png"))
    with small_disk(shop.folder / "spool", "400k"):
        shop.check_refused({"package.zip": packed.read_bytes()}, "не осталось места для файла")
    talk = shop.client()
    talk.send({"package.zip": packed.read_bytes()})
    assert "создано 1" in talk.client.import_file("import.xml").message


def test_a_full_disk_of_the_shops_media(shop: Shop) -> None:
    files = {f"import_files/{n}.png": picture(n) + os.urandom(90_000) for n in range(4)}
    files["import.xml"] = card(*files)
    with small_disk(shop.folder / "media", "200k"):
        shop.check_refused(files, "не осталось места")
        assert not shop.value("SELECT count(*) FROM onec_sandbox_product")
    assert "создано 1" in shop.client().load(files)
    assert len(shown(shop)) == len(shop.files("media")) == 4


def test_a_full_disk_of_the_database(shop: Shop) -> None:
    files = {
        "import.xml": catalogue("".join(good(f"p{n}", "я" * 200) for n in range(2000))).encode()
    }
    disk = shop.folder / "disk"
    move = "ALTER TABLE onec_catalog_registerentry SET TABLESPACE"
    with small_disk(disk, "300k"):
        shutil.chown(disk, *(["embedded_postgres"] * 2))
        shop.rows(f"CREATE TABLESPACE small LOCATION '{disk}'")
        shop.rows(f"{move} small")
        shop.check_refused(files, "На сервере базы данных не осталось места")
        kept = shop.value("SELECT count(*) FROM onec_sandbox_product")
        assert 0 < kept < 2000
        shop.rows(f"{move} pg_default")
        shop.rows("DROP TABLESPACE small")
    assert f"создано {2000 - kept}" in shop.client().load(files)
