"""Goods to sell in the mini-shop."""

from decimal import Decimal

from django.db import transaction

from saleor_1c_plugin.sandbox.models import Variant
from saleor_1c_plugin.sandbox.store import SandboxStore
from saleor_1c_plugin.store.ports import PriceWrite, ProductWrite, StockWrite, VariantWrite

CHANNEL = "default-channel"


@transaction.atomic
def goods(
    key: str = "cup", quantity: int = 10, price: str = "100", *, warehouse: int = 0
) -> Variant:
    """Goods at 22 % VAT, so many of them in one of the warehouses; those of this key, if any."""
    if (known := Variant.objects.filter(key=f"{key}#1").first()) is not None:
        return known
    store = SandboxStore()
    product = ProductWrite(
        key,
        store.product_type("kind", "Посуда"),
        f"Чашка {key}",
        tax_class_id=store.tax_class("22", "НДС 22%", Decimal(22)),
        metadata={"unit": "шт"},
    )
    product_id = store.write_products([product]).ids[0]
    variant = VariantWrite(f"{key}#1", product_id, "Синяя", sku=f"SKU-{key}")
    variant_id = store.write_variants([variant]).ids[0]
    store.write_prices([PriceWrite(variant_id, product_id, CHANNEL, Decimal(price))])
    place = store.warehouses()[warehouse].id
    store.write_stocks([StockWrite(variant_id, place, quantity)])
    return Variant.objects.get(pk=variant_id)
