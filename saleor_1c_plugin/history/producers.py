"""Events that other rooms tell of by themselves: reservations and receipts."""

from ..receipts.models import Receipt
from ..receipts.printing import links
from ..receipts.registers import Park
from ..reservations.events import Event as Turn
from ..reservations.models import Hold
from ..reservations.notices import iso, money
from ..store import current_orders
from . import facts, journal
from .event import Customer, Event, Kind
from .settings import is_kept

_TURNS = {
    Turn.CREATED: Kind.RESERVATION_MADE,
    Turn.ENDING: Kind.RESERVATION_ENDING,
    Turn.ENDED: Kind.RESERVATION_ENDED,
}


def reserved(turn: Turn, hold: Hold) -> None:
    """Write down that a reservation begins, ends soon, or has ended; inside its transaction."""
    if not is_kept():
        return
    # An extension moves the end: of the new one the buyer is told again.
    moment = f":{iso(hold.ends)}" if turn is Turn.ENDING else ""
    at = {Turn.CREATED: hold.began, Turn.ENDED: hold.ended}.get(turn)
    event = Event(
        key=f"reservation:{hold.pk}:{turn.value}{moment}",
        kind=_TURNS[turn],
        at=at or journal.now(),
        customer=Customer(id=hold.buyer_id),
        channel=hold.channel,
        order_id=hold.order_id,
        data={
            "reservation": str(hold.pk),
            "cart": hold.cart_id,
            "line": hold.line_id,
            "variant": hold.variant_id,
            "quantity": hold.quantity,
            "price": money(hold.price, hold.currency),
            "currency": hold.currency,
            "until": iso(hold.ends),
            "reason": hold.end,
        },
    )
    journal.record([event])


def registered(receipt: Receipt, _park: Park) -> None:
    """Write down that a receipt is registered; inside its transaction."""
    if not is_kept():
        return
    orders = current_orders().read_orders([receipt.order_id])
    event = Event(
        key=f"receipt:{receipt.pk}",
        kind=Kind.RECEIPT_REGISTERED,
        at=receipt.registered or journal.now(),
        customer=facts.customer_of(orders[0]) if orders else Customer(),
        channel=receipt.channel,
        order_id=receipt.order_id,
        order_number=receipt.order_number,
        data={
            "receipt": str(receipt.pk),
            "kind": receipt.kind,
            "total": f"{receipt.total:f}",
            "currency": "RUB",
            "drive": receipt.drive,
            "document": receipt.fiscal_document,
            "sign": receipt.sign,
            "page": links.address_of(receipt.pk),
        },
    )
    journal.record([event])
