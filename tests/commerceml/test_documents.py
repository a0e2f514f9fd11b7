"""Documents in the forms that 1C and its modules write them in."""

from datetime import date, time
from decimal import Decimal
from io import BytesIO

import pytest

from saleor_1c_plugin.commerceml.documents import (
    Contact,
    Document,
    DocumentDiscount,
    DocumentLine,
    DocumentTax,
    DocumentWarehouse,
    Operation,
)
from saleor_1c_plugin.commerceml.errors import CommerceMLError, ValueFault
from saleor_1c_plugin.commerceml.inspect import inspect
from saleor_1c_plugin.commerceml.model import ItemKind, TaxRate, Unit
from saleor_1c_plugin.commerceml.reader import parse_raw, scan

from .packages import NAMESPACES, catalog, only, package


def requisite(name: str, value: str) -> str:
    return (
        f"<ЗначениеРеквизита><Наименование>{name}</Наименование><Значение>{value}</Значение>"
        "</ЗначениеРеквизита>"
    )


def requisites(**pairs: str) -> str:
    inside = "".join(requisite(name.replace("_", " "), value) for name, value in pairs.items())
    return f"<ЗначенияРеквизитов>{inside}</ЗначенияРеквизитов>"


def read(inside: str) -> Document:
    return only(package(f"<Документ>{inside}</Документ>"), Document)


def line(inside: str) -> DocumentLine:
    (found,) = read(f"<Ид>1</Ид><Товары><Товар>{inside}</Товар></Товары>").lines
    return found


#: One order of two lines, as the published schema has it and as module 6 of 1C-Bitrix does.
ORDER_2 = """
<Документ>
 <Ид>7</Ид><Номер>A-7</Номер><Дата>2024-05-06</Дата><ХозОперация>Заказ товара</ХозОперация>
 <Роль>Продавец</Роль><Валюта>RUB</Валюта><Курс>1</Курс><Сумма>1 200,50</Сумма>
 <Контрагенты><Контрагент>
  <Ид>c</Ид><Наименование>Иванов</Наименование><ПолноеНаименование>Иванов И.</ПолноеНаименование>
  <Контакты><Контакт><Тип>Почта</Тип><Значение>a@example.com</Значение></Контакт></Контакты>
  <Роль>Покупатель</Роль>
 </Контрагент></Контрагенты>
 <Время>9:08:07</Время><СрокПлатежа>2024-06-01</СрокПлатежа><Комментарий>К двери</Комментарий>
 <Налоги><Налог><Наименование>НДС</Наименование><УчтеноВСумме>true</УчтеноВСумме>
  <Сумма>200.08</Сумма></Налог></Налоги>
 <Скидки><Скидка><Наименование>На заказ</Наименование><Сумма>10</Сумма><Процент>1</Процент>
  <УчтеноВСумме>false</УчтеноВСумме></Скидка></Скидки>
 <Склады><Склад><Ид>w</Ид><Наименование>Основной</Наименование></Склад></Склады>
 <Товары><Товар>
  <Ид>g#h</Ид><Артикул>П-1</Артикул><Наименование>Платье</Наименование>
  <БазоваяЕдиница Код="796" НаименованиеПолное="Штука">шт</БазоваяЕдиница>
  <СтавкиНалогов><СтавкаНалога><Наименование>НДС</Наименование><Ставка>20</Ставка></СтавкаНалога>
  </СтавкиНалогов>
  <ЦенаЗаЕдиницу>600.25</ЦенаЗаЕдиницу><Количество>2</Количество><Сумма>1200.5</Сумма>
  <Коэффициент>1</Коэффициент>
  <Налоги><Налог><Наименование>НДС</Наименование><УчтеноВСумме>true</УчтеноВСумме>
   <Сумма>200.08</Сумма></Налог></Налоги>
 </Товар></Товары>
 <ЗначенияРеквизитов>
  <ЗначениеРеквизита><Наименование>Номер по 1С</Наименование><Значение>УТ-7</Значение>
  </ЗначениеРеквизита>
  <ЗначениеРеквизита><Наименование>Дата по 1С</Наименование><Значение>07.05.2024 0:00:00</Значение>
  </ЗначениеРеквизита>
  <ЗначениеРеквизита><Наименование>Пометка удаления</Наименование><Значение>true</Значение>
  </ЗначениеРеквизита>
 </ЗначенияРеквизитов>
</Документ>
"""
ORDER_3 = """
<Контейнер><Документ>
 <Ид>7</Ид><НомерВерсии>AAAB</НомерВерсии><ПометкаУдаления>true</ПометкаУдаления>
 <Номер>A-7</Номер><Номер1С>УТ-7      </Номер1С><Дата>2024-05-06</Дата><Дата1С>2024-05-07</Дата1С>
 <Время>09:08:07</Время><ХозОперация>Заказ товара</ХозОперация>
 <Контрагенты><Контрагент>
  <Ид>c</Ид><НомерВерсии>AAAC</НомерВерсии><Наименование>Иванов</Наименование>
  <ПолноеНаименование>Иванов И.</ПолноеНаименование><Роль>Покупатель</Роль><ИНН/><КПП/>
  <Контакты><Контакт><Тип>Электронная почта</Тип><Значение>a@example.com</Значение></Контакт>
  </Контакты>
 </Контрагент></Контрагенты>
 <Валюта>RUB</Валюта><Курс>1</Курс><Сумма>1200.5</Сумма><Роль>Продавец</Роль>
 <Комментарий>К двери</Комментарий><СрокПлатежа>2024-06-01</СрокПлатежа>
 <Налоги><Налог><Наименование>НДС</Наименование><УчтеноВСумме>true</УчтеноВСумме>
  <Сумма>200.08</Сумма></Налог></Налоги>
 <Скидки><Скидка><Наименование>На заказ</Наименование><Сумма>10</Сумма><Процент>1</Процент>
  <УчтеноВСумме>false</УчтеноВСумме></Скидка></Скидки>
 <Склады><Склад><Ид>w</Ид><Наименование>Основной</Наименование></Склад></Склады>
 <Товары><Товар>
  <Ид>g#h</Ид><Артикул>П-1</Артикул><Наименование>Платье</Наименование>
  <Единица><Ид>796 </Ид><НаименованиеКраткое>шт</НаименованиеКраткое><Код>796</Код>
   <НаименованиеПолное>Штука     </НаименованиеПолное></Единица><Коэффициент>1</Коэффициент>
  <Количество>2</Количество><Цена>600.25</Цена><Сумма>1200.5</Сумма>
  <Налоги><Налог><Наименование>НДС</Наименование><УчтеноВСумме>true</УчтеноВСумме>
   <Сумма>200.08</Сумма><Ставка>20</Ставка></Налог></Налоги>
 </Товар></Товары>
</Документ></Контейнер>
"""


@pytest.mark.parametrize("namespace", NAMESPACES)
@pytest.mark.parametrize(
    ("order", "schema", "version"), [(ORDER_2, "2.08", ""), (ORDER_3, "3.1", "AAAB")]
)
def test_one_order_in_both_forms(order: str, schema: str, version: str, namespace: str) -> None:
    found = only(package(order, schema=schema, namespace=namespace), Document)
    (buyer,) = found.counterparties
    assert (buyer.id, buyer.full_name, buyer.is_company) == ("c", "Иванов И.", False)
    assert buyer.contacts == (Contact("Почта", "a@example.com"),)
    vat = TaxRate("НДС", Decimal(20))
    assert found == Document(
        id="7",
        number="A-7",
        issued=date(2024, 5, 6),
        issued_at=time(9, 8, 7),
        currency="RUB",
        amount=Decimal("1200.5"),
        counterparties=(buyer,),
        lines=(
            DocumentLine(
                "g#h",
                "Платье",
                Decimal(2),
                Decimal("1200.5"),
                Decimal("600.25"),
                article="П-1",
                unit=Unit("796", "шт", "Штука"),
                taxes=(DocumentTax("НДС", Decimal("200.08"), vat),),
            ),
        ),
        taxes=(DocumentTax("НДС", Decimal("200.08")),),
        discounts=(DocumentDiscount("На заказ", Decimal(10), Decimal(1), included=False),),
        warehouses=(DocumentWarehouse("w", "Основной"),),
        requisites=found.requisites,
        comment="К двери",
        payment_due=date(2024, 6, 1),
        onec_number="УТ-7",
        onec_issued=date(2024, 5, 7),
        version=version,
        deleted=True,
    )


def test_lines_of_the_file() -> None:
    for node in scan(BytesIO(package("\n\n" + ORDER_2))):
        if node.kind is ItemKind.DOCUMENT:
            found, kept = node.parse(), parse_raw(node.raw)
    assert isinstance(found, Document)
    assert (found.line, found.lines[0].line) == (6, 20)
    assert isinstance(kept, Document)
    assert (kept.line, kept.lines[0].line) == (0, 0)


def test_elements_count_before_requisites() -> None:
    said = requisites(Номер_по_1С="старый", Дата_по_1С="2020-01-01", Основание="старое")
    found = read(
        f"<Номер1С>новый</Номер1С><Дата1С>2021-02-03</Дата1С><Основание>7</Основание>{said}"
    )
    assert (found.onec_number, found.onec_issued, found.basis) == (
        "новый",
        date(2021, 2, 3),
        "7",
    )


def test_a_payment_knows_its_order() -> None:
    found = read(
        "<Ид>p</Ид><ХозОперация>Эквайринговая операция</ХозОперация><Сумма>10</Сумма>"
        "<Основание>7</Основание>"
        + requisites(Оплачен="true", Номер_оплаты_по_1С="П-1", Дата_оплаты_по_1С="2024-05-06")
    )
    assert (found.operation, found.basis) == (Operation.CARD_PAYMENT, "7")
    assert found.requisite("оплачен") == "true"
    assert found.requisite("Номер оплаты по 1С") == "П-1"


@pytest.mark.parametrize(
    ("words", "operation"),
    [
        ("Заказ товара", Operation.ORDER),
        ("ЗаказТовара", Operation.ORDER),
        ("Счёт на оплату", Operation.INVOICE),
        ("отпуск товара", Operation.SHIPMENT),
        ("Прочие", Operation.OTHER),
    ],
)
def test_an_operation_however_it_is_spelt(words: str, operation: Operation) -> None:
    found = read(f"<ХозОперация>{words}</ХозОперация>")
    assert (found.kind, found.operation) == (operation, operation)


def test_an_operation_of_1c_alone_keeps_its_words() -> None:
    found = read("<ХозОперация>Передача прав</ХозОперация>")
    assert (found.kind, found.operation) == ("Передача прав", None)


@pytest.mark.parametrize(
    ("written", "day", "clock"),
    [
        ("2007-10-30", date(2007, 10, 30), None),
        ("2017-08-04T12:22:01", date(2017, 8, 4), time(12, 22, 1)),
        ("2017-08-04T00:00:00", date(2017, 8, 4), None),
        ("30.10.2007", date(2007, 10, 30), None),
        ("30.10.2007 9:05:00", date(2007, 10, 30), time(9, 5)),
        ("", None, None),
        ("0001-01-01T00:00:00", None, None),
    ],
)
def test_dates(written: str, day: date | None, clock: time | None) -> None:
    found = read(f"<Дата>{written}</Дата>")
    assert (found.issued, found.issued_at) == (day, clock)


def test_the_time_counts_before_that_of_the_date() -> None:
    found = read("<Дата>2017-08-04T12:22:01</Дата><Время>10:00</Время>")
    assert found.issued_at == time(10)


@pytest.mark.parametrize(
    ("written", "percent", "calculated"),
    [
        *((str(rate), Decimal(rate), False) for rate in (22, 20, 10, 7, 5, 0)),
        *((f"{rate}/{rate + 100}", Decimal(rate), True) for rate in (22, 20, 10, 7, 5)),
        ("Без налога", None, False),
        ("Без НДС", None, False),
        ("НДС20", Decimal(20), False),
    ],
)
def test_rates(written: str, percent: Decimal | None, calculated: bool) -> None:
    tax = (
        "<Налоги><Налог><Наименование>НДС</Наименование><УчтеноВСумме>false</УчтеноВСумме>"
        f"<Сумма>5</Сумма><Ставка>{written}</Ставка></Налог></Налоги>"
    )
    rate = TaxRate("НДС", percent, calculated)
    assert line(tax).taxes == (DocumentTax("НДС", Decimal(5), rate, included=False),)


def test_a_rate_without_a_tax_has_no_amount() -> None:
    found = line(
        "<СтавкиНалогов><СтавкаНалога><Наименование>НДС</Наименование><Ставка>10</Ставка>"
        "</СтавкаНалога></СтавкиНалогов>"
    )
    assert found.taxes == (DocumentTax("НДС", Decimal(0), TaxRate("НДС", Decimal(10))),)


def test_a_line_without_its_sum() -> None:
    found = line("<ЦенаЗаЕдиницу>10.5</ЦенаЗаЕдиницу><Количество>3</Количество>")
    assert found.amount == Decimal("31.5")


def test_a_line_of_packs() -> None:
    found = line(
        '<БазоваяЕдиница Код="796">шт</БазоваяЕдиница><Единица>778</Единица>'
        "<Коэффициент>12</Коэффициент>"
    )
    assert found.unit == Unit("778", ratio=Decimal(12))
    same = line('<БазоваяЕдиница Код="796">шт</БазоваяЕдиница><Единица>796</Единица>')
    assert same.unit == Unit("796", "шт")


def test_a_service_and_where_goods_come_from() -> None:
    found = line(
        "<Ид>ORDER_DELIVERY</Ид><Склады><Склад><Ид>w</Ид><Количество>1</Количество></Склад></Склады>"
        + requisites(ВидНоменклатуры="Услуга", ТипНоменклатуры="Услуга")
        + "<ДополнительныеЗначенияРеквизитов>"
        + requisite("Серия", "1")
        + "</ДополнительныеЗначенияРеквизитов>"
    )
    assert found.is_service
    assert found.warehouse_id == "w"
    assert found.requisite("Серия") == "1"


def test_half_filled() -> None:
    empty = read(
        "<Ид/><Номер/><Дата/><Время/><ХозОперация/><Валюта/><Курс/><Сумма/><Контрагенты/>"
        "<Налоги/><Скидки/><Склады/><Товары/><ЗначенияРеквизитов/><Номер1С/><Дата1С/>"
    )
    assert empty == read("") == Document("", kind="")
    assert line("") == DocumentLine("", "", Decimal(0), Decimal(0))


@pytest.mark.parametrize(
    ("inside", "message"),
    [
        ("<Сумма>много</Сумма>", "число «много» в «Сумма»"),
        ("<Дата>вчера</Дата>", "дату «вчера» в «Дата»"),
        ("<Дата>2024-02-30</Дата>", "дату «2024-02-30» в «Дата»"),
        ("<Время>25:00:00</Время>", "время «25:00:00» в «Время»"),
        ("<ПометкаУдаления>?</ПометкаУдаления>", "признак «?» в «ПометкаУдаления»"),
        (requisites(Дата_по_1С="вчера"), "дату «вчера» в «Значение»"),
        ("<Товары><Товар><Количество>пять</Количество></Товар></Товары>", "число «пять»"),
        ("<Налоги><Налог><Ставка>х</Ставка></Налог></Налоги>", "ставку налога «х»"),
        ("<Оплаты><Оплата><СуммаОплаты>1</СуммаОплаты></Оплата></Оплаты>", "в «ДатаОплаты»"),
    ],
)
def test_a_bad_value_spoils_one_document(inside: str, message: str) -> None:
    good = "<Документ><Ид>{}</Ид></Документ>\n"
    body = "\n" + good.format(1) + f"<Документ><Ид>x</Ид>\n{inside}</Документ>\n" + good.format(2)
    seen: list[str] = []
    faults: list[ValueFault] = []
    for node in scan(BytesIO(package(body))):
        try:
            node.parse()
            seen.append(node.id)
        except ValueFault as caught:
            faults.append(caught)
    assert seen == ["", "1", "2"]
    (fault,) = faults
    assert message in fault.message
    assert (fault.line, fault.item_id) == (6, "x")


@pytest.mark.parametrize("namespace", NAMESPACES)
@pytest.mark.parametrize("wrap", ["{}", "<Контейнер>{}</Контейнер>"])
@pytest.mark.parametrize("at", ["<Товары>", "</Документ>", "Платье", '"796"'])
def test_a_file_cut_off_in_the_middle_of_a_document(wrap: str, at: str, namespace: str) -> None:
    order = wrap.format(ORDER_2.replace("<Ид>7</Ид>", "<Ид>{}</Ид>"))
    whole = package("".join(order.format(n) for n in range(300)), namespace=namespace)
    data = whole[: whole.rindex(at.encode())]
    seen: list[Document] = []

    def read() -> None:
        for node in scan(BytesIO(data)):
            item = node.parse()
            if isinstance(item, Document):
                seen.append(item)

    with pytest.raises(CommerceMLError, match="обрывается") as caught:
        read()
    assert [item.id for item in seen] == [str(number) for number in range(299)]
    assert caught.value.line >= data.count(b"\n") - 1
    assert len(seen[-1].lines) == 1


def test_goods_in_documents_are_no_goods() -> None:
    body = catalog("<Товар><Ид>g</Ид></Товар>") + ORDER_2 + ORDER_3
    summary = inspect(BytesIO(package(body)))
    assert (summary.goods, summary.documents) == (1, 2)
