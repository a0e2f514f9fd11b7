"""T-Bank's payments, and what its API tells of them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

#: What a notification says beside the payment, by how it was paid.
_DETAILS: Mapping[str, Mapping[str, Any]] = {
    "cards": {"CardId": 322264, "Pan": "220000******4444", "ExpDate": "1235"},
    "TinkoffPay": {"Pan": "220070******1234", "ExpDate": "1130"},
    "qrsbp": {"Pan": "+7 (***) ***-12-34"},
}
SOURCES = tuple(_DETAILS)
#: States in which a buyer can pay.
OPEN = ("NEW", "FORM_SHOWED")
HELD = ("AUTHORIZED", "PARTIAL_REVERSED")
TAKEN = ("CONFIRMED", "PARTIAL_REFUNDED")


def sign(fields: Mapping[str, Any], password: str) -> str:
    """The token by the bank's recipe; its documentation has the pairs sorted by their keys."""
    pairs = [(key, value) for key, value in fields.items() if key != "Token"]
    pairs = [(key, value) for key, value in pairs if not isinstance(value, dict | list)]
    pairs.append(("Password", password))
    words = {True: "true", False: "false"}
    line = "".join(
        words[value] if isinstance(value, bool) else str(value) for _, value in sorted(pairs)
    )
    return hashlib.sha256(line.encode("utf-8")).hexdigest()


@dataclass
class Payment:
    """A payment.

    Attributes
    ----------
    amount
        Kopecks: what is asked; then what is held or taken, and what is left of it.
    asked
        The request that made it.
    requests
        Ids of refunds that the shop gave.
    changing
        What the bank is at with it: the status to come, and by how many kopecks it shrinks.
    """

    id: int
    terminal: str
    order: str
    amount: int
    created: datetime
    deadline: datetime
    asked: Mapping[str, Any]
    page: str
    status: str = "NEW"
    source: str = ""
    error: tuple[str, str] = ("0", "OK")
    held: datetime | None = None
    requests: set[str] = field(default_factory=set)
    changing: int = 0
    #: What it was before the bank began to give back.
    before: str = ""
    #: Of SBP: why the last refund failed.
    problem: tuple[str, str] | None = None

    @property
    def original(self) -> int:
        return int(self.asked["Amount"])

    @property
    def is_two_stage(self) -> bool:
        return self.asked.get("PayType") == "T"

    def answer(self, **fields: Any) -> dict[str, Any]:
        """What all answers about it have in common."""
        return {
            "Success": True,
            "ErrorCode": "0",
            "TerminalKey": self.terminal,
            "OrderId": self.order,
            "Status": self.status,
            "PaymentId": str(self.id),
            **fields,
        }

    def state(self) -> dict[str, Any]:
        code, words = self.error
        told = self.answer(Amount=self.amount, ErrorCode=code, Message=words)
        told["Success"] = code == "0"
        if self.source:
            told["Params"] = [
                {"Key": "Route", "Value": "ACQ"},
                {"Key": "Source", "Value": self.source},
            ]
        return told

    def listed(self) -> dict[str, Any]:
        """As ``CheckOrder`` tells of it: other types than elsewhere."""
        code, _ = self.error
        return {
            "PaymentId": str(self.id),
            "Amount": self.amount,
            "Status": self.status,
            "Success": "true" if code == "0" else "false",
            "ErrorCode": int(code),
        }

    def notification(self, status: str, password: str) -> dict[str, Any]:
        code, _ = self.error
        told = {
            "TerminalKey": self.terminal,
            "OrderId": self.order,
            "Success": code == "0",
            "Status": status,
            "PaymentId": self.id,
            "ErrorCode": code,
            "Amount": self.amount,
            **_DETAILS.get(self.source, {}),
        }
        if "DATA" in self.asked:
            told["Data"] = {"Source": self.source}
        return {**told, "Token": sign(told, password)}
