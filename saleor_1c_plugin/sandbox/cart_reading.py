"""Carts as the port tells of them, and what their goods cost."""

from collections.abc import Collection, Mapping
from decimal import Decimal

from django.conf import settings

from ..store.carts import BuyerKind
from ..store.carts import Cart as CartData
from ..store.carts import CartLine as LineData
from .amounts import cents
from .models import Cart, CartLine, Category, Price


def cart_data(row: Cart) -> CartData:
    """A cart with its lines."""
    lines = list(row.lines.select_related("variant__product"))
    prices = live_prices(row, lines)
    categories = _paths({pk for line in lines if (pk := line.variant.product.category_id)})
    return CartData(
        id=str(row.key),
        channel=row.channel,
        currency=dict(settings.ONEC_SANDBOX_CHANNELS).get(row.channel, ""),
        kind=_kind(row),
        buyer_id="" if row.customer_id is None else str(row.customer_id),
        lines=tuple(
            LineData(
                id=str(line.pk),
                variant_id=str(line.variant_id),
                quantity=line.quantity,
                price=prices[line.pk],
                frozen=line.frozen,
                categories=categories.get(line.variant.product.category_id or 0, ()),
            )
            for line in lines
        ),
        is_being_paid=row.is_being_paid,
    )


def live_prices(cart: Cart, lines: Collection[CartLine]) -> dict[int, Decimal | None]:
    """Id of a line → what the catalogue asks for one; ``None`` where it is not on sale.

    The lines come with their variants and products.
    """
    asked = dict(
        Price.objects.filter(
            channel=cart.channel, variant_id__in=[line.variant_id for line in lines]
        ).values_list("variant_id", "amount")
    )
    return {
        line.pk: cents(asked[line.variant_id])
        if line.variant.product.published and line.variant_id in asked
        else None
        for line in lines
    }


def _kind(row: Cart) -> BuyerKind:
    if row.for_company:
        return BuyerKind.COMPANY
    return BuyerKind.GUEST if row.customer_id is None else BuyerKind.CUSTOMER


def _paths(pks: Collection[int]) -> Mapping[int, tuple[str, ...]]:
    """Id of a category → keys of it and of those above it: here they stand for slugs."""
    known: dict[int, tuple[str, int | None]] = {}
    wanted = set(pks)
    while wanted:
        rows = Category.objects.filter(pk__in=wanted).values_list("pk", "key", "parent_id")
        known |= {pk: (key, parent_id) for pk, key, parent_id in rows}
        parents = {parent_id for _, parent_id in known.values() if parent_id is not None}
        wanted = parents - known.keys()
    return {pk: _path(pk, known) for pk in pks}


def _path(pk: int, known: Mapping[int, tuple[str, int | None]]) -> tuple[str, ...]:
    keys: dict[str, None] = {}
    above: int | None = pk
    while above is not None and above in known:
        key, above = known[above]
        if key in keys:
            break  # a circle in the tree
        keys[key] = None
    return tuple(keys)
