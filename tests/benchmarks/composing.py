"""How fast receipts are composed: pure, without a shop or a database."""

import time
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from saleor_1c_plugin.receipts.compose.document import Receipt, TaxSystem
from saleor_1c_plugin.receipts.facts import Terms, needed
from saleor_1c_plugin.store.orders import (
    Buyer,
    Order,
    OrderLine,
    OrderStatus,
    Payment,
    PaymentKind,
    Shipment,
    ShipmentLine,
)

from .telling import note, tell

LINES = 20
TERMS = Terms(TaxSystem.OSN, ZoneInfo("Europe/Moscow"), place="https://shop.example")


def _order(number: int) -> Order:
    """Paid in part and shipped, at prices that can't be divided by their quantities."""
    at = datetime(2026, 2, 3, 9, tzinfo=UTC)
    lines = tuple(
        OrderLine(
            f"{number}-{place}",
            f"Платье летнее «Ромашка», размер {place}",
            3,
            total := Decimal(100_000 + number + place).scaleb(-2),
            total,
            total,
            tax_rate=Decimal("0.22"),
            metadata={"onec.unit": "шт", "onec.ТипНоменклатуры": "Товар"},
        )
        for place in range(LINES)
    )
    total = sum((line.total_gross for line in lines), Decimal(0))
    return Order(
        str(number),
        str(number),
        OrderStatus.SHIPPED,
        "default-channel",
        "RUB",
        at,
        at,
        Buyer(email="buyer@example.com"),
        lines,
        total,
        total,
        payments=(Payment("1", PaymentKind.CHARGE, total - 1, at),),
        shipments=(
            Shipment(
                "1", "1", at.replace(hour=12), tuple(ShipmentLine(line.id, 3) for line in lines)
            ),
        ),
    )


def composed(orders: int) -> float:
    """Receipts a second of the processor: a prepayment and a settlement of each order."""
    all_ = [_order(number) for number in range(orders)]
    begun = time.process_time()
    found = [needed(order, TERMS, []) for order in all_]
    took = time.process_time() - begun
    receipts = [item.receipt for items in found for item in items]
    assert len(receipts) == 2 * orders
    assert all(isinstance(item, Receipt) and len(item.items) >= LINES for item in receipts)
    note(f"  {len(receipts)} receipts of {LINES} lines in {took:.2f} s")
    return len(receipts) / took


def figure() -> None:
    """1,000 receipts, from the orders' facts to what is checked and can be sent.

    The best of five: what else the machine does makes a round slower, and none faster.
    """
    best = max(composed(500) for _ in range(5))
    tell("receipts of 20 lines composed", best, "receipts/s", at_least=1000)
