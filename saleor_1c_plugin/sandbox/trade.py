"""Prices and stock."""

from collections.abc import Sequence

from ..store.ports import FollowUps, PriceWrite, StockWrite, Written
from . import cart_events
from .bulk import BATCH, unique
from .models import OrderLine, Price, Stock
from .stock import Place, lock_rows, promised


def write_prices(writes: Sequence[PriceWrite]) -> Written:
    wanted = {(int(write.variant_id), write.channel): write for write in writes}
    before = {
        (variant_id, channel): (pk, amount)
        for pk, variant_id, channel, amount in Price.objects.filter(
            variant_id__in={variant_id for variant_id, _ in wanted}
        ).values_list("pk", "variant_id", "channel", "amount")
    }
    changed = {
        place: write
        for place, write in wanted.items()
        if write.amount != (before[place][1] if place in before else None)
    }
    Price.objects.filter(
        pk__in=[before[place][0] for place, write in changed.items() if write.amount is None]
    ).delete()
    Price.objects.bulk_create(
        [
            Price(variant_id=variant_id, channel=channel, amount=write.amount)
            for (variant_id, channel), write in changed.items()
            if write.amount is not None
        ],
        update_conflicts=True,
        unique_fields=["variant", "channel"],
        update_fields=["amount"],
        batch_size=BATCH,
    )
    work = FollowUps(
        products_priced=unique(write.product_id for write in changed.values()),
        channels_priced=unique(write.channel for write in changed.values()),
    )
    return Written(ids=[write.variant_id for write in writes], follow_ups=work)


def write_stocks(writes: Sequence[StockWrite]) -> Written:
    wanted = {(int(write.variant_id), int(write.warehouse_id)): write for write in writes}
    variants = {variant_id for variant_id, _ in wanted}
    before = {
        (row.variant_id, row.warehouse_id): row
        for row in lock_rows(Stock.objects.filter(variant_id__in=variants))
    }
    # The lines are read under the lock of their stock: nobody takes an order in between.
    subtracted = _subtracted(variants) if any(write.is_free for write in writes) else {}
    rows: dict[tuple[int, int], Stock] = {}
    changes: list[tuple[Stock, int]] = []
    for place, write in wanted.items():
        quantity = write.quantity + (subtracted.get(place, 0) if write.is_free else 0)
        row = before.get(place)
        if row is None or row.quantity != quantity:
            changes.append(
                (
                    Stock(variant_id=place[0], warehouse_id=place[1], quantity=quantity),
                    0 if row is None else row.quantity,
                )
            )
        rows[place] = changes[-1][0] if row is None else row
    Stock.objects.bulk_create(
        [row for row, _ in changes],
        update_conflicts=True,
        unique_fields=["variant", "warehouse"],
        update_fields=["quantity"],
        batch_size=BATCH,
    )
    cart_events.stock_changed({row.variant_id for row, was in changes if row.quantity < was})
    work = FollowUps(
        stocks_changed=[(str(row.pk), quantity, row.quantity) for row, quantity in changes]
    )
    ids = [str(rows[int(write.variant_id), int(write.warehouse_id)].pk) for write in writes]
    return Written(ids=ids, follow_ups=work)


def _subtracted(variants: set[int]) -> dict[Place, int]:
    """Quantity in open orders that 1C has already subtracted from what it calls free."""
    return promised(OrderLine.objects.filter(variant_id__in=variants, order__taken=True))
