"""What becomes of goods that 1C deleted or no longer names."""

from collections.abc import Iterable, Sequence

from ..store.ports import FollowUps, Missing, Written
from . import cart_events
from .bulk import numbers, unique
from .models import Price, Product, Stock, Variant
from .stock import lock_rows


def retire_products(product_ids: Sequence[str], how: Missing) -> Written:
    pks = numbers(product_ids)
    work = FollowUps()
    match how:
        case Missing.ZERO:
            work = _zero(Variant.objects.filter(product_id__in=pks).values_list("pk", flat=True))
        case Missing.HIDE:
            Product.objects.filter(pk__in=pks).update(published=False)
            work.products_updated = unique(product_ids)
        case Missing.DELETE:
            variants = Variant.objects.filter(product_id__in=pks).values_list("pk", flat=True)
            work.variants_deleted = [str(pk) for pk in variants]
            lock_rows(Stock.objects.filter(variant__product_id__in=pks))
            Product.objects.filter(pk__in=pks).delete()
            work.products_deleted = unique(product_ids)
        case Missing.LEAVE:
            pass
    return Written(ids=list(product_ids), follow_ups=work)


def retire_variants(variant_ids: Sequence[str], how: Missing) -> Written:
    pks = numbers(variant_ids)
    work = FollowUps()
    match how:
        case Missing.ZERO:
            work = _zero(pks)
        case Missing.HIDE:
            # A variant that has no price is on sale nowhere; its next price brings it back.
            prices = Price.objects.filter(variant_id__in=pks)
            rows = list(prices.values_list("channel", "variant__product_id"))
            prices.delete()
            work.channels_priced = unique(channel for channel, _ in rows)
            work.products_priced = unique(str(product_id) for _, product_id in rows)
        case Missing.DELETE:
            # Stocks are locked before what carts hold of them, which goes with them.
            lock_rows(Stock.objects.filter(variant_id__in=pks))
            Variant.objects.filter(pk__in=pks).delete()
            work.variants_deleted = unique(variant_ids)
        case Missing.LEAVE:
            pass
    return Written(ids=list(variant_ids), follow_ups=work)


def restore_products(product_ids: Sequence[str]) -> Written:
    Product.objects.filter(pk__in=numbers(product_ids)).update(published=True)
    work = FollowUps(products_updated=unique(product_ids))
    return Written(ids=list(product_ids), follow_ups=work)


def _zero(variants: Iterable[int]) -> FollowUps:
    rows = Stock.objects.filter(variant_id__in=list(variants)).exclude(quantity=0)
    locked = lock_rows(rows)
    Stock.objects.filter(pk__in=[row.pk for row in locked]).update(quantity=0)
    cart_events.stock_changed({row.variant_id for row in locked})
    return FollowUps(stocks_changed=[(str(row.pk), row.quantity, 0) for row in locked])
