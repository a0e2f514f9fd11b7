"""Hearing of what the shop does to its orders.

Django's signals tell of every row that is saved or deleted as a model, within its transaction.
Saleor also writes past them, by ``update()`` and ``bulk_create()``. Most of that goes along with
the saving of the order in the same transaction: its lines and their quantities, manually adjusted
transactions, a checkout's payments, discounts. These go alone and are unheard:

* ``orderBulkCreate``, and metadata written by ``updateMetadata`` and ``deleteMetadata``: they set
  the time of the order's last change, by which they are found;
* orders that expire (``expire_orders_task``): that time stays as it was, but there is an event;
* guests' orders given to a new account (``match_orders_with_new_user``) and prices of unconfirmed
  orders marked as stale (``recalculate_orders_task``): they are found with the next change.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model
from django.db.models.signals import post_delete, post_save
from saleor.discount.models import OrderDiscount
from saleor.order import OrderEvents, OrderStatus
from saleor.order.models import Fulfillment, FulfillmentLine, Order, OrderEvent, OrderLine
from saleor.payment.models import Payment, Transaction, TransactionEvent, TransactionItem

Changed = Callable[[Collection[str]], None]

#: Models of an order's parts, each with the way to its order.
_PARTS: dict[type[Model], tuple[str, ...]] = {
    OrderLine: ("order",),
    OrderDiscount: ("order",),
    Fulfillment: ("order",),
    FulfillmentLine: ("fulfillment", "order"),
    TransactionItem: ("order",),
    TransactionEvent: ("transaction", "order"),
    Payment: ("order",),
    Transaction: ("payment", "order"),
}
#: Columns whose change alone says nothing to 1C.
_QUIET = frozenset({"search_vector", "search_document", "private_metadata", "updated_at"})


def listen(changed: Changed) -> None:
    def hear_order(instance: Any, update_fields: Any = None, **_: Any) -> None:
        if instance.status != OrderStatus.DRAFT and _says_something(update_fields):
            changed([str(instance.pk)])

    def hear_part(instance: Any, update_fields: Any = None, **_: Any) -> None:
        if not _says_something(update_fields):
            return
        order = _order_of(instance)
        if order is not None and order.status != OrderStatus.DRAFT:
            changed([str(order.pk)])

    # Several rooms listen, each once.
    who = f"{changed.__module__}.{changed.__qualname__}"
    for signal in (post_save, post_delete):
        signal.connect(hear_order, Order, weak=False, dispatch_uid=f"onec.orders.order {who}")
        for model in _PARTS:
            signal.connect(hear_part, model, weak=False, dispatch_uid=f"onec.orders.part {who}")


def changed_since(moment: datetime, after_id: str, limit: int) -> Sequence[tuple[datetime, str]]:
    orders = Order.objects.exclude(status=OrderStatus.DRAFT)
    expired = OrderEvent.objects.filter(type=OrderEvents.EXPIRED)
    # Each has an index on its time; a condition on both would use none.
    found = [
        *_since(orders, "updated_at", "pk", moment, after_id, limit),
        *_since(expired, "date", "order_id", moment, after_id, limit),
    ]
    return sorted(found)[:limit]


def _since(
    rows: Any, time: str, key: str, moment: datetime, after_id: str, limit: int
) -> Iterator[tuple[datetime, str]]:
    found = rows.filter(**{f"{time}__gte": moment}).order_by(time, key)
    if after_id:
        found = found.exclude(**{time: moment, f"{key}__lte": after_id})
    for at, pk in found.values_list(time, key)[:limit]:
        yield at, str(pk)


def _order_of(part: Any) -> Order | None:
    for step in _PARTS[type(part)]:
        try:
            part = getattr(part, step)
        except ObjectDoesNotExist:
            # Deleted together with what it belongs to, of which a signal of its own tells.
            return None
        if part is None:
            # A payment of a checkout that is no order yet.
            return None
    order: Order = part
    return order


def _says_something(update_fields: Collection[str] | None) -> bool:
    return update_fields is None or not _QUIET.issuperset(update_fields)
