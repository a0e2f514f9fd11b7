"""What is done to an order as a whole, and to its metadata."""

import json
from collections.abc import Collection, Mapping

from django.db import connection, transaction
from saleor.account.models import User
from saleor.core.db.connection import allow_writer
from saleor.order import OrderStatus
from saleor.order.actions import order_confirmed
from saleor.order.models import Order
from saleor.order.utils import update_order_display_gross_prices, update_order_status
from saleor.plugins.manager import get_plugins_manager

from ..orders import Forbidden
from .mutations import app, global_id, mutate
from .trade import TAKEN
from .uuids import uuids

_MARK = """
    WITH unmarked AS (
        SELECT id FROM {table}
        WHERE id = ANY(%(ids)s) AND private_metadata ? %(key)s IS NOT TRUE
        ORDER BY id FOR UPDATE
    )
    UPDATE {table} AS o SET private_metadata =
        COALESCE(private_metadata, jsonb_build_object()) || %(mark)s::jsonb
    FROM unmarked WHERE o.id = unmarked.id
"""


def lock(order_id: str) -> bool:
    return _locked(order_id) is not None


def locked(order_id: str) -> Order:
    """The order, kept from everybody else until the commit.

    Raises
    ------
    Forbidden
        There is none.
    """
    order = _locked(order_id)
    if order is None:
        raise Forbidden("Такого заказа в магазине нет")
    return order


def _locked(order_id: str) -> Order | None:
    orders = Order.objects.exclude(status=OrderStatus.DRAFT).select_for_update(of=("self",))
    return orders.filter(pk__in=uuids([order_id])).first()


def confirm(order_id: str) -> bool:
    """Do what ``orderConfirm`` does, without asking a provider to capture an authorised payment.

    That would be a call to the outside while the transaction waits; the payment stays authorised,
    for the staff or the provider's own app to capture.
    """
    order = locked(order_id)
    if order.status in (OrderStatus.CANCELED, OrderStatus.EXPIRED):
        raise Forbidden("Заказ в магазине отменён")
    if not order.is_unconfirmed():
        return False
    if not order.lines.exists():
        raise Forbidden("В заказе магазина нет товаров")
    with transaction.atomic(), allow_writer():
        update_order_status(order)
        update_order_display_gross_prices(order)
        order.save(update_fields=["updated_at", "display_gross_prices"])
        ours, manager = app(), get_plugins_manager(allow_replica=False)
        transaction.on_commit(
            lambda: order_confirmed(order, None, ours, manager, send_confirmation_email=True)
        )
    return True


def cancel(order_id: str) -> bool:
    if locked(order_id).status in (OrderStatus.CANCELED, OrderStatus.EXPIRED):
        return False
    mutate("orderCancel", "id: ID!", id=global_id("Order", order_id))
    return True


def add_note(order_id: str, text: str) -> None:
    locked(order_id)
    mutate(
        "orderNoteAdd",
        "order: ID!, input: OrderNoteInput!",
        order=global_id("Order", order_id),
        input={"message": text},
    )


def write_metadata(order_id: str, values: Mapping[str, str]) -> bool:
    old = locked(order_id).metadata
    if old == old | dict(values):
        return False
    mutate(
        "updateMetadata",
        "id: ID!, input: [MetadataInput!]!",
        id=global_id("Order", order_id),
        input=[{"key": key, "value": value} for key, value in values.items()],
    )
    return True


def write_private_metadata(order_id: str, values: Mapping[str, str]) -> bool:
    return lay_over(locked(order_id), values)


def lay_over(row: Order | User, values: Mapping[str, str]) -> bool:
    """Lay `values` over a row's private metadata; whether anything changed.

    Private metadata have no text that is empty.
    """
    old = row.private_metadata
    gone = [key for key, value in values.items() if not value and key in old]
    new = {key: value for key, value in values.items() if value and old.get(key) != value}
    pk = global_id(type(row).__name__, row.pk)
    if new:
        given = [{"key": key, "value": value} for key, value in new.items()]
        mutate("updatePrivateMetadata", "id: ID!, input: [MetadataInput!]!", id=pk, input=given)
    if gone:
        mutate("deletePrivateMetadata", "id: ID!, keys: [String!]!", id=pk, keys=gone)
    return bool(new or gone)


def mark_taken(order_ids: Collection[str]) -> None:
    """Mark by a statement that neither signals nor the time of the last change tell of."""
    with connection.cursor() as cursor:
        # Locked in one order, so that two exchanges can't wait for each other.
        cursor.execute(
            _MARK.format(table=connection.ops.quote_name(Order._meta.db_table)),
            {"mark": json.dumps({TAKEN: "true"}), "key": TAKEN, "ids": list(uuids(order_ids))},
        )
