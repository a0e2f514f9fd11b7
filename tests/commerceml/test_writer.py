"""Files of documents: what 1C's parser must not stumble over."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from io import BytesIO

import pytest
from lxml import etree

from saleor_1c_plugin.commerceml.documents import (
    AddressField,
    Contact,
    Container,
    Counterparty,
    Document,
    DocumentLine,
    DocumentTax,
    DocumentWarehouse,
    Operation,
    PostalAddress,
    Representative,
    SitePayment,
)
from saleor_1c_plugin.commerceml.model import TaxRate, Unit
from saleor_1c_plugin.commerceml.writer import write

from .shared import needs_data
from .test_documents_roundtrip import check, read, written

BUYER = Counterparty("c", "Иванов", contacts=(Contact("Почта", "a@example.com"),))
ORDER = Document(
    "1", "A-1", issued=date(2026, 1, 2), currency="RUB", counterparties=(BUYER,), version="v"
)
PAYMENT = Document(
    "2",
    "A-1/1",
    kind=Operation.CARD_PAYMENT,
    issued=date(2026, 1, 2),
    currency="RUB",
    counterparties=(BUYER,),
    basis="1",
)


def alone(item: Document, schema: str = "2.08") -> etree._Element:
    """The one document of a file."""
    found = etree.fromstring(written([Container(item)], schema)).find(".//Документ")
    assert found is not None
    return found


def names(element: etree._Element) -> list[str]:
    return [child.tag for child in element]


def test_the_root() -> None:
    data = written([], "2.08")
    assert data.decode() == (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<КоммерческаяИнформация ВерсияСхемы="2.08" ДатаФормирования="2026-01-02T03:04:05">\n'
        "</КоммерческаяИнформация>\n"
    )


@pytest.mark.parametrize(
    ("schema", "namespace"),
    [
        ("2.08", "urn:1C.ru:commerceml_2"),
        ("2.10", "urn:1C.ru:commerceml_210"),
        ("3.1", "urn:1C.ru:commerceml_3"),
    ],
)
def test_namespaces(schema: str, namespace: str) -> None:
    root = etree.fromstring(written([Container(ORDER)], schema, namespace=True))
    assert {etree.QName(element).namespace for element in root.iter()} == {namespace}
    root = etree.fromstring(written([Container(ORDER)], schema))
    assert {etree.QName(element).namespace for element in root.iter()} == {None}


@pytest.mark.parametrize("schema", ["", "2", "1.05", "4.0", "2.x", "2.08.1"])
def test_schemas_that_are_none(schema: str) -> None:
    file = BytesIO()
    with pytest.raises(ValueError, match="No schema"):
        write(file, [], schema=schema, encoding="utf-8", created=datetime.now(UTC))
    assert file.getvalue() == b""


def test_letters_that_the_encoding_lacks() -> None:
    name = "Ёлка «№1» — 10 € \N{GRINNING FACE} ñ"
    order = Document("1", name)
    data = written([Container(order)], "2.08", "windows-1251")
    assert "Ёлка «№1» — 10 € &#128512; &#241;".encode("cp1251") in data
    assert read(data)[0].number == name


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1251"])
def test_characters_that_xml_forbids_are_left_out(encoding: str) -> None:
    bad = "a\x00\x08\x0b\x1f\ud800\udfff\ufffe\uffffb\t\r\n]]>&<c"
    order = Document("1", bad, lines=(DocumentLine("2", bad, Decimal(1), Decimal(1)),))
    found = read(written([Container(order)], "3.1", encoding))[0]  # type: ignore[arg-type]
    assert found.number == found.lines[0].name == "ab\t\r\n]]>&<c"


def test_the_wall_clock_of_the_shop() -> None:
    moscow = timezone(timedelta(hours=3))
    paid = SitePayment("1", "2", datetime(2026, 1, 2, 3, 4, 5, 678, moscow), Decimal(1), "Карта")
    file = BytesIO()
    write(
        file,
        [Container(Document("1", payments=(paid,)))],
        schema="2.09",
        encoding="utf-8",
        created=datetime(2026, 1, 2, 0, 30, tzinfo=moscow),
    )
    assert 'ДатаФормирования="2026-01-02T00:30:00"' in file.getvalue().decode()
    assert "<ДатаОплаты>2026-01-02T03:04:05</ДатаОплаты>" in file.getvalue().decode()


LONG = "ы" * 5000


@needs_data
@pytest.mark.parametrize("schema", ["2.08", "2.09"])
def test_whatever_a_shop_holds_is_cut_and_replaced_to_be_valid(schema: str) -> None:
    address = PostalAddress(
        LONG, (AddressField("Подъезд", "1"), *[AddressField("Улица", LONG)] * 20)
    )
    buyer = Counterparty(
        LONG,
        LONG,
        role="Друг",
        full_name=LONG,
        inn="12",
        kpp="1",
        registered=address,
        address=address,
        contacts=(Contact("Telegram", LONG),),
        representatives=(Representative(LONG, LONG, LONG),),
        comment=LONG,
    )
    line = DocumentLine(
        LONG,
        LONG,
        Decimal("1E+3"),
        Decimal("10.999"),
        price=Decimal("0.333333"),
        article=LONG,
        barcode="1",
        unit=Unit("1", LONG, LONG, LONG),
        catalog_id=LONG,
        requisites=((LONG, LONG),),
        warehouse_id=LONG,
    )
    order = Document(
        LONG,
        LONG,
        kind="Своя операция",
        issued=date(2026, 1, 2),
        role="Никто",
        currency="RUBLE",
        counterparties=(buyer,),
        lines=(line,),
        payments=(
            SitePayment(LONG, LONG, datetime(2026, 1, 1, tzinfo=UTC), Decimal(1), LONG, LONG),
        ),
        warehouses=(DocumentWarehouse(LONG, LONG),),
        requisites=((LONG, LONG),),
        comment=LONG,
        onec_number=LONG,
    )
    data = written([Container(order)], schema, namespace=True)
    check(schema, data)
    (found,) = read(data)
    assert (found.operation, found.role, found.currency) == (Operation.OTHER, "Продавец", "RUB")
    assert len(found.comment) == 3000
    assert found.lines[0].quantity == 1000
    assert found.lines[0].unit == Unit("", LONG[:255], LONG[:255], LONG[:3])
    (buyer,) = found.counterparties
    assert (buyer.role, buyer.inn, buyer.kpp) == ("Покупатель", "", "")
    assert buyer.address is not None
    assert [part.kind for part in buyer.address.fields] == ["Улица"] * 10
    assert buyer.contacts == (Contact("Прочее", LONG[:255]),)


def test_sums_have_two_digits_and_rates_none_to_spare() -> None:
    tax = DocumentTax("НДС", Decimal("0.1"), TaxRate("НДС", Decimal("20.00"), calculated=True))
    order = alone(Document("1", amount=Decimal(5), taxes=(tax,)))
    assert order.findtext("Сумма") == "5.00"
    assert order.findtext("Налоги/Налог/Сумма") == "0.10"
    assert order.findtext("Налоги/Налог/Ставка") == "20/120"


def test_a_shop_buyer_without_a_full_name() -> None:
    assert alone(ORDER).findtext(".//ПолноеНаименование") == "Иванов"


def test_older_schemas_take_what_1c_knows_as_requisites() -> None:
    order = Document(
        "1", onec_number="УТ-1", onec_issued=date(2026, 1, 3), deleted=True, version="v"
    )
    found = alone(order, "2.07")
    assert {"Номер1С", "Дата1С", "НомерВерсии", "ПометкаУдаления"}.isdisjoint(names(found))
    assert read(written([Container(order)], "2.07"))[0].requisites == (
        ("Номер по 1С", "УТ-1"),
        ("Дата по 1С", "2026-01-03"),
        ("ПометкаУдаления", "true"),
    )
    said = Document("1", onec_number="УТ-1", requisites=(("номер по 1с", "мой"),))
    assert read(written([Container(said)], "2.07"))[0].requisites == said.requisites


def test_payments_and_shipments_follow_their_order_when_asked() -> None:
    orders = [Container(ORDER, (PAYMENT,)), Container(ORDER)]
    for schema in ("2.08", "2.10"):
        assert [item.id for item in read(written(orders, schema))] == ["1", "1"]
        found = read(written(orders, schema, separate=True))
        assert [(item.id, item.basis) for item in found] == [("1", ""), ("2", "1"), ("1", "")]


def test_containers() -> None:
    root = etree.fromstring(written([Container(ORDER, (PAYMENT,)), Container(ORDER)], "3.1"))
    assert root.get("ВерсияСхемы") == "3.1"
    assert names(root) == ["Контейнер", "Контейнер"]
    assert [names(container) for container in root] == [["Документ", "Документ"], ["Документ"]]
    payment = root[0][1]
    assert payment.findtext("Основание") == "1"
    assert payment.findtext("ХозОперация") == "Эквайринговая операция"
    assert payment.findtext(".//Контакт/Тип") == "Электронная почта"
    assert root[0][0].findtext("НомерВерсии") == "v"


def test_the_unit_of_a_line() -> None:
    unit = Unit("778", "упак", "Упаковка", "NMP", Decimal(12))
    order = Document("1", lines=(DocumentLine("2", "Н", Decimal(1), Decimal(1), unit=unit),))
    old, new = (alone(order, schema).find("Товары/Товар") for schema in ("2.08", "3.1"))
    assert old is not None
    assert old.find("БазоваяЕдиница") is not None
    assert names(old)[-3:] == ["Количество", "Сумма", "Коэффициент"]
    assert new is not None
    assert new.findtext("Единица/Код") == "778"
    assert new.find("БазоваяЕдиница") is None
    assert names(new)[1:4] == ["Наименование", "Единица", "Коэффициент"]


def test_orders_are_taken_one_at_a_time() -> None:
    file = BytesIO()
    sizes = []

    def orders() -> Iterator[Container]:
        for number in range(3):
            sizes.append(len(file.getvalue()))
            yield Container(Document(str(number)))

    write(file, orders(), schema="2.08", encoding="utf-8", created=datetime.now(UTC))
    assert sizes == sorted(set(sizes))
