"""The command line: what it prints, and the exit code."""

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from saleor_1c_plugin.onec.__main__ import main

from .server import Reply, Request, obliging, serving

PACKAGE = """<?xml version="1.0" encoding="UTF-8"?>
<КоммерческаяИнформация ВерсияСхемы="2.08">
  <Классификатор><Ид>c</Ид><Группы><Группа><Ид>g1</Ид><Наименование>А</Наименование>
    <Группы><Группа><Ид>g2</Ид><Наименование>Б</Наименование></Группа></Группы></Группа></Группы>
    <Свойства><Свойство><Ид>p</Ид><Наименование>Цвет</Наименование></Свойство></Свойства>
  </Классификатор>
  <Каталог><Ид>k</Ид><Товары><Товар><Ид>t</Ид><Наименование>Стол</Наименование></Товар></Товары>
  </Каталог>
</КоммерческаяИнформация>"""
OFFERS = """<?xml version="1.0" encoding="UTF-8"?>
<КоммерческаяИнформация ВерсияСхемы="2.08"><ПакетПредложений><Ид>k#</Ид><Предложения>
  <Предложение><Ид>t</Ид><Цены>
    <Цена><ИдТипаЦены>1</ИдТипаЦены><ЦенаЗаЕдиницу>10</ЦенаЗаЕдиницу></Цена>
    <Цена><ИдТипаЦены>2</ИдТипаЦены><ЦенаЗаЕдиницу>9</ЦенаЗаЕдиницу></Цена>
  </Цены><Количество>5</Количество></Предложение>
</Предложения></ПакетПредложений></КоммерческаяИнформация>"""
COUNTS = {
    "groups": 2,
    "properties": 1,
    "goods": 1,
    "offers": 1,
    "prices": 2,
    "stocks": 1,
    "documents": 0,
    "schema": "2.08",
}
DATA = Path(os.environ.get("ONEC_SHARED_DATA", Path(__file__).parents[3] / "shared/data")).joinpath(
    "commerceml"
)


@pytest.fixture
def export(tmp_path: Path) -> Path:
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "import.xml").write_text(PACKAGE, encoding="utf-8")
    (folder / "offers.xml").write_text(OFFERS, encoding="utf-8")
    return folder


def test_upload_prints_the_answers(export: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(obliging()) as site:
        code = main(["upload", site.url, str(export), "--login", "1c", "--password", "x"])
    assert code == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "checkauth: success | onec_session | ***"
    assert "import offers.xml: success" in lines
    assert lines[-1] == "done: 2 file(s) imported"


def test_upload_fails_with_the_reason(export: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def answer(request: Request) -> Reply:
        return "failure\nСтрока 7: обрыв" if request.mode == "import" else obliging()(request)

    with serving(answer) as site:
        code = main(["upload", site.url, str(export), "--login", "1c", "--password", "x"])
    assert code == 1
    assert "import import.xml: Строка 7: обрыв" in capsys.readouterr().err


def test_password_from_a_file_or_the_environment(
    export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = export.parent / "secret"
    secret.write_text("from-file\n")
    monkeypatch.setenv("ONEC_PASSWORD", "from-environment")
    with serving(obliging()) as site:
        main(["upload", site.url, str(export), "--login", "1c", "--quiet"])
        main(["upload", site.url, str(export), "--login", "1c", "--password-file", str(secret)])
    first, second = (request.authorization for request in site.of("checkauth"))
    assert first == "Basic MWM6ZnJvbS1lbnZpcm9ubWVudA=="
    assert second == "Basic MWM6ZnJvbS1maWxl"


@pytest.mark.parametrize("packed", [False, True])
def test_inspect_counts_a_whole_export(
    export: Path, capsys: pytest.CaptureFixture[str], packed: bool
) -> None:
    path = export
    if packed:
        path = export.parent / "export.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for file in export.iterdir():
                archive.write(file, file.name)
    assert main(["inspect", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == COUNTS


def test_inspect_for_people(export: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", str(export / "offers.xml")]) == 0
    assert "prices     2" in capsys.readouterr().out.splitlines()


def test_inspect_looks_into_a_file_whatever_its_name(
    export: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = (export / "offers.xml").rename(export / "offers")
    assert main(["inspect", str(plain), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["prices"] == 2
    picture = export / "a.jpg"
    picture.write_bytes(b"\xff\xd8\xff")
    assert main(["inspect", str(picture), "--json"]) == 1
    assert "a.jpg" in capsys.readouterr().err


def damaged(archive: bytes) -> bytes:
    """The bytes of the member, not those that say where it is, changed."""
    return archive[:60] + bytes(byte ^ 0xFF for byte in archive[60:80]) + archive[80:]


def encrypted(archive: bytes) -> bytes:
    """With the flag that says so, in both headers."""
    flagged = bytearray(archive)
    flagged[6] |= 1
    flagged[archive.index(b"PK\x01\x02") + 8] |= 1
    return bytes(flagged)


@pytest.mark.parametrize(("spoil", "reason"), [(damaged, "damaged"), (encrypted, "encrypted")])
def test_inspect_of_an_archive_that_cannot_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], spoil: Callable[[bytes], bytes], reason: str
) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("import.xml", PACKAGE)
    path.write_bytes(spoil(path.read_bytes()))
    assert main(["inspect", str(path)]) == 1
    assert reason in capsys.readouterr().err


def test_a_password_file_that_is_not_there(
    export: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["upload", "http://127.0.0.1:1/", str(export), "--login", "1c"]
    assert main([*arguments, "--password-file", str(export / "none")]) == 1
    assert "none" in capsys.readouterr().err


def test_inspect_of_no_xml_at_all(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.jpg").write_bytes(b"\xff\xd8\xff")
    assert main(["inspect", str(tmp_path)]) == 1
    assert "no XML files" in capsys.readouterr().err


def test_a_reader_that_has_seen_enough(export: Path) -> None:
    # The reading end is closed at once: whatever is written fails.
    reading, writing = os.pipe()
    os.close(reading)
    ended = subprocess.run(
        [sys.executable, "-m", "saleor_1c_plugin.onec", "inspect", str(export)],
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (1, b"")


def test_inspect_names_the_broken_file(export: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (export / "offers.xml").write_text(OFFERS[:300], encoding="utf-8")
    assert main(["inspect", str(export), "--json"]) == 1
    assert "offers.xml" in capsys.readouterr().err


@pytest.mark.skipif(not DATA.is_dir(), reason="no shared data beside the checkout")
def test_inspect_a_real_export(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", str(DATA / "bitrix-module-6"), "--json"]) == 0
    counts = json.loads(capsys.readouterr().out)
    assert (counts["goods"], counts["schema"]) == (21, "3.1")
    assert counts["prices"] > 0
    assert counts["documents"] > 0
