"""What documents for 1C say of goods in a checkout, and of who buys them."""

from dataclasses import replace
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from saleor.account.models import Address, User
from saleor.channel.models import Channel
from saleor.checkout.models import Checkout
from saleor.product.models import Product, ProductType
from saleor.tax.models import TaxClass, TaxClassCountryRate, TaxConfiguration

from saleor_1c_plugin.store.carts import Goods, Party
from saleor_1c_plugin.store.orders import Buyer
from saleor_1c_plugin.store.saleor.cart_goods import goods as read_goods
from saleor_1c_plugin.store.saleor.cart_goods import parties

from .sales import charge_taxes, goods, tax_class

pytestmark = pytest.mark.usefixtures("shop")


def read(variant_id: int) -> Goods:
    return read_goods("main", [str(variant_id)])[str(variant_id)]


def test_goods_are_named_as_in_an_order() -> None:
    chair = goods("table#oak", "1000")
    assert read(chair.pk) == Goods(
        name="Товар table#oak",
        variant_name="Вид table#oak",
        sku="sku-table#oak",
        key="table#oak",
        product_key="product-table#oak",
        metadata={"onec.brand": "Рога", "onec.unit": "шт"},
    )
    assert read_goods("main", [str(chair.pk), "0", "none"]).keys() == {str(chair.pk)}
    assert (
        replace(read(chair.pk), price_with_tax=True)
        == read_goods("no-channel", [str(chair.pk)])[str(chair.pk)]
    )


def test_the_rate_is_that_of_the_channels_country() -> None:
    taxed, free = goods("chair", "1000", tax=tax_class("vat:22", "22")), goods("table", "1000")
    untaxed = goods("book", "500", tax=tax_class("vat:none", "0"))
    exported = goods("box", "500", tax=tax_class("vat:0", "0"))
    assert read(taxed.pk).tax_rate is None  # the channel charges none
    charge_taxes(with_tax=False)
    assert read(taxed.pk) == replace(read(taxed.pk), tax_rate=Decimal("0.22"), price_with_tax=False)
    assert read(free.pk).tax_rate is None
    assert read(untaxed.pk).tax_rate is None
    assert read(exported.pk).tax_rate == 0
    Channel.objects.update(default_country="KZ")
    assert read(taxed.pk).tax_rate is None
    TaxClassCountryRate.objects.create(country="KZ", rate=12)
    assert read(taxed.pk).tax_rate == read(free.pk).tax_rate == Decimal("0.12")
    TaxConfiguration.objects.update(tax_calculation_strategy="TAX_APP")
    assert read(taxed.pk).tax_rate is None


def test_a_product_without_a_class_has_its_types() -> None:
    chair = goods("chair", "1000")
    charge_taxes()
    ten = tax_class("vat:10", "10")
    ProductType.objects.update(tax_class=ten)
    Product.objects.update(tax_class=None)
    assert read(chair.pk).tax_rate == Decimal("0.1")
    assert TaxClass.objects.count() == 1


def test_who_buys() -> None:
    channel = Channel.objects.get(slug="main")
    user = User.objects.create(
        email="anna@example.com", first_name="Анна", last_name="Ли", metadata={"inn": "1"}
    )
    address = Address.objects.create(
        first_name="Анна", city="Казань", country="RU", phone="+79161234567"
    )
    known = Checkout.objects.create(
        channel=channel, currency="RUB", user=user, email="other@example.com"
    )
    guest = Checkout.objects.create(
        channel=channel, currency="RUB", email="ivan@example.com", shipping_address=address
    )
    nobody = Checkout.objects.create(channel=channel, currency="RUB")
    ids = [str(row.pk) for row in (known, guest, nobody)]
    with CaptureQueriesContext(connection) as queries:
        found = parties([*ids, str(uuid4()), "none"])
    assert len(queries) == 1
    assert list(map(found.get, ids)) == [
        Party(Buyer(str(user.pk), "other@example.com", "Анна", "Ли", {"inn": "1"})),
        Party(Buyer(email="ivan@example.com"), None, found[ids[1]].shipping),
        Party(),
    ]
    assert len(found) == 3
    shipping = found[ids[1]].shipping
    assert shipping is not None
    assert (shipping.city, shipping.country, shipping.phone) == ("Казань", "Россия", "+79161234567")
