"""Real files of different 1C configurations, counted a second time by another parser."""

from collections import Counter
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import pytest

from saleor_1c_plugin.commerceml.documents import (
    AddressField,
    Container,
    Document,
    Operation,
    PostalAddress,
    Representative,
)
from saleor_1c_plugin.commerceml.inspect import inspect
from saleor_1c_plugin.commerceml.model import Group, ItemKind, Offer, Product, TaxRate, Unit
from saleor_1c_plugin.commerceml.reader import parse_raw, scan
from saleor_1c_plugin.commerceml.writer import write

from .shared import DATA, needs_data

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

pytestmark = needs_data


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


def documents(name: str) -> list[Document]:
    return [item for item in read(name, ItemKind.DOCUMENT) if isinstance(item, Document)]


def test_orders_of_1cs_own_protocol_page() -> None:
    first, second, third = documents("off-doc-1c/orders.xml")
    assert (first.operation, first.currency, first.amount) == (
        Operation.ORDER,
        "руб",
        Decimal("6734.47"),
    )
    assert (first.issued, first.issued_at) == (date(2007, 10, 30), time(15, 19, 27))
    (buyer,) = first.counterparties
    assert (buyer.last_name, buyer.is_company) == ("Иванов", False)
    assert buyer.registered == PostalAddress(
        "ггг", (AddressField("Почтовый индекс", "1111"), AddressField("Улица", "ггг"))
    )
    assert [person.name for person in buyer.representatives] == ["admin"]
    assert [line.is_service for line in first.lines] == [True, False]
    assert sum(line.amount for line in first.lines) == first.amount
    assert first.requisite("Статус заказа") == "[N] Принят"
    # What 1C answers: no more than its number and what has become of the order.
    assert [(item.onec_number, item.onec_issued) for item in (second, third)] == [
        ("MM92", date(2015, 8, 12)),
        ("MM93", date(2015, 8, 13)),
    ]
    assert not second.deleted
    assert second.requisite("проведен") == "true"


def test_an_order_in_windows_1251() -> None:
    (order,) = documents("carono/orders.xml")
    (buyer,) = order.counterparties
    assert buyer.representatives == (
        Representative("ab7399a8aa62c20e0e9f3ea53c6dac81", "Петр Петров"),
    )
    goods = order.lines[1]
    assert (goods.name, goods.price) == ("Комбайн MOULINEX A77 4C", Decimal("9335.42"))
    assert goods.unit == Unit("796", "шт", "Штука", "PCE")


def test_orders_of_schema_3() -> None:
    first = documents("bitrix-module-6/documents/1/documents.xml")
    second = documents("bitrix-module-6/documents/2/documents.xml")
    for order in first + second:
        assert order.operation is Operation.ORDER
        assert order.onec_number
        assert order.onec_issued == order.issued
        assert order.version
        assert order.requisite("Отменен") == "false"
        # These prices are without a tax.
        assert all(tax.rate == TaxRate("НДС", None) for line in order.lines for tax in line.taxes)
        for line in order.lines:
            assert line.unit == Unit("796", "шт", "штука")
            assert line.price is not None
            assert line.price * line.quantity == line.amount
    companies = [each for order in first for each in order.counterparties if each.is_company]
    assert companies
    assert all(each.full_name for each in companies)
    assert {contact.kind for order in first for contact in order.counterparties[0].contacts} == {
        "Телефон рабочий",
        "Почта",
    }
    shipped = [order for order in second if order.requisite("Отгружен") == "true"]
    assert {order.requisite("Дата отгрузки по 1С")[:10] for order in shipped} >= {"2017-08-02"}


@pytest.mark.parametrize("schema", ["2.10", "3.1"])
@pytest.mark.parametrize(
    "name",
    [
        "off-doc-1c/orders.xml",
        "carono/orders.xml",
        "bitrix-module-6/documents/1/documents.xml",
        "bitrix-module-6/documents/2/documents.xml",
    ],
)
def test_real_orders_say_the_same_when_written_again(name: str, schema: str) -> None:
    found = documents(name)
    file = BytesIO()
    write(
        file,
        [Container(order) for order in found],
        schema=schema,
        encoding="windows-1251",
        created=datetime.now(UTC),
    )
    file.seek(0)
    again = [node.parse() for node in scan(file)][1:]
    assert [_said(item) for item in again if isinstance(item, Document)] == [
        _said(order) for order in found
    ]


def _said(order: Document) -> Document:
    """Without what the writer corrects: numbers that are none, names left out."""
    return replace(
        order,
        counterparties=tuple(
            replace(
                each,
                full_name=each.full_name or each.name,
                inn=each.inn if len(each.inn) in range(10, 13) else "",
                kpp=each.kpp if len(each.kpp) == 9 else "",
                is_company=False,
            )
            for each in order.counterparties
        ),
    )
