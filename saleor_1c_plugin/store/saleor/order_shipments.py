"""Shipments of orders: what Saleor calls fulfillments."""

from collections import defaultdict
from collections.abc import Mapping

from saleor.order import FulfillmentStatus as Status
from saleor.order.models import Fulfillment, FulfillmentLine

from ..orders import Shipment, ShipmentLine
from .uuids import one_of, text

#: Private metadata of a fulfillment: 1C's id of the shipment that it told of.
REFERENCE = "onec.reference"

_RETURNED = (Status.RETURNED, Status.REFUNDED_AND_RETURNED, Status.REPLACED)
#: Saleor moves goods into these wherever they were before, shipped or not.
_MOVED = (*_RETURNED, Status.REFUNDED)


def read_shipments(numbers: Mapping[str, str]) -> Mapping[str, list[Shipment]]:
    """Shipments by order; `numbers` are those of the orders, by id.

    What waits for approval has not left yet. Of goods that were refunded, returned or replaced,
    those that never left have no stock that they were taken from, and are no shipment either.
    """
    lines: defaultdict[int, list[tuple[ShipmentLine, str | None]]] = defaultdict(list)
    for fulfillment_id, line_id, quantity, status, warehouse_id in (
        FulfillmentLine.objects.filter(fulfillment__order_id__in=one_of(numbers))
        .order_by("pk")
        .values_list(
            *("fulfillment_id", text("order_line_id"), "quantity", "fulfillment__status"),
            text("stock__warehouse_id"),
        )
    ):
        if warehouse_id is not None or status not in _MOVED:
            line = ShipmentLine(line_id, quantity)
            lines[fulfillment_id].append((line, warehouse_id))
    found: defaultdict[str, list[Shipment]] = defaultdict(list)
    rows = Fulfillment.objects.filter(order_id__in=one_of(numbers)).order_by("pk")
    for pk, order_id, number, status, tracking, at, private in rows.exclude(
        status=Status.WAITING_FOR_APPROVAL
    ).values_list(
        *("pk", text("order_id"), "fulfillment_order", "status", "tracking_number", "created_at"),
        "private_metadata",
    ):
        if pk in lines:
            found[order_id].append(
                Shipment(
                    id=str(pk),
                    number=f"{numbers[order_id]}-{number}",
                    at=at,
                    lines=tuple(line for line, _ in lines[pk]),
                    tracking=tracking,
                    warehouse_id=next((warehouse for _, warehouse in lines[pk] if warehouse), ""),
                    returned=status in _RETURNED,
                    cancelled=status == Status.CANCELED,
                    from_onec=REFERENCE in (private or {}),
                )
            )
    return found
