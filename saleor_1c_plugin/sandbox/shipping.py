"""Goods that leave the shop."""

from collections import Counter
from collections.abc import Mapping

from django.utils import timezone

from ..store.orders import Forbidden, NewShipment, OrderStatus
from . import cart_events, stock
from .models import Order, OrderLine, Shipment, ShipmentLine, Stock
from .stock import Level, Place


def ship(order: Order, new: NewShipment) -> bool:
    """Take the goods off the stock; whether anything is different from before.

    Raises
    ------
    Forbidden
        The order is not to be shipped, or not so much of it, or there is not so much.
    """
    known = order.shipments.filter(reference=new.reference).first()
    if known is not None:
        return _track(known, new.tracking)
    _check(order)
    lines = {str(line.pk): line for line in order.lines.all()}
    parts = _parts(new, lines)
    variants = {line.variant_id for line, _ in parts if line.variant_id is not None}
    levels = stock.lock(variants)
    for line, quantity in parts:
        place = int(new.warehouse_id or line.warehouse_id or 0)
        level = levels.get((line.variant_id or 0, place))
        if str(line.pk) in new.counted and level is not None:
            level.row.quantity += quantity
        _take(line, quantity, place, levels)
        line.shipped += quantity
    Stock.objects.bulk_update([level.row for level in levels.values()], ["quantity"])
    OrderLine.objects.bulk_update([line for line, _ in parts], ["shipped"])
    cart_events.stock_changed(variants)
    shipment = Shipment.objects.create(
        order=order,
        reference=new.reference,
        at=new.at or timezone.now(),
        tracking=new.tracking,
        warehouse_id=int(new.warehouse_id) if new.warehouse_id else parts[0][0].warehouse_id,
    )
    ShipmentLine.objects.bulk_create(
        [ShipmentLine(shipment=shipment, line=line, quantity=count) for line, count in parts]
    )
    whole = all(line.shipped == line.quantity for line in lines.values())
    order.status = OrderStatus.SHIPPED if whole else OrderStatus.PARTLY_SHIPPED
    order.save()
    return True


def _track(shipment: Shipment, tracking: str) -> bool:
    if tracking in {"", shipment.tracking}:
        return False
    shipment.tracking = tracking
    shipment.save()
    return True


def _check(order: Order) -> None:
    match order.status:
        case OrderStatus.OPEN | OrderStatus.PARTLY_SHIPPED:
            return
        case OrderStatus.UNCONFIRMED:
            reason = "ещё не подтверждён"
        case OrderStatus.SHIPPED:
            reason = "уже отгружен целиком"
        case _:
            reason = "отменён"
    raise Forbidden(f"Заказ {order} {reason}: отгрузить его нельзя")


def _parts(new: NewShipment, lines: Mapping[str, OrderLine]) -> list[tuple[OrderLine, int]]:
    """Lines that go, each once, and how much of them."""
    wanted = Counter({key: line.quantity - line.shipped for key, line in lines.items()})
    if new.lines:
        left, wanted = wanted, Counter()
        for part in new.lines:
            wanted[part.line_id] += part.quantity
        for key, quantity in wanted.items():
            if not 0 < quantity <= left[key]:
                name = lines[key].name if key in lines else key
                raise Forbidden(f"«{name}»: отгружается {quantity}, а осталось {left[key]}")
    return [(lines[key], quantity) for key, quantity in wanted.items() if quantity]


def _take(line: OrderLine, quantity: int, warehouse: int, levels: Mapping[Place, Level]) -> None:
    if line.variant_id is None:
        return  # the goods are gone from the shop, and their stock with them
    level = levels.get((line.variant_id, warehouse))
    here = warehouse == line.warehouse_id
    there = 0 if level is None else level.row.quantity if here else level.free
    if level is None or there < quantity:
        raise Forbidden(f"«{line.name}»: отгружается {quantity}, а на складе {there}")
    level.row.quantity -= quantity
    if here:
        level.held -= quantity
