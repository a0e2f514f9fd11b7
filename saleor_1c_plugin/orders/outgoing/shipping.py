"""Shipments and returns as documents."""

from collections import Counter
from collections.abc import Iterator

from ...commerceml.documents import Counterparty, Document, DocumentLine, Operation
from ...store.orders import Order, Shipment
from .lines import OrderLines
from .sums import total
from .terms import Terms
from .text import one_line


def shipment_documents(
    order: Order, rows: OrderLines, counterparties: tuple[Counterparty, ...], terms: Terms
) -> Iterator[Document]:
    """The shop's shipments; those that 1C told of are counted, not written.

    All shipments of an order come to its sum: each takes the kopecks that the ones before it left.
    The delivery goes with the first. A cancelled one keeps its document, and takes nothing.
    """
    lines = {line.id: line for line in order.lines}
    done: dict[bool, Counter[str]] = {False: Counter(), True: Counter()}
    delivery = rows.delivery() if order.shipments else None
    for shipment in order.shipments:
        counted = done[shipment.returned]
        shipped: list[DocumentLine] = []
        for item in shipment.lines:
            line = lines.get(item.line_id)
            if line is None:
                continue
            costs = rows.cost(line).part(counted[line.id], item.quantity, rows.unit)
            shipped.append(rows.goods(line, costs))
            if not shipment.cancelled:
                counted[line.id] += item.quantity
        if delivery and not (shipment.returned or shipment.cancelled):
            shipped.append(delivery)
            delivery = None
        if shipment.from_onec:
            continue
        amount, taxes = total(shipped)
        at = terms.local(shipment.at)
        warehouse = terms.warehouses.get(shipment.warehouse_id)
        yield Document(
            id=shipment.id,
            number=shipment.number,
            kind=Operation.RETURN if shipment.returned else Operation.SHIPMENT,
            issued=at.date(),
            issued_at=at.time(),
            currency=order.currency,
            rate=terms.rate,
            amount=amount,
            basis=order.id,
            counterparties=counterparties,
            lines=tuple(shipped),
            taxes=taxes,
            warehouses=(warehouse,) if warehouse else (),
            requisites=_requisites(order, shipment),
        )


def _requisites(order: Order, shipment: Shipment) -> tuple[tuple[str, str], ...]:
    found = [
        ("Отгружен", "false" if shipment.cancelled or shipment.returned else "true"),
        ("Отменен", "true" if shipment.cancelled else "false"),
    ]
    if name := one_line(order.delivery_name):
        found.append(("Способ доставки", name))
    if tracking := one_line(shipment.tracking):
        found.append(("Идентификатор отправления", tracking))
    return tuple(found)
