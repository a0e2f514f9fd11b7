"""A provider in this process: keeps keys as it should, and loses answers as it is told to."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from threading import Lock
from typing import Any

from saleor_1c_plugin.payments.provider import (
    NoAnswer,
    Order,
    Question,
    Refund,
    RefundStatus,
    Rejected,
    Snapshot,
    Status,
    Subject,
)


class Bank:
    """See :class:`~saleor_1c_plugin.payments.provider.Provider`; its account is itself."""

    name = "bank"
    title = "Банк"
    key_seconds = 24 * 3600
    methods = ("card",)
    return_url = ""
    needs_return_url = True
    headers = ("x-signature",)
    accepted = b"OK"
    accepted_type = "text/plain"
    consent = b"YES"

    def __init__(self) -> None:
        self.two_stage = False
        self.payments: dict[str, Snapshot] = {}
        #: What the next calls meet, one after another: "down": nothing is done; "lost": it is
        #: done, and the answer is lost.
        self.faults: list[str] = []
        #: Key → its answer.
        self.keys: dict[str, Any] = {}
        self.calls: list[str] = []
        self._lock = Lock()

    def account(self, saved: Mapping[str, object]) -> "Bank":
        return self

    def subject(self, body: bytes, headers: Mapping[str, str]) -> Subject:
        told = json.loads(body)
        if "payment" not in told:
            raise ValueError
        asks = told.get("asks")
        question = Question(Decimal(asks), told["currency"]) if asks else None
        return Subject(told["payment"], told.get("attempt", ""), question)

    def trusts(self, source: str, headers: Mapping[str, str], body: bytes) -> bool:
        return headers.get("x-source") != "stranger"

    def verify(self, headers: Mapping[str, str], body: bytes) -> bool:
        self._meet("verify")
        return headers.get("x-signature") != "forged"

    def offer(self) -> Mapping[str, object]:
        return {}

    def check_connection(self) -> str:
        return "ok"

    def create(self, order: Order, key: str) -> Snapshot:
        def done() -> Snapshot:
            snapshot = Snapshot(
                f"pay-{len(self.payments) + 1}",
                Status.PENDING,
                order.amount,
                order.currency,
                attempt=order.attempt,
                confirmation={"type": "redirect", "url": "https://bank.example/pay"},
            )
            self.payments[snapshot.id] = snapshot
            return snapshot

        return self._once("create", key, done)  # type: ignore[no-any-return]

    def complete(self, payment_id: str, two_stage: bool, key: str) -> Snapshot:
        def done() -> Snapshot:
            status = Status.AUTHORISED if two_stage else Status.CHARGED
            return self.put(payment_id, status=status, is_approved=False)

        return self._once("complete", key, done)  # type: ignore[no-any-return]

    def fetch(self, payment_id: str, operations: Sequence[str] = ()) -> Snapshot:
        self._meet("fetch")
        if payment_id not in self.payments:
            raise Rejected("no such payment")
        return self.payments[payment_id]

    def capture(self, payment_id: str, amount: Decimal, currency: str, key: str) -> Snapshot:
        def done() -> Snapshot:
            self._require(payment_id, Status.AUTHORISED)
            return self.put(payment_id, status=Status.CHARGED, amount=amount)

        return self._once("capture", key, done)  # type: ignore[no-any-return]

    def cancel(self, payment_id: str, key: str) -> Snapshot:
        def done() -> Snapshot:
            self._require(payment_id, Status.AUTHORISED)
            return self.put(payment_id, status=Status.CANCELLED, was_held=True)

        return self._once("cancel", key, done)  # type: ignore[no-any-return]

    def refund(
        self, payment_id: str, amount: Decimal, currency: str, operation: str, key: str
    ) -> Refund:
        def done() -> Refund:
            self._require(payment_id, Status.CHARGED)
            return self.give_back(payment_id, amount, operation=operation)

        return self._once("refund", key, done)  # type: ignore[no-any-return]

    # What happens at the bank by itself.

    def put(self, payment_id: str, **values: Any) -> Snapshot:
        self.payments[payment_id] = replace(self.payments[payment_id], **values)
        return self.payments[payment_id]

    def give_back(
        self,
        payment_id: str,
        amount: Decimal,
        *,
        operation: str = "",
        status: RefundStatus = RefundStatus.DONE,
        is_chargeback: bool = False,
    ) -> Refund:
        payment = self.payments[payment_id]
        given = sum((one.amount for one in payment.refunds), Decimal(0))
        if given + amount > payment.amount:
            raise Rejected("more than was paid")
        refund = Refund(
            f"{payment_id}-refund-{len(payment.refunds) + 1}",
            *(status, amount, payment.currency),
            operation=operation,
            is_chargeback=is_chargeback,
        )
        self.put(payment_id, refunds=(*payment.refunds, refund))
        return refund

    def end_refund(self, payment_id: str, status: RefundStatus) -> None:
        """The last one."""
        *others, last = self.payments[payment_id].refunds
        self.put(payment_id, refunds=(*others, replace(last, status=status)))

    def has(self) -> Decimal:
        """What it owes to the shop."""
        total = Decimal(0)
        for payment in self.payments.values():
            if payment.status is Status.CHARGED:
                total += payment.amount
                done = (one for one in payment.refunds if one.status is RefundStatus.DONE)
                total -= sum((one.amount for one in done), Decimal(0))
        return total

    def _require(self, payment_id: str, status: Status) -> None:
        found = self.payments[payment_id].status
        if found is not status:
            raise Rejected(f"it is {found.value}")

    def _once(self, name: str, key: str, done: Any) -> Any:
        fault = self._meet(name)
        with self._lock:
            if key not in self.keys:
                self.keys[key] = done()
        if fault == "lost":
            raise NoAnswer("lost")
        return self.keys[key]

    def _meet(self, name: str) -> str:
        self.calls.append(name)
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "down":
            raise NoAnswer("down")
        return fault
