"""WebMoney as a plugin of Saleor's: its settings in the dashboard."""

from collections.abc import Mapping

from saleor.plugins.base_plugin import ConfigurationTypeField

from ...language import gettext_lazy as _
from ...plugin import CONNECTION, Settings
from ..gateway import GatewayPlugin
from .provider import WebMoney
from .settings import WebMoneySettings

_DEFAULT = WebMoneySettings()

_SETTINGS: Settings = {
    "purse": (
        ConfigurationTypeField.STRING,
        "",
        _("Purse"),
        _(
            "A letter and 12 digits. The letter is the currency, which must be the channel's: Z "
            "USD, E EUR, P RUB, K KZT, B BYN. In WebMoney Merchant's settings of the purse write "
            "the Result URL https://<store>/plugins/saleor1c.webmoney/, choose SHA256, and tick "
            "that the parameters are sent in the preliminary request, that only payments with a "
            "unique number are taken, and that addresses in the form are used."
        ),
    ),
    "wmid": (
        ConfigurationTypeField.STRING,
        "",
        _("WMID"),
        _("Of the purse's owner; 12 digits."),
    ),
    "secret_key": (
        ConfigurationTypeField.PASSWORD,
        "",
        _("Secret key"),
        _(
            "Secret Key of WebMoney Merchant's settings of the purse. It is never shown again; an "
            "empty field keeps the one that is saved."
        ),
    ),
    "secret_key_x20": (
        ConfigurationTypeField.PASSWORD,
        "",
        _("Secret key X20"),
        _(
            "Secret Key X20 of the same settings: it signs the form, so that a buyer can't change "
            "it. Empty: the form is not signed; a payment that was changed is never taken for paid."
        ),
    ),
    "is_test": (
        ConfigurationTypeField.BOOLEAN,
        _DEFAULT.is_test,
        _("Test mode"),
        _(
            "On: payments that WebMoney Merchant makes in its test mode count here. Off: they "
            "never do. Have the purse in the same mode there."
        ),
    ),
    "pay_hours": (
        ConfigurationTypeField.STRING,
        str(_DEFAULT.pay_hours),
        _("Time to pay"),
        _("For so many hours a payment is waited for, at most 1080 (45 days)."),
    ),
    "return_url": (
        ConfigurationTypeField.STRING,
        "",
        _("Address to come back to"),
        _("Where the buyer comes after paying, unless the storefront says."),
    ),
    CONNECTION: (
        ConfigurationTypeField.OUTPUT,
        "",
        _("Connection"),
        _("What WebMoney said when these settings were saved."),
    ),
}


class WebMoneyPlugin(GatewayPlugin):
    """Payments by WebMoney."""

    PLUGIN_ID = "saleor1c.webmoney"
    PLUGIN_NAME = _("1C: WebMoney")
    PLUGIN_DESCRIPTION = _(
        "Takes payments from WebMoney purses, at once: they can't be held. Money is given back by "
        "hand in WM Keeper. Questions and results come to https://<store>/plugins/saleor1c.webmoney/."
    )
    SETTINGS = _SETTINGS
    PROVIDER = WebMoney()
    SECRET = "secret_key"  # noqa: S105

    @classmethod
    def check(cls, values: Mapping[str, object], *, active: bool) -> None:
        WebMoneySettings.from_configuration(values, complete=active)
