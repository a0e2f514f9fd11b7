"""Orders to compose receipts for."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from saleor_1c_plugin.receipts import stored
from saleor_1c_plugin.receipts.compose.check import problems
from saleor_1c_plugin.receipts.compose.document import Item, Means, Receipt, TaxSystem
from saleor_1c_plugin.receipts.facts import DROPPED, Known, Needed, Terms, needed
from saleor_1c_plugin.store.orders import (
    Address,
    Buyer,
    Order,
    OrderLine,
    OrderStatus,
    Payment,
    PaymentKind,
    Shipment,
    ShipmentLine,
)

#: A Tuesday noon in Moscow.
NOON = datetime(2026, 2, 3, 9, tzinfo=UTC)
TERMS = Terms(TaxSystem.OSN, ZoneInfo("Europe/Moscow"), place="https://shop.example")
RATE = Decimal("0.22")


def hours(count: float) -> datetime:
    return NOON + timedelta(hours=count)


def line(
    id_: str, quantity: int, total: str, rate: str | None = "0.22", **fields: Any
) -> OrderLine:
    gross = Decimal(total)
    fields = {"name": f"Товар {id_}", **fields}
    return OrderLine(
        id=id_,
        quantity=quantity,
        total_net=gross,
        total_gross=gross,
        undiscounted=gross,
        tax_rate=None if rate is None else Decimal(rate),
        **fields,
    )


def order(*lines: OrderLine, **fields: Any) -> Order:
    delivery = Decimal(fields.pop("delivery", 0))
    total = sum((row.total_gross for row in lines), delivery)
    fields = {
        "buyer": Buyer(email="buyer@example.com"),
        "status": OrderStatus.OPEN,
        "created": NOON,
        "updated": NOON,
        "currency": "RUB",
        "delivery_gross": delivery,
        "delivery_tax_rate": RATE,
        "billing": Address(phone="+79990000000"),
        **fields,
    }
    return Order(
        id="order",
        number="1001",
        channel="default-channel",
        lines=lines,
        total_net=total,
        total_gross=total,
        **fields,
    )


def charge(id_: str, amount: str, at: float = 0, **fields: Any) -> Payment:
    return Payment(id_, PaymentKind.CHARGE, Decimal(amount), hours(at), **fields)


def refund(id_: str, amount: str, at: float, **fields: Any) -> Payment:
    return Payment(id_, PaymentKind.REFUND, Decimal(amount), hours(at), **fields)


def shipment(id_: str, at: float, lines: dict[str, int], **fields: Any) -> Shipment:
    rows = tuple(ShipmentLine(line_id, quantity) for line_id, quantity in lines.items())
    return Shipment(id_, f"1001-{id_}", hours(at), rows, **fields)


class Till:
    """Keeps an order's receipts as they are made, as the room does."""

    def __init__(self, terms: Terms = TERMS) -> None:
        self.terms = terms
        self.known: list[Known] = []

    def look(self, order: Order) -> list[Needed]:
        """What is missing; what can be made is made."""
        found = needed(order, self.terms, self.known)
        for item in found:
            receipt = item.receipt if isinstance(item.receipt, Receipt) else None
            if receipt:
                # As it is read back.
                receipt = stored.load(stored.dump(receipt))
                assert receipt == item.receipt
            self.known = [one for one in self.known if one.fact != item.fact]
            self.known.append(Known(item.fact, receipt))
        return found

    def made(self, order: Order) -> list[Receipt]:
        return [receipt_of(item) for item in self.look(order)]

    def drop(self, fact: str) -> None:
        """A person says that there is to be no receipt of it."""
        self.known = [
            replace(one, receipt=None, state=DROPPED) if one.fact == fact else one
            for one in self.known
        ]

    @property
    def receipts(self) -> list[Receipt]:
        return [item.receipt for item in self.known if item.receipt]


def receipt_of(item: Needed) -> Receipt:
    assert isinstance(item.receipt, Receipt), item.receipt
    assert problems(item.receipt) == []
    assert item.receipt.moved == item.moved
    return item.receipt


def receipts(order: Order, terms: Terms = TERMS) -> list[Receipt]:
    """All of an order's, from nothing."""
    return Till(terms).made(order)


def problem(order: Order, terms: Terms = TERMS) -> str:
    found = needed(order, terms, [])
    assert found
    assert isinstance(found[0].receipt, str)
    return found[0].receipt


def rows(items: Sequence[Item]) -> list[tuple[str, str, str]]:
    """Name, quantity and price."""
    return [(item.name, str(item.quantity), str(item.price)) for item in items]


def paid(receipt: Receipt) -> dict[Means, str]:
    return {means: str(amount) for means, amount in receipt.paid.items()}
