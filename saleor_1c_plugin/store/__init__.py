"""The ports of a shop, and the one shop that this process works for."""

from functools import cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from .carts import CartStore
from .orders import OrderStore
from .payments import PaymentStore
from .ports import CatalogStore

SALEOR = "saleor_1c_plugin.store.saleor.catalog.SaleorCatalogStore"
SALEOR_ORDERS = "saleor_1c_plugin.store.saleor.orders.SaleorOrderStore"
SALEOR_CARTS = "saleor_1c_plugin.store.saleor.carts.SaleorCartStore"
SALEOR_PAYMENTS = "saleor_1c_plugin.store.saleor.payments.SaleorPaymentStore"


@cache
def _made(path: str) -> Any:
    return import_string(path)()


def current_store() -> CatalogStore:
    """The shop named by the Django setting ``ONEC_STORE``; Saleor where it is not set."""
    store: CatalogStore = _made(getattr(settings, "ONEC_STORE", SALEOR))
    return store


def current_orders() -> OrderStore:
    """Its orders: the setting ``ONEC_ORDER_STORE``; Saleor's where it is not set."""
    store: OrderStore = _made(getattr(settings, "ONEC_ORDER_STORE", SALEOR_ORDERS))
    return store


def current_carts() -> CartStore:
    """Its carts: the setting ``ONEC_CART_STORE``; Saleor's where it is not set."""
    store: CartStore = _made(getattr(settings, "ONEC_CART_STORE", SALEOR_CARTS))
    return store


def current_payments() -> PaymentStore:
    """Its payments: the setting ``ONEC_PAYMENT_STORE``; Saleor's where it is not set."""
    store: PaymentStore = _made(getattr(settings, "ONEC_PAYMENT_STORE", SALEOR_PAYMENTS))
    return store
