"""Invoices, as the core knows them."""

from collections.abc import Mapping
from datetime import datetime

from django.http import HttpRequest, HttpResponse

from ..models import Attempt
from ..offline import Offline
from . import page
from .account import InvoiceAccount
from .models import Invoice
from .settings import InvoiceSettings


class InvoiceProvider(Offline):
    """See :class:`~saleor_1c_plugin.payments.provider.Provider`."""

    name = "invoice"
    title = "Счёт на оплату"

    def account(self, saved: Mapping[str, object]) -> InvoiceAccount:
        return InvoiceAccount(InvoiceSettings.from_configuration(saved))

    def ends(self, attempt: Attempt) -> datetime | None:
        invoice = Invoice.objects.filter(attempt=attempt).first()
        return invoice.ends if invoice else None

    def page(self, request: HttpRequest, path: str) -> HttpResponse:
        return page.show(request, path)
