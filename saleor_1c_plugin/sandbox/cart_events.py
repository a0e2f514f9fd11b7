"""Telling of carts and stock; a listener that fails is logged, and the buyer goes on."""

import logging
from collections.abc import Callable, Collection
from contextlib import nullcontext
from functools import partial

from django.db import connection, transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from ..store.carts import CartListener
from .models import Cart, CartLine, Order

_logger = logging.getLogger(__name__)
_listeners: list[CartListener] = []


def listen(listener: CartListener) -> None:
    """Tell `listener` of everything from now on; once, if asked twice."""
    if listener not in _listeners:
        _listeners.append(listener)


def changed(cart_id: str) -> None:
    """Tell of a change of a cart, once it is committed."""
    tell = partial(_tell, lambda listener: listener.cart_changed(cart_id))
    transaction.on_commit(tell, robust=True)


def opened(cart: Cart) -> None:
    """Tell that the prices of `cart` are about to be counted.

    Not to be called with the cart or a stock locked: who listens locks them in an order of his.
    """
    _tell(lambda listener: listener.cart_opened(str(cart.key)))


def bought(cart: Cart, order: Order) -> None:
    """Tell that `cart` becomes `order`."""
    _tell(lambda listener: listener.cart_bought(str(cart.key), str(order.key)))


def stock_changed(variant_ids: Collection[int]) -> None:
    """Tell that there may be less of these goods, whose stocks are locked."""
    if variant_ids:
        ids = [str(pk) for pk in variant_ids]
        _tell(lambda listener: listener.stock_changed(ids))


def payment_changed(cart: Cart) -> None:
    """Tell that a payment of `cart` was started or has ended."""
    _tell(lambda listener: listener.payment_changed(str(cart.key)))


def _tell(call: Callable[[CartListener], object]) -> None:
    for listener in _listeners:
        try:
            # In a transaction of ours what it has written goes with it when it fails, and nothing
            # else does; without one it has its own, and may try again.
            with transaction.atomic() if connection.in_atomic_block else nullcontext():
                call(listener)
        except Exception:
            _logger.exception("A listener of carts failed")


@receiver(post_save, sender=Cart)
def _cart_written(instance: Cart, **_: object) -> None:
    changed(str(instance.key))


@receiver([post_save, post_delete], sender=CartLine)
def _line_written(instance: CartLine, **_: object) -> None:
    key = Cart.objects.filter(pk=instance.cart_id).values_list("key", flat=True).first()
    if key is not None:
        changed(str(key))
