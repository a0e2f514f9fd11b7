"""A terminal at T-Bank: the calls of its API, version 2."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from ..http import call
from ..provider import AccessDenied, NoAnswer, Order, Rejected, Snapshot, Status
from . import reading
from .settings import MOST_URL, SBP, TBankSettings
from .signing import is_signed, token

#: Of an answer of the API, as far as people need it.
_MOST_TEXT = 200
_MOST_DESCRIPTION = 140
#: Characters of a value of ``DATA``.
_MOST_DATA = 100
#: Codes of errors: the terminal or its password is wrong, or it is blocked.
_DENIED = ("202", "204", "205", "331", "501")
#: What became of the call is not known: the bank says that something of its own is broken.
_BROKEN = ("3", "21", "402", "999", "3040", "9001", "9999")
#: There is no payment of such an order.
_NO_ORDER = "335"
#: An id that none of ours has.
_NO_ATTEMPT = "saleor-1c-connection"


def address() -> str:
    """Where the API is.

    The host may say so (``ONEC_TBANK_API``, for trying things out), the dashboard may not: whoever
    could change it there would have payments made wherever he likes.
    """
    return os.environ.get("ONEC_TBANK_API") or "https://securepay.tinkoff.ru/v2"


class TBankAccount:
    """See :class:`~saleor_1c_plugin.payments.provider.Account`, and ``KeepsTotals`` there."""

    needs_return_url = True

    def __init__(self, settings: TBankSettings) -> None:
        self._settings = settings
        self.two_stage = settings.two_stage
        # What SBP pays is taken at once.
        self.methods = tuple(
            method for method in settings.methods if method != SBP or not settings.two_stage
        )
        self.return_url = settings.return_url

    def offer(self) -> Mapping[str, object]:
        return {
            "methods": list(self.methods),
            "twoStage": self.two_stage,
            "returnUrlRequired": not self.return_url,
        }

    def create(self, order: Order, key: str) -> Snapshot:
        """Make a payment, or take up the one that an earlier call has made.

        The bank makes a second payment of the same order if it is asked to. One whose answer was
        lost can't be gone on with: the address of its page is in that answer alone. Neither can a
        buyer pay by it, so another one does no harm. SBP's link can be asked for at any time.
        """
        _require_possible(order)
        is_sbp = order.method == SBP
        payment_id, url = self._begun(order.attempt, is_sbp), ""
        if payment_id:
            found = self.fetch(payment_id)
        else:
            answer = self._ask("Init", self._order(order))
            found, url = self._snapshot(answer), str(answer.get("PaymentURL") or "")
        if found.status is not Status.PENDING:
            return found
        if is_sbp:
            url = self._link(found.id)
        confirmation = {"type": "redirect", "url": url} if url else None
        return replace(found, confirmation=confirmation)

    def fetch(self, payment_id: str, operations: Sequence[str] = ()) -> Snapshot:
        payment = self._state(payment_id)
        problem = ""
        if reading.source(payment) == "qrsbp" and payment.get("Status") in (
            *("CONFIRMED", "PARTIAL_REFUNDED"),
        ):
            problem = self._refund_problem(payment_id)
        return self._snapshot(payment, problem)

    def capture(self, payment_id: str, amount: Decimal, currency: str, key: str) -> Snapshot:
        found = self._still(payment_id)
        if found.status is Status.CHARGED:
            return found
        if found.status is not Status.AUTHORISED:
            raise Rejected(f"The payment is {found.status.value}")
        self._ask("Confirm", {"PaymentId": payment_id, "Amount": reading.kopecks(amount)})
        return self._still(payment_id)

    def cancel(self, payment_id: str, key: str) -> Snapshot:
        found = self._still(payment_id)
        if found.status is Status.CANCELLED:
            return found
        # The same call would give back what was taken.
        if found.status is Status.CHARGED:
            raise Rejected("The money was taken")
        self._ask("Cancel", {"PaymentId": payment_id, "ExternalRequestId": key})
        return self._still(payment_id)

    def refund_once(
        self, payment_id: str, amount: Decimal, currency: str, key: str, left: Decimal
    ) -> Snapshot:
        before = self._snapshot(self._state(payment_id))
        if before.status is not Status.CHARGED or before.left is None:
            raise Rejected(f"The payment is {before.status.value}")
        if before.left.amount is None or before.left.amount < left:
            return before
        answer = self._ask(
            "Cancel",
            {
                "PaymentId": payment_id,
                "Amount": reading.kopecks(amount),
                # By it the bank knows a refund again, but for those of SBP.
                "ExternalRequestId": key,
            },
        )
        return reading.reduced(before, answer)

    def check_connection(self) -> str:
        answer = self._call("CheckOrder", {"OrderId": _NO_ATTEMPT})
        if str(answer.get("ErrorCode")) != _NO_ORDER:
            _require_success(answer)
        terminal = {"terminal": self._settings.terminal_key}
        if self._settings.is_test:
            return _("Connected to the test terminal %(terminal)s: no money moves.") % terminal
        return _("Connected to the terminal %(terminal)s.") % terminal

    def trusts(self, source: str, headers: Mapping[str, str], body: bytes) -> bool:
        settings = self._settings
        return settings.sources.have(source, headers) and is_signed(
            body, settings.terminal_key, settings.password
        )

    def verify(self, headers: Mapping[str, str], body: bytes) -> bool:
        """The token was looked at when it came."""
        return True

    def _order(self, order: Order) -> dict[str, object]:
        fields: dict[str, object] = {
            "Amount": reading.kopecks(order.amount),
            "OrderId": order.attempt,
            "PayType": "T" if order.two_stage else "O",
            "Description": order.description[:_MOST_DESCRIPTION],
            "SuccessURL": order.return_url,
            "FailURL": order.return_url,
            "DATA": _data(order),
        }
        if self._settings.notification_url:
            fields["NotificationURL"] = self._settings.notification_url
        return fields

    def _begun(self, attempt: str, is_sbp: bool) -> str:
        """The payment of an earlier call that the buyer can go on with; empty: there is none."""
        answer = self._call("CheckOrder", {"OrderId": attempt})
        if str(answer.get("ErrorCode")) == _NO_ORDER:
            return ""
        _require_success(answer)
        ranks = {Status.PENDING: 1, Status.AUTHORISED: 2, Status.CHARGED: 3}
        best, chosen = 0, ""
        try:
            for payment in answer.get("Payments") or ():
                code = payment["Status"]
                rank = ranks.get(reading.status(code), 0)
                if code == reading.NEW and not is_sbp:
                    continue
                if rank > best:
                    best, chosen = rank, str(payment["PaymentId"])
        except (KeyError, TypeError) as error:
            raise NoAnswer(f"The answer can't be read: {type(error).__name__}") from None
        return chosen

    def _link(self, payment_id: str) -> str:
        """SBP's, which opens the buyer's bank, or shows a QR code where there is no such app."""
        answer = self._ask("GetQr", {"PaymentId": payment_id, "DataType": "PAYLOAD"})
        return str(answer.get("Data") or "")

    def _refund_problem(self, payment_id: str) -> str:
        """Why SBP has not given back what it was last asked for; only for people."""
        try:
            answer = self._ask("GetQrState", {"PaymentId": payment_id})
        except (NoAnswer, Rejected):
            return ""
        if not answer.get("QrCancelCode"):
            return ""
        return str(answer.get("QrCancelMessage") or answer["QrCancelCode"])[:_MOST_TEXT]

    def _still(self, payment_id: str) -> Snapshot:
        """A payment that the bank is not changing at the moment."""
        payment = self._state(payment_id)
        if payment.get("Status") in (*reading.CONFIRMING, *reading.REVERSING):
            raise NoAnswer(f"The payment is {payment['Status']}")
        return self._snapshot(payment)

    def _state(self, payment_id: str) -> Mapping[str, Any]:
        answer = self._call("GetState", {"PaymentId": payment_id})
        if not answer.get("Status"):
            # A declined payment is answered with the error that it has met.
            _require_success(answer)
        return answer

    def _snapshot(self, payment: Mapping[str, Any], problem: str = "") -> Snapshot:
        return replace(reading.snapshot(payment, problem), is_test=self._settings.is_test)

    def _ask(self, method: str, fields: Mapping[str, object]) -> Mapping[str, Any]:
        answer = self._call(method, fields)
        _require_success(answer)
        return answer

    def _call(self, method: str, fields: Mapping[str, object]) -> Mapping[str, Any]:
        settings = self._settings
        body = {**fields, "TerminalKey": settings.terminal_key}
        body["Token"] = token(body, settings.password)
        status, answer = call("POST", f"{address()}/{method}", body=body)
        # What was refused is answered by 200, too.
        if status != 200 or answer is None:
            raise NoAnswer(f"HTTP {status}")
        return answer


def _require_success(answer: Mapping[str, Any]) -> None:
    code = str(answer.get("ErrorCode") or "")
    if answer.get("Success") in (True, "true") and code in ("", "0"):
        return
    words = " ".join(str(answer.get(key) or "") for key in ("Message", "Details"))
    reason = f"{code}: {words}".strip(": ")[:_MOST_TEXT]
    if code in _DENIED:
        raise AccessDenied(reason)
    if code in _BROKEN or not code:
        raise NoAnswer(reason)
    raise Rejected(reason)


def _require_possible(order: Order) -> None:
    if order.currency != reading.CURRENCY:
        raise Rejected(f"T-Bank takes roubles only, not {order.currency}")
    if order.two_stage and order.method == SBP:
        raise Rejected("SBP takes the money at once: it can't be held")
    if len(order.return_url) > MOST_URL:
        raise Rejected(f"“returnUrl” is longer than {MOST_URL} characters")


def _data(order: Order) -> dict[str, str]:
    """What the bank wants to know beside the order."""
    # The buyer is there, and no card is kept.
    data = {"OperationInitiatorType": "0"}
    if order.email and len(order.email) <= _MOST_DATA:
        data["Email"] = order.email
    if re.fullmatch(r"\+[0-9]{7,15}", order.phone):
        data["Phone"] = order.phone
    return data
