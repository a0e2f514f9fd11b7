"""What 1C gets to know of an order that a buyer made in a real Saleor."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from saleor.account.models import User
from saleor.app.models import App
from saleor.channel.models import Channel
from saleor.order.models import Order as OrderRow
from saleor.permission.models import Permission
from saleor.plugins.models import PluginConfiguration
from saleor.shipping.models import ShippingMethod
from saleor.warehouse.models import Warehouse

from saleor_1c_plugin.store.orders import OrderStatus

from .sales import STORE, delivery, goods, place, read, sell_on_trust

pytestmark = pytest.mark.usefixtures("shop")


@pytest.fixture
def _open(shop: None) -> None:
    sell_on_trust()
    delivery("300")


@pytest.mark.usefixtures("_open")
def test_everything_that_a_buyer_said_and_chose() -> None:
    chair, table = goods("chair", "1000"), goods("table#oak", "2500.50")
    pk = place({chair: 2, table: 1})
    OrderRow.objects.filter(pk=pk).update(customer_note="Позвоните", metadata={"from": "ads"})
    order = read(pk)
    row = OrderRow.objects.get(pk=pk)
    assert (order.id, order.number, order.channel) == (pk, str(row.number), "main")
    assert (order.currency, order.status) == ("RUB", OrderStatus.UNCONFIRMED)
    assert (order.created, order.updated) == (row.created_at, row.updated_at)
    assert (order.note, order.metadata) == ("Позвоните", {"from": "ads"})
    assert (order.buyer.id, order.buyer.email) == ("", "ivan@example.com")
    assert order.shipping is not None
    assert order.billing is not None
    assert (order.shipping.first_name, order.shipping.phone) == ("Иван", "+79161234567")
    assert (order.shipping.country_code, order.shipping.country) == ("RU", "Россия")
    assert (order.billing.city.casefold(), order.billing.postal_code) == ("москва", "119019")
    assert (order.delivery_name, order.delivery_gross) == ("Курьер", Decimal("300.00"))
    assert order.delivery_id == str(row.shipping_method_id)
    assert [(line.key, line.quantity) for line in order.lines] == [("chair", 2), ("table#oak", 1)]
    line = order.lines[1]
    assert (line.product_key, line.sku) == ("product-table#oak", "sku-table#oak")
    assert (line.name, line.variant_name) == ("Товар table#oak", "Вид table#oak")
    assert line.metadata == {"onec.brand": "Рога", "onec.unit": "шт"}
    assert (line.total_gross, line.undiscounted) == (Decimal("2500.50"), Decimal("2500.50"))
    assert line.warehouse_id == str(
        row.lines.get(product_sku=line.sku).allocations.get().stock.warehouse_id
    )
    assert order.total_gross == row.total_gross_amount == Decimal("4800.50")


@pytest.mark.usefixtures("_open")
def test_an_account_is_named_with_its_metadata() -> None:
    user = User.objects.create(
        email="anna@example.com", first_name="Анна", last_name="К", metadata={"inn": "7700"}
    )
    pk = place({goods("a", "10"): 1})
    OrderRow.objects.filter(pk=pk).update(user=user, user_email="")
    buyer = read(pk).buyer
    assert (buyer.id, buyer.email, buyer.first_name) == (str(user.pk), user.email, "Анна")
    assert buyer.metadata == {"inn": "7700"}


@pytest.mark.usefixtures("_open")
def test_goods_that_are_gone_keep_what_the_order_says_of_them() -> None:
    chair = goods("chair", "1000")
    pk = place({chair: 1})
    chair.product.delete()
    (line,) = read(pk).lines
    assert (line.key, line.product_key, line.warehouse_id) == ("", "", "")
    assert (line.sku, line.name, line.total_gross) == ("sku-chair", "Товар chair", 1000)


@pytest.mark.usefixtures("_open")
def test_drafts_strangers_and_nonsense_are_left_out_and_the_order_is_kept() -> None:
    chair = goods("chair", "1000")
    first, second = place({chair: 1}), place({chair: 2})
    draft = OrderRow.objects.create(
        status="draft", lines_count=0, currency="RUB", channel=OrderRow.objects.first().channel
    )
    asked = [second, "nonsense", str(draft.pk), "0" * 32, first]
    assert [order.id for order in STORE.read_orders(asked)] == [second, first]
    assert STORE.read_orders([]) == []
    numbers = [str(OrderRow.objects.get(pk=first).number), str(draft.number), "х", "9" * 40]
    assert STORE.find_orders(numbers) == {numbers[0]: first}
    assert STORE.variants_by_key(["chair", "unknown"]) == {"chair": str(chair.pk)}


@pytest.mark.usefixtures("_open")
def test_many_orders_cost_as_many_queries_as_one() -> None:
    pks = [place({goods(f"g{n}", "10"): 1}) for n in range(8)]
    with CaptureQueriesContext(connection) as one:
        STORE.read_orders(pks[:1])
    with CaptureQueriesContext(connection) as many:
        assert len(STORE.read_orders(pks)) == 8
    assert len(many) == len(one) <= 12


@pytest.mark.parametrize(
    ("saleor", "ours"),
    [
        ("unconfirmed", OrderStatus.UNCONFIRMED),
        ("unfulfilled", OrderStatus.OPEN),
        ("partially fulfilled", OrderStatus.PARTLY_SHIPPED),
        ("fulfilled", OrderStatus.SHIPPED),
        ("partially_returned", OrderStatus.PARTLY_RETURNED),
        ("returned", OrderStatus.RETURNED),
        ("canceled", OrderStatus.CANCELLED),
        ("expired", OrderStatus.EXPIRED),
    ],
)
@pytest.mark.usefixtures("_open")
def test_every_status_has_its_like(saleor: str, ours: OrderStatus) -> None:
    pk = place({goods("a", "10"): 1})
    OrderRow.objects.filter(pk=pk).update(status=saleor)
    assert read(pk).status is ours


@pytest.mark.usefixtures("_open")
def test_lists_for_the_dialog_of_1c() -> None:
    provider = App.objects.create(name="ЮKassa", identifier="yookassa", is_active=True)
    App.objects.create(name="Аналитика", identifier="analytics", is_active=True)
    asleep = App.objects.create(name="Старый", identifier="old", is_active=False)
    for app in (provider, asleep):
        app.permissions.add(Permission.objects.get(codename="handle_payments"))
    PluginConfiguration.objects.create(
        identifier="mirumee.payments.dummy",
        name="Dummy",
        active=True,
        configuration=[],
        channel=Channel.objects.get(slug="main"),
    )
    Warehouse.objects.update(click_and_collect_option="all")
    lists = STORE.reference_lists()
    assert [(item.id, item.name) for item in lists.payments] == [
        ("yookassa", "ЮKassa"),
        ("mirumee.payments.dummy", "Dummy"),
    ]
    assert {(item.id, item.name) for item in lists.deliveries} >= {
        (str(ShippingMethod.objects.get(name="Курьер").pk), "Курьер"),
        (str(Warehouse.objects.get(slug="main").pk), "Склад"),
    }
    assert {item.id for item in lists.statuses} == {status.value for status in OrderStatus}
