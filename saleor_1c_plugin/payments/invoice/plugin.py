"""Invoices as a plugin of Saleor's: their settings in the dashboard."""

from collections.abc import Mapping

from saleor.plugins.base_plugin import ConfigurationTypeField

from ...language import gettext_lazy as _
from ...plugin import Settings
from ..offline_plugin import OfflinePlugin
from .provider import InvoiceProvider
from .settings import InvoiceSettings

_DEFAULT = InvoiceSettings()

_SETTINGS: Settings = {
    "name": (
        ConfigurationTypeField.STRING,
        "",
        _("Payee"),
        _("The company, or the sole trader, as the bank knows it."),
    ),
    "inn": (
        ConfigurationTypeField.STRING,
        "",
        _("ИНН"),
        _("Ten digits of a company, twelve of a sole trader."),
    ),
    "kpp": (
        ConfigurationTypeField.STRING,
        "",
        _("КПП"),
        _("Nine signs; a sole trader has none."),
    ),
    "bank": (
        ConfigurationTypeField.STRING,
        "",
        _("Bank"),
        _("Its name, with the town."),
    ),
    "bic": (
        ConfigurationTypeField.STRING,
        "",
        _("БИК"),
        _("Nine digits."),
    ),
    "account": (
        ConfigurationTypeField.STRING,
        "",
        _("Account"),
        _("Twenty digits; it is tried whether they fit the БИК."),
    ),
    "correspondent_account": (
        ConfigurationTypeField.STRING,
        "",
        _("Correspondent account"),
        _("Twenty digits; of the bank, at the Bank of Russia."),
    ),
    "days": (
        ConfigurationTypeField.STRING,
        str(_DEFAULT.days),
        _("Days to pay"),
        _(
            "When they are over the invoice is void and its transaction cancelled. What comes "
            "later is taken all the same when 1C tells of it."
        ),
    ),
    "purpose": (
        ConfigurationTypeField.STRING,
        _DEFAULT.purpose,
        _("Purpose of the payment"),
        _(
            "{number} and {date} are those of the invoice, {about} is what is paid. Say here what "
            "is to be said of VAT."
        ),
    ),
    "relied_on": (
        ConfigurationTypeField.BOOLEAN,
        _DEFAULT.relied_on,
        _("Order before the payment"),
        _(
            "On: the store has the amount as authorised, though nobody holds it, so that the cart "
            "becomes an order at once. Off: only in channels that allow unpaid orders."
        ),
    ),
    "time_zone": (
        ConfigurationTypeField.STRING,
        _DEFAULT.zone.key,
        _("Time zone"),
        _("By which an invoice is dated and its days end."),
    ),
}


class InvoicePlugin(OfflinePlugin):
    """Invoices to companies."""

    PLUGIN_ID = "saleor1c.invoice"
    PLUGIN_NAME = _("1C: invoice")
    PLUGIN_DESCRIPTION = _(
        "Makes out invoices in roubles, paid by bank transfer: an order is paid when 1C says so, "
        "or staff. So 1C has to get orders before they are paid."
    )
    SETTINGS = _SETTINGS
    PROVIDER = InvoiceProvider()

    @classmethod
    def check(cls, values: Mapping[str, object], *, active: bool) -> None:
        InvoiceSettings.from_configuration(values, complete=active)
