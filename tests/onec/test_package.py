"""The files of an export are found, and put in the order in which 1C imports them."""

import zipfile
from pathlib import Path
from random import Random

import pytest

from saleor_1c_plugin.onec.errors import BadPackage
from saleor_1c_plugin.onec.package import open_package

IN_PORTIONS = [
    "import.xml",
    "properties/1/import.xml",
    "properties/1/offers.xml",
    "goods/1/import.xml",
    "goods/2/import.xml",
    "goods/10/import.xml",
    "goods/1/offers.xml",
    "goods/2/offers.xml",
    "goods/1/prices.xml",
    "goods/1/rests.xml",
]
WITH_IDS = [
    "webdata/000000003/import___c1.xml",
    "webdata/000000003/propertiesGoods/1/propertiesGoods___9f.xml",
    "webdata/000000003/goods/1/import___ff.xml",
    "webdata/000000003/goods/1/offers___0a.xml",
    "webdata/000000003/goods/1/prices___0b.xml",
    "webdata/000000003/goods/1/rests___00.xml",
]
FLAT = ["classifier.xml", "import0_1.xml", "import0_2.xml", "offers0_1.xml", "offers0_2.xml"]


def lay(folder: Path, names: list[str], content: bytes = b"<x/>") -> None:
    shuffled = list(names)
    Random(1).shuffle(shuffled)
    for name in shuffled:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


@pytest.mark.parametrize("names", [IN_PORTIONS, WITH_IDS, FLAT])
def test_order_of_import(tmp_path: Path, names: list[str]) -> None:
    lay(tmp_path, names)
    assert [entry.name for entry in open_package([tmp_path]).catalog()] == names


@pytest.mark.parametrize("names", [IN_PORTIONS, WITH_IDS, FLAT])
def test_order_of_import_from_a_zip(tmp_path: Path, names: list[str]) -> None:
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        for name in reversed(names):
            archive.writestr(name, b"<x/>")
    package = open_package([tmp_path / "export.zip"])
    assert [entry.name for entry in package.catalog()] == names
    with package.catalog()[0].open() as source:
        assert source.read() == b"<x/>"


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1251"])
def test_a_name_that_says_nothing_goes_by_its_content(tmp_path: Path, encoding: str) -> None:
    contents = {
        "a.xml": "<КоммерческаяИнформация><ПакетПредложений/></КоммерческаяИнформация>",
        "b.xml": "<КоммерческаяИнформация><Документ></Документ></КоммерческаяИнформация>",
        "c.xml": "<КоммерческаяИнформация><Каталог/></КоммерческаяИнформация>",
    }
    for name, text in contents.items():
        (tmp_path / name).write_bytes(text.encode(encoding))
    package = open_package([tmp_path])
    assert [entry.name for entry in package.catalog()] == ["c.xml", "a.xml"]
    assert [entry.name for entry in package.documents()] == ["b.xml"]


def test_documents_are_set_apart(tmp_path: Path) -> None:
    lay(tmp_path, ["documents/1/documents.xml", "orders.xml", "import.xml"])
    package = open_package([tmp_path])
    assert [entry.name for entry in package.catalog()] == ["import.xml"]
    assert len(package.documents()) == 2


def test_single_files_and_hidden_ones(tmp_path: Path) -> None:
    lay(tmp_path, ["deep/offers.xml", "deep/import.xml", ".git/config.xml"])
    files = open_package([tmp_path / "deep/offers.xml", tmp_path / "deep/import.xml"])
    assert [entry.name for entry in files.catalog()] == ["import.xml", "offers.xml"]
    assert len(open_package([tmp_path]).entries) == 2


@pytest.mark.parametrize("name", ["missing", "missing.zip", "broken.zip", "empty"])
def test_nothing_that_can_be_sent(tmp_path: Path, name: str) -> None:
    (tmp_path / "broken.zip").write_bytes(b"PK but not really")
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadPackage, match=name):
        open_package([tmp_path / name])
