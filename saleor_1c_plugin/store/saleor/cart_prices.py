"""Frozen prices: an override of the line's, which promotions of the catalogue leave alone.

An override takes the place of the listing's price, and Saleor would take a promotion off it again.
It does not where a line has a manual discount: so a frozen line has one, of nothing. The same
discount says that the override is ours (3.22 keeps no reason with an override).
"""

from collections.abc import Collection, Iterable, Mapping
from contextvars import ContextVar
from datetime import datetime
from decimal import Decimal
from inspect import signature
from typing import Any

from django.db import DatabaseError, connection
from django.db.models import Q
from django.utils import timezone
from promise import Promise
from saleor.checkout.calculations import fetch_checkout_data
from saleor.checkout.fetch import fetch_checkout_info, fetch_checkout_lines
from saleor.checkout.models import Checkout, CheckoutLine
from saleor.discount import DiscountType, DiscountValueType
from saleor.discount.models import CheckoutLineDiscount, OrderLineDiscount
from saleor.order.models import OrderLine
from saleor.plugins.manager import get_plugins_manager

from .uuids import uuids
from .writing import writes

#: Name of the discount; what staff see in the order's line as the reason of its price.
_NAME = "saleor1c.reservations"
FROZEN = Q(type=DiscountType.MANUAL, name=_NAME)
#: Carts whose prices were made invalid → when, for whoever asks to be told.
invalidated: ContextVar[dict[str, datetime] | None] = ContextVar(
    "onec_invalidated_carts", default=None
)
#: 3.23 asks on whose behalf; 3.22 does not.
_ASKED_BY = {"requestor": None} if "requestor" in signature(fetch_checkout_data).parameters else {}
_HAS_REASON = any(field.name == "price_override_reason" for field in CheckoutLine._meta.fields)
#: What is set to the present to have a cart's prices counted anew. The time of the last change
#: keeps a request that is counting right now from saving prices that it has counted of what was
#: here before.
_INVALID = ("price_expiration", "discount_expiration", "last_change")
_FREEZE = f"""
WITH frozen AS (
    UPDATE {CheckoutLine._meta.db_table} AS l
    SET price_override = f.price{", price_override_reason = %(reason)s" * _HAS_REASON}
    FROM unnest(%(lines)s::uuid[], %(prices)s::numeric[]) AS f(line, price)
    WHERE l.id = f.line AND l.checkout_id = %(cart)s
    RETURNING l.id, l.currency
), invalid AS (
    UPDATE {Checkout._meta.db_table} SET {", ".join(f"{name} = %(now)s" for name in _INVALID)}
    WHERE {Checkout._meta.pk.column} = %(cart)s AND EXISTS (SELECT FROM frozen)
)
SELECT id, currency FROM frozen
"""  # noqa: S608


@writes
def recount(cart_id: str) -> None:
    """Have Saleor count the cart's prices where they are out of date."""
    checkout = Checkout.objects.filter(pk__in=uuids([cart_id])).first()
    if checkout is None or checkout.price_expiration > timezone.now():
        return
    manager = get_plugins_manager(allow_replica=False)
    lines, _ = fetch_checkout_lines(checkout)
    info = fetch_checkout_info(checkout, lines, manager)
    try:
        # 3.23 promises what 3.22 returns.
        Promise.resolve(fetch_checkout_data(info, manager, lines, **_ASKED_BY)).get()
    except DatabaseError:
        # Nothing is left to be saved of a cart that has become an order meanwhile.
        if Checkout.objects.filter(pk=checkout.pk).exists():
            raise


@writes
def freeze(cart_id: str, prices: Mapping[str, Decimal]) -> None:
    chosen = {line_id: price for line_id, price in prices.items() if uuids([line_id])}
    for checkout in uuids([cart_id]):
        now = timezone.now()
        values: dict[str, Any] = {
            "cart": checkout,
            "lines": list(chosen),
            "prices": list(chosen.values()),
            "reason": _NAME,
            "now": now,
        }
        with connection.cursor() as cursor:
            cursor.execute(_FREEZE, values)
            frozen = cursor.fetchall()
        if frozen:
            _mark(CheckoutLineDiscount, frozen)
            _tell_invalid(cart_id, now)


@writes
def thaw(cart_id: str, line_ids: Collection[str]) -> None:
    marks = CheckoutLineDiscount.objects.filter(
        FROZEN, line__checkout__in=uuids([cart_id]), line__in=uuids(line_ids)
    )
    lines = list(marks.values_list("line_id", flat=True))
    if lines:
        values = {"price_override_reason": None} if _HAS_REASON else {}
        CheckoutLine.objects.filter(pk__in=lines).update(price_override=None, **values)
        CheckoutLineDiscount.objects.filter(FROZEN, line__in=lines).delete()
        _invalidate(cart_id)


def keep_in_order(order: Any) -> None:
    """Let the order's frozen lines keep their prices when the order is counted anew.

    Saleor does not take a line's empty discounts over into the order, and would take promotions
    off an overridden price as soon as somebody edits the order.
    """
    lines = OrderLine.objects.filter(order_id=order.pk, is_price_overridden=True)
    _mark(OrderLineDiscount, lines.values_list("pk", "currency"))


def _mark(discounts: Any, lines: Iterable[tuple[Any, str]]) -> None:
    """Give lines (id and currency) a manual discount of nothing, unless they have one."""
    discounts.objects.bulk_create(
        [
            discounts(
                line_id=line_id,
                type=DiscountType.MANUAL,
                unique_type=DiscountType.MANUAL,
                value_type=DiscountValueType.FIXED,
                currency=currency,
                name=_NAME,
            )
            for line_id, currency in lines
        ],
        ignore_conflicts=True,
    )


def _invalidate(cart_id: str) -> None:
    now = timezone.now()
    _tell_invalid(cart_id, now)
    Checkout.objects.filter(pk__in=uuids([cart_id])).update(**dict.fromkeys(_INVALID, now))


def _tell_invalid(cart_id: str, now: datetime) -> None:
    told = invalidated.get()
    if told is not None:
        told[cart_id] = now
