"""What documents say of the goods in carts, and of who buys them."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from uuid import UUID

from ..store.carts import Goods, Party
from .amounts import rate
from .models import Cart, Variant
from .order_reading import customer_data


def goods(variant_ids: Collection[str]) -> Mapping[str, Goods]:
    """See :meth:`~saleor_1c_plugin.store.carts.CartStore.goods`; the channels do not differ."""
    rows = Variant.objects.select_related("product__tax_class").in_bulk(
        [int(text) for text in variant_ids if text.isascii() and text.isdigit()]
    )
    return {str(pk): _goods(row) for pk, row in rows.items()}


def parties(cart_ids: Collection[str]) -> Mapping[str, Party]:
    """See :meth:`~saleor_1c_plugin.store.carts.CartStore.parties`."""
    keys: dict[UUID, str] = {}
    for text in cart_ids:
        with suppress(ValueError):
            keys[UUID(text)] = text
    return {
        keys[row.key]: Party() if row.customer is None else Party(customer_data(row.customer))
        for row in Cart.objects.filter(key__in=keys).select_related("customer")
    }


def _goods(row: Variant) -> Goods:
    tax_class = row.product.tax_class
    return Goods(
        name=row.product.name,
        variant_name=row.name,
        sku=row.sku or "",
        key=row.key,
        product_key=row.product.key,
        tax_rate=None if tax_class is None else rate(tax_class.percent),
        metadata={**row.product.metadata, **row.metadata},
    )
