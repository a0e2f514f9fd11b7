"""Orders as a shop sends them: how fast they are written, and read."""

import time
from datetime import UTC, date, datetime
from datetime import time as clock
from decimal import Decimal
from io import BytesIO
from uuid import UUID

from saleor_1c_plugin.commerceml.documents import (
    AddressField,
    Contact,
    Container,
    Counterparty,
    Document,
    DocumentDiscount,
    DocumentLine,
    DocumentTax,
    PostalAddress,
)
from saleor_1c_plugin.commerceml.model import ItemKind, TaxRate, Unit
from saleor_1c_plugin.commerceml.reader import scan
from saleor_1c_plugin.commerceml.writer import write

LINES = 5


def order(number: int) -> Container:
    vat = DocumentTax("НДС", Decimal("333.17"), TaxRate("НДС", Decimal(20)))
    address = PostalAddress(
        "101000, Москва, ул. Примерная, д. 1, кв. 2",
        (
            AddressField("Почтовый индекс", "101000"),
            AddressField("Страна", "Россия"),
            AddressField("Город", "Москва"),
            AddressField("Улица", "ул. Примерная, д. 1, кв. 2"),
        ),
    )
    buyer = Counterparty(
        str(UUID(int=number)),
        "Иванов Иван",
        full_name="Иванов Иван",
        first_name="Иван",
        last_name="Иванов",
        registered=address,
        address=address,
        contacts=(Contact("Почта", "a@example.com"), Contact("Телефон мобильный", "+79990000000")),
    )
    lines = tuple(
        DocumentLine(
            f"{UUID(int=number)}#{UUID(int=place)}",
            f"Платье летнее «Ромашка», размер {place}",
            Decimal(1),
            Decimal("1999.00"),
            Decimal("1999.00"),
            article=f"A-{number}-{place}",
            unit=Unit("796", "шт", "Штука", "PCE"),
            taxes=(vat,),
            discounts=(DocumentDiscount("Скидка", Decimal("100.00")),),
            requisites=(("ВидНоменклатуры", "Товар"), ("ТипНоменклатуры", "Товар")),
        )
        for place in range(LINES)
    )
    return Container(
        Document(
            str(UUID(int=number)),
            str(number),
            issued=date(2026, 1, 2),
            issued_at=clock(10, 11, 12),
            currency="RUB",
            amount=Decimal("9995.00"),
            counterparties=(buyer,),
            lines=lines,
            taxes=(vat,),
            requisites=tuple((f"Реквизит {place}", "значение") for place in range(8)),
            comment="Позвонить заранее",
        )
    )


def speeds(count: int) -> tuple[float, float]:
    """Orders of five lines a second of the processor, written and read."""
    orders = [order(number) for number in range(count)]
    file = BytesIO()
    started = time.process_time()
    write(file, orders, schema="2.09", encoding="windows-1251", created=datetime.now(UTC))
    written = time.process_time()
    file.seek(0)
    read = sum(
        isinstance(node.parse(), Document) for node in scan(file) if node.kind is ItemKind.DOCUMENT
    )
    ended = time.process_time()
    assert read == count
    return count / (written - started), count / (ended - written)
