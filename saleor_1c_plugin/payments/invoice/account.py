"""Invoices of one channel.

Whether the shop takes a promise to pay an invoice for authorised (:mod:`..offline`) is a setting.
It does by default: a company's order is placed and its goods are kept while the invoice is valid.
Otherwise the transaction says that something is left to be done, and a cart becomes an order only
in a channel that lets orders be unpaid.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from ...money import quantize
from ...store import current_payments
from ..models import Attempt
from ..offline import OfflineAccount, status_of
from ..provider import Order, Rejected, Snapshot, gateway_id
from . import links, qr
from .models import Invoice
from .settings import InvoiceSettings, Requisites

METHOD = "Безналичный перевод по счёту"
_CURRENCY = "RUB"


class InvoiceAccount(OfflineAccount):
    """See :class:`~saleor_1c_plugin.payments.provider.Account`."""

    provider = "invoice"

    def __init__(self, settings: InvoiceSettings) -> None:
        self._settings = settings
        self.two_stage = settings.relied_on

    def offer(self) -> Mapping[str, object]:
        return {"days": self._settings.days, "orderBeforePayment": self._settings.relied_on}

    def require(self, order: Order) -> None:
        if order.currency != _CURRENCY:
            raise Rejected(f"An invoice can be paid in {_CURRENCY} only")

    def snapshot(self, attempt: Attempt) -> Snapshot:
        invoice = self._invoice(attempt)
        requisites = Requisites(**invoice.requisites)
        amount = quantize(attempt.amount, attempt.currency)
        path = links.path_of(invoice.pk)
        said = asdict(requisites)
        said["correspondentAccount"] = said.pop("correspondent_account")
        return Snapshot(
            id=str(invoice.pk),
            status=status_of(attempt, relied_on=self._settings.relied_on),
            amount=attempt.amount,
            currency=attempt.currency,
            attempt=str(attempt.pk),
            method=METHOD,
            confirmation={
                "type": "invoice",
                "number": str(invoice.pk),
                "amount": f"{amount:f}",
                "validUntil": invoice.valid_until.isoformat(),
                "requisites": said,
                "purpose": invoice.purpose,
                "qr": qr.payload(requisites, amount, invoice.purpose),
                "url": current_payments().page_address(gateway_id(self.provider), path),
            },
        )

    def _invoice(self, attempt: Attempt) -> Invoice:
        """The attempt's own; made out now where there is none."""
        settings = self._settings
        issued = timezone.now().astimezone(settings.zone).date()
        valid_until = issued + timedelta(days=settings.days)
        over = datetime.combine(valid_until + timedelta(days=1), time.min, settings.zone)
        with transaction.atomic():
            invoice, is_new = Invoice.objects.get_or_create(
                attempt=attempt,
                defaults={
                    "requisites": asdict(settings.requisites),
                    "issued": issued,
                    "valid_until": valid_until,
                    "ends": over,
                },
            )
            if is_new:
                invoice.purpose = settings.purpose_of(invoice.pk, issued, attempt.about)
                invoice.save(update_fields=["purpose"])
        return invoice
