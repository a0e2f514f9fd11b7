"""YooKassa's objects, as its API tells of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

_KOPECK = Decimal("0.01")
_CARD = {
    "first6": "220000",
    "last4": "4444",
    "expiry_year": "2035",
    "expiry_month": "12",
    "card_type": "Mir",
}
#: What is told of a means of payment beside its type.
_DETAILS: Mapping[str, Mapping[str, Any]] = {
    "bank_card": {"title": "Bank card *4444", "card": {**_CARD, "issuer_country": "RU"}},
    "sberbank": {"title": "SberPay", "card": _CARD},
    "tinkoff_bank": {"title": "T-Pay"},
    "yoo_money": {"title": "YooMoney wallet 41001184120504", "account_number": "41001184120504"},
    "sbp": {
        "title": "СБП",
        "sbp_operation_id": "1027088AE4CB48CB81287833347A8777",
        "payer_bank_details": {"bank_id": "100000000111", "bic": "044525225"},
    },
}
METHODS = tuple(_DETAILS)
#: Methods whose payments have authorization details.
_WITH_CARD = ("bank_card", "sberbank", "tinkoff_bank")


def money(amount: Decimal, currency: str) -> dict[str, str]:
    return {"value": f"{amount:.2f}", "currency": currency}


def instant(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class Payment:
    """A payment.

    Attributes
    ----------
    number
        Payments of the same millisecond are told apart by it.
    amount
        What is asked; once it is captured, what was taken.
    asked
        The request that made it.
    reason
        Of a cancelled one: by whom, and why.
    fee
        Share of the amount that YooKassa keeps.
    converts
        The currency in which it is paid out, and what a unit is worth in it; ``None``: its own.
    """

    id: str
    shop: str
    number: int
    amount: Decimal
    currency: str
    created: datetime
    asked: Mapping[str, Any]
    confirmation: Mapping[str, str]
    is_test: bool
    fee: Decimal
    status: str = "pending"
    method: str = ""
    expires: datetime | None = None
    captured: datetime | None = None
    reason: tuple[str, str] | None = None
    refunds: list["Refund"] = field(default_factory=list)
    converts: tuple[str, Decimal] | None = None

    @property
    def return_url(self) -> str:
        return str(self.asked["confirmation"].get("return_url") or "")

    @property
    def refunded(self) -> Decimal:
        return sum((one.amount for one in self.refunds if one.status == "succeeded"), Decimal(0))

    @property
    def refundable(self) -> Decimal:
        """What can still be given back: refunds under way are taken off."""
        if self.status != "succeeded":
            return Decimal(0)
        taken = (one.amount for one in self.refunds if one.status != "canceled")
        return self.amount - sum(taken, Decimal(0))

    def json(self) -> dict[str, Any]:
        is_paid = self.status in ("waiting_for_capture", "succeeded")
        told: dict[str, Any] = {
            "id": self.id,
            "status": self.status,
            "amount": money(self.amount, self.currency),
            "recipient": {"account_id": self.shop, "gateway_id": f"9{self.shop}"},
            "created_at": instant(self.created),
            "test": self.is_test,
            "paid": is_paid,
            "refundable": self.refundable > 0,
            "metadata": self.asked.get("metadata", {}),
        }
        if "description" in self.asked:
            told["description"] = self.asked["description"]
        if self.method:
            told["payment_method"] = self._method()
        if is_paid and self.method in _WITH_CARD:
            told["authorization_details"] = {
                "rrn": f"60366868{self.number:04}",
                "auth_code": "062467",
                "three_d_secure": {"applied": True},
            }
        if self.status == "pending":
            told["confirmation"] = dict(self.confirmation)
        if self.status == "waiting_for_capture" and self.expires:
            told["expires_at"] = instant(self.expires)
        if self.status == "succeeded" and self.captured:
            kept = (self.amount * self.fee).quantize(_KOPECK, ROUND_HALF_UP)
            told["captured_at"] = instant(self.captured)
            currency, rate = self.converts or (self.currency, Decimal(1))
            paid_out = ((self.amount - kept) * rate).quantize(_KOPECK, ROUND_HALF_UP)
            told["income_amount"] = money(paid_out, currency)
        if self.refunded:
            told["refunded_amount"] = money(self.refunded, self.currency)
        if self.reason:
            told["cancellation_details"] = dict(zip(("party", "reason"), self.reason, strict=True))
        if "receipt" in self.asked:
            states = {"succeeded": "succeeded", "canceled": "canceled"}
            told["receipt_registration"] = states.get(self.status, "pending")
        return told

    def _method(self) -> dict[str, Any]:
        details = _DETAILS[self.method] if self.status != "pending" else {}
        return {
            "type": self.method,
            "id": self.id,
            "saved": False,
            "status": "inactive",
            **details,
        }


@dataclass
class Refund:
    """A refund.

    Attributes
    ----------
    asked
        The request that made it; empty: it was made in YooKassa's own cabinet.
    """

    id: str
    shop: str
    number: int
    payment: Payment
    amount: Decimal
    created: datetime
    asked: Mapping[str, Any]
    status: str = "pending"
    reason: tuple[str, str] | None = None

    def json(self) -> dict[str, Any]:
        told: dict[str, Any] = {
            "id": self.id,
            "payment_id": self.payment.id,
            "status": self.status,
            "created_at": instant(self.created),
            "amount": money(self.amount, self.payment.currency),
        }
        for name in ("description", "metadata"):
            if name in self.asked:
                told[name] = self.asked[name]
        if self.payment.method == "bank_card" and self.status == "succeeded":
            told["refund_authorization_details"] = {"rrn": f"60366869{self.number:04}"}
        if self.reason:
            told["cancellation_details"] = dict(zip(("party", "reason"), self.reason, strict=True))
        return told


@dataclass
class Receipt:
    """A receipt that was asked for apart from its payment.

    Attributes
    ----------
    asked
        The request that made it.
    registered
        When; its number on the drive is ``number``.
    """

    id: str
    shop: str
    number: int
    created: datetime
    asked: Mapping[str, Any]
    payment: Payment
    status: str = "pending"
    registered: datetime | None = None

    def json(self) -> dict[str, Any]:
        told: dict[str, Any] = {
            "id": self.id,
            "type": self.asked["type"],
            "payment_id": self.payment.id,
            "status": self.status,
            "items": self.asked["items"],
            "settlements": self.asked["settlements"],
        }
        for name in ("refund_id", "tax_system_code", "timezone"):
            if name in self.asked:
                told[name] = self.asked[name]
        if self.registered:
            told |= {
                "fiscal_document_number": str(self.number),
                "fiscal_storage_number": "9288000100115785",
                "fiscal_attribute": f"{2617603900 + self.number}",
                "registered_at": instant(self.registered),
                "fiscal_provider_id": f"fd9e9404-eaca-4000-8ec9-{self.number:012}",
            }
        return told
