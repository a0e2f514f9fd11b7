"""Lines of unconfirmed orders, orders typed into 1C, and their buyers, in a real Saleor."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from saleor.account.models import User
from saleor.app.models import App
from saleor.channel.models import Channel
from saleor.discount.models import (
    Promotion,
    PromotionRule,
    Voucher,
    VoucherChannelListing,
    VoucherCode,
)
from saleor.order.models import Order as OrderRow
from saleor.order.models import OrderEvent
from saleor.permission.models import Permission
from saleor.product.models import Product, ProductChannelListing, ProductVariant
from saleor.product.utils.variant_prices import update_discounted_prices_for_promotion
from saleor.shipping.models import ShippingMethodChannelListing
from saleor.tax.models import TaxConfiguration
from saleor.warehouse.models import Allocation
from saleor.webhook.models import Webhook

from saleor_1c_plugin.store.orders import (
    Address,
    Buyer,
    Forbidden,
    LineChange,
    NewCustomer,
    NewOrder,
    OrderStatus,
)

from .sales import (
    STORE,
    charge_taxes,
    committed,
    delivery,
    goods,
    place,
    read,
    saleor_total,
    sell_on_trust,
    tax_class,
)

pytestmark = pytest.mark.usefixtures("_open")


@pytest.fixture
def _open(shop: None) -> None:
    sell_on_trust()
    delivery("300")


def promote(*variants: ProductVariant) -> None:
    """Ten per cent off, for everybody."""
    promotion = Promotion.objects.create(
        name="Акция", type="catalogue", start_date=datetime(2020, 1, 1, tzinfo=UTC)
    )
    rule = PromotionRule.objects.create(
        promotion=promotion,
        catalogue_predicate={"productPredicate": {"ids": []}},
        reward_value_type="percentage",
        reward_value=Decimal(10),
    )
    rule.channels.add(Channel.objects.get(slug="main"))
    rule.variants.add(*variants)
    update_discounted_prices_for_promotion(Product.objects.all())


def allocated() -> dict[str, int]:
    rows = Allocation.objects.filter(quantity_allocated__gt=0)
    return dict(rows.values_list("order_line__product_sku", "quantity_allocated"))


# --- changing lines


def test_quantities_goods_and_prices_become_what_1c_says() -> None:
    charge_taxes()
    chair, table, lamp = goods("chair", "100"), goods("table", "200"), goods("lamp", "50")
    pk = place({chair: 3, table: 1})
    lines = {line.key: line for line in read(pk).lines}
    with committed():
        assert STORE.change_lines(
            pk,
            [
                LineChange(5, id=lines["chair"].id),
                LineChange(2, variant_id=str(lamp.pk), unit_price=Decimal("45.50")),
            ],
        )
    order = read(pk)
    assert [(line.key, line.quantity, line.total_gross) for line in order.lines] == [
        ("chair", 5, Decimal("500.00")),
        ("lamp", 2, Decimal("91.00")),
    ]
    assert order.total_gross == saleor_total(pk) == Decimal("891.00")
    assert allocated() == {"sku-chair": 5, "sku-lamp": 2}
    kinds = set(OrderEvent.objects.filter(order_id=pk, app__name="1C").values_list("type"))
    assert {("added_products",), ("removed_products",)} <= kinds
    same = [LineChange(line.quantity, id=line.id) for line in order.lines]
    before = read(pk).updated
    assert not STORE.change_lines(pk, same)
    assert read(pk).updated == before


def test_the_price_that_1c_was_told_is_no_change_and_another_is_final() -> None:
    chair = goods("chair", "100", tax=tax_class("vat:22", "22"))
    charge_taxes()
    promote(chair)
    pk = place({chair: 3})
    (line,) = read(pk).lines
    assert (line.total_gross, line.undiscounted) == (270, 300)
    assert not STORE.change_lines(pk, [LineChange(3, id=line.id, unit_price=Decimal("90"))])
    assert STORE.change_lines(pk, [LineChange(3, id=line.id, unit_price=Decimal("77.77"))])
    (line,) = read(pk).lines
    assert (line.total_gross, line.total_net) == (Decimal("233.31"), Decimal("191.24"))
    assert line.undiscounted == Decimal("233.31")
    assert line.discount_reason == ""
    assert read(pk).total_gross == saleor_total(pk)
    with committed():
        STORE.confirm(pk)
    assert read(pk).lines[0].total_gross == Decimal("233.31")


def test_a_voucher_of_the_order_applies_to_the_lines_that_there_are_now() -> None:
    voucher = Voucher.objects.create(discount_value_type="percentage")
    VoucherCode.objects.create(voucher=voucher, code="SALE")
    VoucherChannelListing.objects.create(
        voucher=voucher,
        channel=Channel.objects.get(slug="main"),
        currency="RUB",
        discount_value=10,
    )
    pk = place({goods("chair", "100"): 1}, "SALE")
    (line,) = read(pk).lines
    assert line.total_gross == 90
    STORE.change_lines(pk, [LineChange(2, id=line.id, unit_price=Decimal(90))])
    order = read(pk)
    assert order.total_gross == saleor_total(pk)
    assert order.lines[0].undiscounted == 200


def test_more_than_there_is_changes_nothing() -> None:
    chair, lamp = goods("chair", "100", stock=4), goods("lamp", "50")
    pk = place({chair: 3, lamp: 1})
    lines = {line.key: line.id for line in read(pk).lines}
    with pytest.raises(Forbidden, match="не хватает"):
        STORE.change_lines(pk, [LineChange(5, id=lines["chair"])])
    with pytest.raises(Forbidden, match="больше нуля"):
        STORE.change_lines(pk, [LineChange(0, id=lines["chair"])])
    with pytest.raises(Forbidden, match="Такого товара"):
        STORE.change_lines(pk, [LineChange(1, variant_id="0")])
    with pytest.raises(Forbidden, match="нет в заказе"):
        STORE.change_lines(pk, [LineChange(1, id="nonsense")])
    assert [line.quantity for line in read(pk).lines] == [3, 1]
    assert allocated() == {"sku-chair": 3, "sku-lamp": 1}


def test_a_confirmed_order_keeps_its_lines() -> None:
    pk = place({goods("chair", "100"): 3})
    STORE.confirm(pk)
    with pytest.raises(Forbidden, match="подтверждённого"):
        STORE.change_lines(pk, [])


def test_where_an_app_would_be_asked_1c_changes_no_lines() -> None:
    pk = place({goods("chair", "100"): 3})
    TaxConfiguration.objects.update(tax_calculation_strategy="TAX_APP")
    with pytest.raises(Forbidden, match="внешнее приложение"):
        STORE.change_lines(pk, [])
    with pytest.raises(Forbidden, match="внешнее приложение"):
        STORE.create_order(NewOrder("o1", "main", Buyer(), ()))
    TaxConfiguration.objects.update(tax_calculation_strategy="FLAT_RATES")
    app = App.objects.create(name="Доставка", is_active=True)
    app.permissions.add(Permission.objects.get(codename="manage_orders"))
    hook = Webhook.objects.create(app=app, name="filter", target_url="http://127.0.0.1:9/")
    hook.events.create(event_type="order_filter_shipping_methods")
    with pytest.raises(Forbidden, match="внешнее приложение"):
        STORE.change_lines(pk, [])


# --- orders that 1C makes


def order_for(*lines: LineChange, **values: object) -> NewOrder:
    given = {"reference": "onec-1", "channel": "main", "buyer": Buyer(email="anna@example.com")}
    return NewOrder(lines=lines, **(given | values))  # type: ignore[arg-type]


def test_an_order_of_1c_s_is_confirmed_held_and_made_once() -> None:
    charge_taxes()
    chair = goods("chair", "100", tax=tax_class("vat:22", "22"))
    lamp = goods("lamp", "50")
    promote(chair, lamp)
    user = User.objects.create(email="anna@example.com")
    new = order_for(
        LineChange(2, variant_id=str(chair.pk), unit_price=Decimal("95.55")),
        LineChange(1, variant_id=str(lamp.pk)),
        note="Звонила в 9 утра",
        metadata={"onec.number": "А-7"},
        address=Address("Анна", "Иванова", city="Тверь", country_code="RU", phone="+79161112233"),
    )
    with committed():
        pk = STORE.create_order(new)
    assert STORE.create_order(new) == pk
    order = read(pk)
    assert order.status is OrderStatus.OPEN
    assert [(line.key, line.quantity, line.total_gross) for line in order.lines] == [
        ("chair", 2, Decimal("191.10")),
        ("lamp", 1, Decimal("45.00")),
    ]
    assert order.total_gross == saleor_total(pk) == Decimal("236.10")
    assert (order.delivery_gross, order.delivery_name) == (0, "Курьер")
    assert (order.note, order.metadata) == ("Звонила в 9 утра", {"onec.number": "А-7"})
    assert order.buyer.id == str(user.pk)
    assert order.shipping is not None
    assert (order.shipping.city, order.shipping.phone) == ("Тверь", "+79161112233")
    assert allocated() == {"sku-chair": 2, "sku-lamp": 1}
    row = OrderRow.objects.get(pk=pk)
    assert (row.origin, row.external_reference) == ("draft", "onec-1")
    kinds = OrderEvent.objects.filter(order_id=pk, app__name="1C").values_list("type", flat=True)
    assert {"placed_from_draft", "confirmed"} <= set(kinds)


@pytest.mark.parametrize("automatically", [True, False])
def test_it_is_confirmed_however_the_channel_is_set(automatically: bool) -> None:
    sell_on_trust(automatically_confirm_all_new_orders=automatically)
    user = User.objects.create(email="anna@example.com")
    chair = goods("chair", "100")
    new = order_for(LineChange(1, variant_id=str(chair.pk)), buyer=Buyer(id=str(user.pk)))
    with committed():
        pk = STORE.create_order(new)
    assert read(pk).status is OrderStatus.OPEN
    events = OrderEvent.objects.filter(order_id=pk, type="confirmed")
    assert events.count() == 1


def test_a_guest_without_an_address_and_goods_that_nobody_ships() -> None:
    licence = goods("licence", "100", shipped=False)
    with committed():
        pk = STORE.create_order(order_for(LineChange(1, variant_id=str(licence.pk))))
    order = read(pk)
    assert (order.buyer.id, order.buyer.email) == ("", "anna@example.com")
    assert (order.delivery_name, order.total_gross) == ("", 100)
    assert order.billing is not None
    assert order.billing.country_code == "RU"


def test_what_can_t_be_sold_leaves_no_order() -> None:
    chair = goods("chair", "100", stock=1)
    line = LineChange(2, variant_id=str(chair.pk))
    with pytest.raises(Forbidden, match="не хватает"):
        STORE.create_order(order_for(line))
    with pytest.raises(Forbidden, match="нет канала"):
        STORE.create_order(order_for(line, channel="nonsense"))
    with pytest.raises(Forbidden, match="больше нуля"):
        STORE.create_order(order_for(LineChange(0, variant_id=str(chair.pk))))
    with pytest.raises(Forbidden, match="Такого товара"):
        STORE.create_order(order_for(LineChange(1, variant_id="0")))
    elsewhere = goods("lamp", "50")
    elsewhere.channel_listings.all().delete()
    with pytest.raises(Forbidden, match="не продаётся"):
        STORE.create_order(order_for(LineChange(1, variant_id=str(elsewhere.pk))))
    ProductChannelListing.objects.update(is_published=False)
    with pytest.raises(Forbidden, match="не опубликован"):
        STORE.create_order(order_for(LineChange(1, variant_id=str(chair.pk))))
    ProductChannelListing.objects.update(is_published=True)
    ShippingMethodChannelListing.objects.all().delete()
    with pytest.raises(Forbidden, match="способа доставки"):
        STORE.create_order(order_for(LineChange(1, variant_id=str(chair.pk))))
    assert not OrderRow.objects.exists()


# --- buyers


def test_an_account_is_made_once() -> None:
    new = NewCustomer(
        "Anna@Example.com", "Анна", "Иванова", "+79161112233", {"onec.id": "counterparty"}
    )
    with committed():
        pk = STORE.create_customer(new)
    assert STORE.create_customer(new) == pk
    user = User.objects.get()
    assert (str(user.pk), user.email, user.first_name) == (pk, "anna@example.com", "Анна")
    assert user.metadata == {"onec.id": "counterparty"}
    assert not user.check_password("")
    ((buyer, phone),) = STORE.find_customers([], ["+79161112233"])
    assert (buyer.id, buyer.email, phone) == (pk, "anna@example.com", "+79161112233")
    assert [found.id for found, _ in STORE.find_customers(["anna@example.com"], [])] == [pk]
    assert STORE.find_customers(["other@example.com"], ["+79160000000"]) == []
    assert STORE.find_customers([], []) == []


def test_a_phone_that_is_none_is_not_kept_and_no_account_is_without_an_e_mail() -> None:
    pk = STORE.create_customer(NewCustomer("b@example.com", phone="позвонить"))
    assert not User.objects.get(pk=pk).addresses.exists()
    with pytest.raises(Forbidden, match="почты"):
        STORE.create_customer(NewCustomer(" "))
    with pytest.raises(Forbidden, match="отказал"):
        STORE.create_customer(NewCustomer("это не адрес"))
