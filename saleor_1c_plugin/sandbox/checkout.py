"""From a cart to an order, and the money for it."""

from dataclasses import asdict, dataclass
from decimal import Decimal
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from ..store.orders import (
    Address,
    DiscountKind,
    Forbidden,
    LineChange,
    OrderStatus,
    PaymentKind,
)
from . import cart_events, order_lines
from .cart_reading import live_prices
from .models import Cart, Discount, Order, Payment, Warehouse
from .order_reading import order_data


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a buyer says at the checkout; without a `pickup` the goods go to the address."""

    email: str
    address: Address
    delivery: str = ""
    pickup: Warehouse | None = None
    note: str = ""
    #: Of a voucher or of a gift card.
    code: str = ""


def place(cart: Cart, wishes: Wishes) -> Order | None:
    """Make an order of `cart`, which is gone then; nothing where it is gone already.

    The goods that the cart holds become the order's at one moment, at the prices that are frozen.

    Raises
    ------
    Forbidden
        Some of the goods are sold out, or not on sale any more.
    """
    cart_events.opened(cart)
    return _place(cart, wishes)


@transaction.atomic
def _place(cart: Cart, wishes: Wishes) -> Order | None:
    locked = Cart.objects.select_for_update().filter(pk=cart.pk).first()
    if locked is None:
        return None
    order = _order(locked, wishes)
    order_lines.set_lines(order, _lines(locked), locked)
    _apply(order, wishes.code)
    cart_events.bought(locked, order)
    locked.delete()
    return order


@transaction.atomic
def pay(order: Order) -> None:
    """Take what is left to pay, as a payment provider would; twice takes it once."""
    order = Order.objects.select_for_update().get(pk=order.pk)
    left = to_pay(order)
    if left <= 0:
        return
    gateway, method = settings.ONEC_SANDBOX_PAYMENTS[0]
    Payment.objects.create(
        order=order,
        kind=PaymentKind.CHARGE,
        amount=left,
        at=timezone.now(),
        method=method,
        gateway=gateway,
        reference=str(uuid4()),
    )


@transaction.atomic
def set_being_paid(cart: Cart, begun: bool) -> None:
    """Take down that a payment of `cart` was begun, or that it has ended."""
    Cart.objects.filter(pk=cart.pk).update(is_being_paid=begun)
    cart_events.payment_changed(cart)


def to_pay(order: Order) -> Decimal:
    """What the buyer owes for `order`."""
    if order.status == OrderStatus.CANCELLED:
        return Decimal(0)
    data = order_data(order)
    return max(data.total_gross - order.gift_card_amount - data.paid, Decimal(0))


def _lines(cart: Cart) -> list[LineChange]:
    lines = list(cart.lines.select_related("variant__product"))
    prices = live_prices(cart, lines)
    for line in lines:
        if prices[line.pk] is None:
            # A frozen price does not keep on sale what is not.
            raise Forbidden(f"Товара «{line.variant.product.name}» нет в продаже")
    return [
        LineChange(line.quantity, variant_id=str(line.variant_id), unit_price=line.frozen)
        for line in lines
    ]


def _order(cart: Cart, wishes: Wishes) -> Order:
    delivery = next(
        (way for way in settings.ONEC_SANDBOX_DELIVERIES if way[0] == wishes.delivery), None
    )
    address = asdict(wishes.address)
    order = Order(
        channel=cart.channel,
        currency=dict(settings.ONEC_SANDBOX_CHANNELS)[cart.channel],
        customer=cart.customer,
        email=wishes.email,
        first_name=wishes.address.first_name,
        last_name=wishes.address.last_name,
        billing=address,
        shipping=None if wishes.pickup else address,
        pickup=wishes.pickup,
        note=wishes.note,
        metadata=cart.metadata,
    )
    if delivery is not None:
        (
            order.delivery_id,
            order.delivery_name,
            order.delivery_price,
            order.delivery_tax_percent,
        ) = delivery
    order.save()
    return order


def _apply(order: Order, code: str) -> None:
    percent = settings.ONEC_SANDBOX_VOUCHERS.get(code)
    if percent is not None:
        kind, name = DiscountKind.VOUCHER, f"−{percent} %"
        order_lines.take_off(
            Discount(order=order, kind=kind, name=name, code=code, percent=percent)
        )
    card = settings.ONEC_SANDBOX_GIFT_CARDS.get(code)
    if card is not None:
        order.gift_card_code = code
        order.gift_card_amount = min(card, order_data(order).total_gross)
        order.save()
