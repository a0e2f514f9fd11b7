"""What 1C's configurations do that an importer may stumble over."""

from typing import Any

import pytest

from saleor_1c_plugin.catalog.models import RegisterEntry
from saleor_1c_plugin.commerceml.model import ItemKind
from saleor_1c_plugin.sandbox.models import Attribute, AttributeValue, Product, Variant

from .support import PRICE_TYPES, Exchange, catalogue, good, offer, offers

pytestmark = pytest.mark.django_db

PRODUCT, OFFER = ItemKind.PRODUCT, ItemKind.OFFER
COLOUR = (
    "<ХарактеристикиТовара><ХарактеристикаТовара><Наименование>Цвет</Наименование>"
    "<Значение>Белый</Значение></ХарактеристикаТовара></ХарактеристикиТовара>"
)


def root(body: str, schema: str = "2.03") -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<КоммерческаяИнформация ВерсияСхемы="{schema}">{body}</КоммерческаяИнформация>'
    )


def changes(body: str) -> str:
    return root(
        "<ИзмененияПакетаПредложений><Ид>C#</Ид><ИдКаталога>C</ИдКаталога>"
        f"<Предложения>{body}</Предложения></ИзмененияПакетаПредложений>",
        "2.08",
    )


def test_prices_and_stock_without_a_card_do_not_overwrite_the_card_that_waits() -> None:
    Exchange().send(offers(offer("p1#c", more=COLOUR), head=PRICE_TYPES))
    Exchange().send(
        changes(
            "<Предложение><Ид>p1</Ид><ИдХарактеристики>c</ИдХарактеристики>"
            "<КодЕдиницыИзмерения>796</КодЕдиницыИзмерения>"
            "<Цены><Цена><ИдТипаЦены>retail</ИдТипаЦены><ЦенаЗаЕдиницу>7</ЦенаЗаЕдиницу></Цена>"
            "</Цены><Количество>3</Количество></Предложение>"
        )
    )
    Exchange().send(catalogue(good("p1")))
    variant = Variant.objects.get()
    assert variant.name == "Белый"
    assert variant.prices.get().amount == 7
    assert variant.stocks.get().quantity == 3


def test_stock_alone_is_no_full_export_of_offers(settings: Any) -> None:
    settings.ONEC_CONFIGURATION = {
        "catalog": {"missing_offers": "delete", "default_warehouse": "main"}
    }
    Exchange().send(catalogue(good("p1") + good("p2")))
    Exchange().send(offers(offer("p1") + offer("p2"), head=PRICE_TYPES))
    rests = Exchange()
    rests.send(
        offers(
            "<Предложение><Ид>p1</Ид><Остатки><Остаток><Количество>1</Количество></Остаток>"
            "</Остатки></Предложение>"
        )
    )
    rests.finish()
    assert Variant.objects.count() == 2
    full = Exchange()
    full.send(offers(offer("p1"), head=PRICE_TYPES))
    full.finish()
    assert Variant.objects.count() == 1


def test_schema_203_says_only_behind_the_goods_that_they_are_changes(settings: Any) -> None:
    settings.ONEC_CONFIGURATION = {"catalog": {"missing_products": "delete"}}
    # More than the parser reads at once: what stands behind the goods is not known before them.
    many = "".join(good(f"m{n}", "Длинное наименование " * 10) for n in range(300))

    def old(goods: str, only_changes: str) -> str:
        return root(
            f"<Каталог><Ид>C</Ид><Товары>{goods}</Товары><СодержитТолькоИзменения>"
            f"{only_changes}</СодержитТолькоИзменения></Каталог>"
        )

    first = Exchange()
    first.send(old(good("p1") + good("p2") + many, "false"))
    first.finish()
    for only_changes, left in (("true", 302), ("false", 301)):
        second = Exchange()
        second.send(old(good("p1") + many, only_changes))
        second.finish()
        assert Product.objects.count() == left


@pytest.mark.parametrize(
    ("classifier", "first"),
    [
        (PRICE_TYPES, ""),
        # The same id under another name: somebody renamed it in 1C to what is mapped.
        (PRICE_TYPES, PRICE_TYPES.replace("Розничная", "Прочая")),
    ],
)
def test_a_price_type_that_is_told_later_places_the_prices(
    settings: Any, classifier: str, first: str
) -> None:
    settings.ONEC_CONFIGURATION = {"catalog": {"price_types": "Розничная = default-channel"}}
    Exchange().send(catalogue(good("p1"), classifier=first))
    trade = offers(offer("p1"))
    assert any("не сопоставлен" in message for message in Exchange().send(trade).messages)
    Exchange().send(catalogue(good("p1"), classifier=classifier))
    Exchange().send(trade)
    assert Variant.objects.get().prices.get().amount == 100
    assert Exchange().send(trade).of(OFFER) == {"seen": 1, "unchanged": 1}


def test_a_warehouse_that_is_told_later_places_the_stock(settings: Any) -> None:
    settings.ONEC_CONFIGURATION = {"catalog": {"warehouses": "Магазин = store"}}
    Exchange().send(catalogue(good("p1")))
    stock = offers(
        "<Предложение><Ид>p1</Ид><Остатки><Остаток><Склад><Ид>w</Ид>"
        "<Количество>4</Количество></Склад></Остаток></Остатки></Предложение>"
    )
    Exchange().send(stock)
    warehouse = "<Склад><Ид>w</Ид><Наименование>Магазин</Наименование></Склад>"
    Exchange().send(catalogue(good("p1"), classifier=f"<Склады>{warehouse}</Склады>"))
    Exchange().send(stock)
    assert Variant.objects.get().stocks.get().quantity == 4


def test_goods_without_an_id_are_told_and_make_no_product() -> None:
    goods = good("", "Без ид") + good("", "Тоже") + good("#c", "С характеристикой") + good("p1")
    report = Exchange().send(catalogue(goods))
    assert report.of(PRODUCT) == {"seen": 3, "failed": 3, "created": 1}
    assert report.messages == ["Не указан идентификатор (Ид)"] * 3
    assert Product.objects.get().key == "p1"
    report = Exchange().send(offers(offer("") + offer("#c") + offer("p1"), head=PRICE_TYPES))
    assert report.of(OFFER) == {"seen": 3, "failed": 2, "created": 1}
    assert set(RegisterEntry.objects.filter(kind="offer").values_list("onec_id", flat=True)) == {
        "p1"
    }


def priced(*prices: str) -> str:
    types = "".join(
        f"<ТипЦены><Ид>{own}</Ид><Наименование>{name}</Наименование><Валюта>руб</Валюта></ТипЦены>"
        for own, name in (("r", "Розничная"), ("z", "Закупочная"), ("x", "Прочая"))
    )
    inside = "".join(f"<Цена>{price}</Цена>" for price in prices)
    card = "<Ид>p1</Ид><Наименование>Стул</Наименование>"
    return offers(
        f"<Предложение>{card}<Цены>{inside}</Цены></Предложение>",
        head=f"<ТипыЦен>{types}</ТипыЦен>",
    )


def price(type_id: str, amount: int, more: str = "") -> str:
    return f"<ИдТипаЦены>{type_id}</ИдТипаЦены><ЦенаЗаЕдиницу>{amount}</ЦенаЗаЕдиницу>{more}"


PACK = "<Единица>упак</Единица><Коэффициент>10</Коэффициент>"
MANY = "<МинКоличество>5</МинКоличество>"


@pytest.mark.parametrize(
    ("prices", "amount", "told"),
    [
        # Of two types for one channel the named one wins, and the other is told.
        ([price("z", 50), price("r", 70), price("x", 60)], 70, ["Закупочная", "Прочая"]),
        ([price("z", 50), price("x", 60)], 50, ["Прочая"]),
        # Of one type: from the first piece on, and for the base unit.
        ([price("r", 60, MANY), price("r", 70)], 70, ["Розничная"]),
        ([price("r", 600, PACK), price("r", 70)], 70, []),
        ([price("r", 600, PACK)], 60, []),
    ],
)
def test_one_price_a_channel_and_the_others_are_told(
    settings: Any, prices: list[str], amount: int, told: list[str]
) -> None:
    settings.ONEC_CONFIGURATION = {
        "catalog": {"price_types": "Розничная = default-channel\n* = default-channel"}
    }
    Exchange().send(catalogue(good("p1")))
    report = Exchange().send(priced(*prices))
    assert Variant.objects.get().prices.get().amount == amount
    assert [message.partition("»")[0].partition("«")[2] for message in report.messages] == told


def test_units_and_how_many_base_units_they_hold() -> None:
    unit = (
        '<БазоваяЕдиница Код="796">шт<Пересчет><Единица>796</Единица><Коэффициент>1</Коэффициент>'
        "</Пересчет><Пересчет><Единица>778</Единица><Коэффициент>12,000</Коэффициент></Пересчет>"
        "<Пересчет><Единица>ящ</Единица><Коэффициент>144</Коэффициент></Пересчет></БазоваяЕдиница>"
    )
    Exchange().send(catalogue(good("p1", more=unit)))
    assert Product.objects.get().metadata["onec.units"] == "упак = 12; ящ = 144"


def test_a_negative_price_is_told_and_not_loaded() -> None:
    Exchange().send(catalogue(good("p1")))
    report = Exchange().send(offers(offer("p1", "-5"), head=PRICE_TYPES))
    assert any("отрицательные" in message for message in report.messages)
    assert not Variant.objects.get().prices.exists()


def several(multiple: str) -> str:
    """A classifier, and a product with two values, each in an element of its own."""
    definition = (
        "<Свойства><Свойство><Ид>q</Ид><Наименование>Цвет</Наименование>"
        f"<ТипЗначений>Справочник</ТипЗначений>{multiple}"
        "<ВариантыЗначений><Справочник><ИдЗначения>a</ИдЗначения><Значение>Белый</Значение>"
        "</Справочник><Справочник><ИдЗначения>b</ИдЗначения><Значение>Синий</Значение>"
        "</Справочник></ВариантыЗначений></Свойство></Свойства>"
    )
    values = "".join(
        f"<ЗначенияСвойства><Ид>q</Ид><Значение>{value}</Значение></ЗначенияСвойства>"
        for value in "ab"
    )
    goods = good("p1", more=f"<ЗначенияСвойств>{values}</ЗначенияСвойств>")
    return catalogue(goods, classifier=definition)


@pytest.mark.parametrize("multiple", ["<Множественное>true</Множественное>", ""])
def test_several_values_of_a_property_announced_or_not(multiple: str) -> None:
    for expected in ("created", "unchanged"):
        report = Exchange().send(several(multiple))
        assert report.messages == []
        assert report.of(PRODUCT)[expected] == 1
        assert report.of(ItemKind.PROPERTY) == {"seen": 1, expected: 1}
        shown = AttributeValue.objects.filter(attribute__name="Цвет")
        assert [str(value.value) for value in shown] == ["Белый", "Синий"]
        assert shown[0].attribute.input_type == "multichoice"


def test_a_property_that_becomes_multiple_keeps_its_values() -> None:
    one = several("").replace("<Значение>b</Значение>", "<Значение/>")
    Exchange().send(one)
    assert Attribute.objects.get(name="Цвет").input_type == "choice"
    report = Exchange().send(several("<Множественное>true</Множественное>"))
    assert report.messages == []
    assert Attribute.objects.get(name="Цвет").input_type == "multichoice"


def test_a_brand_is_shown_beside_the_manufacturer_and_goes_when_1c_takes_it_away() -> None:
    maker = "<Изготовитель><Наименование>Фабрика</Наименование></Изготовитель>"
    Exchange().send(catalogue(good("p1", more=maker + "<ТорговаяМарка>Марка</ТорговаяМарка>")))
    shown = AttributeValue.objects.exclude(attribute__name="Единица измерения")
    assert {value.attribute.name: str(value.value) for value in shown} == {
        "Производитель": "Фабрика",
        "Торговая марка": "Марка",
    }
    Exchange().send(catalogue(good("p1", more=maker)))
    assert [str(value.value) for value in shown.all()] == ["Фабрика"]


def test_counterparties_are_no_part_of_a_catalogue_not_even_unreadable_ones() -> None:
    buyer = "<Контрагент><Ид>k</Ид><ПометкаУдаления>?</ПометкаУдаления></Контрагент>"
    report = Exchange().send(
        catalogue(good("p1"), classifier=f"<Контрагенты>{buyer}</Контрагенты>")
    )
    assert Product.objects.count() == 1
    assert report.problems == []
