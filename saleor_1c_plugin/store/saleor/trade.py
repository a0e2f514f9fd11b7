"""Prices into channel listings, quantities into stocks.

This is the daily bulk of an exchange, so that each table is written by one statement that finds
out by itself what differs. Tables and columns are Saleor's; its models name the tables.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import Sum
from django.utils import timezone
from saleor.channel.models import Channel
from saleor.discount.models import PromotionRule
from saleor.product.models import (
    ProductChannelListing,
    ProductVariant,
    ProductVariantChannelListing,
)
from saleor.warehouse.models import Allocation, Stock

from .. import bulk
from ..ports import PriceWrite, StockWrite, Written
from . import cart_events

#: Private metadata of an order that 1C has taken over; the orders room sets it.
TAKEN = "onec.taken"

_TABLES = {
    "price": ProductVariantChannelListing._meta.db_table,
    "listing": ProductChannelListing._meta.db_table,
    "variant": ProductVariant._meta.db_table,
    "promoted": PromotionRule.variants.through._meta.db_table,
    "stock": Stock._meta.db_table,
}
_PRICES = {
    "variant_id": "integer",
    "product_id": "integer",
    "channel_id": "integer",
    "currency": "text",
    "amount": "numeric",
}
_DELETE_PRICES = """
    DELETE FROM {price} AS p USING {stage} AS s
    WHERE p.variant_id = s.variant_id AND p.channel_id = s.channel_id AND s.amount IS NULL
    RETURNING p.variant_id, s.product_id, p.channel_id
"""
#: A promotion's price is recalculated by Saleor itself, in the background; until then it stays,
#: unless the new price is below it.
_UPDATE_PRICES = """
    UPDATE {price} AS p SET price_amount = s.amount, discounted_price_amount =
        CASE WHEN p.discounted_price_amount <= s.amount
            AND EXISTS (SELECT FROM {promoted} AS r WHERE r.productvariant_id = p.variant_id)
        THEN p.discounted_price_amount ELSE s.amount END
    FROM {stage} AS s
    WHERE p.variant_id = s.variant_id AND p.channel_id = s.channel_id
        AND s.amount <> COALESCE(p.price_amount, s.amount - 1)
    RETURNING p.variant_id, s.product_id, p.channel_id
"""
_INSERT_PRICES = """
    INSERT INTO {price}
        (variant_id, channel_id, currency, price_amount, discounted_price_amount{columns})
    SELECT s.variant_id, s.channel_id, s.currency, s.amount, s.amount{values}
    FROM {stage} AS s
    WHERE s.amount IS NOT NULL AND NOT EXISTS (
        SELECT FROM {price} AS p
        WHERE p.variant_id = s.variant_id AND p.channel_id = s.channel_id)
    RETURNING variant_id, NULL, channel_id
"""
#: A product shows the lowest price of its variants.
_LOWEST = """
    SELECT min(p.discounted_price_amount) FROM {variant} AS v JOIN {price} AS p
        ON p.variant_id = v.id AND p.channel_id = {place}.channel_id
    WHERE v.product_id = {place}.product_id
"""
_UPDATE_LISTINGS = """
    UPDATE {listing} AS l SET discounted_price_amount = found.amount
    FROM (
        SELECT l.id, ({lowest}) AS amount FROM {listing} AS l
        WHERE l.product_id IN (SELECT product_id FROM {stage})
    ) AS found WHERE l.id = found.id AND l.discounted_price_amount IS DISTINCT FROM found.amount
"""
#: A listing that is there is never published anew: an editor may have taken it back.
_INSERT_LISTINGS = """
    INSERT INTO {listing} (product_id, channel_id, currency, discounted_price_amount,
        is_published, published_at, visible_in_listings, available_for_purchase_at{columns})
    SELECT l.product_id, l.channel_id, l.currency, ({lowest}),
        true, %s::timestamptz, true, %s::timestamptz{values}
    FROM (
        SELECT DISTINCT product_id, channel_id, currency FROM {stage} WHERE amount IS NOT NULL
    ) AS l
    WHERE NOT EXISTS (
        SELECT FROM {listing} AS t
        WHERE t.product_id = l.product_id AND t.channel_id = l.channel_id)
"""
_STOCKS = {"variant_id": "integer", "warehouse_id": "uuid", "quantity": "integer"}
#: Locked in the order in which Saleor itself locks stocks.
_UPDATE_STOCKS = """
    WITH found AS (
        SELECT t.id, t.quantity AS before, s.quantity AS after
        FROM {stock} AS t JOIN {stage} AS s
            ON s.variant_id = t.product_variant_id AND s.warehouse_id = t.warehouse_id
        ORDER BY t.id FOR UPDATE OF t
    )
    UPDATE {stock} AS t SET quantity = found.after FROM found
    WHERE t.id = found.id AND found.before <> found.after
    RETURNING t.id, found.before, found.after, t.product_variant_id
"""
_INSERT_STOCKS = """
    INSERT INTO {stock} (product_variant_id, warehouse_id, quantity{columns})
    SELECT s.variant_id, s.warehouse_id, s.quantity{values} FROM {stage} AS s
    WHERE NOT EXISTS (
        SELECT FROM {stock} AS t
        WHERE t.product_variant_id = s.variant_id AND t.warehouse_id = s.warehouse_id)
    RETURNING id, 0, quantity, product_variant_id
"""


def write_prices(writes: Sequence[PriceWrite]) -> Written:
    channels = {channel.slug: channel for channel in Channel.objects.all()}
    rows = {
        (write.variant_id, write.channel): (
            int(write.variant_id),
            int(write.product_id),
            channels[write.channel].pk,
            channels[write.channel].currency_code,
            write.amount,
        )
        for write in writes
    }
    written = Written()
    now = timezone.now()
    with bulk.staged(_PRICES, rows.values()) as stage:
        taken_off = any(row[4] is None for row in rows.values())
        changed = _run(_DELETE_PRICES, stage) if taken_off else []
        changed += _run(_UPDATE_PRICES, stage)
        new: list[tuple[Any, ...]] = []
        if len(changed) < len(rows):
            new = _run(_INSERT_PRICES, stage, ProductVariantChannelListing)
        if changed or new:
            _run(_UPDATE_LISTINGS, stage)
        if new:
            _run(_INSERT_LISTINGS, stage, ProductChannelListing, now, now)
    products = {int(write.variant_id): write.product_id for write in writes}
    touched = [*changed, *new]
    written.follow_ups.variants_updated = [str(row[0]) for row in changed]
    written.follow_ups.products_priced = list({products[row[0]]: None for row in touched})
    written.follow_ups.channels_priced = [str(pk) for pk in sorted({row[2] for row in touched})]
    return written


def reprice(product_ids: Collection[int]) -> None:
    """Let products show the lowest price of the variants that they still have."""
    with bulk.staged({"product_id": "integer"}, [(pk,) for pk in product_ids]) as stage:
        _run(_UPDATE_LISTINGS, stage)


def write_stocks(writes: Sequence[StockWrite]) -> Written:
    taken = _taken([write for write in writes if write.is_free])
    rows = {
        (write.variant_id, write.warehouse_id): (
            int(write.variant_id),
            write.warehouse_id,
            write.quantity + taken.get((write.variant_id, write.warehouse_id), 0),
        )
        for write in writes
    }
    written = Written()
    with bulk.staged(_STOCKS, rows.values()) as stage:
        changed = _run(_UPDATE_STOCKS, stage)
        if len(changed) < len(rows):
            changed += _run(_INSERT_STOCKS, stage, Stock)
    written.follow_ups.stocks_changed = [
        (str(pk), before, after) for pk, before, after, _variant in changed
    ]
    cart_events.stock_changed(
        [str(variant) for _pk, before, after, variant in changed if after < before]
    )
    return written


def _run(sql: str, stage: str, model: Any = None, *parameters: Any) -> list[tuple[Any, ...]]:
    """Run a statement; one that inserts rows of `model` gives the rest its defaults."""
    rest: Mapping[str, Any] = {}
    if model is not None:
        rest = bulk.defaults(model, _named(sql))
    statement = sql.format(
        stage=stage,
        lowest=_LOWEST.format(place="l", **_TABLES),
        columns="".join(f', "{name}"' for name in rest),
        values=", %s" * len(rest),
        **_TABLES,
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*parameters, *rest.values()])
        return cursor.fetchall() if cursor.description else []


def _named(sql: str) -> set[str]:
    """Columns that an INSERT names itself."""
    listed = sql.partition("INSERT INTO")[2].partition("(")[2].partition("{columns}")[0]
    return {name.strip() for name in listed.split(",")}


def _taken(writes: Sequence[StockWrite]) -> Mapping[tuple[str, str], int]:
    """What is allocated to orders that 1C took already, and has subtracted itself."""
    if not writes:
        return {}
    rows = (
        Allocation.objects.filter(
            stock__product_variant_id__in={int(write.variant_id) for write in writes},
            order_line__order__private_metadata__has_key=TAKEN,
        )
        .values_list("stock__product_variant_id", "stock__warehouse_id")
        .annotate(sum=Sum("quantity_allocated"))
    )
    return {(str(variant), str(warehouse)): quantity for variant, warehouse, quantity in rows}
