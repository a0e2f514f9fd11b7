"""Carts as a storefront sees them, and what changes their prices."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

import graphene
from django.utils import timezone
from saleor.channel.models import Channel
from saleor.checkout.models import Checkout
from saleor.discount.models import Promotion, PromotionRule
from saleor.product.models import Product, ProductVariant, ProductVariantChannelListing
from saleor.product.utils.variant_prices import update_discounted_prices_for_promotion
from saleor.product.utils.variants import fetch_variants_for_promotion_rules

from .sales import api, gid


def pk(cart: str) -> str:
    return str(graphene.Node.from_global_id(cart)[1])


def shown(cart_id: str) -> Mapping[str, Any]:
    return api(
        """query ($id: ID!) { checkout(id: $id) { totalPrice { gross { amount } net { amount } }
        lines { id totalPrice { gross { amount } net { amount } } unitPrice { gross { amount } }
        quantity isGift variant { sku quantityAvailable } } } }""",
        "checkout",
        id=cart_gid(cart_id),
    )


def cart_gid(cart_id: str) -> str:
    return gid(Checkout.objects.get(pk=cart_id))


def goods_sum(cart_id: str) -> Decimal:
    lines = shown(cart_id)["lines"]
    return sum((Decimal(str(line["totalPrice"]["gross"]["amount"])) for line in lines), Decimal(0))


def available(variant: ProductVariant) -> int:
    found = api(
        """query ($id: ID!) { productVariant(id: $id, channel: "main") {
        quantityAvailable } }""",
        "productVariant",
        id=gid(variant),
    )
    return int(found["quantityAvailable"])


def promotion(variant: ProductVariant, kind: str, value: str) -> Promotion:
    """A promotion of the catalogue that is in force."""
    made = Promotion.objects.create(name="Акция", type="catalogue", start_date=timezone.now())
    rule = PromotionRule.objects.create(
        promotion=made,
        name="Правило",
        catalogue_predicate={"variantPredicate": {"ids": [gid(variant)]}},
        reward_value_type=kind,
        reward_value=Decimal(value),
    )
    rule.channels.add(Channel.objects.get(slug="main"))
    recount_promotions()
    return made


def recount_promotions() -> None:
    fetch_variants_for_promotion_rules(PromotionRule.objects.all())
    update_discounted_prices_for_promotion(Product.objects.all())


def reprice(variant: ProductVariant, price: str) -> None:
    ProductVariantChannelListing.objects.filter(variant=variant).update(
        price_amount=Decimal(price), discounted_price_amount=Decimal(price)
    )
    recount_promotions()


def expire_prices(cart_id: str) -> None:
    past = timezone.now() - timedelta(seconds=1)
    Checkout.objects.filter(pk=cart_id).update(price_expiration=past, discount_expiration=past)
