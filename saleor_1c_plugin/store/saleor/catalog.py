"""Saleor behind the catalogue's port: one class, its parts by what they write."""

import json
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from decimal import Decimal
from typing import Any

from saleor.channel.models import Channel
from saleor.core.db.connection import allow_writer
from saleor.plugins.manager import get_plugins_manager
from saleor.plugins.models import PluginConfiguration
from saleor.product.models import Product, ProductVariant
from saleor.warehouse.models import Warehouse

from .. import bulk
from ..ports import (
    AttributeWrite,
    CategoryWrite,
    ChannelInfo,
    FollowUps,
    MediaWrite,
    Missing,
    PriceWrite,
    ProductWrite,
    StockWrite,
    VariantWrite,
    WarehouseInfo,
    Written,
)
from ..prepared import prepared
from . import cards, classifier, follow_ups, media, retirement, trade


class SaleorCatalogStore:
    """Catalogue of the Saleor that this process is; see the port for what is promised."""

    def configuration(self, plugin: str, channel: str = "") -> Mapping[str, object] | None:
        manager = get_plugins_manager(allow_replica=False)
        found = manager.get_plugin(f"saleor1c.{plugin}", channel or None)
        if found is None or not found.active:
            return None
        return {row["name"]: row["value"] for row in found.configuration}

    def configurations(self, plugin: str) -> Mapping[str, Mapping[str, object]]:
        return {
            found["channel__slug"]: {
                row["name"]: row["value"] for row in json.loads(found["configuration"]) or ()
            }
            for found in _configuration_rows(f"saleor1c.{plugin}")
        }

    def writing(self) -> AbstractContextManager[None]:
        allowed: AbstractContextManager[None] = allow_writer()
        return allowed

    def channels(self) -> Sequence[ChannelInfo]:
        rows = Channel.objects.filter(is_active=True).order_by("slug")
        return [ChannelInfo(row.slug, row.currency_code) for row in rows]

    def warehouses(self) -> Sequence[WarehouseInfo]:
        rows = Warehouse.objects.order_by("slug")
        return [WarehouseInfo(str(row.pk), row.name, row.slug) for row in rows]

    def absent_products(self, product_ids: Collection[str]) -> set[str]:
        return bulk.absent(Product, product_ids)

    def absent_variants(self, variant_ids: Collection[str]) -> set[str]:
        return bulk.absent(ProductVariant, variant_ids)

    def product_type(self, key: str, name: str) -> str:
        return classifier.product_type(key, name)

    def tax_class(self, key: str, name: str, percent: Decimal | None) -> str:
        return classifier.tax_class(key, name, percent)

    def write_categories(self, writes: Sequence[CategoryWrite]) -> Written:
        return classifier.write_categories(writes)

    def write_attributes(self, writes: Sequence[AttributeWrite]) -> Written:
        return classifier.write_attributes(writes)

    def bind_attributes(
        self,
        product_type_id: str,
        product_attribute_ids: Sequence[str],
        variant_attribute_ids: Sequence[str],
    ) -> None:
        classifier.bind(product_type_id, product_attribute_ids, variant_attribute_ids)

    def write_products(self, writes: Sequence[ProductWrite]) -> Written:
        return cards.write_products(writes)

    def write_variants(self, writes: Sequence[VariantWrite]) -> Written:
        return cards.write_variants(writes)

    def write_prices(self, writes: Sequence[PriceWrite]) -> Written:
        return trade.write_prices(writes)

    def write_stocks(self, writes: Sequence[StockWrite]) -> Written:
        return trade.write_stocks(writes)

    def write_media(self, writes: Sequence[MediaWrite]) -> Written:
        return media.write_media(writes)

    def retire_products(self, product_ids: Sequence[str], how: Missing) -> Written:
        return retirement.retire_products(product_ids, how)

    def retire_variants(self, variant_ids: Sequence[str], how: Missing) -> Written:
        return retirement.retire_variants(variant_ids, how)

    def restore_products(self, product_ids: Sequence[str]) -> Written:
        return retirement.restore_products(product_ids)

    def follow_up(self, work: FollowUps) -> None:
        follow_ups.run(work)


def _configurations(identifier: str) -> Any:
    """Of a plugin that each channel has settings of its own for."""
    rows = PluginConfiguration.objects.filter(
        identifier=identifier, active=True, channel__isnull=False
    )
    return rows.values("channel__slug", "configuration")


_configuration_rows = prepared(_configurations, "saleor1c.")
