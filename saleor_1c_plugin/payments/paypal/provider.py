"""PayPal, as the core knows it."""

import json
import re
from collections.abc import Mapping
from typing import Any

from ..provider import Subject
from . import reading
from .account import PayPalAccount
from .settings import PayPalSettings
from .signatures import HEADERS

_ID = re.compile(r"[0-9A-Za-z-]{1,64}")


class PayPal:
    """See :class:`~saleor_1c_plugin.payments.provider.Provider`."""

    name = "paypal"
    title = "PayPal"
    #: Of orders; of captures and refunds it is 45 days.
    key_seconds = 6 * 3600
    headers: tuple[str, ...] = HEADERS
    accepted = b""
    accepted_type = "text/plain"
    consent = b""

    def account(self, saved: Mapping[str, object]) -> PayPalAccount:
        return PayPalAccount(PayPalSettings.from_configuration(saved))

    def subject(self, body: bytes, headers: Mapping[str, str]) -> Subject:
        try:
            told: Any = json.loads(body)
            event, resource = str(told["event_type"]), told["resource"]
            payment_id, attempt = _subject(event, resource)
        except (AttributeError, IndexError, KeyError, RecursionError, TypeError) as error:
            raise ValueError("No notification of PayPal's") from error
        if not isinstance(payment_id, str) or (payment_id and not _ID.fullmatch(payment_id)):
            raise ValueError("No id of an order")
        return Subject(payment_id, attempt)


def _subject(event: str, resource: Mapping[str, Any]) -> tuple[Any, str]:
    """The order, as far as it is named, and our attempt.

    An event about something else names nothing that is known here.
    """
    if event.startswith("CHECKOUT.ORDER."):
        units = resource.get("purchase_units") or [{}]
        return resource["id"], reading.attempt_of(units[0], "custom_id", "invoice_id")
    if event.startswith("CUSTOMER.DISPUTE."):
        (about,) = resource["disputed_transactions"][:1]
        return "", reading.attempt_of(about, "custom", "invoice_number")
    related = (resource.get("supplementary_data") or {}).get("related_ids") or {}
    attempt = reading.attempt_of(resource, "custom_id", "invoice_id")
    if not attempt and "order_id" not in related:
        return resource["id"], ""
    return related.get("order_id", ""), attempt
