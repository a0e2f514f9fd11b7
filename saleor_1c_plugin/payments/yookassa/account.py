"""A shop at YooKassa: the calls of its API, version 3."""

import os
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from ipaddress import ip_address
from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext as _

from ...money import quantize
from ..http import call
from ..provider import AccessDenied, NoAnswer, Order, Refund, Rejected, Snapshot
from . import reading
from .settings import Confirmation, YooKassaSettings

#: Of an answer of the API, as far as people need it.
_MOST_TEXT = 200
_PAGE = "100"


def address() -> str:
    """Where the API is.

    The host may say so (``ONEC_YOOKASSA_API``, for trying things out), the dashboard may not:
    whoever could change it there would have the secret key sent wherever he likes.
    """
    return os.environ.get("ONEC_YOOKASSA_API") or "https://api.yookassa.ru/v3"


class YooKassaAccount:
    """See :class:`~saleor_1c_plugin.payments.provider.Account`."""

    def __init__(self, settings: YooKassaSettings) -> None:
        self._settings = settings
        self.two_stage = settings.two_stage
        self.methods = settings.methods
        self.return_url = settings.return_url

    def offer(self) -> Mapping[str, object]:
        settings = self._settings
        return {
            "methods": list(settings.methods),
            "confirmation": settings.confirmation.value,
            "twoStage": settings.two_stage,
            "returnUrlRequired": not settings.return_url,
        }

    def create(self, order: Order, key: str) -> Snapshot:
        confirmation = {"type": "embedded"}
        if self._settings.confirmation is Confirmation.REDIRECT:
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
        settings = self._settings
        if not settings.networks:
            return True
        if settings.address_header:
            # The last address is the one that the merchant's own proxy has written.
            source = headers.get(settings.address_header, "").rpartition(",")[2].strip()
        try:
            found = ip_address(source)
        except ValueError:
            return False
        mapped = getattr(found, "ipv4_mapped", None)
        return any((mapped or found) in network for network in settings.networks)

    def verify(self, headers: Mapping[str, str], body: bytes) -> bool:
        """YooKassa signs nothing; what it is asked next decides."""
        return True

    def _refunds(self, payment_id: str) -> Iterator[Mapping[str, Any]]:
        parameters = {"payment_id": payment_id, "limit": _PAGE}
        while True:
            page = self._call("GET", "/refunds", parameters=parameters)
            yield from page.get("items") or ()
            cursor = page.get("next_cursor")
            if not cursor:
                return
            parameters["cursor"] = str(cursor)

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
