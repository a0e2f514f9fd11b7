"""Shipments that 1C tells of, made as the staff make them in the dashboard."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.db.models import F
from saleor.order import FulfillmentStatus, OrderStatus
from saleor.order.models import Fulfillment, Order, OrderLine
from saleor.warehouse.models import Allocation, Stock, Warehouse

from ..orders import Forbidden, NewShipment
from .mutations import global_id, local_id, mutate
from .order_actions import locked
from .order_shipments import REFERENCE
from .uuids import uuids

_CLOSED = {
    OrderStatus.UNCONFIRMED: "Заказ в магазине ещё не подтверждён",
    OrderStatus.CANCELED: "Заказ в магазине отменён",
    OrderStatus.EXPIRED: "Заказ в магазине отменён: не оплачен в срок",
}


def ship(order_id: str, shipment: NewShipment) -> bool:
    order = locked(order_id)
    known = Fulfillment.objects.filter(
        order=order, private_metadata__contains={REFERENCE: shipment.reference}
    )
    if known:
        return _track(known, shipment.tracking)
    if order.status in _CLOSED:
        # Saleor's mutation would ship even a cancelled order.
        raise Forbidden(_CLOSED[order.status])
    quantities = _quantities(order, shipment)
    if not quantities:
        return False
    places = {
        line: _warehouses(order, line, quantity, shipment) for line, quantity in quantities.items()
    }
    for line, taken in places.items():
        if str(line.pk) in shipment.counted:
            _put_back(line, taken)
    answer = mutate(
        "orderFulfill",
        "order: ID!, input: OrderFulfillInput!",
        "fulfillments { id }",
        order=global_id("Order", order_id),
        input={
            "lines": [
                {
                    "orderLineId": global_id("OrderLine", line.pk),
                    "stocks": [
                        {"warehouse": global_id("Warehouse", warehouse_id), "quantity": quantity}
                        for warehouse_id, quantity in taken
                    ],
                }
                for line, taken in places.items()
            ],
            "notifyCustomer": True,
            "trackingNumber": shipment.tracking,
        },
    )
    made = Fulfillment.objects.filter(
        pk__in=[local_id(row["id"]) for row in answer["fulfillments"]]
    )
    made.update(private_metadata={REFERENCE: shipment.reference})
    if shipment.at is not None:
        made.update(created_at=shipment.at)
    return True


def _put_back(line: OrderLine, taken: Sequence[tuple[str, int]]) -> None:
    """Add to the stock what Saleor will take off it, and 1C has taken off already."""
    for warehouse_id, quantity in taken:
        Stock.objects.filter(product_variant_id=line.variant_id, warehouse_id=warehouse_id).update(
            quantity=F("quantity") + quantity
        )


def _track(known: Sequence[Fulfillment], tracking: str) -> bool:
    """Give the shipment another tracking number; nothing said leaves the one that it has."""
    changed = False
    for fulfillment in known:
        cancelled = fulfillment.status == FulfillmentStatus.CANCELED
        if tracking and fulfillment.tracking_number != tracking and not cancelled:
            mutate(
                "orderFulfillmentUpdateTracking",
                "id: ID!, input: FulfillmentUpdateTrackingInput!",
                id=global_id("Fulfillment", fulfillment.pk),
                input={"trackingNumber": tracking, "notifyCustomer": True},
            )
            changed = True
    return changed


def _quantities(order: Order, shipment: NewShipment) -> Mapping[OrderLine, int]:
    lines = {str(line.pk): line for line in order.lines.all()}
    if not shipment.lines:
        left = {line: line.quantity_unfulfilled for line in lines.values()}
        return {line: quantity for line, quantity in left.items() if quantity > 0}
    quantities: defaultdict[OrderLine, int] = defaultdict(int)
    for named in shipment.lines:
        if named.line_id not in lines:
            raise Forbidden("В отгрузке строка, которой нет в заказе магазина")
        quantities[lines[named.line_id]] += named.quantity
    return quantities


def _warehouses(
    order: Order, line: OrderLine, quantity: int, shipment: NewShipment
) -> list[tuple[str, int]]:
    """Where the goods leave from: (warehouse, quantity).

    The warehouse that 1C names; else those where they are held for the order; else, for what is
    not held anywhere, where the buyer fetches it or any that has the goods.
    """
    if shipment.warehouse_id:
        if not Warehouse.objects.filter(pk__in=uuids([shipment.warehouse_id])).exists():
            raise Forbidden("Такого склада в магазине нет")
        return [(shipment.warehouse_id, quantity)]
    taken = []
    held = Allocation.objects.filter(order_line=line, quantity_allocated__gt=0).order_by("pk")
    for warehouse_id, allocated in held.values_list("stock__warehouse_id", "quantity_allocated"):
        if part := min(allocated, quantity):
            taken.append((str(warehouse_id), part))
            quantity -= part
    if quantity:
        stocks = Stock.objects.filter(product_variant_id=line.variant_id).order_by("-quantity")
        anywhere = order.collection_point_id or (
            stocks.values_list("warehouse_id", flat=True).first()
        )
        if anywhere is None:
            raise Forbidden(f"Товара «{line.product_name}» нет ни на одном складе магазина")
        rest = dict(taken)
        rest[str(anywhere)] = rest.get(str(anywhere), 0) + quantity
        taken = list(rest.items())
    return taken
