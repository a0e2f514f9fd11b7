"""Reservation on a real Saleor: set up in its dashboard, kept by its own checks and prices."""

import json
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

import graphene
import pytest
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from saleor.account.models import User
from saleor.channel.models import Channel
from saleor.checkout.models import Checkout
from saleor.core.jwt import create_access_token
from saleor.plugins.models import PluginConfiguration
from saleor.product.models import ProductVariant, ProductVariantChannelListing
from saleor.warehouse.models import Reservation, Stock

from saleor_1c_plugin.reservations import holds
from saleor_1c_plugin.reservations.listener import listener
from saleor_1c_plugin.reservations.models import End, Hold
from saleor_1c_plugin.reservations.settings import of_channels
from saleor_1c_plugin.store.ports import StockWrite
from saleor_1c_plugin.store.saleor import trade

from .sales import api, committed, complete, delivery, goods, read, sell_on_trust, start

PLUGIN = "saleor1c.reservations"
SAVE = """mutation ($id: ID!, $channel: ID!, $input: PluginUpdateInput!) {
  pluginUpdate(id: $id, channelId: $channel, input: $input) {
    plugin { channelConfigurations { channel { slug } active configuration { name value } } }
    errors { field message } } }"""
ADD = """mutation ($id: ID!, $lines: [CheckoutLineInput!]!) { checkoutLinesAdd(
  id: $id, lines: $lines) { checkout { id } errors { field message code } } }"""
SEEN = """query ($id: ID!) { checkout(id: $id) { metadata { key value }
  lines { unitPrice { gross { amount } } } } }"""
_TIMES = ("began", "ends", "term", "latest")


@pytest.fixture
def variant(shop: None) -> ProductVariant:
    sell_on_trust()
    delivery("300")
    found: ProductVariant = goods("a", "100.00", stock=10)
    return found


def set_up(**values: object) -> dict[str, str]:
    """Save settings of the channel ``main`` in the dashboard; what is wrong, by field."""
    user, _ = User.objects.get_or_create(
        email="staff@example.com", is_staff=True, is_superuser=True
    )
    channel = Channel.objects.get(slug="main")
    body = {
        "query": SAVE,
        "variables": {
            "id": PLUGIN,
            "channel": graphene.Node.to_global_id("Channel", channel.pk),
            "input": {
                "active": True,
                "configuration": [{"name": name, "value": value} for name, value in values.items()],
            },
        },
    }
    client = Client(headers={"Authorization": f"Bearer {create_access_token(user)}"})
    answer = client.post("/graphql/", json.dumps(body), content_type="application/json").json()
    assert "errors" not in answer, answer
    return {row["field"]: row["message"] for row in answer["data"]["pluginUpdate"]["errors"]}


def begin(variant: ProductVariant, quantity: int) -> str:
    with committed():
        return start({variant: quantity})[0]


def pk(cart: str) -> str:
    return str(graphene.Node.from_global_id(cart)[1])


def seen(cart: str) -> tuple[Decimal, Mapping[str, str]]:
    """Price of the line and the metadata, as the storefront sees them."""
    found = api(SEEN, "checkout", id=cart)
    price = Decimal(str(found["lines"][0]["unitPrice"]["gross"]["amount"]))
    return price, {row["key"]: row["value"] for row in found["metadata"]}


def pass_time(minutes: int) -> None:
    """So long later: the clock stays, the times of the rows are moved back."""
    step = timedelta(minutes=minutes)
    Hold.objects.update(**{name: F(name) - step for name in _TIMES})
    Reservation.objects.update(reserved_until=F("reserved_until") - step)
    Checkout.objects.update(price_expiration=F("price_expiration") - step)


def reprice(variant: ProductVariant, price: str) -> None:
    ProductVariantChannelListing.objects.filter(variant=variant).update(
        price_amount=price, discounted_price_amount=price
    )


def test_it_is_set_up_channel_by_channel(variant: ProductVariant) -> None:
    assert of_channels() == {}
    assert set_up(mode="automatic", guest_minutes="7", better_price=False) == {}
    [(slug, found)] = of_channels().items()
    assert (slug, found.is_automatic, found.guest_minutes) == ("main", True, 7)
    assert (found.better_price, found.share_percent) == (False, 100)
    assert set(set_up(share_percent="0")) == {"sharePercent"}
    PluginConfiguration.objects.update(active=False)
    assert of_channels() == {}


def test_automatic_until_it_is_over(variant: ProductVariant) -> None:
    set_up(mode="automatic")
    cart = begin(variant, 4)
    [hold] = holds.of_cart(pk(cart))
    assert (hold.quantity, hold.price) == (4, Decimal(100))
    reprice(variant, "150")
    price, facts = seen(cart)
    assert (price, facts["onec.reservation"]) == (100, str(hold.pk))
    pass_time(14)
    assert seen(cart)[0] == 100
    pass_time(1)
    price, facts = seen(cart)
    assert price == 150
    assert json.loads(facts["onec.reservation_notice"])[0]["end"] == "expired"
    assert "onec.reservation" not in facts
    assert not Reservation.objects.exists()


def test_the_better_price(variant: ProductVariant) -> None:
    set_up(mode="automatic")
    cart = begin(variant, 4)
    for live, paid in [("80", 80), ("150", 100), ("60", 60)]:
        reprice(variant, live)
        # As when the shop's own time of the prices is over.
        Checkout.objects.update(price_expiration=F("price_expiration") - timedelta(hours=2))
        assert seen(cart)[0] == paid


def test_bought_at_that_price(variant: ProductVariant) -> None:
    set_up(mode="automatic")
    cart = begin(variant, 10)
    reprice(variant, "150")
    with committed():
        order = read(complete(cart))
    assert order.lines[0].undiscounted == 1000
    found = Hold.objects.get()
    assert (found.end, found.order_id) == (End.BOUGHT, order.id)
    assert "onec.reservation" in order.metadata
    assert not Reservation.objects.exists()


def test_stock_falls(variant: ProductVariant) -> None:
    set_up(mode="automatic")
    carts = [begin(variant, 4), begin(variant, 3)]
    reprice(variant, "150")
    stock = Stock.objects.get(product_variant=variant)
    with committed():
        trade.write_stocks([StockWrite(str(variant.pk), str(stock.warehouse_id), 5)])
    assert [hold.end for hold in Hold.objects.order_by("began")] == ["", End.STOCK_FELL]
    assert [seen(cart)[0] for cart in carts] == [100, 150]


def test_a_shop_s_own_reservation_does_not_shorten_ours(variant: ProductVariant) -> None:
    set_up(mode="automatic")
    cart = begin(variant, 4)
    [hold] = holds.of_cart(pk(cart))
    Reservation.objects.update(reserved_until=hold.began + timedelta(minutes=1))
    listener.cart_changed(pk(cart))
    assert Reservation.objects.get().reserved_until == hold.ends


def test_what_it_costs_in_queries(variant: ProductVariant) -> None:
    other = goods("b", "50.00", stock=10)
    cart = begin(variant, 1)

    def queries(call: Any) -> int:
        with CaptureQueriesContext(connection) as caught:
            call()
        return len(caught)

    # Switched off.
    assert queries(lambda: listener.cart_changed(pk(cart))) == 1
    assert queries(lambda: listener.cart_opened(pk(cart))) == 1
    assert queries(lambda: listener.prices_end(pk(cart))) == 1
    set_up(mode="on_request")
    assert queries(lambda: listener.cart_changed(pk(cart))) == 2
    set_up(mode="automatic")
    listener.cart_changed(pk(cart))
    assert queries(lambda: listener.cart_changed(pk(cart))) <= 10
    with committed():
        lines = [{"variantId": graphene.Node.to_global_id("ProductVariant", other.pk)}]
        api(ADD, "checkoutLinesAdd", id=cart, lines=[{**lines[0], "quantity": 2}])
    assert Hold.objects.live().count() == 2
