"""Receipts on a Saleor that runs: a buyer pays by a provider, staff ship and give money back."""

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest
import requests
from saleor.channel.models import Channel
from saleor.order.models import Order
from saleor.plugins.models import PluginConfiguration

from saleor_1c_plugin.receipts.compose.document import Kind, Means, PaymentMethod
from saleor_1c_plugin.receipts.contact import MISSING
from saleor_1c_plugin.receipts.models import Receipt
from saleor_1c_plugin.receipts.stored import load
from saleor_1c_plugin.receipts.told import METADATA
from saleor_1c_plugin.sandbox.graphql import SaleorError
from tests.payments.standins.yookassa import YooKassa

from .live import LiveShop, OneC, local
from .paying import YOOKASSA, Shopper, set_up, set_up_yookassa, wait
from .sales import ADDRESS, gid, sell_on_trust

_PRICE = Decimal("450.50")
_TOTAL = _PRICE + 350
_FULFILL = """mutation ($id: ID!, $input: OrderFulfillInput!) {
  orderFulfill(order: $id, input: $input) { errors { field message code } } }"""
_CONFIRM = "mutation ($id: ID!) { orderConfirm(id: $id) { errors { field message } } }"
_CHECKOUT = """mutation ($input: CheckoutCreateInput!) { checkoutCreate(input: $input) {
  checkout { id shippingMethods { id } } errors { field message } } }"""
_DELIVERY = """mutation ($id: ID!, $method: ID!) {
  checkoutDeliveryMethodUpdate(id: $id, deliveryMethodId: $method) { errors { field message } } }"""
#: What a register would not send a receipt to.
_LONG = f"{'a' * 60}@example.com"


@pytest.fixture(scope="module")
def yookassa(live: LiveShop) -> Iterator[YooKassa]:
    OneC(live).export({"fiscal-cup": 1000}, price=str(_PRICE))
    with YooKassa(port=live.ports["yookassa"]) as server:
        server.notifier.url = f"{live.base}/plugins/{YOOKASSA}/"
        set_up_yookassa(live, two_stage="false")
        set_up(live, "saleor1c.emulator", drives="1 2")
        set_up(live, "saleor1c.receipts", place="https://shop.example", seller="ООО «Рога»")
        yield server
        server.notifier.wait()
    for plugin in (YOOKASSA, "saleor1c.receipts", "saleor1c.emulator"):
        PluginConfiguration.objects.filter(identifier=plugin).delete()


def told(order: str) -> list[Mapping[str, Any]]:
    """Receipts as a storefront finds them."""
    metadata: Mapping[str, str] = Order.objects.get(pk=order).metadata
    found: list[Mapping[str, Any]] = json.loads(metadata.get(METADATA, "[]"))
    return found


def receipts(order: str, number: int) -> Sequence[Receipt]:
    """Those of an order, once there are so many."""
    wait(lambda: len(told(order)) >= number)
    return Receipt.objects.filter(order_id=order).order_by("created")


def paid_for(live: LiveShop, yookassa: YooKassa) -> tuple[Shopper, str]:
    """A buyer who has paid, and the order."""
    shopper = Shopper(live, YOOKASSA, "fiscal-cup")
    shopper.choose()
    yookassa.pay(shopper.payment_id)
    shopper.come_back()
    return shopper, shopper.complete()


def ship(live: LiveShop, order_id: str) -> None:
    order = Order.objects.get(pk=order_id)
    if order.status == "unconfirmed":
        live.staff.ask(_CONFIRM, {"id": gid(order)})
    (line,) = order.lines.all()
    stock = line.variant.stocks.get()
    lines = [
        {
            "orderLineId": gid(line),
            "stocks": [{"quantity": line.quantity, "warehouse": gid(stock.warehouse)}],
        }
    ]
    live.staff.ask(_FULFILL, {"id": gid(order), "input": {"lines": lines}})


def test_a_sale_from_the_payment_to_the_refund(live: LiveShop, yookassa: YooKassa) -> None:
    shopper, order = paid_for(live, yookassa)
    (first,) = receipts(order, 1)
    assert (first.kind, first.total, first.moved) == (Kind.SELL, _TOTAL, _TOTAL)
    document = load(first.document or {})
    assert dict(document.paid) == {Means.ELECTRONIC: _TOTAL}
    assert {item.method for item in document.items} == {PaymentMethod.FULL_PREPAYMENT}
    assert document.buyer.email == "anna@example.com"

    ship(live, order)
    _, second = receipts(order, 2)
    document = load(second.document or {})
    assert (second.kind, second.total, second.moved) == (Kind.SELL, _TOTAL, 0)
    assert dict(document.paid) == {Means.PREPAID: _TOTAL}
    assert {item.method for item in document.items} == {PaymentMethod.FULL_PAYMENT}

    shopper.ask_staff("REFUND", "100.25")
    *_, third = receipts(order, 3)
    assert (third.kind, third.total) == (Kind.SELL_REFUND, Decimal("100.25"))
    assert {item.method for item in load(third.document or {}).items} == {
        PaymentMethod.FULL_PAYMENT
    }
    # Nothing that happens to the order any more makes another one.
    Order.objects.get(pk=order).save()
    assert [row.fact for row in receipts(order, 3)] == [row.fact for row in (first, second, third)]

    # Whoever has the address sees the receipt, and nobody else.
    for one in told(order):
        page = requests.get(one["page"], timeout=30)
        assert page.status_code == 200
        assert str(one["document"]) in page.text
    assert requests.get(f"{told(order)[0]['page'][:-2]}/", timeout=30).status_code == 404

    # 1C gets what was registered with the order.
    onec = OneC(live)
    requisites = dict(onec.books[order].order.requisites)
    assert str(third.fiscal_document) in " ".join(requisites.values())


def unreachable(live: LiveShop) -> str:
    """A checkout of a buyer without an address for receipts."""
    address = {key: value for key, value in ADDRESS.items() if key != "phone"}
    made = live.graphql().ask(
        _CHECKOUT,
        {
            "input": {
                "channel": "main",
                "email": _LONG,
                "lines": [{"variantId": live.variant("fiscal-cup"), "quantity": 1}],
                "shippingAddress": address,
                "billingAddress": address,
            }
        },
    )["checkoutCreate"]["checkout"]
    method = made["shippingMethods"][0]["id"]
    live.graphql().ask(_DELIVERY, {"id": made["id"], "method": method})
    return str(made["id"])


def test_a_buyer_without_an_address_is_asked_for_one(live: LiveShop, yookassa: YooKassa) -> None:
    checkout = unreachable(live)
    shopper = Shopper(live, YOOKASSA, "fiscal-cup", checkout)
    before = len(yookassa.payments)
    answer = shopper.choose()
    assert answer["transactionEvent"]["type"] == "CHARGE_FAILURE"
    assert answer["transactionEvent"]["message"] == MISSING
    assert len(yookassa.payments) == before
    sell_on_trust(allow_unpaid_orders=True)
    with pytest.raises(SaleorError, match="fiscal receipt"):
        live.guest().complete(checkout)
    assert not Order.objects.filter(checkout_token=local(checkout)).exists()
    assert Channel.objects.get(slug="main").allow_unpaid_orders
