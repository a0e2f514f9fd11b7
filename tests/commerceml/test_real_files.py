"""Real files of different 1C configurations, counted a second time by another parser."""

import os
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from xml.etree import ElementTree

import pytest

from saleor_1c_plugin.commerceml.inspect import inspect
from saleor_1c_plugin.commerceml.model import Group, ItemKind, Offer, Product
from saleor_1c_plugin.commerceml.reader import parse_raw, scan

DATA = Path(
    os.environ.get("ONEC_SHARED_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data"
)
FILES = sorted((DATA / "commerceml").rglob("*.xml")) if DATA.is_dir() else []

#: groups, properties, goods, offers, prices, stocks, documents, schema
EXPECTED = {
    "avdivo/foto.xml": (2, 21, 1, 0, 0, 0, 0, "2.04"),
    "avdivo/import.xml": (2, 21, 1, 0, 0, 0, 0, "2.04"),
    "avdivo/offers.xml": (0, 0, 0, 1, 1, 1, 0, "2.04"),
    "bigperson/classifier.xml": (5, 3, 0, 0, 0, 0, 0, ""),
    "bigperson/import.xml": (5, 3, 2, 0, 0, 0, 0, "2.08"),
    "bigperson/offers.xml": (0, 1, 0, 2, 6, 2, 0, "2.08"),
    "bitrix-module-6/documents/1/documents.xml": (0, 0, 0, 0, 0, 0, 20, "3.1"),
    "bitrix-module-6/documents/2/documents.xml": (0, 0, 0, 0, 0, 0, 4, "3.1"),
    "bitrix-module-6/goods/1/import.xml": (0, 0, 21, 0, 0, 0, 0, "3.1"),
    "bitrix-module-6/goods/1/offers.xml": (0, 0, 0, 86, 0, 0, 0, "3.1"),
    "bitrix-module-6/goods/1/prices.xml": (0, 0, 0, 86, 86, 0, 0, "3.1"),
    "bitrix-module-6/goods/1/rests.xml": (0, 0, 0, 86, 0, 1032, 0, "3.1"),
    "bitrix-module-6/import.xml": (1, 0, 0, 0, 0, 0, 0, "3.1"),
    "bitrix-module-6/properties/1/import.xml": (0, 25, 0, 0, 0, 0, 0, "3.1"),
    "bitrix-module-6/properties/1/offers.xml": (0, 12, 0, 0, 0, 0, 0, "3.1"),
    "carono/classifier.xml": (22, 10, 0, 0, 0, 0, 0, ""),
    "carono/import.xml": (22, 10, 2, 0, 0, 0, 0, "2.07"),
    "carono/import_wo_classifier.xml": (0, 0, 2, 0, 0, 0, 0, "2.07"),
    "carono/offers.xml": (0, 0, 0, 5, 5, 5, 0, "2.07"),
    "carono/orders.xml": (0, 0, 0, 0, 0, 0, 1, "2.03"),
    "off-doc-1c/import.xml": (1, 0, 4, 0, 0, 0, 0, "2.04"),
    "off-doc-1c/offers.xml": (0, 0, 0, 2, 8, 2, 0, "2.04"),
    "off-doc-1c/orders.xml": (0, 0, 0, 0, 0, 0, 3, "2.03"),
    "ready-script/import.xml": (4, 7, 1, 0, 0, 0, 0, "2.05"),
    "ready-script/offers.xml": (0, 0, 0, 2, 2, 2, 0, "2.05"),
    "umi-cms/import.xml": (1, 1, 3, 0, 0, 0, 0, "2.04"),
    "umi-cms/offers.xml": (0, 0, 0, 14, 70, 14, 0, "2.04"),
}

pytestmark = pytest.mark.skipif(
    not FILES, reason=f"the real files are not here ({DATA}; set ONEC_SHARED_DATA)"
)


def name_of(path: Path) -> str:
    return path.relative_to(DATA / "commerceml").as_posix()


def local(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def recount(path: Path) -> tuple[object, ...]:
    """Count with the standard library, by names and parents alone."""
    root = ElementTree.parse(path).getroot()
    counts: Counter[str] = Counter()
    stocks = 0

    def walk(element: ElementTree.Element, above: tuple[str, ...]) -> None:
        nonlocal stocks
        name = local(element)
        if name == "Документ":
            counts[name] += 1
            return
        counts[f"{above[-1] if above else ''}/{name}"] += 1
        if name == "Предложение":
            inside = [local(child) for child in element.iter()]
            total = [c for c in element if local(c) == "Количество" and (c.text or "").strip()]
            stocks += inside.count("Склад") or len(total)
        for child in element:
            walk(child, (*above, name))

    walk(root, ())
    return (
        counts["Группы/Группа"],
        counts["Свойства/Свойство"] + counts["Свойства/СвойствоНоменклатуры"],
        counts["Товары/Товар"],
        counts["Предложения/Предложение"],
        counts["Цены/Цена"],
        stocks,
        counts["Документ"],
        root.get("ВерсияСхемы", ""),
    )


def test_every_file_is_expected() -> None:
    assert {name_of(path) for path in FILES} == EXPECTED.keys()


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_counts(path: Path) -> None:
    with path.open("rb") as file:
        counted = tuple(asdict(inspect(file)).values())
    assert counted == EXPECTED[name_of(path)]
    assert counted == recount(path)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_everything_reads_the_same_from_its_raw_bytes(path: Path) -> None:
    with path.open("rb") as file:
        for node in scan(file):
            item = node.parse()
            assert parse_raw(node.raw) == item
            if node.kind not in {ItemKind.PACKAGE, ItemKind.UNIT}:
                assert item.id == node.id  # type: ignore[union-attr]
            assert node.line > 0


def read(name: str, kind: ItemKind) -> list[object]:
    with (DATA / "commerceml" / name).open("rb") as file:
        return [node.parse() for node in scan(file) if node.kind is kind]


def test_groups_know_their_parents() -> None:
    groups = {
        g.name: g for g in read("bigperson/import.xml", ItemKind.GROUP) if isinstance(g, Group)
    }
    assert groups["test3"].parent_id is None
    assert groups["subtest1"].parent_id == groups["test3"].id
    assert groups["subtest2"].parent_id == groups["test3"].id


def test_a_product_of_schema_3() -> None:
    product = read("bitrix-module-6/goods/1/import.xml", ItemKind.PRODUCT)[0]
    assert isinstance(product, Product)
    assert product.unit is not None
    assert product.unit.code == "796"
    assert product.requisite("Код") == "С0006746"
    assert [(tax.name, tax.percent) for tax in product.taxes] == [("НДС", None)]
    assert product.weight == 0
    assert product.barcodes == ()
    assert len(product.properties) == 9
    assert {value.values for value in product.properties} == {()}


def test_prices_and_rests_carry_no_card() -> None:
    for name in ("prices", "rests"):
        offers = read(f"bitrix-module-6/goods/1/{name}.xml", ItemKind.OFFER)
        assert {offer.has_card for offer in offers if isinstance(offer, Offer)} == {False}
    cards = read("bitrix-module-6/goods/1/offers.xml", ItemKind.OFFER)
    assert {offer.has_card for offer in cards if isinstance(offer, Offer)} == {True}
