"""Saleor's checkouts behind the port of carts: one class, its parts by what they do."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from django.http import HttpRequest
from saleor.core.db.connection import allow_writer
from saleor.core.jwt import jwt
from saleor.graphql.context import get_context_value

from ..carts import Cart, CartListener, Goods, Held, Lack, Overheld, Party, Wanted
from . import (
    cart_events,
    cart_facts,
    cart_goods,
    cart_overheld,
    cart_prices,
    cart_reading,
    cart_stock,
)


class SaleorCartStore:
    """Checkouts of the Saleor that this process is; see the port for what is promised."""

    def listen(self, listener: CartListener) -> None:
        cart_events.listen(listener)

    def buyer_of(self, request: HttpRequest) -> str:
        with allow_writer():
            try:
                user = get_context_value(request).user
                return str(user.pk) if user else ""
            except jwt.PyJWTError:
                # A token that is over, or nobody's.
                return ""

    def read_cart(self, cart_id: str, *, recount: bool = False) -> Cart | None:
        if recount:
            cart_prices.recount(cart_id)
        return cart_reading.read_cart(cart_id)

    def lock_cart(self, cart_id: str) -> bool:
        return cart_stock.lock_cart(cart_id)

    def hold(self, cart: Cart, wanted: Sequence[Wanted]) -> Mapping[str, Lack]:
        return cart_stock.hold(cart, wanted)

    def set_until(self, untils: Mapping[str, datetime]) -> None:
        cart_stock.set_until(untils)

    def release(self, line_ids: Collection[str]) -> None:
        cart_stock.release(line_ids)

    def held(self, line_ids: Collection[str]) -> Mapping[str, Held]:
        return cart_stock.held(line_ids)

    def overheld(self, variant_ids: Collection[str] | None = None) -> Sequence[Overheld]:
        return cart_overheld.overheld(variant_ids)

    def freeze(self, cart_id: str, prices: Mapping[str, Decimal]) -> None:
        cart_prices.freeze(cart_id, prices)

    def thaw(self, cart_id: str, line_ids: Collection[str]) -> None:
        cart_prices.thaw(cart_id, line_ids)

    def tell(
        self,
        cart_id: str,
        facts: Mapping[str, str | None],
        lines: Mapping[str, Mapping[str, str | None]],
    ) -> None:
        cart_facts.tell(cart_id, facts, lines)

    def gone(self, line_ids: Collection[str]) -> Collection[str]:
        return cart_reading.gone(line_ids)

    def unavailable(self, line_ids: Collection[str]) -> Collection[str]:
        return cart_reading.unavailable(line_ids)

    def goods(self, channel: str, variant_ids: Collection[str]) -> Mapping[str, Goods]:
        return cart_goods.goods(channel, variant_ids)

    def left(
        self, moment: datetime, after_id: str, until: datetime, limit: int = 1000
    ) -> Sequence[tuple[datetime, str]]:
        return cart_reading.left(moment, after_id, until, limit)

    def parties(self, cart_ids: Collection[str]) -> Mapping[str, Party]:
        return cart_goods.parties(cart_ids)
