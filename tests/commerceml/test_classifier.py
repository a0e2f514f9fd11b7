"""Sections, groups, properties and the short lists, in all schemas."""

from datetime import datetime
from io import BytesIO

import pytest

from saleor_1c_plugin.commerceml.documents import Document
from saleor_1c_plugin.commerceml.model import (
    Choice,
    GoodsCategory,
    Group,
    ItemKind,
    Package,
    PriceType,
    Property,
    PropertyType,
    Section,
    Unit,
    Warehouse,
)
from saleor_1c_plugin.commerceml.reader import ValueFault, parse_raw, scan

from .packages import (
    NAMESPACES,
    catalog,
    classifier,
    items,
    of_kind,
    offers,
    only,
    package,
    summary,
)


def test_the_package_comes_first() -> None:
    assert items(package("", schema="3.1"))[0] == Package("3.1", datetime(2024, 1, 8, 15, 44, 45))  # noqa: DTZ001


def test_a_package_with_an_odd_date() -> None:
    data = '<КоммерческаяИнформация ВерсияСхемы="2.03" ДатаФормирования="вчера"/>'.encode()
    assert items(data) == [Package("2.03", None)]


@pytest.mark.parametrize("name", ["Классификатор", "Каталог", "ПакетПредложений"])
@pytest.mark.parametrize(
    ("attribute", "child", "expected"),
    [
        ("", "", None),
        ('СодержитТолькоИзменения="true"', "", True),
        ('СодержитТолькоИзменения="false"', "", False),
        ("", "<СодержитТолькоИзменения>true</СодержитТолькоИзменения>", True),
        ("", "<СодержитТолькоИзменения>false</СодержитТолькоИзменения>", False),
        ("", "<СодержитТолькоИзменения/>", None),
    ],
)
def test_only_changes(name: str, attribute: str, child: str, expected: bool | None) -> None:
    section = only(package(f"<{name} {attribute}><Ид>s</Ид>{child}</{name}>"), Section)
    assert (section.id, section.only_changes) == ("s", expected)


def test_changes_of_an_offer_package_are_changes() -> None:
    name = "ИзмененияПакетаПредложений"
    section = only(package(f"<{name}><Ид>s</Ид><ИдКаталога>c</ИдКаталога></{name}>"), Section)
    assert section == Section(ItemKind.OFFER_PACKAGE, "s", "", True, catalog_id="c")


def test_an_unclear_kind_of_export_is_never_guessed() -> None:
    with pytest.raises(ValueFault, match="СодержитТолькоИзменения"):
        items(package('<Каталог СодержитТолькоИзменения="частично"><Ид>c</Ид></Каталог>'))


def test_a_section_comes_before_what_is_in_it() -> None:
    body = (
        classifier(
            "<Группы><Группа><Ид>g</Ид></Группа></Группы>"
            "<Свойства><Свойство><Ид>p</Ид></Свойство></Свойства>"
        )
        + catalog("<Товар><Ид>1</Ид></Товар><Товар><Ид>2</Ид></Товар>")
        + "<ПакетПредложений><Ид>o</Ид><ТипыЦен><ТипЦены><Ид>t</Ид></ТипЦены></ТипыЦен>"
        "<Склады><Склад><Ид>w</Ид></Склад></Склады>"
        "<Предложения><Предложение><Ид>1</Ид></Предложение></Предложения></ПакетПредложений>"
    )
    assert summary(list(scan(BytesIO(package(body))))) == [
        (ItemKind.PACKAGE, ""),
        (ItemKind.CLASSIFIER, "cls"),
        (ItemKind.GROUP, "g"),
        (ItemKind.PROPERTY, "p"),
        (ItemKind.CATALOG, "cat"),
        (ItemKind.PRODUCT, "1"),
        (ItemKind.PRODUCT, "2"),
        (ItemKind.OFFER_PACKAGE, "o"),
        (ItemKind.PRICE_TYPE, "t"),
        (ItemKind.WAREHOUSE, "w"),
        (ItemKind.OFFER, "1"),
    ]


def test_the_heads_of_sections() -> None:
    body = (
        '<ПакетПредложений СодержитТолькоИзменения="true"><Ид>c#</Ид>'
        "<Наименование>Пакет</Наименование>"
        "<ИдКаталога>c</ИдКаталога><ИдКлассификатора>k</ИдКлассификатора>"
        "<Владелец><Ид>o</Ид><Наименование>ООО</Наименование></Владелец></ПакетПредложений>"
    )
    assert only(package(body), Section) == Section(
        ItemKind.OFFER_PACKAGE, "c#", "Пакет", True, classifier_id="k", catalog_id="c"
    )


@pytest.mark.parametrize(("count", "told"), [(1, [True]), (5_000, [None, True])])
def test_a_section_is_told_again_when_its_end_changed_it(
    count: int, told: list[bool | None]
) -> None:
    # A late "only changes" taken for a full export would retire the whole catalogue. In a small
    # file the end has been parsed before the section is told.
    late = "<СодержитТолькоИзменения>true</СодержитТолькоИзменения>"
    goods = "<Товар><Ид>1</Ид></Товар>" * count
    body = f"<Каталог><Ид>c</Ид><Товары>{goods}</Товары>{late}</Каталог>"
    sections = [item for item in items(package(body)) if isinstance(item, Section)]
    assert [section.only_changes for section in sections] == told


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_groups_come_parents_first(namespace: str) -> None:
    # The second tree names its id after its subgroups.
    body = classifier(
        "<Группы><Группа><Ид>a</Ид><Наименование>А</Наименование><Описание>о</Описание><Группы>"
        "<Группа><Ид>b</Ид><Наименование>Б</Наименование><Группы><Группа><Ид>c</Ид></Группа>"
        "</Группы></Группа><Группа><Ид>d</Ид><ПометкаУдаления>true</ПометкаУдаления></Группа>"
        "</Группы></Группа><Группа><Группы><Группа><Ид>f</Ид></Группа></Группы><Ид>e</Ид></Группа>"
        "</Группы>"
    )
    data = package(body, namespace=namespace)
    assert of_kind(data, ItemKind.GROUP) == [
        Group("a", "А", description="о"),
        Group("b", "Б", "a"),
        Group("c", "", "b"),
        Group("d", "", "a", deleted=True),
        Group("e", ""),
        Group("f", "", "e"),
    ]
    raws = [node.raw for node in scan(BytesIO(data)) if node.kind is ItemKind.GROUP]
    assert [parse_raw(raw) for raw in raws] == of_kind(data, ItemKind.GROUP)
    assert b"<\xd0\x93\xd1\x80\xd1\x83\xd0\xbf\xd0\xbf\xd1\x8b" not in raws[0]


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_properties_that_a_group_brings_along(namespace: str) -> None:
    body = (
        "<Группы><Группа><Ид>a</Ид><Наименование>A</Наименование>"
        "<Свойства><Свойство><Ид>p</Ид><Наименование>Цвет</Наименование></Свойство></Свойства>"
        "<Группы><Группа><Ид>b</Ид><Наименование>B</Наименование>"
        "<Свойства><Свойство><Ид>q</Ид><Наименование>Размер</Наименование></Свойство>"
        "<Ид>p</Ид></Свойства></Группа></Группы></Группа></Группы>"
        "<Свойства><Свойство><Ид>r</Ид><Наименование>Вес</Наименование></Свойство></Свойства>"
    )
    data = package(classifier(body), namespace=namespace)
    nodes = list(scan(BytesIO(data)))
    assert summary(nodes)[2:] == [
        (ItemKind.GROUP, "a"),
        (ItemKind.GROUP, "b"),
        (ItemKind.PROPERTY, "p"),
        (ItemKind.PROPERTY, "q"),
        (ItemKind.PROPERTY, "r"),
    ]
    # As with all properties: also when the scan has moved on.
    read = [node.parse() for node in nodes if node.kind is ItemKind.PROPERTY]
    assert [item.name for item in read if isinstance(item, Property)] == ["Цвет", "Размер", "Вес"]
    assert [parse_raw(node.raw) for node in nodes if node.kind is ItemKind.PROPERTY] == read


def test_a_group_keeps_its_bytes_when_a_subgroup_changes() -> None:
    def raw(name: str) -> bytes:
        below = f"<Группа><Ид>b</Ид><Наименование>{name}</Наименование></Группа>"
        body = f"<Группы><Группа><Ид>a</Ид><Группы>{below}</Группы></Группа></Группы>"
        return next(n.raw for n in scan(BytesIO(package(classifier(body)))) if n.id == "a")

    assert raw("Было") == raw("Стало")


@pytest.mark.parametrize("element", ["Свойство", "СвойствоНоменклатуры"])
@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Строка", PropertyType.TEXT),
        ("Число", PropertyType.NUMBER),
        ("Время", PropertyType.MOMENT),
        ("Дата", PropertyType.MOMENT),
        ("Булево", PropertyType.BOOLEAN),
        ("Boolean", PropertyType.BOOLEAN),
        ("Справочник", PropertyType.CHOICE),
        ("", PropertyType.TEXT),
        ("Непонятно", PropertyType.TEXT),
    ],
)
def test_property_types(element: str, written: str, expected: PropertyType) -> None:
    inside = f"<Ид>p</Ид><Наименование>С</Наименование><ТипЗначений>{written}</ТипЗначений>"
    body = f"<Свойства><{element}>{inside}</{element}></Свойства>"
    assert only(package(classifier(body)), Property) == Property("p", "С", expected)


CHOICES = (Choice("v1", "Красный"), Choice("v2", "Белый"))


@pytest.mark.parametrize(
    ("body", "choices"),
    [
        (
            "<ТипЗначений>Справочник</ТипЗначений><ВариантыЗначений>"
            "<Справочник><ИдЗначения>v1</ИдЗначения><Значение>Красный</Значение></Справочник>"
            "<Справочник><ИдЗначения>v2</ИдЗначения><Значение>Белый</Значение></Справочник>"
            "</ВариантыЗначений>",
            CHOICES,
        ),
        (
            "<ВариантыЗначений><ВариантЗначения><Ид>v1</Ид><Значение>Красный</Значение>"
            "</ВариантЗначения><ВариантЗначения><Ид>v2</Ид><Значение>Белый</Значение>"
            "</ВариантЗначения></ВариантыЗначений>",
            CHOICES,
        ),
        (
            "<ВариантыЗначений><Значение>Красный</Значение><Значение/></ВариантыЗначений>",
            (Choice("Красный", "Красный"),),
        ),
        (
            "<ТипыЗначений><ТипЗначений><Тип>Справочник</Тип><ВариантыЗначений>"
            "<ВариантЗначения><Ид>v1</Ид><Значение>Красный</Значение></ВариантЗначения>"
            "<ВариантЗначения><Ид>v2</Ид><Значение>Белый</Значение></ВариантЗначения>"
            "</ВариантыЗначений></ТипЗначений></ТипыЗначений>",
            CHOICES,
        ),
    ],
)
def test_directories(body: str, choices: tuple[Choice, ...]) -> None:
    body = f"<Свойства><Свойство><Ид>p</Ид>{body}</Свойство></Свойства>"
    assert only(package(classifier(body)), Property) == Property(
        "p", "", PropertyType.CHOICE, choices
    )


def test_marks_of_a_property() -> None:
    body = (
        "<Свойства><Свойство><Ид>p</Ид><Множественное>true</Множественное><ДляТоваров>false</ДляТоваров>"
        "<Обязательное>Для каталога</Обязательное><ДляПредложений>true</ДляПредложений>"
        "<ПометкаУдаления>true</ПометкаУдаления></Свойство></Свойства>"
    )
    assert only(package(classifier(body)), Property) == Property(
        "p",
        "",
        multiple=True,
        required=True,
        deleted=True,
        for_products=False,
        for_offers=True,
    )


def test_the_values_of_properties_on_a_package_are_no_properties() -> None:
    value = "<ЗначенияСвойства><Ид>p</Ид><Значение>v</Значение></ЗначенияСвойства>"
    body = (
        f"<ПакетПредложений><Ид>o</Ид><ЗначенияСвойств>{value}</ЗначенияСвойств></ПакетПредложений>"
    )
    assert of_kind(package(body), ItemKind.PROPERTY) == []


def test_goods_categories() -> None:
    body = (
        "<Категории><Категория><Ид>k</Ид><Наименование>Обувь</Наименование>"
        "<Свойства><Ид>p1</Ид><Ид>p2</Ид></Свойства></Категория>"
        "<Категория><Ид>l</Ид><Свойства><Свойство><Ид>p3</Ид></Свойство></Свойства>"
        "<ПометкаУдаления>true</ПометкаУдаления></Категория></Категории>"
    )
    data = package(classifier(body))
    assert of_kind(data, ItemKind.CATEGORY_OF_GOODS) == [
        GoodsCategory("k", "Обувь", ("p1", "p2")),
        GoodsCategory("l", "", ("p3",), deleted=True),
    ]
    assert of_kind(data, ItemKind.PROPERTY) == []


LISTS = (
    "<ТипыЦен><ТипЦены><Ид>t</Ид><Наименование>Розничная</Наименование><Валюта>руб</Валюта>"
    "<Налог><Наименование>НДС</Наименование><УчтеноВСумме>true</УчтеноВСумме></Налог></ТипЦены>"
    "<ТипЦены><Ид>u</Ид><ПометкаУдаления>true</ПометкаУдаления></ТипЦены></ТипыЦен>"
    "<Склады><Склад><Ид>w</Ид><Наименование>Главный</Наименование><Адрес><Представление>М"
    "</Представление></Адрес></Склад></Склады>"
)


@pytest.mark.parametrize("section", ["Классификатор", "ПакетПредложений"])
def test_price_types_and_warehouses(section: str) -> None:
    data = package(f"<{section}><Ид>s</Ид>{LISTS}</{section}>")
    assert of_kind(data, ItemKind.PRICE_TYPE) == [
        PriceType("t", "Розничная", "руб", tax_included=True),
        PriceType("u", "", deleted=True),
    ]
    assert of_kind(data, ItemKind.WAREHOUSE) == [Warehouse("w", "Главный")]


def test_units() -> None:
    body = (
        "<ЕдиницыИзмерения><ЕдиницаИзмерения><Ид>796 </Ид>"
        "<НаименованиеКраткое>шт</НаименованиеКраткое>"
        "<Код>796 </Код><НаименованиеПолное>Штука  </НаименованиеПолное>"
        "<МеждународноеСокращение>PCE</МеждународноеСокращение></ЕдиницаИзмерения>"
        "<ЕдиницаИзмерения><Ид>166</Ид></ЕдиницаИзмерения></ЕдиницыИзмерения>"
    )
    data = package(classifier(body))
    assert of_kind(data, ItemKind.UNIT) == [Unit("796", "шт", "Штука", "PCE"), Unit("166")]
    assert [n.id for n in scan(BytesIO(data)) if n.kind is ItemKind.UNIT] == ["796", "166"]


DOCUMENT = (
    "<Документ><Ид>{0}</Ид><Номер>№{0}</Номер><Товары><Товар><Ид>g</Ид><Количество>1</Количество>"
    "</Товар></Товары><Склады><Склад><Ид>w</Ид></Склад></Склады></Документ>"
)


@pytest.mark.parametrize("wrap", ["{}", "<Контейнер>{}</Контейнер>"])
def test_documents_and_not_their_goods(wrap: str) -> None:
    body = "".join(wrap.format(DOCUMENT.format(number)) for number in (1, 2, 3))
    found = [item for item in items(package(body))[1:] if isinstance(item, Document)]
    assert [(item.id, item.number) for item in found] == [(str(n), f"№{n}") for n in (1, 2, 3)]


def test_a_classifier_may_be_the_root() -> None:
    data = classifier("<Группы><Группа><Ид>g</Ид></Группа></Группы>").encode()
    assert items(data) == [
        Section(ItemKind.CLASSIFIER, "cls", "К", None),
        Group("g", ""),
    ]


def test_a_warehouse_of_an_offer_is_no_warehouse() -> None:
    body = offers(
        '<Предложение><Ид>1</Ид><Склад ИдСклада="w" КоличествоНаСкладе="1"/></Предложение>'
    )
    assert of_kind(package(body), ItemKind.WAREHOUSE) == []
