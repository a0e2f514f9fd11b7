"""What bulk writes must not get wrong in a real Saleor, and the follow-ups that they owe."""

from decimal import Decimal
from typing import Any

import pytest
from saleor.app.models import App
from saleor.attribute.models import AttributeValue
from saleor.core.models import EventDelivery
from saleor.discount.models import Promotion, PromotionRule
from saleor.permission.models import Permission
from saleor.product.models import (
    Product,
    ProductChannelListing,
    ProductType,
    ProductVariant,
    ProductVariantChannelListing,
)
from saleor.warehouse.models import Stock
from saleor.webhook.event_types import WebhookEventAsyncType
from saleor.webhook.models import Webhook
from saleor.webhook.transport.asynchronous import transport

from saleor_1c_plugin.catalog.follow_ups import run_pending
from saleor_1c_plugin.commerceml.model import ItemKind
from tests.catalog.support import PRICE_TYPES, Exchange, catalogue, good, offer, offers

from .shop import configure

pytestmark = pytest.mark.usefixtures("shop")

BARCODE = "<Штрихкод>{}</Штрихкод>"
SIZE = (
    "<ХарактеристикиТовара><ХарактеристикаТовара><Наименование>Размер</Наименование>"
    "<Значение>{}</Значение></ХарактеристикаТовара></ХарактеристикиТовара>"
)


def fill(goods: str, trade: str) -> Exchange:
    exchange = Exchange()
    exchange.send(catalogue(goods))
    exchange.send(offers(trade, head=PRICE_TYPES))
    return exchange


def trade(*lines: tuple[str, str, str]) -> str:
    return "".join(offer(key, price, quantity) for key, price, quantity in lines)


def test_a_product_and_a_variant_with_one_number_keep_their_own_values() -> None:
    goods = "".join(good(f"p{n}", more=BARCODE.format(f"card-{n}")) for n in range(5))
    fill(goods, "".join(offer(f"p{n}", more=BARCODE.format(f"offer-{n}")) for n in range(5)))
    shared = set(Product.objects.values_list("pk", flat=True))
    assert shared & set(ProductVariant.objects.values_list("pk", flat=True))
    texts = set(
        AttributeValue.objects.filter(attribute__name="Штрихкод").values_list(
            "plain_text", flat=True
        )
    )
    assert texts == {f"{kind}-{n}" for kind in ("card", "offer") for n in range(5)}


def test_variants_exchange_their_skus() -> None:
    fill(good("p1") + good("p2"), offer("p1", more="<Артикул>A</Артикул>") + offer("p2"))
    report = Exchange().send(
        offers(
            offer("p1", more="<Артикул>B</Артикул>") + offer("p2", more="<Артикул>A</Артикул>"),
            head=PRICE_TYPES,
        )
    )
    assert report.messages == []
    skus = dict(ProductVariant.objects.values_list("external_reference", "sku"))
    assert skus == {"p1": "B", "p2": "A"}


def test_the_lowest_price_of_the_variants_stands_in_the_listing() -> None:
    lines = [(f"p1#{n}", str(100 * n), SIZE.format(n)) for n in (1, 2, 3)]
    fill(good("p1"), "".join(offer(key, price, "1", more) for key, price, more in lines))
    assert ProductChannelListing.objects.get().discounted_price_amount == 100
    Exchange().send(offers(offer("p1#1", "900", "1", lines[0][2]), only_changes="true"))
    assert ProductChannelListing.objects.get().discounted_price_amount == 200
    body = "<Предложение><Ид>p1#2</Ид><Цены/></Предложение>"
    Exchange().send(offers(body, only_changes="true"))
    assert ProductChannelListing.objects.get().discounted_price_amount == 300
    assert ProductVariantChannelListing.objects.count() == 2


def test_a_listing_that_an_editor_took_back_stays_so() -> None:
    fill(good("p1"), offer("p1"))
    ProductChannelListing.objects.update(is_published=False)
    Exchange().send(offers(offer("p1", "70"), only_changes="true"))
    listing = ProductChannelListing.objects.get()
    assert (listing.is_published, listing.discounted_price_amount) == (False, Decimal(70))


def test_a_promotion_s_price_is_left_to_saleor_unless_the_new_price_is_lower() -> None:
    fill(good("p1"), offer("p1", "100"))
    promotion = Promotion.objects.create(name="Скидка")
    rule = PromotionRule.objects.create(promotion=promotion, catalogue_predicate={})
    rule.variants.set(ProductVariant.objects.all())
    ProductVariantChannelListing.objects.update(discounted_price_amount=80)
    Exchange().send(offers(offer("p1", "120"), only_changes="true"))
    listing = ProductVariantChannelListing.objects.get()
    assert (listing.price_amount, listing.discounted_price_amount) == (120, 80)
    Exchange().send(offers(offer("p1", "50"), only_changes="true"))
    listing.refresh_from_db()
    assert (listing.price_amount, listing.discounted_price_amount) == (50, 50)


def test_what_was_deleted_in_the_dashboard_comes_back() -> None:
    goods, lines = good("p1") + good("p2"), trade(("p1", "10", "1"), ("p2", "20", "2"))
    fill(goods, lines)
    Product.objects.get(external_reference="p1").delete()
    now = Exchange()
    assert now.send(catalogue(goods)).of(ItemKind.PRODUCT)["created"] == 1
    assert now.send(offers(lines, head=PRICE_TYPES)).of(ItemKind.OFFER)["created"] == 1
    assert Stock.objects.get(product_variant__external_reference="p1").quantity == 1


def test_a_product_type_of_that_name_is_taken_over() -> None:
    theirs = ProductType.objects.create(name="Мебель", slug="furniture", kind="normal")
    more = (
        "<ЗначенияРеквизитов><ЗначениеРеквизита><Наименование>ВидНоменклатуры</Наименование>"
        "<Значение>Мебель</Значение></ЗначениеРеквизита></ЗначенияРеквизитов>"
    )
    fill(good("p1", more=more), offer("p1"))
    assert Product.objects.get().product_type == theirs


@pytest.fixture
def _listener(shop: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """An app that listens to all that we cause; sending to it is Saleor's matter, not ours."""
    app = App.objects.create(name="listener", is_active=True)
    app.permissions.add(Permission.objects.get(codename="manage_products"))
    hook = Webhook.objects.create(app=app, name="all", target_url="http://127.0.0.1:9/")
    for event in (
        WebhookEventAsyncType.PRODUCT_CREATED,
        WebhookEventAsyncType.PRODUCT_UPDATED,
        WebhookEventAsyncType.PRODUCT_DELETED,
        WebhookEventAsyncType.PRODUCT_VARIANT_CREATED,
        WebhookEventAsyncType.PRODUCT_VARIANT_UPDATED,
        WebhookEventAsyncType.PRODUCT_VARIANT_STOCK_UPDATED,
        WebhookEventAsyncType.PRODUCT_VARIANT_OUT_OF_STOCK,
        WebhookEventAsyncType.PRODUCT_VARIANT_BACK_IN_STOCK,
    ):
        hook.events.create(event_type=event)
    monkeypatch.setattr(
        transport.send_webhook_request_async, "apply_async", lambda *args, **kwargs: None
    )


def told() -> list[str]:
    """Events that Saleor has for its webhooks since the last time, once the work owed is done."""
    run_pending()
    events = sorted(EventDelivery.objects.values_list("event_type", flat=True))
    EventDelivery.objects.all().delete()
    return events


@pytest.mark.usefixtures("_listener")
def test_webhooks_hear_of_everything_once() -> None:
    fill(good("p1"), offer("p1", "10", "5"))
    assert told() == [
        "product_created",
        "product_variant_back_in_stock",
        "product_variant_created",
        "product_variant_stock_updated",
    ]
    Exchange().send(offers(offer("p1", "10", "0"), only_changes="true"))
    assert told() == ["product_variant_out_of_stock", "product_variant_stock_updated"]
    Exchange().send(offers(offer("p1", "12", "0"), only_changes="true"))
    assert told() == ["product_variant_updated"]
    fill(good("p1"), offer("p1", "12", "0"))
    assert told() == []


@pytest.mark.usefixtures("_listener")
def test_what_1c_deletes_is_deleted_whole_and_told(
    django_capture_on_commit_callbacks: Any,
) -> None:
    configure("catalog", price_types="* = main", default_warehouse="main", deleted="delete")
    fill(good("p1", more=BARCODE.format("1")), offer("p1", "10", "5", BARCODE.format("2")))
    told()
    mark = "<ПометкаУдаления>true</ПометкаУдаления>"
    with django_capture_on_commit_callbacks(execute=True):
        Exchange().send(catalogue(good("p1", more=mark)))
    assert told() == ["product_deleted"]
    assert not Product.objects.exists()
    assert not AttributeValue.objects.filter(attribute__name="Штрихкод").exists()


def test_a_variant_that_1c_takes_off_no_longer_sets_the_lowest_price() -> None:
    lines = [offer("p1#1", "10", "1", SIZE.format("S")), offer("p1#2", "20", "1", SIZE.format("M"))]
    fill(good("p1"), "".join(lines))
    assert ProductChannelListing.objects.get().discounted_price_amount == 10
    gone = "<ПометкаУдаления>true</ПометкаУдаления>"
    Exchange().send(offers(offer("p1#1", "10", "1", gone), only_changes="true"))
    assert ProductChannelListing.objects.get().discounted_price_amount == 20
