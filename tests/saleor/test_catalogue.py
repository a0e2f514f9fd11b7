"""1C's catalogue in a real Saleor, as its storefront shows it."""

import base64
import io
import json
import os
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from PIL import Image
from saleor.attribute.models import AttributeValue
from saleor.product.models import Category, Product, ProductMedia, ProductVariant
from saleor.product.search import update_products_search_vector
from saleor.warehouse.models import Stock

from saleor_1c_plugin.catalog.follow_ups import run_pending
from saleor_1c_plugin.commerceml.model import ItemKind
from tests.catalog.support import (
    DATA,
    PACKAGES,
    PRICE_TYPES,
    Exchange,
    catalogue,
    good,
    offer,
    offers,
)

from .shop import configure

pytestmark = pytest.mark.usefixtures("shop")

CLASSIFIER = (
    "<Группы><Группа><Ид>g1</Ид><Наименование>Мебель</Наименование><Группы><Группа><Ид>g2</Ид>"
    "<Наименование>Стулья</Наименование></Группа></Группы></Группа></Группы><Свойства>"
    "<Свойство><Ид>colour</Ид><Наименование>Цвет</Наименование><ТипЗначений>Справочник"
    "</ТипЗначений><ВариантыЗначений><Справочник><ИдЗначения>red</ИдЗначения><Значение>Красный"
    "</Значение></Справочник><Справочник><ИдЗначения>blue</ИдЗначения><Значение>Синий</Значение>"
    "</Справочник></ВариантыЗначений></Свойство>"
    "<Свойство><Ид>height</Ид><Наименование>Высота</Наименование><ТипЗначений>Число</ТипЗначений>"
    "</Свойство><Свойство><Ид>note</Ид><Наименование>Примечание</Наименование><ТипЗначений>Строка"
    "</ТипЗначений></Свойство></Свойства>"
)
CARD = (
    "<Штрихкод>4600000000017</Штрихкод><БазоваяЕдиница Код='796'>шт</БазоваяЕдиница>"
    "<Группы><Ид>g2</Ид></Группы><Описание>Первый абзац\nВторой &lt;b&gt;абзац</Описание>"
    "<ЗначенияСвойств><ЗначенияСвойства><Ид>colour</Ид><Значение>red</Значение></ЗначенияСвойства>"
    "<ЗначенияСвойства><Ид>height</Ид><Значение>82,5</Значение></ЗначенияСвойства>"
    "<ЗначенияСвойства><Ид>note</Ид><Значение>дубовый</Значение></ЗначенияСвойства>"
    "</ЗначенияСвойств><СтавкиНалогов><СтавкаНалога><Наименование>НДС</Наименование><Ставка>22"
    "</Ставка></СтавкаНалога></СтавкиНалогов>"
)
QUERY = """query ($search: String) { products(first: 50, channel: "main", search: $search) {
  edges { node { name description category { name parent { name } } externalReference
    attributes { attribute { name } values { name plainText } }
    media { url alt }
    pricing { priceRange { start { gross { amount currency } } } }
    variants { name sku quantityAvailable attributes { attribute { name } values { name } }
      pricing { price { gross { amount } } } } } } } }"""


def storefront(search: str | None = None) -> list[dict[str, Any]]:
    response = Client().post(
        "/graphql/",
        json.dumps({"query": QUERY, "variables": {"search": search}}),
        content_type="application/json",
    )
    answer = response.json()
    assert "errors" not in answer, answer
    return [edge["node"] for edge in answer["data"]["products"]["edges"]]


def picture(colour: str) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(target, "PNG")
    return target.getvalue()


def fill(more: str = "", price: str = "1990,00", pictures: dict[str, bytes] | None = None) -> None:
    exchange = Exchange(pictures)
    exchange.send(catalogue(good("p1", "Стул венский", CARD + more, "CH-1"), classifier=CLASSIFIER))
    exchange.send(offers(offer("p1", price, "7", name="Стул венский"), head=PRICE_TYPES))


def test_the_storefront_shows_all_of_it() -> None:
    fill("<Картинка>import_files/a.png</Картинка>", pictures={"import_files/a.png": picture("red")})
    (node,) = storefront()
    assert node["name"] == "Стул венский"
    assert node["externalReference"] == "p1"
    assert node["category"] == {"name": "Стулья", "parent": {"name": "Мебель"}}
    blocks = json.loads(node["description"])["blocks"]
    assert [block["data"]["text"][:6] for block in blocks] == ["Первый", "Второй"]
    values = {
        row["attribute"]["name"]: (row["values"][0]["plainText"] or row["values"][0]["name"])
        for row in node["attributes"]
        if row["values"]
    }
    assert values["Цвет"] == "Красный"
    assert values["Высота"] == "82.5"
    assert values["Примечание"] == "дубовый"
    assert values["Артикул"] == "CH-1"
    assert values["Единица измерения"] == "шт"
    assert len(node["media"]) == 1
    assert Product.objects.get().tax_class.name == "НДС 22%"
    assert node["pricing"]["priceRange"]["start"]["gross"] == {"amount": 1990.0, "currency": "RUB"}
    (variant,) = node["variants"]
    assert variant["sku"] == "CH-1"
    assert variant["quantityAvailable"] == 7
    assert variant["pricing"]["price"]["gross"]["amount"] == 1990.0


@pytest.mark.parametrize("text", ["CH-1", "4600000000017", "венский"])
def test_article_and_barcode_are_searchable(text: str) -> None:
    fill()
    update_products_search_vector(Product.objects.values_list("pk", flat=True))
    assert [node["name"] for node in storefront(text)] == ["Стул венский"]


def test_characteristics_become_variants() -> None:
    exchange = Exchange()
    exchange.send(catalogue(good("p1", article="CH-1")))
    body = "".join(
        offer(
            f"p1#{number}",
            str(number),
            "1",
            "<ХарактеристикиТовара><ХарактеристикаТовара><Наименование>Размер</Наименование>"
            f"<Значение>{size}</Значение></ХарактеристикаТовара></ХарактеристикиТовара>",
        )
        for number, size in ((100, "M"), (200, "L"))
    )
    exchange.send(offers(body, head=PRICE_TYPES))
    (node,) = storefront()
    assert sorted(variant["name"] for variant in node["variants"]) == ["L", "M"]
    sizes = {
        row["values"][0]["name"]
        for variant in node["variants"]
        for row in variant["attributes"]
        if row["attribute"]["name"] == "Размер"
    }
    assert sizes == {"L", "M"}
    assert node["pricing"]["priceRange"]["start"]["gross"]["amount"] == 100.0


def test_only_what_changed_is_written_and_a_cleared_property_goes() -> None:
    fill()
    product = Product.objects.get()
    before = product.updated_at
    again = Exchange()
    counts = again.send(
        catalogue(good("p1", "Стул венский", CARD, "CH-1"), classifier=CLASSIFIER)
    ).of(ItemKind.PRODUCT)
    assert counts == {"seen": 1, "unchanged": 1}
    product.refresh_from_db()
    assert product.updated_at == before
    bare = CARD.replace("<Значение>red</Значение>", "<Значение></Значение>")
    Exchange().send(catalogue(good("p1", "Стул", bare, "CH-1"), classifier=CLASSIFIER))
    (node,) = storefront()
    assert {row["attribute"]["name"] for row in node["attributes"] if row["values"]} >= {"Высота"}
    assert all(
        not row["values"] for row in node["attributes"] if row["attribute"]["name"] == "Цвет"
    )


def test_a_lost_register_makes_no_second_product() -> None:
    from saleor_1c_plugin.catalog.models import RegisterEntry

    fill()
    RegisterEntry.objects.all().delete()
    fill()
    assert Product.objects.count() == ProductVariant.objects.count() == 1
    assert Category.objects.filter(name__in=["Мебель", "Стулья"]).count() == 2
    assert AttributeValue.objects.filter(name="Красный").count() == 1


def test_price_and_stock_follow_1c() -> None:
    fill()
    Exchange().send(offers(offer("p1", "1500", "0", name="Стул венский"), head=PRICE_TYPES))
    (node,) = storefront()
    assert node["pricing"]["priceRange"]["start"]["gross"]["amount"] == 1500.0
    assert node["variants"][0]["quantityAvailable"] == 0


def test_pictures_are_kept_once_and_a_text_called_jpg_is_told() -> None:
    path, other = "import_files/a.png", "import_files/b.jpg"
    fill(f"<Картинка>{path}</Картинка>", pictures={path: picture("red")})
    fill(f"<Картинка>{path}</Картинка>", pictures={path: picture("red")})
    assert ProductMedia.objects.count() == 1
    exchange = Exchange({path: picture("red"), other: b"just a text"})
    more = f"<Картинка>{path}</Картинка><Картинка>{other}</Картинка>"
    report = exchange.send(
        catalogue(good("p1", "Стул венский", CARD + more, "CH-1"), classifier=CLASSIFIER)
    )
    assert any("не изображение" in message for message in report.messages)
    assert ProductMedia.objects.count() == 1


def test_hidden_by_1c_and_shown_again() -> None:
    fill()
    fill("<ПометкаУдаления>true</ПометкаУдаления>")
    assert storefront() == []
    fill()
    assert len(storefront()) == 1


def test_duplicate_article_leaves_the_second_without_sku_and_says_so() -> None:
    exchange = Exchange()
    exchange.send(catalogue(good("p1", article="X") + good("p2", article="X")))
    report = exchange.send(offers(offer("p1") + offer("p2"), head=PRICE_TYPES))
    assert any("уже занят" in message for message in report.messages)
    assert (
        sorted(ProductVariant.objects.values_list("sku", flat=True), key=str) == ["X", None][::-1]
    )


def test_free_stock_adds_back_what_1c_has_subtracted_itself() -> None:
    configure("catalog", price_types="* = main", warehouses="* = main", stock_is_free=True)
    fill()
    stock = Stock.objects.get()
    allocate(stock, 3, taken=True)
    Exchange().send(offers(offer("p1", "1990", "4", name="Стул венский"), head=PRICE_TYPES))
    stock.refresh_from_db()
    assert stock.quantity == 7
    allocate(stock, 2, taken=False)
    Exchange().send(offers(offer("p1", "1990", "4", name="Стул венский"), head=PRICE_TYPES))
    stock.refresh_from_db()
    assert stock.quantity == 7


def allocate(stock: Stock, quantity: int, *, taken: bool) -> None:
    from saleor.channel.models import Channel
    from saleor.order.models import Order
    from saleor.warehouse.models import Allocation

    order = Order.objects.create(
        channel=Channel.objects.get(slug="main"),
        currency="RUB",
        lines_count=1,
        private_metadata={"onec.taken": "1"} if taken else {},
    )
    line = order.lines.create(
        product_name="Стул",
        variant=stock.product_variant,
        is_shipping_required=True,
        is_gift_card=False,
        quantity=quantity,
        currency="RUB",
        unit_price_net_amount=1,
        unit_price_gross_amount=1,
        total_price_net_amount=1,
        total_price_gross_amount=1,
    )
    Allocation.objects.create(order_line=line, stock=stock, quantity_allocated=quantity)


def test_follow_up_work_is_done_once_and_kept_until_then() -> None:
    from saleor_1c_plugin.catalog.models import PendingFollowUp

    fill()
    assert PendingFollowUp.objects.exists()
    assert run_pending() > 0
    assert not PendingFollowUp.objects.exists()


@pytest.mark.django_db(transaction=False)
def test_over_http_through_the_plugins_address(django_capture_on_commit_callbacks: Any) -> None:
    client, base = Client(), "/plugins/saleor1c.exchange/"
    token = base64.b64encode(b"1c:secret").decode()
    answer = client.get(
        f"{base}?type=catalog&mode=checkauth", headers={"Authorization": f"Basic {token}"}
    )
    assert answer.content.startswith(b"success\n")
    body = catalogue(good("p1")).encode()
    sent = client.post(
        f"{base}?type=catalog&mode=file&filename=import.xml",
        data=body,
        content_type="application/octet-stream",
    )
    assert sent.content == b"success"
    with django_capture_on_commit_callbacks(execute=True):
        client.get(f"{base}?type=catalog&mode=import&filename=import.xml")
    answer = client.get(f"{base}?type=catalog&mode=import&filename=import.xml")
    assert answer.content.decode().startswith("success"), answer.content.decode()
    assert Product.objects.get().external_reference == "p1"


@pytest.mark.skipif(not DATA.is_dir(), reason="the real 1C files are not beside the checkout")
@pytest.mark.parametrize("package", ["bitrix-module-6", "off-doc-1c", "umi-cms", "carono"])
def test_real_catalogues_twice(package: str) -> None:
    assert os.path.isdir(Path(DATA) / package)
    for attempt in range(2):
        exchange = Exchange()
        for name in PACKAGES[package]:
            report = exchange.send((DATA / package / name).read_bytes())
            for kind in (ItemKind.PRODUCT, ItemKind.OFFER):
                outcomes = report.of(kind).keys()
                assert "failed" not in outcomes, report.messages
                if attempt:
                    assert not {"created", "updated", "hidden"} & outcomes, (name, outcomes)
    assert Product.objects.exists()
    assert storefront()
