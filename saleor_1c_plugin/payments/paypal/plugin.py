"""PayPal as a plugin of Saleor's: its settings in the dashboard."""

from collections.abc import Mapping

from saleor.plugins.base_plugin import ConfigurationTypeField

from ...language import gettext_lazy as _
from ...plugin import CONNECTION, Settings
from ..gateway import GatewayPlugin
from .provider import PayPal
from .settings import PayPalSettings

_DEFAULT = PayPalSettings()

_SETTINGS: Settings = {
    "client_id": (
        ConfigurationTypeField.STRING,
        "",
        _("Client ID"),
        _("Of your app, from PayPal's developer dashboard (Apps & Credentials)."),
    ),
    "client_secret": (
        ConfigurationTypeField.PASSWORD,
        "",
        _("Secret"),
        _("Of the same app. It is never shown again; an empty field keeps the one that is saved."),
    ),
    "sandbox": (
        ConfigurationTypeField.BOOLEAN,
        _DEFAULT.sandbox,
        _("Sandbox"),
        _("On: the app is one of PayPal's sandbox, and no money moves."),
    ),
    "webhook_id": (
        ConfigurationTypeField.STRING,
        "",
        _("Webhook"),
        _(
            "The ID that PayPal gives to the webhook that you add to the app, with the address "
            "https://<store>/plugins/saleor1c.paypal/ and the events of checkout orders, payments "
            "and disputes. Signatures are bound to it. Empty: what comes is refused, and PayPal is "
            "asked how payments are."
        ),
    ),
    "two_stage": (
        ConfigurationTypeField.BOOLEAN,
        _DEFAULT.two_stage,
        _("Two stages"),
        _(
            "On: the money is held, and taken when staff say so. Off: as the channel's settings "
            "say, usually at once."
        ),
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
        _("What PayPal said when these settings were saved."),
    ),
}


class PayPalPlugin(GatewayPlugin):
    """Payments by PayPal."""

    PLUGIN_ID = "saleor1c.paypal"
    PLUGIN_NAME = _("1C: PayPal")
    PLUGIN_DESCRIPTION = _(
        "Takes payments by PayPal. Its notifications come to "
        "https://<store>/plugins/saleor1c.paypal/."
    )
    SETTINGS = _SETTINGS
    PROVIDER = PayPal()
    SECRET = "client_secret"  # noqa: S105

    @classmethod
    def check(cls, values: Mapping[str, object], *, active: bool) -> None:
        PayPalSettings.from_configuration(values, complete=active)
