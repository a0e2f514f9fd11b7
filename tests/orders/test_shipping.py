"""Shipments and returns as documents."""

from dataclasses import replace
from decimal import Decimal

from saleor_1c_plugin.commerceml.documents import Document, Operation
from saleor_1c_plugin.orders.outgoing.compose import compose
from saleor_1c_plugin.store.orders import Order, Shipment, ShipmentLine

from .samples import CREATED, CUP, ORDER
from .strategies import TERMS


def documents(order: Order) -> list[Document]:
    kinds = (Operation.SHIPMENT, Operation.RETURN)
    return [item for item in compose(order, TERMS).others if item.operation in kinds]


def parcel(key: str, quantity: int, **values: object) -> Shipment:
    shipment = Shipment(key, key, CREATED, (ShipmentLine("line-1", quantity),))
    return replace(shipment, **values)


def test_each_parcel_takes_its_share_of_the_kopecks() -> None:
    nothing = Decimal("0.00")
    order = replace(
        ORDER,
        delivery_gross=nothing,
        delivery_net=nothing,
        delivery_undiscounted=nothing,
        shipments=tuple(parcel(key, 1) for key in "abc"),
    )
    found = documents(order)
    assert [item.amount for item in found] == [
        Decimal("333.33"),
        Decimal("333.34"),
        Decimal("333.33"),
    ]
    assert sum(item.taxes[0].amount for item in found) == CUP.total_gross - CUP.total_net


def test_a_cancelled_parcel_takes_nothing() -> None:
    order = replace(ORDER, shipments=(parcel("x", 2, cancelled=True), parcel("a", 3)))
    _, shipped = documents(order)
    assert shipped.amount == CUP.total_gross + ORDER.delivery_gross


def test_the_delivery_goes_with_the_first() -> None:
    cancelled = parcel("x", 1, cancelled=True)
    order = replace(ORDER, shipments=(cancelled, parcel("a", 1), parcel("b", 1)))
    assert [found.lines[-1].is_service for found in documents(order)] == [False, True, False]


def test_what_1c_shipped_is_counted_and_not_told() -> None:
    first, cancelled = documents(ORDER)
    assert (first.id, first.number, first.basis) == ("ship-a", "1001-1", ORDER.id)
    assert first.warehouses[0].id == "onec-1"
    assert first.requisite("Идентификатор отправления") == "RA123"
    assert (first.requisite("Отгружен"), first.requisite("Отменен")) == ("true", "false")
    # The last of three: the second is 1C's own.
    assert cancelled.lines[0].amount == Decimal("333.33")
    assert (cancelled.requisite("Отгружен"), cancelled.requisite("Отменен")) == ("false", "true")


def test_goods_that_came_back() -> None:
    order = replace(ORDER, shipments=(parcel("a", 3), parcel("b", 2, returned=True)))
    shipped, returned = documents(order)
    assert shipped.operation is Operation.SHIPMENT
    assert returned.operation is Operation.RETURN
    assert [item.quantity for item in returned.lines] == [2]
    assert returned.amount == Decimal("666.67")


def test_a_line_that_is_gone_is_left_out() -> None:
    order = replace(ORDER, lines=(), shipments=(parcel("a", 1),))
    (found,) = documents(order)
    assert [item.id for item in found.lines] == ["ORDER_DELIVERY"]
