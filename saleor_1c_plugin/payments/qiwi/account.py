"""A merchant at a service that speaks QIWI's protocol: bills, and refunds of them.

Bills and refunds have ids of ours: asked for again, they are the same. Where the service refuses
what it has done already, it is asked for that.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

from ...language import gettext_lazy as _
from ...money import quantize
from ..http import call
from ..provider import AccessDenied, NoAnswer, Order, Refund, Rejected, Snapshot
from . import reading
from .settings import QiwiSettings, address

#: Of an answer of the API, as far as people need it.
_MOST_TEXT = 200


class _Missing(Rejected):
    """There is no such bill, or no such refund."""


class QiwiAccount:
    """See :class:`~saleor_1c_plugin.payments.provider.Account`."""

    needs_return_url = True
    #: A bill is paid at once.
    two_stage = False

    def __init__(self, settings: QiwiSettings) -> None:
        self._settings = settings
        self.methods = settings.methods
        self.return_url = settings.return_url

    def offer(self) -> Mapping[str, object]:
        return {
            "methods": list(self.methods),
            "confirmation": "redirect",
            "twoStage": False,
            "returnUrlRequired": not self.return_url,
        }

    def create(self, order: Order, key: str) -> Snapshot:
        if order.two_stage:
            # To take money that the shop wants held would be to take it too early.
            raise Rejected(str(_("QIWI takes the money at once: it can't be held.")))
        until = datetime.now(UTC) + timedelta(hours=self._settings.pay_hours)
        body: dict[str, object] = {
            "amount": _money(order.amount, order.currency),
            "comment": order.description[:255],
            "expirationDateTime": until.isoformat(timespec="seconds"),
        }
        bill = self._put(f"/bills/{quote(order.attempt, safe='')}", body)
        return reading.snapshot(bill, confirmation=_confirmation(bill, order))

    def fetch(self, payment_id: str, operations: Sequence[str] = ()) -> Snapshot:
        path = f"/bills/{quote(payment_id, safe='')}"
        bill = self._call("GET", path)
        return reading.snapshot(bill, self._refunds(path, operations))

    def capture(self, payment_id: str, amount: Decimal, currency: str, key: str) -> Snapshot:
        raise Rejected(str(_("QIWI takes the money at once: there is nothing to be taken later.")))

    def cancel(self, payment_id: str, key: str) -> Snapshot:
        """Withdraw a bill that has not been paid."""
        return reading.snapshot(
            self._call("POST", f"/bills/{quote(payment_id, safe='')}/reject", {})
        )

    def refund(
        self, payment_id: str, amount: Decimal, currency: str, operation: str, key: str
    ) -> Refund:
        body = {"amount": _money(amount, currency)}
        return reading.refund(self._put(_refund_path(payment_id, operation), body), operation)

    def check_connection(self) -> str:
        with suppress(_Missing):
            self._call("GET", f"/bills/{uuid4()}")
        return _("Connected to %(where)s.") % {"where": address()}

    def trusts(self, source: str, headers: Mapping[str, str], body: bytes) -> bool:
        return self.verify(headers, body)

    def verify(self, headers: Mapping[str, str], body: bytes) -> bool:
        signature = headers.get(reading.SIGNATURE, "")
        return reading.is_signed(body, signature, self._settings.secret_key)

    def _refunds(self, path: str, operations: Sequence[str]) -> Iterator[Refund]:
        """Those that we have asked for: the protocol has no list of them."""
        for operation in operations:
            try:
                found = self._call("GET", f"{path}/refunds/{quote(operation, safe='')}")
            except _Missing:
                continue
            yield reading.refund(found, operation)

    def _put(self, path: str, body: Mapping[str, object]) -> Mapping[str, Any]:
        """Make something, or find it made."""
        try:
            return self._call("PUT", path, body)
        except Rejected as refusal:
            try:
                return self._call("GET", path)
            except _Missing:
                raise refusal from None

    def _call(
        self, method: str, path: str, body: Mapping[str, object] | None = None
    ) -> Mapping[str, Any]:
        status, answer = call(
            method,
            f"{address()}{path}",
            headers={
                "Accept": "application/json",
                "Authorization": f"Bearer {self._settings.secret_key}",
            },
            body=body,
        )
        if status in (200, 201) and answer is not None:
            return answer
        said = answer or {}
        words = f"{said.get('errorCode') or ''}: {said.get('description') or ''}".strip(": ")
        reason = f"HTTP {status} {words[:_MOST_TEXT]}".strip()
        if status in (401, 403):
            raise AccessDenied(reason)
        if status == 404 and answer is not None:
            raise _Missing(reason)
        if 400 <= status < 500 and status not in (404, 408, 425, 429):
            raise Rejected(reason)
        raise NoAnswer(reason)


def _confirmation(bill: Mapping[str, Any], order: Order) -> Mapping[str, object] | None:
    """Where the buyer pays; the page is told on its way what it shows first and where to go on."""
    url = bill.get("payUrl")
    if not isinstance(url, str) or not url:
        return None
    parameters = {"paySource": order.method, "successUrl": order.return_url}
    added = urlencode({name: value for name, value in parameters.items() if value})
    return {"type": "redirect", "url": f"{url}{'&' if '?' in url else '?'}{added}"}


def _refund_path(payment_id: str, operation: str) -> str:
    return f"/bills/{quote(payment_id, safe='')}/refunds/{quote(operation, safe='')}"


def _money(amount: Decimal, currency: str) -> dict[str, str]:
    return {"value": f"{quantize(amount, currency):f}", "currency": currency}
