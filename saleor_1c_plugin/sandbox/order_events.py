"""Telling of changes: a write of what belongs to an order is a write of the order."""

from collections.abc import Callable, Collection

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from .models import Customer, Discount, Order, OrderLine, Payment, Shipment

_listeners: list[Callable[[Collection[str]], None]] = []
_customer_listeners: list[Callable[[Collection[str]], None]] = []


def listen(changed: Callable[[Collection[str]], None]) -> None:
    """Have `changed` called with the key of every order that is written; once, if told twice."""
    if changed not in _listeners:
        _listeners.append(changed)


def listen_to_customers(changed: Callable[[Collection[str]], None]) -> None:
    """The same with the key of every account."""
    if changed not in _customer_listeners:
        _customer_listeners.append(changed)


@receiver(post_save, sender=Customer)
def _customer_written(instance: Customer, **_: object) -> None:
    for changed in _customer_listeners:
        changed([str(instance.pk)])


@receiver(post_save, sender=Order)
def _order_written(instance: Order, **_: object) -> None:
    for changed in _listeners:
        changed([str(instance.key)])


@receiver([post_save, post_delete], sender=OrderLine)
@receiver([post_save, post_delete], sender=Discount)
@receiver([post_save, post_delete], sender=Payment)
@receiver([post_save, post_delete], sender=Shipment)
def _part_written(instance: OrderLine | Discount | Payment | Shipment, **_: object) -> None:
    instance.order.save(update_fields=["updated"])
