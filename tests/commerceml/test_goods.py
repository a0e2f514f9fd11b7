"""Every form in which a product or an offer may be written."""

from decimal import Decimal
from io import BytesIO

import pytest

from saleor_1c_plugin.commerceml.model import (
    Characteristic,
    ItemKind,
    Offer,
    Picture,
    Price,
    Product,
    PropertyValue,
    Stock,
    TaxRate,
    Unit,
)
from saleor_1c_plugin.commerceml.reader import ValueFault, parse_raw, scan

from .packages import NAMESPACES, catalog, items, offers, only, package


def product(body: str, attributes: str = "") -> Product:
    return only(package(catalog(f"<Товар {attributes}><Ид>g</Ид>{body}</Товар>")), Product)


def offer(body: str, attributes: str = "") -> Offer:
    return only(
        package(offers(f"<Предложение {attributes}><Ид>g#c</Ид>{body}</Предложение>")), Offer
    )


FULL = """
<Товар>
  <Ид>g1</Ид>
  <Штрихкод>4600000000017</Штрихкод><Штрихкод>4600000000024</Штрихкод><Штрихкод/>
  <Артикул> А-1 </Артикул>
  <Наименование>Платье &amp; пояс</Наименование>
  <БазоваяЕдиница Код="796" НаименованиеПолное="Штука" МеждународноеСокращение="PCE">шт
    <Пересчет><Единица>778</Единица><Коэффициент>12</Коэффициент></Пересчет>
  </БазоваяЕдиница>
  <Группы><Ид>gr1</Ид><Ид>gr2</Ид></Группы>
  <Категория>kind</Категория>
  <Описание>Лёгкое</Описание>
  <Картинка Описание="Спереди">import_files\\ab\\1.jpg</Картинка>
  <Картинка>import_files/ab/2.jpg</Картинка>
  <Изготовитель><Ид>m</Ид><Наименование>Фабрика</Наименование></Изготовитель>
  <Страна>РОССИЯ</Страна>
  <ЗначенияСвойств>
    <ЗначенияСвойства><Ид>p1</Ид><Значение>красный</Значение><Значение>белый</Значение></ЗначенияСвойства>
    <ЗначенияСвойства><Ид>p2</Ид><Значение>Хлопок</Значение><ИдЗначения>v2</ИдЗначения></ЗначенияСвойства>
    <ЗначенияСвойства><Ид>p3</Ид><Значение/></ЗначенияСвойства>
  </ЗначенияСвойств>
  <ХарактеристикиТовара>
    <ХарактеристикаТовара><Ид>c</Ид><Наименование>Цвет</Наименование><Значение>Белый</Значение></ХарактеристикаТовара>
    <ХарактеристикаТовара><Наименование>Размер</Наименование><Значение>42</Значение></ХарактеристикаТовара>
  </ХарактеристикиТовара>
  <СтавкиНалогов><СтавкаНалога><Наименование>НДС</Наименование><Ставка>22/122</Ставка></СтавкаНалога></СтавкиНалогов>
  <ЗначенияРеквизитов>
    <ЗначениеРеквизита><Наименование>ВидНоменклатуры</Наименование><Значение>Одежда</Значение></ЗначениеРеквизита>
    <ЗначениеРеквизита><Наименование>Файл</Наименование><Значение>a</Значение><Значение>b</Значение></ЗначениеРеквизита>
  </ЗначенияРеквизитов>
  <Вес>1,250</Вес>
</Товар>"""


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_a_full_product(namespace: str) -> None:
    assert only(package(catalog(FULL), namespace=namespace), Product) == Product(
        id="g1",
        name="Платье & пояс",
        article="А-1",
        barcodes=("4600000000017", "4600000000024"),
        unit=Unit("796", "шт", "Штука", "PCE"),
        units=(Unit("778", ratio=Decimal(12)),),
        group_ids=("gr1", "gr2"),
        category_id="kind",
        description="Лёгкое",
        pictures=(Picture("import_files/ab/1.jpg", "Спереди"), Picture("import_files/ab/2.jpg")),
        properties=(
            PropertyValue("p1", ("красный", "белый")),
            PropertyValue("p2", ("v2",)),
            PropertyValue("p3", ()),
        ),
        characteristics=(Characteristic("Цвет", "Белый", "c"), Characteristic("Размер", "42")),
        requisites=(("ВидНоменклатуры", "Одежда"), ("Файл", "a"), ("Файл", "b")),
        taxes=(TaxRate("НДС", Decimal(22), calculated=True),),
        manufacturer="Фабрика",
        country="РОССИЯ",
        weight=Decimal("1.250"),
    )


def test_an_empty_product_says_nothing() -> None:
    assert product("") == Product(id="g")
    half = "<Штрихкод/><Артикул/><Наименование/><БазоваяЕдиница/><Группы/><Описание/><Вес/>"
    assert product(half + "<ЗначенияСвойств/><СтавкиНалогов/><ЗначенияРеквизитов/>") == Product("g")


def test_half_filled_parts_do_not_raise() -> None:
    body = (
        "<СтавкиНалогов><СтавкаНалога><Наименование>НДС</Наименование><Ставка/></СтавкаНалога>"
        "<СтавкаНалога/></СтавкиНалогов><ЗначенияРеквизитов><ЗначениеРеквизита/>"
        "</ЗначенияРеквизитов><ХарактеристикиТовара><ХарактеристикаТовара/></ХарактеристикиТовара>"
        "<ЗначенияСвойств><ЗначенияСвойства/></ЗначенияСвойств><Изготовитель/><Штрихкоды/>"
    )
    assert product(body) == Product(id="g")


def test_a_picture_element_without_path_means_no_pictures() -> None:
    assert product("").pictures is None
    assert product("<Картинка/>").pictures == ()


def test_barcodes_in_a_list() -> None:
    body = "<Штрихкоды><Штрихкод>1</Штрихкод><Штрихкод>2</Штрихкод></Штрихкоды>"
    assert product(body).barcodes == ("1", "2")


def test_a_barcode_in_bitrix_spelling() -> None:
    assert product("<ШтрихКод>1</ШтрихКод>").barcodes == ("1",)


def test_values_of_a_property_in_several_elements() -> None:
    body = (
        "<ЗначенияСвойств>"
        "<ЗначенияСвойства><Ид>p</Ид><Значение>a</Значение></ЗначенияСвойства>"
        "<ЗначенияСвойства><Ид>q</Ид><Значение>x</Значение></ЗначенияСвойства>"
        "<ЗначенияСвойства><Ид>p</Ид><Значение>b</Значение></ЗначенияСвойства>"
        "</ЗначенияСвойств>"
    )
    assert product(body).properties == (PropertyValue("p", ("a", "b")), PropertyValue("q", ("x",)))


def test_captions_in_requisites() -> None:
    body = (
        "<Картинка>import_files/a.jpg</Картинка><Картинка>import_files/b.jpg</Картинка>"
        "<ЗначенияРеквизитов><ЗначениеРеквизита><Наименование>ОписаниеФайла</Наименование>"
        "<Значение>import_files/b.jpg#Сзади</Значение>"
        "<Значение>import_files/a.jpg#Вид #1</Значение>"
        "</ЗначениеРеквизита></ЗначенияРеквизитов>"
    )
    assert product(body).pictures == (
        Picture("import_files/a.jpg", "Вид #1"),
        Picture("import_files/b.jpg", "Сзади"),
    )


HTML_REQUISITE = (
    "<ЗначенияРеквизитов><ЗначениеРеквизита><Наименование>ОписаниеВФорматеHTML</Наименование>"
    "<Значение>{}</Значение></ЗначениеРеквизита></ЗначенияРеквизитов>"
)


@pytest.mark.parametrize(
    ("body", "plain", "html"),
    [
        ("<Описание>т</Описание>", "т", ""),
        ('<Описание ФорматHTML="true">&lt;b&gt;т&lt;/b&gt;</Описание>', "", "<b>т</b>"),
        ('<Описание ФорматHTML="false">т</Описание>', "т", ""),
        ("<Описание><![CDATA[a < b]]></Описание>", "a < b", ""),
        (
            "<Описание>т</Описание><ОписаниеВФорматеHTML>&lt;i/&gt;</ОписаниеВФорматеHTML>",
            "т",
            "<i/>",
        ),
        ("<Описание>т</Описание>" + HTML_REQUISITE.format("&lt;p&gt;х"), "т", "<p>х"),
        ("<Описание>&lt;p&gt;</Описание>" + HTML_REQUISITE.format("true"), "", "<p>"),
        ("<Описание>т</Описание>" + HTML_REQUISITE.format("false"), "т", ""),
        ("<Описание>&lt;p class='x'&gt;т&lt;/p&gt;</Описание>", "", "<p class='x'>т</p>"),
        ("<Описание>т&lt;BR/&gt;т</Описание>", "", "т<BR/>т"),
        ("<Описание>a &lt; b, &lt;a@b.ru&gt;</Описание>", "a < b, <a@b.ru>", ""),
    ],
)
def test_descriptions(body: str, plain: str, html: str) -> None:
    found = product(body)
    assert (found.description, found.description_html) == (plain, html)


@pytest.mark.parametrize(
    ("body", "unit"),
    [
        ("<БазоваяЕдиница>796 </БазоваяЕдиница>", Unit("796")),
        ("<БазоваяЕдиница>шт</БазоваяЕдиница>", Unit(name="шт")),
        (
            '<БазоваяЕдиница Код="796" НаименованиеПолное="Штука"/>',
            Unit("796", full_name="Штука"),
        ),
        (
            '<БазоваяЕдиница Код="796" НаименованиеКраткое="шт"/>',
            Unit("796", "шт"),
        ),
        (
            '<БазоваяЕдиница Код="715"><Пересчет><Единица>715</Единица>'
            "<Коэффициент>1</Коэффициент></Пересчет></БазоваяЕдиница>",
            Unit("715"),
        ),
    ],
)
def test_base_unit(body: str, unit: Unit) -> None:
    assert product(body).unit == unit


def test_more_units() -> None:
    body = (
        "<Единицы><Единица><Ид>778 </Ид><НаименованиеКраткое>упак</НаименованиеКраткое>"
        "<Коэффициент>10</Коэффициент></Единица><Единица/></Единицы>"
    )
    assert product(body).units == (Unit("778", "упак", ratio=Decimal(10)),)


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("<Производитель>Ф</Производитель>", "Ф"),
        (
            "<Изготовитель><ОфициальноеНаименование>ЗАО</ОфициальноеНаименование></Изготовитель>",
            "ЗАО",
        ),
        ("<ТорговаяМарка>М</ТорговаяМарка>", ""),
        ("<Производитель>П</Производитель><Изготовитель>И</Изготовитель>", "И"),
    ],
)
def test_manufacturer(body: str, name: str) -> None:
    assert product(body).manufacturer == name


@pytest.mark.parametrize(
    "body",
    [
        "<ТорговаяМарка>Марка</ТорговаяМарка><Изготовитель><Наименование>Ф</Наименование></Изготовитель>",
        "<ТорговаяМарка><Наименование>Марка</Наименование></ТорговаяМарка>",
        "<ЗначенияРеквизитов><ЗначениеРеквизита><Наименование>Торговая марка</Наименование>"
        "<Значение>Марка</Значение></ЗначениеРеквизита></ЗначенияРеквизитов>",
    ],
)
def test_brand(body: str) -> None:
    assert product(body).brand == "Марка"


@pytest.mark.parametrize(
    ("text", "weight"), [("0,5", "0.5"), ("1,5 кг", "1.5"), ("лёгкий", None), ("", None)]
)
def test_weight_in_a_requisite(text: str, weight: str | None) -> None:
    body = (
        "<ЗначенияРеквизитов><ЗначениеРеквизита><Наименование>Вес</Наименование>"
        f"<Значение>{text}</Значение></ЗначениеРеквизита></ЗначенияРеквизитов>"
    )
    found = product(body)
    assert found.weight == (None if weight is None else Decimal(weight))
    assert found.requisite("Вес") == text


@pytest.mark.parametrize(
    ("attributes", "body", "deleted"),
    [
        ('Статус="Удален"', "", True),
        ('Статус="Изменен"', "", False),
        ("", "<ПометкаУдаления>true</ПометкаУдаления>", True),
        ("", "<ПометкаУдаления>false</ПометкаУдаления>", False),
        ("", "<Статус>Удален</Статус>", True),
    ],
)
def test_deletion(attributes: str, body: str, deleted: bool) -> None:
    assert product(body, attributes).deleted is deleted
    assert offer(body, attributes).deleted is deleted


def test_element_names_that_are_requisites_elsewhere() -> None:
    found = product("<Код>С1</Код><ПолноеНаименование>Стол большой</ПолноеНаименование>")
    assert found.requisite("Код") == "С1"
    assert found.requisite("Полное наименование") == "Стол большой"


def test_a_full_offer() -> None:
    body = (
        "<Артикул>А</Артикул><Наименование>Стол (белый)</Наименование><Штрихкод>46</Штрихкод>"
        '<БазоваяЕдиница Код="796">шт</БазоваяЕдиница><Картинка>a.jpg</Картинка>'
        "<ХарактеристикиТовара><ХарактеристикаТовара><Наименование>Цвет</Наименование>"
        "<Значение>Белый</Значение></ХарактеристикаТовара></ХарактеристикиТовара>"
        "<ЗначенияСвойств><ЗначенияСвойства><Ид>p</Ид><Значение>v</Значение></ЗначенияСвойства>"
        "</ЗначенияСвойств><Цены><Цена><Представление>1 234,50 руб. за шт</Представление>"
        "<ИдТипаЦены>t1</ИдТипаЦены><ЦенаЗаЕдиницу>1 234,50</ЦенаЗаЕдиницу><Валюта>руб</Валюта>"
        "<Единица>упак</Единица><Коэффициент>10</Коэффициент><МинКоличество>5</МинКоличество>"
        "</Цена><Цена><ИдТипаЦены>t2</ИдТипаЦены><ЦенаЗаЕдиницу>7</ЦенаЗаЕдиницу></Цена></Цены>"
        '<Количество>3</Количество><Склад ИдСклада="w1" КоличествоНаСкладе="1"/>'
        '<Склад ИдСклада="w2" КоличествоНаСкладе="2,5"/><Вес>2</Вес>'
    )
    assert offer(body) == Offer(
        id="g#c",
        name="Стол (белый)",
        article="А",
        barcodes=("46",),
        unit=Unit("796", "шт"),
        characteristics=(Characteristic("Цвет", "Белый"),),
        properties=(PropertyValue("p", ("v",)),),
        pictures=(Picture("a.jpg"),),
        prices=(
            Price("t1", Decimal("1234.50"), "руб", "упак", Decimal(10), Decimal(5)),
            Price("t2", Decimal(7)),
        ),
        stocks=(Stock("w1", Decimal(1)), Stock("w2", Decimal("2.5"))),
        quantity=Decimal(3),
        weight=Decimal(2),
    )


RESTS = (
    "<Остатки><Остаток><Склад><Ид>w1</Ид><Количество>4</Количество></Склад></Остаток>"
    "<Остаток><Склад><Ид>w2</Ид><Количество>-1</Количество></Склад></Остаток></Остатки>"
)


@pytest.mark.parametrize(
    ("body", "stocks", "quantity"),
    [
        ("", None, None),
        ("<Количество/>", None, None),
        ("<Количество>5</Количество>", None, "5"),
        ('<Склад ИдСклада="w"/>', None, None),
        ("<Остатки/>", (), None),
        ("<Остатки><Остаток><Количество>6</Количество></Остаток></Остатки>", None, "6"),
        (RESTS, (("w1", "4"), ("w2", "-1")), None),
        ('<Склады ИдСклада="w" КоличествоНаСкладе="8"/>', (("w", "8"),), None),
        (
            '<Склады><Склад ИдСклада="w" КоличествоНаСкладе="8"/></Склады>',
            (("w", "8"),),
            None,
        ),
        (
            "<КоличествоНаСкладах><КоличествоНаСкладе><ИдСклада>w</ИдСклада>"
            "<Количество>8</Количество></КоличествоНаСкладе></КоличествоНаСкладах>",
            (("w", "8"),),
            None,
        ),
    ],
)
def test_stock(body: str, stocks: tuple[tuple[str, str], ...] | None, quantity: str | None) -> None:
    found = offer(body)
    assert found == Offer(
        id="g#c",
        has_card=False,
        stocks=None if stocks is None else tuple(Stock(w, Decimal(n)) for w, n in stocks),
        quantity=None if quantity is None else Decimal(quantity),
    )


@pytest.mark.parametrize(
    ("body", "prices"),
    [
        ("", None),
        ("<Цены/>", ()),
        ("<Цены><Цена/><Цена><ИдТипаЦены>t</ИдТипаЦены><ЦенаЗаЕдиницу/></Цена></Цены>", ()),
        (
            "<Цены><Цена><ИдТипаЦены>t</ИдТипаЦены><ЦенаЗаЕдиницу>0</ЦенаЗаЕдиницу>"
            "<Коэффициент>0</Коэффициент></Цена></Цены>",
            (Price("t", Decimal(0)),),
        ),
        (
            "<Цены><Цена><ИдТипаЦены>t</ИдТипаЦены><ЦенаЗаЕдиницу>9</ЦенаЗаЕдиницу>"
            "<КоличествоОт>10</КоличествоОт><КоличествоДо>20</КоличествоДо></Цена></Цены>",
            (Price("t", Decimal(9), min_quantity=Decimal(10)),),
        ),
    ],
)
def test_prices_half_filled(body: str, prices: tuple[Price, ...] | None) -> None:
    assert offer(body).prices == prices


def test_ids_given_apart_are_joined() -> None:
    body = (
        "<ИзмененияПакетаПредложений><Ид>p</Ид><Предложения><Предложение><Ид>g</Ид>"
        "<Штрихкод>1</Штрихкод><ИдХарактеристики>c</ИдХарактеристики>"
        "<Количество>1</Количество></Предложение></Предложения></ИзмененияПакетаПредложений>"
    )
    found = only(package(body), Offer)
    assert (found.id, found.product_id, found.characteristic_id) == ("g#c", "g", "c")
    assert not found.has_card
    assert [node.id for node in scan(BytesIO(package(body)))][-1] == "g#c"


@pytest.mark.parametrize(
    ("body", "bad", "place"),
    [
        (
            "<Цены><Цена>\n<ИдТипаЦены>t</ИдТипаЦены>\n<ЦенаЗаЕдиницу>дорого</ЦенаЗаЕдиницу></Цена></Цены>",
            "дорого",
            "ЦенаЗаЕдиницу",
        ),
        ("\n\n<Количество>много</Количество>", "много", "Количество"),
        ('\n\n<Склад ИдСклада="w" КоличествоНаСкладе="1.2.3"/>', "1.2.3", "КоличествоНаСкладе"),
        ("\n\n<ПометкаУдаления>возможно</ПометкаУдаления>", "возможно", "ПометкаУдаления"),
        (
            "\n\n<СтавкиНалогов><СтавкаНалога><Ставка>??</Ставка></СтавкаНалога></СтавкиНалогов>",
            "??",
            "Ставка",
        ),
    ],
)
def test_an_unreadable_value_spoils_one_object_only(body: str, bad: str, place: str) -> None:
    good = "<Предложение><Ид>ok</Ид></Предложение>"
    data = package(offers(f"<Предложение><Ид>x</Ид>{body}</Предложение>{good}"))
    read, faults = [], []
    for node in scan(BytesIO(data)):
        if node.kind is not ItemKind.OFFER:
            continue
        try:
            read.append(node.parse())
        except ValueFault as fault:
            faults.append(fault)
            with pytest.raises(ValueFault) as raw_fault:
                parse_raw(node.raw)
            assert raw_fault.value.item_id == "x"
    (found,) = faults
    assert (found.item_id, found.text, found.line) == ("x", bad, 5)
    assert bad in found.message
    assert place in found.message
    assert read == [Offer(id="ok", has_card=False)]


def test_components_and_analogues_are_not_goods() -> None:
    body = (
        "<Комплектующие><Комплектующее><Ид>k</Ид><Наименование>Винт</Наименование>"
        "</Комплектующее></Комплектующие><Наименование>Стол</Наименование>"
    )
    found = items(package(catalog(f"<Товар><Ид>g</Ид>{body}</Товар>")))
    assert [item for item in found if isinstance(item, Product)] == [Product("g", "Стол")]
