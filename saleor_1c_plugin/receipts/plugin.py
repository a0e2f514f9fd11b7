"""Receipts as a plugin of Saleor's: their settings in the dashboard, channel by channel."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse
from saleor.checkout import CheckoutAuthorizeStatus, CheckoutChargeStatus
from saleor.checkout.error_codes import CheckoutErrorCode
from saleor.permission.enums import PaymentPermissions
from saleor.plugins.base_plugin import ConfigurationTypeField

from ..language import gettext_lazy as _
from ..plugin import OnecPlugin, Settings
from . import contact, noticing, pages
from .printing import links, page
from .settings import ReceiptsSettings

_DEFAULT = ReceiptsSettings()

_SETTINGS: Settings = {
    "tax_system": (
        ConfigurationTypeField.STRING,
        _DEFAULT.tax.value,
        _("Tax system"),
        _("One of: osn, usn_income, usn_income_outcome, esn, patent."),
    ),
    "way": (
        ConfigurationTypeField.STRING,
        _DEFAULT.way.value,
        _("Receipts of a sale paid in advance"),
        _(
            "two: one when it is paid, one when the goods are handed over, as the law wants it. "
            "one: when it is paid, for goods that are handed over at once."
        ),
    ),
    "place": (
        ConfigurationTypeField.STRING,
        "",
        _("Address of the store"),
        _("As buyers know it, from https:// on: the place of the sale on every receipt."),
    ),
    "seller": (
        ConfigurationTypeField.STRING,
        "",
        _("Seller"),
        _("The company, or the sole trader, as the tax service has the cash registers of."),
    ),
    "inn": (
        ConfigurationTypeField.STRING,
        "",
        _("ИНН"),
        _("Of the seller: it stands on the receipts that buyers see and print."),
    ),
    "sender": (
        ConfigurationTypeField.STRING,
        "",
        _("E-mail of the sender of receipts"),
        _("As the cash registers were told; it stands on the receipts, too."),
    ),
    "letters": (
        ConfigurationTypeField.BOOLEAN,
        _DEFAULT.letters,
        _("Receipts by e-mail from here"),
        _(
            "On: buyers with an e-mail address get theirs from the store's mail server. Off: the "
            "operator of fiscal data, or the register's service, sends them."
        ),
    ),
    "to_onec": (
        ConfigurationTypeField.BOOLEAN,
        _DEFAULT.to_onec,
        _("Shift reports to 1C"),
        _(
            "On: each shift goes to 1C as a document “Other” once it is over, with the sums of its "
            "receipts by rate of tax and way to pay. It has all of a register's receipts, those of "
            "other channels too."
        ),
    ),
    "registers": (
        ConfigurationTypeField.MULTILINE,
        "",
        _("Cash registers, in order"),
        _(
            "Names of registers or of their kinds, by blanks, commas or lines: atol emulator:1. "
            "The first one is used; while it is away, the next one. Empty: all that are set up in "
            "plugins of their own."
        ),
    ),
    "closing_hour": (
        ConfigurationTypeField.STRING,
        str(_DEFAULT.closing_hour),
        _("Shifts are closed, hour"),
        _(
            "From 0 to 23, where the register leaves that to the store. A shift that nears its 24 "
            "hours is closed in any case; the next receipt opens another one."
        ),
    ),
    "time_zone": (
        ConfigurationTypeField.STRING,
        str(_DEFAULT.zone),
        _("Time zone"),
        _(
            "Of the hour, and of the days by which receipts are due: Europe/Moscow. The law "
            "(54-FZ, article 1.2, paragraphs 5.3 and 5.4) wants a receipt by the end of the "
            "working day after the payment. What is later is shown as overdue, and registered all "
            "the same."
        ),
    ),
    "credit": (
        ConfigurationTypeField.BOOLEAN,
        _DEFAULT.credit,
        _("Sales on credit"),
        _(
            "On: goods that leave before they are paid for are sold on credit, with receipts of "
            "their own. Off: they are paid for when they are handed over."
        ),
    ),
    "without": (
        ConfigurationTypeField.STRING,
        " ".join(sorted(_DEFAULT.without)),
        _("Payments without receipts"),
        _(
            "Gateways, by blanks or commas. A company that pays by bank transfer needs no receipt, "
            "and some gateways have receipts of their own."
        ),
    ),
    "onec_payments": (
        ConfigurationTypeField.BOOLEAN,
        _DEFAULT.onec_payments,
        _("Payments that 1C told of"),
        _("On: they get receipts here. Off: 1C has a cash register of its own for them."),
    ),
    "since": (
        ConfigurationTypeField.STRING,
        "",
        _("Receipts since"),
        _(
            "A day as 2026-11-25: what has happened earlier gets no receipt. Empty: since the "
            "plugin was first switched on."
        ),
    ),
}


class ReceiptsPlugin(OnecPlugin):
    """Receipts by the law 54-FZ, for all that is paid, handed over and given back."""

    PLUGIN_ID = "saleor1c.receipts"
    PLUGIN_NAME = _("1C: receipts")
    PLUGIN_DESCRIPTION = _(
        "Has a receipt registered for every payment, shipment and refund by the cash registers "
        "that are switched on in their own plugins. What waits, what has failed, shifts and "
        "reports are at https://<store>/plugins/saleor1c.receipts/ for staff who may handle "
        "payments; they log in there with the e-mail and the password of the dashboard."
    )
    CONFIGURATION_PER_CHANNEL = True
    DEFAULT_ACTIVE = False
    SETTINGS = _SETTINGS

    @classmethod
    def check(cls, values: Mapping[str, object], *, active: bool) -> None:
        ReceiptsSettings.from_configuration(values, complete=active)

    @classmethod
    def save_plugin_configuration(cls, plugin_configuration: Any, cleaned_data: Any) -> Any:
        """Save what is given; from the moment on at which it is switched on there are receipts."""
        saved = super().save_plugin_configuration(plugin_configuration, cleaned_data)
        if plugin_configuration.active and plugin_configuration.channel:
            noticing.begin(plugin_configuration.channel.slug, exactly=True)
        return saved

    def preprocess_order_creation(
        self, checkout_info: Any, lines: Any, previous_value: Any = None
    ) -> Any:
        """Let no cart become an order whose buyer could not be sent a receipt.

        One for which money was taken or held becomes an order all the same.
        """
        checkout = checkout_info.checkout
        is_paid = (checkout.charge_status, checkout.authorize_status) != (
            CheckoutChargeStatus.NONE,
            CheckoutAuthorizeStatus.NONE,
        )
        address = checkout_info.billing_address or checkout_info.shipping_address
        number = str(address.phone or "") if address else ""
        email = checkout_info.get_customer_email() or ""
        if not is_paid and not contact.is_reachable(email, number):
            code = CheckoutErrorCode.EMAIL_NOT_SET.value
            raise ValidationError({"email": ValidationError(contact.MISSING, code=code)})
        return previous_value

    def webhook(self, request: WSGIRequest, path: str, previous_value: Any) -> HttpResponse:
        """Show a buyer's receipt to whoever has its address, and the other pages to staff."""
        path = (path or "").lstrip("/")
        if path.startswith(links.PREFIX):
            return page.show(request, path.removeprefix(links.PREFIX))
        return self.for_staff(
            request, PaymentPermissions.HANDLE_PAYMENTS, partial(pages.serve, path=path)
        )
