"""What documents say of the goods in checkouts, and of who buys them."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce
from saleor.channel.models import Channel
from saleor.checkout.models import Checkout
from saleor.product.models import ProductVariant
from saleor.tax import TaxCalculationStrategy
from saleor.tax.models import TaxClass, TaxClassCountryRate

from ..carts import Goods, Party
from ..orders import Buyer
from .addresses import address_columns, read_address
from .classifier import KEY
from .order_reading import tax_rate
from .uuids import one_of, text, uuids

_CONFIGURATION = "tax_configuration__"
_VARIANT = (
    *("pk", "name", "sku", "external_reference", "metadata", "product__name"),
    *("product__external_reference", "product__metadata"),
)


def goods(channel: str, variant_ids: Collection[str]) -> Mapping[str, Goods]:
    """See :meth:`~saleor_1c_plugin.store.carts.CartStore.goods`."""
    pks = [int(one) for one in variant_ids if one.isascii() and one.isdigit()]
    with_tax, rates = _taxes(channel)
    rows = (
        ProductVariant.objects.filter(pk__in=pks)
        .order_by()
        .values(
            *_VARIANT,
            # A product without a class of its own has its type's.
            tax_class=Coalesce("product__tax_class_id", "product__product_type__tax_class_id"),
        )
    )
    found = {row["pk"]: row for row in rows}
    keys = _keys({row["tax_class"] for row in found.values()})
    return {
        str(pk): Goods(
            name=row["product__name"],
            variant_name=row["name"],
            sku=row["sku"] or "",
            key=row["external_reference"] or "",
            product_key=row["product__external_reference"] or "",
            price_with_tax=with_tax,
            tax_rate=_rate(row["tax_class"], rates, keys),
            metadata=(row["product__metadata"] or {}) | (row["metadata"] or {}),
        )
        for pk, row in found.items()
    }


def parties(cart_ids: Collection[str]) -> Mapping[str, Party]:
    """See :meth:`~saleor_1c_plugin.store.carts.CartStore.parties`."""
    rows = Checkout.objects.filter(pk__in=one_of([str(pk) for pk in uuids(cart_ids)])).values(
        *("user_id", "email", "user__email", "user__first_name", "user__last_name"),
        "user__metadata",
        *address_columns("billing_address"),
        *address_columns("shipping_address"),
        key=text("pk"),
        billing_address__phone=text("billing_address__phone"),
        shipping_address__phone=text("shipping_address__phone"),
    )
    return {
        row["key"]: Party(
            Buyer(
                id=str(row["user_id"] or ""),
                email=row["email"] or row["user__email"] or "",
                first_name=row["user__first_name"] or "",
                last_name=row["user__last_name"] or "",
                metadata=row["user__metadata"] or {},
            ),
            read_address("billing_address", row),
            read_address("shipping_address", row),
        )
        for row in rows
    }


def _taxes(channel: str) -> tuple[bool, Mapping[int | None, Decimal]]:
    """Whether prices have their tax in them, and the rates in the channel's country by class.

    No rates where the channel charges none, or where an app is asked for them cart by cart.
    """
    row: Mapping[str, Any] | None = (
        Channel.objects.filter(slug=channel)
        .values(
            "default_country",
            *(
                f"{_CONFIGURATION}{name}"
                for name in ("prices_entered_with_tax", "charge_taxes", "tax_calculation_strategy")
            ),
        )
        .first()
    )
    if row is None:
        return True, {}
    with_tax = row[f"{_CONFIGURATION}prices_entered_with_tax"] is not False
    strategy = row[f"{_CONFIGURATION}tax_calculation_strategy"]
    if not row[f"{_CONFIGURATION}charge_taxes"] or strategy == TaxCalculationStrategy.TAX_APP:
        return with_tax, {}
    rates = TaxClassCountryRate.objects.filter(country=row["default_country"]).order_by()
    return with_tax, dict(rates.values_list("tax_class_id", "rate"))


def _keys(tax_class_ids: Collection[int | None]) -> Mapping[int, str | None]:
    """1C's keys of the classes."""
    rows = TaxClass.objects.filter(pk__in=[pk for pk in tax_class_ids if pk is not None])
    return dict(rows.order_by().values_list("pk", KeyTextTransform(KEY, "private_metadata")))


def _rate(
    tax_class: int | None,
    rates: Mapping[int | None, Decimal],
    keys: Mapping[int, str | None],
) -> Decimal | None:
    """As a fraction; what has no rate of its own has the country's."""
    percent = rates.get(tax_class, rates.get(None))
    key = None if tax_class is None else keys.get(tax_class)
    return None if percent is None else tax_rate(percent / 100, key)
