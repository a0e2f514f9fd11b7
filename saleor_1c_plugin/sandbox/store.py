"""The mini-shop behind the catalogue's port: one class, its parts by what they write."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from decimal import Decimal

from django.conf import settings

from ..store import bulk
from ..store.ports import (
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
from . import cards, classifier, pictures, retirement, search, trade
from .models import Product, ProductType, TaxClass, Variant, Warehouse


class SandboxStore:
    """Catalogue of the mini-shop; see :class:`~saleor_1c_plugin.store.ports.CatalogStore`."""

    def configuration(self, plugin: str, channel: str = "") -> Mapping[str, object] | None:
        saved: Mapping[str, Mapping[str, object] | None] = settings.ONEC_CONFIGURATION
        return saved.get(f"{plugin}/{channel}", saved.get(plugin, {}))

    def configurations(self, plugin: str) -> Mapping[str, Mapping[str, object]]:
        saved = {
            slug: self.configuration(plugin, slug) for slug, _ in settings.ONEC_SANDBOX_CHANNELS
        }
        return {slug: values for slug, values in saved.items() if values is not None}

    def writing(self) -> AbstractContextManager[None]:
        return nullcontext()

    def channels(self) -> Sequence[ChannelInfo]:
        return [ChannelInfo(slug, currency) for slug, currency in settings.ONEC_SANDBOX_CHANNELS]

    def warehouses(self) -> Sequence[WarehouseInfo]:
        Warehouse.objects.bulk_create(
            [Warehouse(slug=slug, name=name) for slug, name in settings.ONEC_SANDBOX_WAREHOUSES],
            ignore_conflicts=True,
        )
        rows = Warehouse.objects.order_by("pk")
        return [WarehouseInfo(str(row.pk), row.name, row.slug) for row in rows]

    def absent_products(self, product_ids: Collection[str]) -> set[str]:
        return bulk.absent(Product, product_ids)

    def absent_variants(self, variant_ids: Collection[str]) -> set[str]:
        return bulk.absent(Variant, variant_ids)

    def product_type(self, key: str, name: str) -> str:
        row, _ = ProductType.objects.get_or_create(key=key, defaults={"name": name[:250]})
        return str(row.pk)

    def tax_class(self, key: str, name: str, percent: Decimal | None) -> str:
        row, _ = TaxClass.objects.get_or_create(
            key=key, defaults={"name": name[:250], "percent": percent}
        )
        return str(row.pk)

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
        row = ProductType.objects.get(pk=product_type_id)
        row.product_attributes.add(*map(int, product_attribute_ids))
        row.variant_attributes.add(*map(int, variant_attribute_ids))

    def write_products(self, writes: Sequence[ProductWrite]) -> Written:
        return cards.write_products(writes)

    def write_variants(self, writes: Sequence[VariantWrite]) -> Written:
        return cards.write_variants(writes)

    def write_prices(self, writes: Sequence[PriceWrite]) -> Written:
        return trade.write_prices(writes)

    def write_stocks(self, writes: Sequence[StockWrite]) -> Written:
        return trade.write_stocks(writes)

    def write_media(self, writes: Sequence[MediaWrite]) -> Written:
        return pictures.write_media(writes)

    def retire_products(self, product_ids: Sequence[str], how: Missing) -> Written:
        return retirement.retire_products(product_ids, how)

    def retire_variants(self, variant_ids: Sequence[str], how: Missing) -> Written:
        return retirement.retire_variants(variant_ids, how)

    def restore_products(self, product_ids: Sequence[str]) -> Written:
        return retirement.restore_products(product_ids)

    def follow_up(self, work: FollowUps) -> None:
        search.refresh(
            [
                *work.products_created,
                *work.products_updated,
                *search.products_of([*work.variants_created, *work.variants_updated]),
            ]
        )
