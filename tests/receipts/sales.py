"""Orders of the mini-shop, and what happens to them."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from saleor_1c_plugin.sandbox.models import Order, Payment, Variant
from saleor_1c_plugin.store import current_orders
from saleor_1c_plugin.store.orders import (
    Address,
    Buyer,
    LineChange,
    NewOrder,
    NewShipment,
    PaymentKind,
    ShipmentLine,
)
from tests.sandbox.goods import CHANNEL, goods

GATEWAY = "saleor1c.yookassa"


def cups(price: str) -> Variant:
    """More than anybody buys."""
    return goods(f"cup-{price}", 10**6, price)


def order(quantity: int = 2, price: str = "100.00", *, email: str = "anna@shop.example") -> Order:
    """An order of some cups."""
    line = LineChange(quantity, variant_id=str(cups(price).pk))
    address = Address(first_name="Анна", last_name="Ли", country_code="RU")
    new = NewOrder(str(uuid4()), CHANNEL, Buyer(email=email), (line,), address)
    with transaction.atomic():
        return Order.objects.get(key=current_orders().create_order(new))


def pay(of: Order, amount: str, **values: object) -> Payment:
    """Money that a provider took."""
    fields: dict[str, Any] = {
        "kind": PaymentKind.CHARGE,
        "gateway": GATEWAY,
        "method": "Банковская карта",
        "at": timezone.now(),
        "reference": str(uuid4()),
    }
    payment = Payment(order=of, amount=Decimal(amount), **{**fields, **values})
    with transaction.atomic():
        payment.save()
    return payment


def give_back(of: Order, amount: str) -> Payment:
    return pay(of, amount, kind=PaymentKind.REFUND)


def ship(of: Order, *quantities: int) -> None:
    """Some of each line; all that is left where no quantity is named."""
    rows = zip(of.lines.order_by("pk"), quantities, strict=False)
    lines = tuple(ShipmentLine(str(line.pk), quantity) for line, quantity in rows)
    with transaction.atomic():
        current_orders().ship(str(of.key), NewShipment(str(uuid4()), lines))


def pay_unheard(of: Order, amount: str) -> None:
    """In bulk: no hook fires."""
    Payment.objects.bulk_create(
        [
            Payment(
                order=of,
                kind=PaymentKind.CHARGE,
                amount=Decimal(amount),
                at=timezone.now(),
                gateway=GATEWAY,
                reference=str(uuid4()),
            )
        ]
    )
    Order.objects.filter(pk=of.pk).update(updated=Now())
