"""What buyers have promised to pay for an order, by invoice or on delivery."""

from decimal import Decimal

from ..payments.models import Attempt
from ..store.orders import PaymentKind
from .models import Order


def transactions(order: Order) -> list[str]:
    """The order's transactions, as the port of payments names them."""
    attempts = Attempt.objects.filter(about_id=str(order.key))
    return list(attempts.values_list("transaction", flat=True))


def lessen(order: Order, gateway: str, amount: Decimal | None = None) -> bool:
    """Take off a promise what was paid of it, or all; whether anything was left.

    One of which nothing is left stays, so that it is not taken for a new one when it is told again.
    """
    promises = order.payments.filter(kind=PaymentKind.PROMISED, gateway=gateway, amount__gt=0)
    promise = promises.last()
    if promise is None:
        return False
    promise.amount = Decimal(0) if amount is None else max(promise.amount - amount, Decimal(0))
    promise.save()
    return True
