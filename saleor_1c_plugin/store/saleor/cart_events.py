"""Hearing of carts: Django's signals, where Saleor tells nobody else.

A cart's prices are counted when it is saved with prices that are valid no longer; Saleor counts
them again when it loads such a cart. So what has ended is settled before that, whoever loads the
cart, and counted prices are never valid for longer than what is held at them.
"""

import logging
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.db.models import Model
from django.db.models.signals import post_init, post_save, pre_save
from django.utils import timezone
from saleor.checkout.models import Checkout
from saleor.core.db.connection import allow_writer
from saleor.order import OrderOrigin
from saleor.order.models import Order
from saleor.payment.models import Payment, TransactionEvent, TransactionItem
from saleor.warehouse.models import Stock

from ..carts import CartListener
from . import cart_prices, cart_sale, cart_switch

logger = logging.getLogger(__name__)

#: Columns that decide about lines, buyer or warehouses.
_CHANGES = frozenset(
    {
        *("price_expiration", "user", "shipping_address", "billing_address", "country"),
        *("collection_point", "assigned_delivery"),
    }
)
_VALID_UNTIL = ("price_expiration", "discount_expiration")
_listeners: list[CartListener] = []


def listen(listener: CartListener) -> None:
    if listener in _listeners:
        return
    _listeners.append(listener)
    if len(_listeners) == 1:
        _connect()


def stock_changed(variant_ids: Collection[str]) -> None:
    """There may be less of these goods, in this transaction."""
    if variant_ids:
        for listener in _listeners:
            _tell(partial(listener.stock_changed, variant_ids))


def _connect() -> None:
    cart_switch.watch()
    for signal, heard, model in (
        (post_init, _loaded, Checkout),
        (pre_save, _saving, Checkout),
        (post_save, _saved, Checkout),
        (post_save, _ordered, Order),
        (post_save, _stocked, Stock),
        (post_save, _paid, TransactionItem),
        (post_save, _paid, TransactionEvent),
        (post_save, _paid, Payment),
    ):
        signal.connect(heard, model, weak=False, dispatch_uid="onec.reservations")


def _loaded(instance: Any, **_: Any) -> None:
    valid_until = instance.__dict__.get("price_expiration")
    if _is_telling() or valid_until is None or valid_until > timezone.now():
        return
    for listener in _listeners:
        _tell(partial(listener.cart_opened, str(instance.pk)), instance)


def _saving(instance: Any, update_fields: Collection[str] | None = None, **_: Any) -> None:
    names = [name for name in _VALID_UNTIL if update_fields is None or name in update_fields]
    if not names or not any(getattr(instance, name) > timezone.now() for name in names):
        return
    for listener in _listeners:
        end = _tell(partial(listener.prices_end, str(instance.pk)))
        for name in names:
            if end is not None and getattr(instance, name) > end:
                setattr(instance, name, end)


def _saved(instance: Any, update_fields: Collection[str] | None = None, **_: Any) -> None:
    if _is_telling():
        return
    changes = _CHANGES if update_fields is None else _CHANGES & set(update_fields)
    if not changes or (
        # Prices that have just been counted.
        changes == {"price_expiration"} and instance.price_expiration > timezone.now()
    ):
        return
    if not instance.__dict__.get("_onec_waits"):
        instance._onec_waits = True
        transaction.on_commit(partial(_tell_changed, instance), robust=True)


def _tell_changed(instance: Any) -> None:
    instance._onec_waits = False
    if instance.pk is None:
        # It has become an order.
        return
    for listener in _listeners:
        _tell(partial(listener.cart_changed, str(instance.pk)), instance)


def _ordered(
    instance: Any, created: bool, update_fields: Collection[str] | None = None, **_: Any
) -> None:
    if created and instance.checkout_token and instance.origin == OrderOrigin.CHECKOUT:
        instance._onec_is_new = True
        with allow_writer():
            cart_sale.lock(instance.checkout_token)
        for listener in _listeners:
            told = partial(listener.cart_bought, instance.checkout_token, str(instance.pk))
            _tell(told)
    elif update_fields is None and instance.__dict__.pop("_onec_is_new", False):
        # Saved as a whole for the second time, when its lines and allocations are there.
        with allow_writer():
            cart_sale.fit(instance)
            cart_prices.keep_in_order(instance)


def _stocked(instance: Any, **_: Any) -> None:
    stock_changed([str(instance.product_variant_id)])


def _paid(instance: Any, **_: Any) -> None:
    row: Model = instance
    transaction_item = row.transaction if isinstance(row, TransactionEvent) else row
    checkout = getattr(transaction_item, "checkout_id", None)
    if checkout is not None:
        for listener in _listeners:
            _tell(partial(listener.payment_changed, str(checkout)))


def _tell[Answer](call: Callable[[], Answer], cart: Any = None) -> Answer | None:
    """Call a listener; what goes wrong there is no trouble of the buyer's.

    `cart`: the instance that is in use, to be kept in line with what the listener does.
    """
    # Inside, what is loaded and saved is nothing to tell of.
    mark = cart_prices.invalidated.set(set())
    try:
        with allow_writer(), _savepoint():
            answer = call()
            if cart is not None and str(cart.pk) in (cart_prices.invalidated.get() or ()):
                _refresh(cart)
            return answer
    except Exception:
        logger.exception("A reservation could not follow its cart")
        return None
    finally:
        cart_prices.invalidated.reset(mark)


def _savepoint() -> AbstractContextManager[object]:
    """Somebody else's transaction goes on after an error; where there is none, none is opened."""
    return transaction.atomic() if connection.in_atomic_block else nullcontext()


def _is_telling() -> bool:
    return cart_prices.invalidated.get() is not None


def _refresh(instance: Any) -> None:
    """Let a cart in memory know when it was changed, or what it counts is never saved."""
    names = ("last_change", *_VALID_UNTIL)
    row = Checkout.objects.filter(pk=instance.pk).values(*names).first()
    for name, value in (row or {}).items():
        if name in instance.__dict__:
            setattr(instance, name, value)
