"""Hearing of carts: Django's signals, where Saleor tells nobody else.

A cart's prices are counted when it is saved with prices that are valid no longer; Saleor counts
them again when it loads such a cart. So what has ended is settled before that, whoever loads the
cart, and counted prices are never valid for longer than what is held at them.
"""

import logging
from collections.abc import Callable, Collection, Iterable
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from datetime import datetime, timedelta
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
from . import cart_prices, cart_reading, cart_sale, cart_stock, cart_switch

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
#: The cart that was settled last: its id, the end of its prices, and from when to when that is
#: enough. A request loads a cart several times before it counts its prices; once they are counted
#: they end later.
_last_settled: ContextVar[tuple[Any, datetime, datetime, datetime] | None] = ContextVar(
    "onec_last_settled_cart", default=None
)
_IN_HAND = timedelta(seconds=1)


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
    if _has_just_been_settled(instance):
        return
    cart_id = str(instance.pk)
    _settle(instance, [partial(listener.cart_opened, cart_id) for listener in _listeners])


def _saving(instance: Any, update_fields: Collection[str] | None = None, **_: Any) -> None:
    # The discounts' validity is saved alone before prices are counted: until these are valid, the
    # next to load the cart settles what has ended, and that makes the discounts invalid too.
    if update_fields is not None and "price_expiration" not in update_fields:
        return
    if instance.price_expiration <= timezone.now():
        return
    names = [name for name in _VALID_UNTIL if update_fields is None or name in update_fields]
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
    cart_id = str(instance.pk)
    _settle(instance, [partial(listener.cart_changed, cart_id) for listener in _listeners])


def _ordered(
    instance: Any, created: bool, update_fields: Collection[str] | None = None, **_: Any
) -> None:
    if created and instance.checkout_token and instance.origin == OrderOrigin.CHECKOUT:
        instance._onec_is_new = True
        with allow_writer():
            cart = cart_reading.read_cart(instance.checkout_token)
            variants = cart_stock.lock_goods(cart) if cart else ()
        # Of several warehouses one of which lacks units, Saleor may have reserved for somebody,
        # by itself, what is not there: that is not to keep back whose goods are held.
        stock_changed(variants)
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
    invalidated: dict[str, datetime] = {}
    mark = cart_prices.invalidated.set(invalidated)
    try:
        with allow_writer(), _savepoint():
            answer = call()
            if cart is not None and str(cart.pk) in invalidated:
                _refresh(cart, invalidated[str(cart.pk)])
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


def _refresh(instance: Any, changed: datetime) -> None:
    """Let a cart in memory know when it was changed, or what it counts is never saved."""
    for name in ("last_change", *_VALID_UNTIL):
        if name in instance.__dict__:
            setattr(instance, name, changed)


def _settle(instance: Any, calls: Iterable[Callable[[], datetime | None]]) -> None:
    """Let the listeners settle a cart, and remember until when it is."""
    began = timezone.now()
    ends = [_tell(call, instance) for call in calls]
    if "price_expiration" in instance.__dict__:
        until = min([began + _IN_HAND, *(end for end in ends if end is not None)])
        _last_settled.set((instance.pk, instance.price_expiration, began, until))


def _has_just_been_settled(instance: Any) -> bool:
    last = _last_settled.get()
    if last is None:
        return False
    cart_id, valid_until, began, until = last
    is_same = (instance.pk, instance.price_expiration) == (cart_id, valid_until)
    return is_same and began <= timezone.now() < until
