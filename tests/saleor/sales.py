"""Goods for the shop of :mod:`.shop`, and buyers who order them as a storefront lets them."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import graphene
from django.db.models import Model
from django.test import Client, TestCase
from saleor.channel.models import Channel
from saleor.order.models import Order as OrderRow
from saleor.product.models import (
    Category,
    Product,
    ProductChannelListing,
    ProductType,
    ProductVariant,
    ProductVariantChannelListing,
)
from saleor.shipping.models import ShippingMethod, ShippingMethodChannelListing, ShippingZone
from saleor.tax.models import TaxClass, TaxClassCountryRate, TaxConfiguration
from saleor.warehouse.models import Stock, Warehouse

from saleor_1c_plugin.store.orders import Order
from saleor_1c_plugin.store.saleor.orders import SaleorOrderStore

STORE = SaleorOrderStore()
ADDRESS = {
    "firstName": "Иван",
    "lastName": "Петров",
    "streetAddress1": "Арбат, 1",
    "city": "Москва",
    "countryArea": "Москва",
    "postalCode": "119019",
    "country": "RU",
    "phone": "+79161234567",
}


@contextmanager
def committed() -> Iterator[None]:
    """Run what waits for the commit: the test's own transaction never commits."""
    with TestCase.captureOnCommitCallbacks(execute=True):
        yield


def sell_on_trust(channel: str = "main", **values: object) -> Channel:
    """Let buyers order now and pay later."""
    found = Channel.objects.get(slug=channel)
    for name, value in ({"allow_unpaid_orders": True} | values).items():
        setattr(found, name, value)
    found.save()
    return found


def charge_taxes(*, with_tax: bool = True, channel: str = "main") -> None:
    TaxConfiguration.objects.filter(channel__slug=channel).update(
        charge_taxes=True, prices_entered_with_tax=with_tax, tax_calculation_strategy="FLAT_RATES"
    )


def tax_class(key: str, percent: str) -> TaxClass:
    found, new = TaxClass.objects.get_or_create(
        private_metadata={"onec.key": key}, defaults={"name": key}
    )
    if new:
        TaxClassCountryRate.objects.create(tax_class=found, country="RU", rate=Decimal(percent))
    return found


def goods(
    key: str,
    price: str,
    *,
    stock: int = 100,
    tax: TaxClass | None = None,
    channel: str = "main",
    shipped: bool = True,
) -> ProductVariant:
    """A published product with one variant; `key` is 1C's."""
    kind, _ = ProductType.objects.get_or_create(
        slug=f"type-{shipped}", defaults={"name": "Товар", "is_shipping_required": shipped}
    )
    category, _ = Category.objects.get_or_create(slug="all", defaults={"name": "Всё"})
    product = Product.objects.create(
        name=f"Товар {key}",
        slug=key,
        product_type=kind,
        category=category,
        external_reference=f"product-{key}",
        tax_class=tax,
        metadata={"onec.brand": "Рога"},
    )
    variant = ProductVariant.objects.create(
        product=product,
        name=f"Вид {key}",
        sku=f"sku-{key}",
        external_reference=key,
        metadata={"onec.unit": "шт"},
    )
    where = Channel.objects.get(slug=channel)
    now = datetime.now(UTC)
    ProductChannelListing.objects.create(
        product=product,
        channel=where,
        currency=where.currency_code,
        is_published=True,
        published_at=now,
        visible_in_listings=True,
        available_for_purchase_at=now,
        discounted_price_amount=Decimal(price),
    )
    ProductVariantChannelListing.objects.create(
        variant=variant,
        channel=where,
        currency=where.currency_code,
        price_amount=Decimal(price),
        discounted_price_amount=Decimal(price),
    )
    Stock.objects.create(
        product_variant=variant, warehouse=Warehouse.objects.get(slug="main"), quantity=stock
    )
    return variant


def delivery(price: str, channel: str = "main", tax: TaxClass | None = None) -> ShippingMethod:
    method = ShippingMethod.objects.create(
        name="Курьер",
        shipping_zone=ShippingZone.objects.get(name="Россия"),
        type="price",
        tax_class=tax,
    )
    where = Channel.objects.get(slug=channel)
    ShippingMethodChannelListing.objects.create(
        shipping_method=method,
        channel=where,
        currency=where.currency_code,
        price_amount=Decimal(price),
    )
    return method


def gid(row: Model) -> str:
    return str(graphene.Node.to_global_id(type(row).__name__, row.pk))


def api(text: str, name: str, **variables: object) -> Mapping[str, Any]:
    """Ask the storefront's API; the answer's field `name`."""
    response = Client().post(
        "/graphql/",
        json.dumps({"query": text, "variables": variables}),
        content_type="application/json",
    )
    answer = response.json()
    assert "errors" not in answer, answer
    found: Mapping[str, Any] = answer["data"][name]
    assert not found.get("errors"), found
    return found


def start(
    wanted: Mapping[ProductVariant, int], *promo_codes: str, channel: str = "main"
) -> tuple[str, Mapping[str, Any]]:
    """A checkout with an address, a delivery where there is one, and these codes; (id, itself)."""
    made = api(
        """mutation ($input: CheckoutCreateInput!) { checkoutCreate(input: $input) {
        checkout { id shippingMethods { id } } errors { field message } } }""",
        "checkoutCreate",
        input={
            "channel": channel,
            "email": "ivan@example.com",
            "lines": [{"variantId": gid(row), "quantity": n} for row, n in wanted.items()],
            "shippingAddress": ADDRESS,
            "billingAddress": ADDRESS,
        },
    )["checkout"]
    checkout = made["id"]
    if made["shippingMethods"]:
        api(
            """mutation ($id: ID!, $method: ID!) {
            checkoutDeliveryMethodUpdate(id: $id, deliveryMethodId: $method) {
            errors { field message } } }""",
            "checkoutDeliveryMethodUpdate",
            id=checkout,
            method=made["shippingMethods"][0]["id"],
        )
    for code in promo_codes:
        api(
            """mutation ($id: ID!, $code: String!) {
            checkoutAddPromoCode(id: $id, promoCode: $code) { errors { field message } } }""",
            "checkoutAddPromoCode",
            id=checkout,
            code=code,
        )
    return checkout, made


def complete(checkout: str) -> str:
    """Id of the order that a checkout becomes."""
    with committed():
        made = api(
            """mutation ($id: ID!) { checkoutComplete(id: $id) {
            order { id } errors { field message code } } }""",
            "checkoutComplete",
            id=checkout,
        )
    return str(graphene.Node.from_global_id(made["order"]["id"])[1])


def place(wanted: Mapping[ProductVariant, int], *promo_codes: str, channel: str = "main") -> str:
    """Id of an order that a buyer has just made."""
    return complete(start(wanted, *promo_codes, channel=channel)[0])


def read(order_id: str) -> Order:
    """The order, whose money adds up."""
    (order,) = STORE.read_orders([order_id])
    assert order.total_gross == sum(line.total_gross for line in order.lines) + order.delivery_gross
    assert order.total_net == sum(line.total_net for line in order.lines) + order.delivery_net
    assert all(
        amount == amount.quantize(Decimal("0.01"))
        for line in order.lines
        for amount in (line.total_gross, line.total_net, line.undiscounted)
    )
    return order


def saleor_total(order_id: str) -> Decimal:
    total: Decimal = OrderRow.objects.get(pk=order_id).total_gross_amount
    return total
