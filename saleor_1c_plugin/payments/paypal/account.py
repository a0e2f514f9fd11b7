"""An app at PayPal: the calls of its API."""

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from cryptography.hazmat.primitives.asymmetric import rsa
from django.utils.translation import gettext as _

from ...money import quantize
from ..provider import AccessDenied, Entry, Gone, Order, Refund, Rejected, Snapshot
from . import reading, signatures
from .client import Client, Refused
from .hosts import hosts
from .registry import Report
from .settings import PayPalSettings
from .signatures import Signature

#: Besides those of ISO 4217: PayPal takes these in whole numbers only, and refuses decimals.
_WHOLE = ("HUF", "JPY", "TWD")
_ORDERS = "/v2/checkout/orders"
_AUTHORIZATIONS = "/v2/payments/authorizations"
#: Bytes of the description.
_MOST_TEXT = 127
_PAGE = "50"
_SEES_DISPUTES = "https://uri.paypal.com/services/disputes/read-seller"
_SEES_TRANSACTIONS = "https://uri.paypal.com/services/reporting/search/read"

logger = logging.getLogger(__name__)


class PayPalAccount:
    """See :class:`~saleor_1c_plugin.payments.provider.Account`."""

    needs_return_url = True
    #: The buyer chooses on PayPal's page.
    methods: tuple[str, ...] = ()

    def __init__(self, settings: PayPalSettings) -> None:
        self._settings = settings
        self._client = Client(settings)
        self._hosts = hosts(sandbox=settings.sandbox)
        self.two_stage = settings.two_stage
        self.return_url = settings.return_url
        #: Channels with the same app have one register.
        self.number = settings.client_id

    def offer(self) -> Mapping[str, object]:
        return {
            "confirmation": "redirect",
            "twoStage": self._settings.two_stage,
            "returnUrlRequired": not self._settings.return_url,
        }

    def create(self, order: Order, key: str) -> Snapshot:
        unit: dict[str, object] = {
            "amount": _money(order.amount, order.currency),
            "custom_id": order.attempt,
            # PayPal takes money once for an invoice: that holds when its keys are forgotten.
            "invoice_id": order.attempt,
        }
        if order.description:
            cut = order.description.encode()[:_MOST_TEXT]
            unit["description"] = cut.decode(errors="ignore")
        body = {
            "intent": "AUTHORIZE" if order.two_stage else "CAPTURE",
            "purchase_units": [unit],
            "payment_source": {
                "paypal": {
                    "experience_context": {
                        "return_url": order.return_url,
                        "cancel_url": order.return_url,
                        "user_action": "PAY_NOW",
                        # The shop has asked for it already.
                        "shipping_preference": "NO_SHIPPING",
                    }
                }
            },
        }
        return self._snapshot(self._client.call("POST", _ORDERS, key=key, body=body))

    def fetch(self, payment_id: str, operations: Sequence[str] = ()) -> Snapshot:
        order = self._order(payment_id)
        taken = reading.payments(order).taken
        return self._snapshot(
            order, [one for found in taken for one in self._disputes(str(found["id"]))]
        )

    def complete(self, payment_id: str, two_stage: bool, key: str) -> Snapshot:
        action = "authorize" if two_stage else "capture"
        path = f"{_ORDERS}/{quote(payment_id, safe='')}/{action}"
        try:
            return self._snapshot(self._client.call("POST", path, key=key, body={}))
        except Refused as error:
            # It may be done already, the buyer may have to choose another means of payment, or it
            # never will be: then PayPal forgets the order. Until then it is not paid.
            found = self.fetch(payment_id)
            return replace(found, is_approved=False, reason=found.reason or str(error))

    def capture(self, payment_id: str, amount: Decimal, currency: str, key: str) -> Snapshot:
        held = self._renewed(self._held(payment_id)[-1])
        path = f"{_AUTHORIZATIONS}/{quote(held, safe='')}/capture"
        body = {"amount": _money(amount, currency), "final_capture": True}
        self._client.call("POST", path, key=key, body=body)
        return self.fetch(payment_id)

    def cancel(self, payment_id: str, key: str) -> Snapshot:
        # The first one: what was renewed is let go with that, and can't be alone.
        held = str(self._held(payment_id)[0]["id"])
        path = f"{_AUTHORIZATIONS}/{quote(held, safe='')}/void"
        self._client.call("POST", path, key=key, body={})
        return self.fetch(payment_id)

    def refund(
        self, payment_id: str, amount: Decimal, currency: str, operation: str, key: str
    ) -> Refund:
        order = self._order(payment_id)
        found = reading.payments(order)
        for known in map(reading.refund, found.refunds):
            if known.operation == operation:
                return known
        if not found.taken:
            raise Rejected("Nothing was taken")
        capture = str(found.taken[0]["id"])
        body = {
            "amount": _money(amount, currency),
            "custom_id": reading.refund_id(reading.attempt(order), operation),
        }
        path = f"/v2/payments/captures/{quote(capture, safe='')}/refund"
        return reading.refund(self._client.call("POST", path, key=key, body=body))

    def registry(self, since: datetime, until: datetime) -> Iterator[Entry]:
        def call(path: str, parameters: Mapping[str, str]) -> Mapping[str, Any]:
            return self._client.call("GET", path, parameters=parameters)

        return Report(call, self._disputes).entries(since, until)

    def check_connection(self) -> str:
        scopes = self._client.renew()
        said = [
            _("Connected to PayPal's sandbox: no money moves.")
            if self._settings.sandbox
            else _("Connected to PayPal.")
        ]
        webhook = self._settings.webhook_id
        if not webhook:
            said.append(_("No webhook is named: PayPal is asked, it can't tell."))
        else:
            try:
                self._client.call("GET", f"/v1/notifications/webhooks/{webhook}")
            except Refused as error:
                raise Rejected(_("The app has no such webhook.")) from error
        if _SEES_DISPUTES not in scopes:
            said.append(_("The app may not see disputes."))
        if _SEES_TRANSACTIONS not in scopes:
            said.append(_("The app may not see transactions: they can't be reconciled."))
        return " ".join(said)

    def trusts(self, source: str, headers: Mapping[str, str], body: bytes) -> bool:
        return bool(self._settings.webhook_id) and bool(Signature.of(headers, self._hosts))

    def verify(self, headers: Mapping[str, str], body: bytes) -> bool:
        signature = Signature.of(headers, self._hosts)
        if signature is None or not self._settings.webhook_id:
            return False
        chain = signatures.certificates(signature.certificate)
        key = chain[0].public_key() if chain else None
        if not isinstance(key, rsa.RSAPublicKey):
            return False
        if not signature.fits(body, self._settings.webhook_id, key):
            return False
        # PayPal does not always give the certificates in between; then it is asked itself.
        return signatures.is_trusted(chain, self._hosts.signer) or self._confirms(headers, body)

    def _confirms(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether PayPal says that it has sent this."""
        question = {
            "auth_algo": headers[signatures.ALGORITHM],
            "cert_url": headers[signatures.CERTIFICATE],
            "transmission_id": headers[signatures.ID],
            "transmission_sig": headers[signatures.SIGNATURE],
            "transmission_time": headers[signatures.TIME],
            "webhook_id": self._settings.webhook_id,
            "webhook_event": json.loads(body),
        }
        path = "/v1/notifications/verify-webhook-signature"
        try:
            answer = self._client.call("POST", path, body=question)
        except Refused:
            return False
        return answer.get("verification_status") == "SUCCESS"

    def _order(self, payment_id: str) -> Mapping[str, Any]:
        try:
            return self._client.call("GET", f"{_ORDERS}/{quote(payment_id, safe='')}")
        except Refused as error:
            if error.status == 404:
                raise Gone(str(error)) from error
            raise

    def _snapshot(
        self, order: Mapping[str, Any], disputes: Sequence[Mapping[str, Any]] = ()
    ) -> Snapshot:
        return reading.snapshot(order, disputes, is_test=self._settings.sandbox)

    def _held(self, payment_id: str) -> Sequence[Mapping[str, Any]]:
        """What is held, or was taken: a call that was answered once is so again."""
        found = reading.payments(self._order(payment_id)).authorizations
        if not found:
            raise Rejected("Nothing is held")
        return [one for one in found if one["status"] in reading.HELD] or found

    def _renewed(self, held: Mapping[str, Any]) -> str:
        """Id of the hold that is to be taken, which is a new one where PayPal has stopped
        vouching for this one.

        The key is the hold's own, whoever asks for it and how often: what PayPal renews once, it
        tells again for longer than any hold lasts. So a crash after it costs nothing. Where PayPal
        renews nothing, it may still let the old hold be taken, and is asked for that.
        """
        own = str(held["id"])
        if not reading.needs_renewal(held, datetime.now(UTC)):
            return own
        path = f"{_AUTHORIZATIONS}/{quote(own, safe='')}/reauthorize"
        try:
            found = self._client.call(
                "POST", path, key=f"{own}-reauthorize", body={"amount": held["amount"]}
            )
        except Refused as error:
            logger.info("PayPal does not renew the hold %s: %s", own, error)
            return own
        return reading.renewed(found) or own

    def _disputes(self, capture: str) -> Iterator[Mapping[str, Any]]:
        """Those about a capture; how one has ended, only the dispute itself says."""
        parameters = {"disputed_transaction_id": capture, "page_size": _PAGE}
        path = "/v1/customer/disputes"
        while True:
            try:
                page = self._client.call("GET", path, parameters=parameters)
            except (AccessDenied, Refused) as error:
                # Permission for them is one that an app may lack.
                logger.warning("PayPal's disputes can't be seen: %s", error)
                return
            for found in page.get("items") or ():
                is_over = found.get("status") == "RESOLVED"
                one = quote(str(found.get("dispute_id")), safe="")
                yield self._client.call("GET", f"{path}/{one}") if is_over else found
            more = _next_page(page.get("links"))
            if not more or more == parameters.get("next_page_token"):
                return
            parameters["next_page_token"] = more


def _money(amount: Decimal, currency: str) -> dict[str, str]:
    exact = amount.quantize(Decimal(1)) if currency in _WHOLE else quantize(amount, currency)
    if exact != amount:
        # It would be another amount.
        raise Rejected(f"PayPal takes no such part of a unit of {currency}")
    return {"value": f"{exact:f}", "currency_code": currency}


def _next_page(links: Any) -> str:
    for one in links or ():
        if one.get("rel") == "next":
            found = parse_qs(urlsplit(str(one.get("href"))).query).get("next_page_token")
            return found[0] if found else ""
    return ""
