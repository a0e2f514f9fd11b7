"""PayPal's objects, as its API tells of them."""

import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

#: Of PayPal's own list, those that it takes in whole numbers only.
WHOLE = ("HUF", "JPY", "TWD")
CURRENCIES = (
    *("AUD", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD", "ILS", "MXN", "MYR"),
    *("NOK", "NZD", "PHP", "PLN", "RUB", "SEK", "SGD", "THB", "USD", *WHOLE),
)
MERCHANT = "SHQPYZ2345678"


def new_id() -> str:
    return "".join(secrets.choice(string.ascii_uppercase + string.digits) for _ in range(17))


def money(amount: Decimal, currency: str) -> dict[str, str]:
    places = 0 if currency in WHOLE else 2
    return {"currency_code": currency, "value": f"{amount:.{places}f}"}


def instant(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


@dataclass
class Order:
    """An order with one purchase unit.

    Attributes
    ----------
    asked
        The request that made it.
    approved
        When the buyer agreed.
    declines
        The buyer's bank does not pay.
    """

    id: str
    client: str
    address: str
    amount: Decimal
    currency: str
    created: datetime
    asked: Mapping[str, Any]
    fee: Decimal
    status: str = "PAYER_ACTION_REQUIRED"
    approved: datetime | None = None
    declines: bool = False
    authorizations: list["Authorization"] = field(default_factory=list)
    captures: list["Capture"] = field(default_factory=list)
    refunds: list["Refund"] = field(default_factory=list)

    @property
    def unit(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.asked["purchase_units"][0]
        return found

    @property
    def context(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.asked["payment_source"]["paypal"]["experience_context"]
        return found

    @property
    def ids(self) -> dict[str, str]:
        """What the shop has called it."""
        return {name: self.unit[name] for name in ("custom_id", "invoice_id") if name in self.unit}

    @property
    def page(self) -> str:
        return f"{self.address}/checkoutnow?token={self.id}"

    def links(self) -> list[dict[str, str]]:
        own = f"{self.address}/v2/checkout/orders/{self.id}"
        links = [link(own, "self")]
        if self.status == "PAYER_ACTION_REQUIRED":
            links.append(link(self.page, "payer-action"))
        elif self.status == "APPROVED":
            action = self.asked["intent"].lower()
            links.append(link(f"{own}/{action}", action, "POST"))
        return links

    def minimal(self) -> dict[str, Any]:
        return {"id": self.id, "status": self.status, "links": self.links()}

    def json(self) -> dict[str, Any]:
        unit = {
            "reference_id": "default",
            "amount": money(self.amount, self.currency),
            "payee": {"merchant_id": MERCHANT},
            **self.ids,
        }
        if "description" in self.unit:
            unit["description"] = self.unit["description"]
        payments = {
            "authorizations": [one.json() for one in self.authorizations],
            "captures": [one.json() for one in self.captures],
            "refunds": [one.json() for one in self.refunds],
        }
        if any(payments.values()):
            unit["payments"] = {name: found for name, found in payments.items() if found}
        told = {
            **self.minimal(),
            "intent": self.asked["intent"],
            "create_time": instant(self.created),
            "purchase_units": [unit],
            "payment_source": {"paypal": {}},
        }
        if self.approved:
            told["payment_source"] = {
                "paypal": {
                    "email_address": "buyer@example.com",
                    "account_id": "BUYERXYZ23456",
                    "name": {"given_name": "Ivan", "surname": "Petrov"},
                }
            }
        return told


@dataclass
class Authorization:
    """Money that is held.

    Attributes
    ----------
    parent
        What was held before this has taken its place.
    is_renewed
        Another one has taken its place.
    """

    id: str
    order: Order
    amount: Decimal
    created: datetime
    expires: datetime
    status: str = "CREATED"
    parent: "Authorization | None" = None
    is_renewed: bool = False

    @property
    def captured(self) -> Decimal:
        return sum((one.amount for one in self.order.captures if one.is_open), Decimal(0))

    def json(self) -> dict[str, Any]:
        own = f"{self.order.address}/v2/payments/authorizations/{self.id}"
        told: dict[str, Any] = {
            "id": self.id,
            "status": self.status,
            "amount": money(self.amount, self.order.currency),
            **self.order.ids,
            "seller_protection": {"status": "NOT_ELIGIBLE"},
            "create_time": instant(self.created),
            "update_time": instant(self.created),
            "expiration_time": instant(self.expires),
            "links": [link(own, "self"), link(f"{own}/capture", "capture", "POST")],
        }
        if self.status == "PENDING":
            told["status_details"] = {"reason": "PENDING_REVIEW"}
        return told

    def whole(self) -> dict[str, Any]:
        """As it is told of alone."""
        return {**self.json(), "supplementary_data": _related(self.order)}


@dataclass
class Capture:
    """Money that was taken.

    Attributes
    ----------
    converts
        The account's currency, and what a unit of the order's is worth in it; ``None``: the account
        keeps the order's own.
    """

    id: str
    order: Order
    amount: Decimal
    created: datetime
    is_final: bool = True
    status: str = "PENDING"
    converts: tuple[str, Decimal] | None = None

    @property
    def is_open(self) -> bool:
        """Whether it counts: it is not refused."""
        return self.status not in ("DECLINED", "FAILED")

    @property
    def refundable(self) -> Decimal:
        refunds = (one.amount for one in self.order.refunds if one.counts and one.capture is self)
        return self.amount - sum(refunds, Decimal(0))

    @property
    def fee(self) -> Decimal:
        unit = Decimal(1) if self.order.currency in WHOLE else Decimal("0.01")
        return (self.amount * self.order.fee).quantize(unit, ROUND_HALF_UP)

    def state(self) -> str:
        if self.status != "COMPLETED":
            return self.status
        done = sum(
            (one.amount for one in self.order.refunds if one.capture is self and one.is_done),
            Decimal(0),
        )
        if not done:
            return "COMPLETED"
        return "REFUNDED" if done == self.amount else "PARTIALLY_REFUNDED"

    def json(self) -> dict[str, Any]:
        own = f"{self.order.address}/v2/payments/captures/{self.id}"
        currency = self.order.currency
        told: dict[str, Any] = {
            "id": self.id,
            "status": self.state(),
            "amount": money(self.amount, currency),
            **self.order.ids,
            "final_capture": self.is_final,
            "seller_protection": {"status": "NOT_ELIGIBLE"},
            "create_time": instant(self.created),
            "update_time": instant(self.created),
            "links": [
                link(own, "self"),
                link(f"{own}/refund", "refund", "POST"),
                link(f"{self.order.address}/v2/checkout/orders/{self.order.id}", "up"),
            ],
        }
        if self.status == "PENDING":
            told["status_details"] = {"reason": "ECHECK"}
        elif self.status == "COMPLETED":
            told["seller_receivable_breakdown"] = {
                "gross_amount": money(self.amount, currency),
                "paypal_fee": money(self.fee, currency),
                "net_amount": money(self.amount - self.fee, currency),
            }
            if self.converts:
                told["seller_receivable_breakdown"] |= {
                    "receivable_amount": self.converted(self.amount - self.fee),
                    "exchange_rate": self.rate(),
                }
        return told

    def converted(self, amount: Decimal) -> dict[str, str]:
        """An amount of the order's currency in the account's."""
        assert self.converts
        currency, rate = self.converts
        unit = Decimal(1) if currency in WHOLE else Decimal("0.01")
        return money((amount * rate).quantize(unit, ROUND_HALF_UP), currency)

    def rate(self) -> dict[str, str]:
        assert self.converts
        currency, rate = self.converts
        return {
            "source_currency": self.order.currency,
            "target_currency": currency,
            "value": f"{rate:f}",
        }

    def whole(self) -> dict[str, Any]:
        """As it is told of alone."""
        return {**self.json(), "supplementary_data": _related(self.order)}


@dataclass
class Refund:
    """A refund.

    Attributes
    ----------
    asked
        The request that made it; empty: it was made on PayPal's own site.
    """

    id: str
    order: Order
    capture: Capture
    amount: Decimal
    created: datetime
    asked: Mapping[str, Any]
    status: str = "PENDING"

    @property
    def counts(self) -> bool:
        return self.status in ("PENDING", "COMPLETED")

    @property
    def is_done(self) -> bool:
        return self.status == "COMPLETED"

    def json(self) -> dict[str, Any]:
        address = self.order.address
        # What it is not given it has from the payment.
        ids = {**self.order.ids, **{k: v for k, v in self.asked.items() if k == "custom_id"}}
        told: dict[str, Any] = {
            "id": self.id,
            "status": self.status,
            "amount": money(self.amount, self.order.currency),
            **ids,
            "create_time": instant(self.created),
            "update_time": instant(self.created),
            "links": [
                link(f"{address}/v2/payments/refunds/{self.id}", "self"),
                link(f"{address}/v2/payments/captures/{self.capture.id}", "up"),
            ],
        }
        if self.status == "PENDING":
            told["status_details"] = {"reason": "ECHECK"}
        elif self.capture.converts:
            own = money(self.amount, self.order.currency)
            told["seller_payable_breakdown"] = {
                "gross_amount": own,
                "net_amount": own,
                "net_amount_breakdown": [
                    {
                        "payable_amount": self.capture.converted(self.amount),
                        "converted_amount": own,
                        "exchange_rate": self.capture.rate(),
                    }
                ],
            }
        return told


@dataclass
class Dispute:
    """A buyer wants the money back; by the documentation of the Disputes API, version 1."""

    id: str
    capture: Capture
    amount: Decimal
    created: datetime
    status: str = "OPEN"
    outcome: str = ""

    def summary(self) -> dict[str, Any]:
        """As lists tell it: not how it ended."""
        is_over = self.status == "RESOLVED"
        return {
            "dispute_id": self.id,
            "create_time": instant(self.created),
            "update_time": instant(self.created),
            "reason": "MERCHANDISE_OR_SERVICE_NOT_RECEIVED",
            "status": self.status,
            "dispute_state": "RESOLVED" if is_over else "REQUIRED_ACTION",
            "dispute_amount": money(self.amount, self.capture.order.currency),
            "dispute_life_cycle_stage": "CHARGEBACK",
            "dispute_channel": "INTERNAL",
        }

    def json(self) -> dict[str, Any]:
        order = self.capture.order
        told = {
            **self.summary(),
            "disputed_transactions": [
                {
                    "seller_transaction_id": self.capture.id,
                    "transaction_status": "COMPLETED",
                    "gross_amount": money(self.capture.amount, order.currency),
                    "custom": order.ids.get("custom_id", ""),
                    "invoice_number": order.ids.get("invoice_id", ""),
                    "seller": {"merchant_id": MERCHANT},
                }
            ],
        }
        if self.outcome:
            told["dispute_outcome"] = {"outcome_code": self.outcome}
            if self.is_lost:
                refunded = money(self.amount, order.currency)
                told["dispute_outcome"]["amount_refunded"] = refunded
        return told

    @property
    def is_lost(self) -> bool:
        return self.outcome in ("RESOLVED_BUYER_FAVOUR", "ACCEPTED")


@dataclass(frozen=True)
class Transaction:
    """A line of the report of transactions."""

    id: str
    code: str
    #: With a sign: what left the account is less than nothing.
    amount: Decimal
    fee: Decimal
    currency: str
    at: datetime
    ids: Mapping[str, str]
    #: The transaction that it is about.
    reference: str = ""

    def json(self) -> dict[str, Any]:
        at = self.at.isoformat(timespec="seconds").replace("+00:00", "Z")
        told: dict[str, Any] = {
            "transaction_id": self.id,
            "transaction_event_code": self.code,
            "transaction_initiation_date": at,
            "transaction_updated_date": at,
            "transaction_amount": money(self.amount, self.currency),
            "transaction_status": "S",
        }
        if self.fee:
            told["fee_amount"] = money(self.fee, self.currency)
        if "invoice_id" in self.ids:
            told["invoice_id"] = self.ids["invoice_id"]
        if "custom_id" in self.ids:
            told["custom_field"] = self.ids["custom_id"]
        if self.reference:
            told["paypal_reference_id"] = self.reference
            told["paypal_reference_id_type"] = "TXN"
        return {"transaction_info": told}


def link(href: str, rel: str, method: str = "GET") -> dict[str, str]:
    return {"href": href, "rel": rel, "method": method}


def _related(order: Order) -> dict[str, Any]:
    return {"related_ids": {"order_id": order.id}}
