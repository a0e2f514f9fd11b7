"""A shop at YooKassa: the calls of its API, version 3."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext as _

from ...money import quantize
from ...yookassa import address
from ..http import call
from ..provider import AccessDenied, Entry, NoAnswer, Order, Refund, Rejected, Snapshot
from . import reading
from .settings import Confirmation, YooKassaSettings

#: Of an answer of the API, as far as people need it.
_MOST_TEXT = 200
_PAGE = "100"


class YooKassaAccount:
    """See :class:`~saleor_1c_plugin.payments.provider.Account`."""

    def __init__(self, settings: YooKassaSettings) -> None:
        self._settings = settings
        self.two_stage = settings.two_stage
        self.methods = settings.methods
        self.return_url = settings.return_url
        self.number = settings.shop_id
        self.needs_return_url = settings.confirmation is Confirmation.REDIRECT

    def offer(self) -> Mapping[str, object]:
        settings = self._settings
        return {
            "methods": list(settings.methods),
            "confirmation": settings.confirmation.value,
            "twoStage": settings.two_stage,
            "returnUrlRequired": self.needs_return_url and not settings.return_url,
        }

    def create(self, order: Order, key: str) -> Snapshot:
        confirmation = {"type": "embedded"}
        if self.needs_return_url:
            confirmation = {"type": "redirect", "return_url": order.return_url}
        body: dict[str, object] = {
            "amount": _money(order.amount, order.currency),
            "capture": not order.two_stage,
            "confirmation": confirmation,
            "description": order.description[:128],
            "metadata": {reading.ATTEMPT: order.attempt, "onec_about": order.about_id},
        }
        if order.method:
            body["payment_method_data"] = {"type": order.method}
        if order.address:
            body["client_ip"] = order.address
        return reading.snapshot(self._call("POST", "/payments", key=key, body=body))

    def fetch(self, payment_id: str, operations: Sequence[str] = ()) -> Snapshot:
        payment = self._call("GET", f"/payments/{quote(payment_id, safe='')}")
        has_refunds = payment.get("status") == "succeeded"
        return reading.snapshot(payment, self._refunds(payment_id) if has_refunds else ())

    def capture(self, payment_id: str, amount: Decimal, currency: str, key: str) -> Snapshot:
        path = f"/payments/{quote(payment_id, safe='')}/capture"
        body = {"amount": _money(amount, currency)}
        return reading.snapshot(self._call("POST", path, key=key, body=body))

    def cancel(self, payment_id: str, key: str) -> Snapshot:
        path = f"/payments/{quote(payment_id, safe='')}/cancel"
        return reading.snapshot(self._call("POST", path, key=key, body={}))

    def refund(
        self, payment_id: str, amount: Decimal, currency: str, operation: str, key: str
    ) -> Refund:
        body = {
            "payment_id": payment_id,
            "amount": _money(amount, currency),
            "metadata": {reading.OPERATION: operation},
        }
        return reading.refund(self._call("POST", "/refunds", key=key, body=body))

    def check_connection(self) -> str:
        me = self._call("GET", "/me")
        if me.get("status") != "enabled":
            raise Rejected(_("The shop is switched off at YooKassa."))
        shop = {"shop": str(me.get("account_id") or self._settings.shop_id)}
        if me.get("test") is True:
            return _("Connected to the test shop %(shop)s: no money moves.") % shop
        return _("Connected to the shop %(shop)s.") % shop

    def trusts(self, source: str, headers: Mapping[str, str], body: bytes) -> bool:
        return self._settings.sources.have(source, headers)

    def verify(self, headers: Mapping[str, str], body: bytes) -> bool:
        """YooKassa signs nothing; what it is asked next decides."""
        return True

    def registry(self, since: datetime, until: datetime) -> Iterator[Entry]:
        """See :class:`~saleor_1c_plugin.payments.provider.Registers`.

        Of a refund the API tells when it was made, not when it was done.
        """
        done = {"status": "succeeded"}
        for payment in self._all("/payments", done | _between("captured_at", since, until)):
            yield reading.payment_entry(payment)
        for refund in self._all("/refunds", done | _between("created_at", since, until)):
            yield reading.refund_entry(refund)

    def _refunds(self, payment_id: str) -> Iterator[Mapping[str, Any]]:
        return self._all("/refunds", {"payment_id": payment_id})

    def _all(self, path: str, wanted: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
        """A list, page by page."""
        parameters = {**wanted, "limit": _PAGE}
        while True:
            page = self._call("GET", path, parameters=parameters)
            yield from page.get("items") or ()
            cursor = str(page.get("next_cursor") or "")
            if not cursor:
                return
            if cursor == parameters.get("cursor"):
                raise NoAnswer("The list does not end")
            parameters["cursor"] = cursor

    def _call(
        self,
        method: str,
        path: str,
        *,
        key: str = "",
        parameters: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> Mapping[str, Any]:
        status, answer = call(
            method,
            f"{address()}{path}",
            auth=(self._settings.shop_id, self._settings.secret_key),
            headers={"Idempotence-Key": key} if key else None,
            parameters=parameters,
            body=body,
        )
        # 500 says that the result is unknown; 202, of older versions, that it is not there yet.
        if status == 200 and answer is not None:
            return answer
        said = answer or {}
        words = f"{said.get('code') or ''}: {said.get('description') or ''}".strip(": ")
        reason = f"HTTP {status} {words[:_MOST_TEXT]}".strip()
        if status == 401 or (status == 403 and method == "GET"):
            raise AccessDenied(reason)
        if 400 <= status < 500 and status not in (408, 425, 429):
            raise Rejected(reason)
        raise NoAnswer(reason)


def _money(amount: Decimal, currency: str) -> dict[str, str]:
    return {"value": f"{quantize(amount, currency):f}", "currency": currency}


def _between(name: str, since: datetime, until: datetime) -> dict[str, str]:
    return {f"{name}.gte": _instant(since), f"{name}.lt": _instant(until)}


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
