"""The mini-shop behind the carts' port.

Prices are counted whenever they are shown or charged, so that nothing here goes out of date.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Exists, Max, OuterRef, QuerySet
from django.db.models.functions import Greatest
from django.http import HttpRequest

from ..store.carts import Cart as CartData
from ..store.carts import CartListener, Goods, Held, Lack, Overheld, Party, Wanted
from . import cart_events, cart_goods, holding
from .amounts import cents
from .bulk import numbers
from .cart_reading import cart_data
from .models import Cart, CartLine, Price
from .signing_in import buyer_of

_NUMBER = re.compile(r"[1-9]\d{0,17}", re.ASCII)


class SandboxCartStore:
    """Carts of the mini-shop; see :class:`~saleor_1c_plugin.store.carts.CartStore`."""

    def listen(self, listener: CartListener) -> None:
        cart_events.listen(listener)

    def buyer_of(self, request: HttpRequest) -> str:
        customer = buyer_of(request).customer
        return "" if customer is None else str(customer.pk)

    def read_cart(self, cart_id: str, *, recount: bool = False) -> CartData | None:
        row = _carts(cart_id).first()
        return None if row is None else cart_data(row)

    def lock_cart(self, cart_id: str) -> bool:
        return _locked(cart_id) is not None

    def hold(self, cart: CartData, wanted: Sequence[Wanted]) -> Mapping[str, Lack]:
        row = _carts(cart.id).first()
        wishes = {wish.line_id: wish for wish in wanted}
        lines = {str(line.pk): line for line in _lines(cart.id, wishes)}
        lacks = {line_id: Lack.STOCK for line_id in wishes if line_id not in lines}
        if row is not None:
            there = [(line, wishes[line_id]) for line_id, line in lines.items()]
            lacks |= holding.hold(row, there)
        return lacks

    def set_until(self, untils: Mapping[str, datetime]) -> None:
        holding.set_until({pk: untils[str(pk)] for pk in _pks(untils)})

    def release(self, line_ids: Collection[str]) -> None:
        holding.release(_pks(line_ids))

    def held(self, line_ids: Collection[str]) -> Mapping[str, Held]:
        return {str(pk): what for pk, what in holding.held(_pks(line_ids)).items()}

    def overheld(self, variant_ids: Collection[str] | None = None) -> Sequence[Overheld]:
        return holding.overheld(None if variant_ids is None else numbers(variant_ids))

    # What follows is written in bulk: the cart's listeners write it, and needn't hear of it.

    def freeze(self, cart_id: str, prices: Mapping[str, Decimal]) -> None:
        lines = _lines(cart_id, prices)
        for line in lines:
            line.frozen = cents(prices[str(line.pk)])
        CartLine.objects.bulk_update(lines, ["frozen"])

    def thaw(self, cart_id: str, line_ids: Collection[str]) -> None:
        _lines(cart_id, line_ids).update(frozen=None)

    def tell(
        self,
        cart_id: str,
        facts: Mapping[str, str | None],
        lines: Mapping[str, Mapping[str, str | None]],
    ) -> None:
        row = _locked(cart_id)
        if row is not None:
            Cart.objects.filter(pk=row.pk).update(metadata=_with(row.metadata, facts))
        rows = _lines(cart_id, lines)
        for line in rows:
            line.metadata = _with(line.metadata, lines[str(line.pk)])
        CartLine.objects.bulk_update(rows, ["metadata"])

    def gone(self, line_ids: Collection[str]) -> Collection[str]:
        rows = CartLine.objects.filter(pk__in=_pks(line_ids)).values_list("pk", flat=True)
        return set(line_ids) - {str(pk) for pk in rows}

    def unavailable(self, line_ids: Collection[str]) -> Collection[str]:
        prices = Price.objects.filter(
            variant=OuterRef("variant"), channel=OuterRef("cart__channel")
        )
        on_sale = Exists(prices.filter(variant__product__published=True))
        rows = CartLine.objects.filter(~on_sale, pk__in=_pks(line_ids))
        return {str(pk) for pk in rows.values_list("pk", flat=True)}

    def goods(self, channel: str, variant_ids: Collection[str]) -> Mapping[str, Goods]:
        return cart_goods.goods(variant_ids)

    def left(
        self, moment: datetime, after_id: str, until: datetime, limit: int = 1000
    ) -> Sequence[tuple[datetime, str]]:
        carts = Cart.objects.filter(customer__isnull=False, is_being_paid=False)
        # A cart without lines has no last one, and is not among these.
        rows = carts.annotate(line=Max("lines__touched"), last=Greatest("touched", "line")).filter(
            line__isnull=False, last__gte=moment, last__lte=until
        )
        if after_id:
            rows = rows.exclude(last=moment, key__lte=after_id)
        found = rows.order_by("last", "key").values_list("last", "key")[:limit]
        return [(touched, str(key)) for touched, key in found]

    def parties(self, cart_ids: Collection[str]) -> Mapping[str, Party]:
        return cart_goods.parties(cart_ids)


def _carts(cart_id: str) -> QuerySet[Cart]:
    """The cart with this id, if there is one."""
    try:
        return Cart.objects.filter(key=UUID(cart_id))
    except ValueError:
        return Cart.objects.none()


def _locked(cart_id: str) -> Cart | None:
    return _carts(cart_id).select_for_update().first()


def _lines(cart_id: str, line_ids: Collection[str]) -> QuerySet[CartLine]:
    return CartLine.objects.filter(cart__in=_carts(cart_id), pk__in=_pks(line_ids))


def _pks(line_ids: Collection[str]) -> list[int]:
    """The ids as primary keys; what can't be one is left out."""
    return [int(text) for text in line_ids if _NUMBER.fullmatch(text)]


def _with(metadata: Mapping[str, Any], facts: Mapping[str, str | None]) -> dict[str, Any]:
    merged = {**metadata, **facts}
    return {key: value for key, value in merged.items() if value is not None}
