"""Receipts as rows that a register has printed, for the pages that show them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from saleor_1c_plugin.receipts import stored
from saleor_1c_plugin.receipts.compose.document import (
    Buyer,
    Correction,
    Item,
    Kind,
    Means,
    PaymentMethod,
    PaymentObject,
    TaxSystem,
    Vat,
)
from saleor_1c_plugin.receipts.compose.document import Receipt as Document
from saleor_1c_plugin.receipts.models import Receipt

AT = datetime(2026, 11, 25, 11, 30, 45, tzinfo=UTC)
DRIVE = "9999078902004339"
_numbers = count(1)


def item(amount: str = "617.00", quantity: str = "2", **more: Any) -> Item:
    price = Decimal(amount)
    plain: dict[str, Any] = {
        "name": "Чайник",
        "price": price,
        "quantity": Decimal(quantity),
        "amount": price * Decimal(quantity),
        "method": PaymentMethod.FULL_PAYMENT,
        "object": PaymentObject.COMMODITY,
        "vat": Vat.RATE_22,
    }
    return Item(**{**plain, **more})


def document(*items: Item, kind: Kind = Kind.SELL, **more: Any) -> Document:
    sold = items or (item(),)
    total = sum((one.amount for one in sold), Decimal(0))
    plain: dict[str, Any] = {
        "kind": kind,
        "tax_system": TaxSystem.OSN,
        "items": sold,
        "paid": {Means.ELECTRONIC: total},
        "buyer": Buyer(email="anna@example.com"),
        "place": "https://shop.example",
    }
    if kind.is_correction:
        plain["correction"] = Correction(date(2026, 11, 1), reason="Не был пробит чек")
    return Document(**{**plain, **more})


def row(made: Document | None = None, **more: Any) -> Receipt:
    """A receipt that is registered, unless `more` says otherwise."""
    made = made or document()
    number = next(_numbers)
    at = more.get("registered", AT)
    moved = sum(
        (amount for means, amount in made.paid.items() if means in (Means.CASH, Means.ELECTRONIC)),
        Decimal(0),
    )
    plain = {
        "fact": f"order:payment:{number}",
        "order_id": "order",
        "order_number": "7",
        "channel": "default-channel",
        "kind": made.kind,
        "document": stored.dump(made),
        "total": made.total,
        "moved": moved,
        "happened": at or AT,
        "deadline": (at or AT) + timedelta(days=1),
        "state": Receipt.State.DONE,
        "due": None,
        "register": "emulator:1",
        "drive": DRIVE,
        "fiscal_document": 100 + number,
        "sign": "1234567890",
        "registered": at,
        "register_number": "0001234567012345",
        "shift_number": 12,
        "number": 3,
    }
    return Receipt.objects.create(**{**plain, **more})


def waiting(made: Document | None = None, **more: Any) -> Receipt:
    """A receipt that no register has printed yet."""
    blank = {
        "state": Receipt.State.QUEUED,
        "register": "",
        "drive": "",
        "fiscal_document": None,
        "sign": "",
        "registered": None,
        "register_number": "",
        "shift_number": 0,
        "number": 0,
    }
    return row(made, **{**blank, **more})


def changed(made: Document, **values: Any) -> Document:
    return replace(made, **values)
