"""From a cart to an order, and the money for it."""

from dataclasses import asdict, dataclass
from decimal import Decimal
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from ..store.orders import Address, DiscountKind, LineChange, OrderStatus, PaymentKind
from . import order_lines
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


@transaction.atomic
def place(cart: Cart, wishes: Wishes) -> Order | None:
    """Make an order of `cart`, which is gone then; nothing where it is gone already.

    Raises
    ------
    Forbidden
        Some of the goods are sold out, or not on sale any more.
    """
    locked = Cart.objects.select_for_update().filter(pk=cart.pk).first()
    if locked is None:
        return None
    order = _order(locked.channel, wishes)
    order_lines.set_lines(
        order,
        [LineChange(line.quantity, variant_id=str(line.variant_id)) for line in locked.lines.all()],
    )
    _apply(order, wishes.code)
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


def to_pay(order: Order) -> Decimal:
    """What the buyer owes for `order`."""
    if order.status == OrderStatus.CANCELLED:
        return Decimal(0)
    data = order_data(order)
    return max(data.total_gross - order.gift_card_amount - data.paid, Decimal(0))


def _order(channel: str, wishes: Wishes) -> Order:
    delivery = next(
        (way for way in settings.ONEC_SANDBOX_DELIVERIES if way[0] == wishes.delivery), None
    )
    address = asdict(wishes.address)
    order = Order(
        channel=channel,
        currency=dict(settings.ONEC_SANDBOX_CHANNELS)[channel],
        email=wishes.email,
        first_name=wishes.address.first_name,
        last_name=wishes.address.last_name,
        billing=address,
        shipping=None if wishes.pickup else address,
        pickup=wishes.pickup,
        note=wishes.note,
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
