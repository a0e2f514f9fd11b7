"""A shop with buyers: carts of the mini-shop, the reservation of their lines, and time that passes.

Time passes by moving the times of the rows back: the clock stays the real one, which the database,
the shop and the room all read.
"""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F

from saleor_1c_plugin.reservations.models import Hold
from saleor_1c_plugin.sandbox import checkout
from saleor_1c_plugin.sandbox.checkout import Wishes
from saleor_1c_plugin.sandbox.models import (
    Cart,
    CartLine,
    Customer,
    Order,
    Reservation,
    Stock,
    Variant,
)
from saleor_1c_plugin.sandbox.stock import with_free
from saleor_1c_plugin.sandbox.store import SandboxStore
from saleor_1c_plugin.store import current_carts
from saleor_1c_plugin.store.carts import Cart as CartData
from saleor_1c_plugin.store.orders import Address
from saleor_1c_plugin.store.ports import PriceWrite, StockWrite
from tests.sandbox.goods import CHANNEL, goods

__all__ = ["CHANNEL", "Shop", "goods"]
_WISHES = Wishes("anna@example.com", Address(first_name="Анна"), delivery="courier")
_TIMES = ("began", "ends", "term", "latest", "reminded", "ended")


class Shop:
    """What people do in a shop that reserves; `settings` are those of Django."""

    def __init__(self, settings: Any) -> None:
        self._settings = settings
        self.set()

    def set(self, *, channel: str = "", on: bool = True, **values: object) -> None:
        """The merchant's settings of reservation, of one channel or of all."""
        plugin = f"reservations/{channel}" if channel else "reservations"
        saved = {**self._settings.ONEC_CONFIGURATION, plugin: values if on else None}
        self._settings.ONEC_CONFIGURATION = saved

    def cart(self, customer: str = "", **values: Any) -> Cart:
        if customer:
            values["customer"], _ = Customer.objects.get_or_create(email=customer)
        return Cart.objects.create(**{"channel": CHANNEL, **values})

    def line(
        self,
        quantity: int = 2,
        variant: Variant | None = None,
        cart: Cart | None = None,
        **values: Any,
    ) -> CartLine:
        """A line in a cart, or in one of its own."""
        cart = cart or self.cart(**values)
        return cart.lines.create(variant=variant or goods(), quantity=quantity)

    def want(self, line: CartLine, quantity: int) -> None:
        """The buyer changes the quantity."""
        line.quantity = quantity
        line.save()

    def buy(self, cart: Cart) -> Order:
        order = checkout.place(Cart.objects.get(pk=cart.pk), _WISHES)
        assert order is not None
        return order

    def pay(self, cart: Cart, begun: bool) -> None:
        """A payment of the cart is begun, or has come to nothing."""
        checkout.set_being_paid(cart, begun)

    def pass_time(self, **duration: float) -> None:
        """So long later, with no worker at work."""
        step = timedelta(**duration)
        Hold.objects.update(**{name: F(name) - step for name in _TIMES})
        Reservation.objects.update(reserved_until=F("reserved_until") - step)

    @transaction.atomic
    def on_hand(self, variant: Variant, quantity: int, warehouse: int = 0) -> None:
        """1C says how much there is."""
        store = SandboxStore()
        place = store.warehouses()[warehouse].id
        store.write_stocks([StockWrite(str(variant.pk), place, quantity)])

    @transaction.atomic
    def price(self, variant: Variant, amount: str | None) -> None:
        """1C says what it costs."""
        value = None if amount is None else Decimal(amount)
        write = PriceWrite(str(variant.pk), str(variant.product_id), CHANNEL, value)
        SandboxStore().write_prices([write])

    def free(self, variant: Variant) -> int:
        """What anybody may buy."""
        rows = with_free(Stock.objects.filter(variant=variant))
        return sum(row.free for row in rows)  # type: ignore[attr-defined]


def cart_id(line: CartLine | Cart) -> str:
    return str(line.key if isinstance(line, Cart) else line.cart.key)


def seen(line: CartLine) -> CartData:
    """The cart as the shop has it, when somebody opens it."""
    from saleor_1c_plugin.sandbox import cart_events

    cart_events.opened(line.cart)
    cart = current_carts().read_cart(cart_id(line))
    assert cart is not None
    return cart


def charged(line: CartLine) -> Decimal | None:
    """What one costs the buyer who looks at the cart."""
    found = {item.id: item for item in seen(line).lines}[str(line.pk)]
    return found.price if found.frozen is None else found.frozen


def facts(of: CartLine | Cart) -> Mapping[str, str]:
    """The cart's metadata."""
    return dict(Cart.objects.get(key=cart_id(of)).metadata)


def ends(cart: Cart | CartLine) -> list[tuple[str, str]]:
    """Line and end of the cart's holds, the live ones with none."""
    rows = Hold.objects.filter(cart_id=cart_id(cart)).order_by("began", "pk")
    return [(hold.line_id, hold.end) for hold in rows]
