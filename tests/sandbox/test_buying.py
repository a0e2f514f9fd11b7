"""A buyer's way through the page, and what the order's page tells when 1C acts."""

import re
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections
from django.test import Client

from saleor_1c_plugin.sandbox.models import Cart, Order, OrderLine, Stock
from saleor_1c_plugin.sandbox.orders import SandboxOrderStore
from saleor_1c_plugin.sandbox.store import SandboxStore
from saleor_1c_plugin.store.orders import (
    DiscountKind,
    NewPayment,
    NewShipment,
    OrderStatus,
    PaymentKind,
)
from saleor_1c_plugin.store.orders import (
    Order as OrderData,
)
from saleor_1c_plugin.store.ports import Missing

from .goods import goods

pytestmark = pytest.mark.django_db

BUYER = {
    "first_name": "Анна",
    "last_name": "Ли",
    "email": "Anna@Example.com",
    "phone": "8 (900) 123-45-67",
    "delivery": "courier",
    "postal_code": "101000",
    "city": "Москва",
    "street": "Мясницкая, 1",
}


@pytest.fixture
def buyer() -> Client:
    return Client()


def put(client: Client, quantity: int = 2, **values: Any) -> Any:
    variant = goods(**values)
    return client.post("/cart/", {"variant": variant.pk, "quantity": quantity})


def check_out(client: Client, **changes: str) -> Any:
    return client.post("/checkout/", {**BUYER, **changes})


def ordered() -> OrderData:
    row = Order.objects.get()
    return SandboxOrderStore().read_orders([str(row.key)])[0]


def test_the_way_of_an_order(buyer: Client) -> None:
    card = buyer.get(f"/goods/{goods().product_id}/").content.decode()
    assert 'action="/cart/"' in card
    assert put(buyer).url == "/cart/"
    assert "200,00" in buyer.get("/cart/").content.decode()
    answer = check_out(buyer, note="Позвонить", company="ООО «Ромашка»", inn="7707083893")
    data = ordered()
    assert answer.url == f"/orders/{data.id}/"
    assert data.status is OrderStatus.UNCONFIRMED
    assert data.buyer.email == "anna@example.com"
    assert data.billing is not None
    assert data.shipping == data.billing
    assert (data.billing.phone, data.billing.city) == ("+79001234567", "Москва")
    assert (data.billing.company, data.billing.metadata) == (
        "ООО «Ромашка»",
        {"inn": "7707083893"},
    )
    assert (data.delivery_id, data.delivery_gross) == ("courier", Decimal(350))
    assert (data.delivery_net, data.delivery_tax_rate) == (Decimal("286.89"), Decimal("0.22"))
    assert (data.total_gross, data.note) == (Decimal(550), "Позвонить")
    assert not Cart.objects.exists()
    page = buyer.get(answer.url).content.decode()
    for text in (data.number, "550,00", "Ромашка", "Мясницкая", "Позвонить", "Чашка cup"):
        assert text in page


def test_an_order_to_fetch_has_no_delivery(buyer: Client) -> None:
    put(buyer, warehouse=1)
    check_out(buyer, delivery="store", city="", street="")
    data = ordered()
    assert (data.pickup_name, data.shipping, data.delivery_id) == ("Магазин", None, "")
    assert data.total_gross == Decimal(200)
    assert data.lines[0].warehouse_id == data.pickup_id


def test_goods_of_another_warehouse_are_not_fetched_here(buyer: Client) -> None:
    put(buyer)
    answer = check_out(buyer, delivery="store")
    assert (answer.status_code, answer.context["form"].errors.keys()) == (409, {"delivery"})
    assert not Order.objects.exists()
    assert Cart.objects.get().lines.exists()


def test_a_voucher_and_a_gift_card(buyer: Client) -> None:
    put(buyer)
    check_out(buyer, code="ten")
    data = ordered()
    assert [(item.kind, item.amount, item.code) for item in data.discounts] == [
        (DiscountKind.VOUCHER, Decimal(20), "TEN")
    ]
    assert (data.voucher_code, data.total_gross) == ("TEN", Decimal(530))
    Order.objects.all().delete()
    put(buyer)
    url = check_out(buyer, code="GIFT-0500").url
    data = ordered()
    assert (data.gift_cards, data.total_gross) == ((("0500", Decimal(500)),), Decimal(550))
    assert "50,00" in pay_button(buyer, url)


def pay_button(client: Client, url: str) -> str:
    found = re.search(r'<button id="pay">(.*?)</button>', client.get(url).content.decode())
    return found[1] if found else ""


def test_paying_takes_what_is_left_and_only_once(buyer: Client) -> None:
    put(buyer)
    url = check_out(buyer).url
    SandboxOrderStore().record_payment(ordered().id, NewPayment("p", Decimal(100), "Касса"))
    assert "450,00" in pay_button(buyer, url)
    for _ in range(2):
        assert buyer.post(f"{url}pay/").url == url
    charge = ordered().payments[1]
    assert (charge.kind, charge.amount) == (PaymentKind.CHARGE, Decimal(450))
    assert (charge.gateway, charge.from_onec) == ("card", False)
    assert len(ordered().payments) == 2
    assert not pay_button(buyer, url)


def test_a_cancelled_order_is_not_paid(buyer: Client) -> None:
    put(buyer)
    url = check_out(buyer).url
    SandboxOrderStore().cancel(ordered().id)
    assert not pay_button(buyer, url)
    buyer.post(f"{url}pay/")
    assert not ordered().payments


def test_the_page_shows_what_1c_does(buyer: Client) -> None:
    store = SandboxOrderStore()
    put(buyer)
    url = check_out(buyer).url
    id_ = ordered().id
    assert 'data-status="unconfirmed"' in buyer.get(url).content.decode()
    store.confirm(id_)
    store.write_metadata(id_, {"onec.number": "ТД00-000001"})
    store.record_payment(id_, NewPayment("p", Decimal(550), "Эквайринг"))
    store.ship(id_, NewShipment("s", tracking="RA644000001RU"))
    page = buyer.get(url).content.decode()
    for text in ('data-status="shipped"', "ТД00-000001", "Эквайринг", "RA644000001RU"):
        assert text in page


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "anna"),
        ("phone", ""),
        ("inn", "123"),
        ("kpp", "12"),
        ("delivery", "pigeon"),
        ("city", ""),
        ("code", "FREE"),
        ("first_name", "\0"),
    ],
)
def test_what_is_typed_wrong_is_told_beside_it(buyer: Client, field: str, value: str) -> None:
    put(buyer)
    answer = check_out(buyer, **{field: value})
    assert answer.status_code == 200
    assert answer.context["form"].errors.keys() == {field}
    assert not Order.objects.exists()


def test_the_cart_holds_what_it_is_told(buyer: Client) -> None:
    put(buyer, 2)
    put(buyer, 5)
    assert [line.quantity for line in Cart.objects.get().lines.all()] == [5]
    assert Cart.objects.count() == 1
    put(buyer, 0)
    assert not Cart.objects.get().lines.exists()
    assert check_out(buyer).url == "/cart/"


@pytest.mark.parametrize(("variant", "quantity"), [("0", "1"), ("x", "1"), ("", "-1"), ("", "1e9")])
def test_a_cart_takes_no_nonsense(buyer: Client, variant: str, quantity: str) -> None:
    values = {"variant": variant or str(goods().pk), "quantity": quantity}
    assert buyer.post("/cart/", values).status_code == 400
    buyer.cookies["onec_cart"] = "nonsense"
    assert buyer.get("/cart/").status_code == 200


def test_the_cart_tells_what_is_sold_out(buyer: Client) -> None:
    put(buyer, 11)
    page = buyer.get("/cart/").content.decode()
    assert "10" in re.findall(r'<div class="warn">(.*?)</div>', page)[0]
    assert 'id="buy"' not in page
    assert check_out(buyer).status_code == 409
    assert not Order.objects.exists()


def test_what_others_have_ordered_is_no_longer_offered(buyer: Client) -> None:
    put(buyer, 8)
    check_out(buyer)
    page = buyer.get(f"/goods/{goods().product_id}/").content.decode()
    assert "Основной склад: 2" in page
    assert re.search(r'<div class="stock">[^<]*2</div>', buyer.get("/").content.decode())


def test_goods_taken_off_sale_are_not_sold(buyer: Client) -> None:
    put(buyer)
    variant = goods()
    SandboxStore().retire_products([str(variant.product_id)], Missing.HIDE)
    assert "warn" in buyer.get("/cart/").content.decode()
    assert check_out(buyer).status_code == 409


def test_a_page_of_no_order(buyer: Client) -> None:
    assert buyer.get(f"/orders/{uuid4()}/").status_code == 404
    assert buyer.get("/orders/1/").status_code == 404
    assert buyer.post(f"/orders/{uuid4()}/pay/").status_code == 404


def test_another_site_cannot_buy(db: None) -> None:
    client = Client(enforce_csrf_checks=True)
    assert put(client).status_code == 403
    token = re.search(
        r'name="csrfmiddlewaretoken" value="(\w+)"', client.get(card()).content.decode()
    )
    assert token is not None
    values = {"variant": goods().pk, "quantity": 1, "csrfmiddlewaretoken": token[1]}
    assert client.post("/cart/", values).status_code == 302


def card() -> str:
    return f"/goods/{goods().product_id}/"


@pytest.mark.django_db(transaction=True)
def test_nothing_is_sold_twice() -> None:
    variant = goods(quantity=5)
    clients = [Client() for _ in range(6)]
    for client in clients:
        client.post("/cart/", {"variant": variant.pk, "quantity": 2})

    def buy(client: Client) -> int:
        try:
            return int(check_out(client).status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(clients)) as pool:
        answers = sorted(pool.map(buy, clients))
    assert answers == [302, 302, 409, 409, 409, 409]
    assert sum(line.quantity for line in OrderLine.objects.all()) == 4
    assert Stock.objects.get().quantity == 5


@pytest.mark.django_db(transaction=True)
def test_a_cart_sent_twice_is_one_order(buyer: Client) -> None:
    put(buyer)

    def buy(_: int) -> str:
        try:
            return str(check_out(buyer).url)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        addresses = set(pool.map(buy, range(2)))
    assert addresses == {"/cart/", f"/orders/{ordered().id}/"}
