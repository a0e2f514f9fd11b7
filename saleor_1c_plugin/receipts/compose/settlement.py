"""Goods that leave, and the receipt that sets off what was paid before."""

from ...store.orders import Shipment
from .document import Kind, Means, Receipt
from .position import Position, handing_over


def settlement(position: Position, shipment: Shipment) -> Receipt | None:
    """The receipt of a shipment; ``None``: there is none to be made of it.

    It was settled before, it costs nothing, or nothing that receipts tell of was paid yet: the
    goods are then paid for when they are handed over, or are sold on credit where the terms say so.

    Raises
    ------
    ~.problem.Problem
    """
    handed = position.left_with(shipment)
    worth = sum(row.value for row in handed)
    if not worth or not (position.own() or position.terms.credit):
        return None
    prepaid = min(position.available(), worth)
    credit = worth - prepaid
    items = position.items(handed, handing_over(prepaid, credit))
    return position.receipt(Kind.SELL, items, {Means.PREPAID: prepaid, Means.CREDIT: credit})
