"""What a provider knows of money, to the kopeck: what a shop's books have to agree with."""

import threading
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class Move(StrEnum):
    #: On the buyer's account.
    HELD = "held"
    #: What was held, back to the buyer.
    RELEASED = "released"
    CHARGED = "charged"
    REFUNDED = "refunded"


@dataclass(frozen=True)
class Entry:
    """A movement of money.

    Attributes
    ----------
    payment
        The provider's id of it.
    reference
        The provider's id of what was done: of the payment or of the refund.
    """

    move: Move
    payment: str
    reference: str
    amount: Decimal
    currency: str
    at: datetime


@dataclass
class Book:
    """Entries are only added."""

    entries: list[Entry] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()

    def add(self, entry: Entry) -> None:
        with self._lock:
            self.entries.append(entry)

    def total(self, move: Move, payment: str = "", currency: str = "RUB") -> Decimal:
        """Of all payments, or of one."""
        return sum(
            (entry.amount for entry in self._entries(payment, currency) if entry.move is move),
            Decimal(0),
        )

    def charged(self, payment: str = "", currency: str = "RUB") -> Decimal:
        return self.total(Move.CHARGED, payment, currency)

    def refunded(self, payment: str = "", currency: str = "RUB") -> Decimal:
        return self.total(Move.REFUNDED, payment, currency)

    def balance(self, payment: str = "", currency: str = "RUB") -> Decimal:
        """What the shop has been paid, and has not given back."""
        return self.charged(payment, currency) - self.refunded(payment, currency)

    def held(self, payment: str = "", currency: str = "RUB") -> Decimal:
        """What is held at present: neither taken nor released."""
        signs = {Move.HELD: 1, Move.RELEASED: -1, Move.CHARGED: -1, Move.REFUNDED: 0}
        was_held = {entry.payment for entry in self._entries("", currency) if entry.move == "held"}
        return sum(
            (
                entry.amount * signs[entry.move]
                for entry in self._entries(payment, currency)
                if entry.payment in was_held
            ),
            Decimal(0),
        )

    def balances(self, currency: str = "RUB") -> dict[str, Decimal]:
        """Payment → its balance; only of payments that were charged."""
        found: dict[str, Decimal] = defaultdict(Decimal)
        for entry in self._entries("", currency):
            if entry.move is Move.CHARGED:
                found[entry.payment] += entry.amount
            elif entry.move is Move.REFUNDED:
                found[entry.payment] -= entry.amount
        return dict(found)

    def _entries(self, payment: str, currency: str) -> list[Entry]:
        with self._lock:
            entries = list(self.entries)
        return [
            entry
            for entry in entries
            if entry.currency == currency and payment in ("", entry.payment)
        ]
