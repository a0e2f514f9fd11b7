"""QIWI's protocol as a plugin of Saleor's: its settings in the dashboard."""

from collections.abc import Mapping

from saleor.plugins.base_plugin import ConfigurationTypeField

from ...language import gettext_lazy as _
from ...plugin import CONNECTION, Settings
from ..gateway import GatewayPlugin
from .provider import Qiwi
from .settings import METHODS, QiwiSettings

_DEFAULT = QiwiSettings()

_SETTINGS: Settings = {
    "secret_key": (
        ConfigurationTypeField.PASSWORD,
        "",
        _("Secret key"),
        _(
            "That of the service's API. It is never shown again; an empty field keeps the one that "
            "is saved."
        ),
    ),
    "methods": (
        ConfigurationTypeField.STRING,
        " ".join(METHODS),
        _("Ways to pay"),
        _(
            "Those of which a storefront may have one shown first, by blanks or commas: qw (the "
            "wallet), card."
        ),
    ),
    "pay_hours": (
        ConfigurationTypeField.STRING,
        str(_DEFAULT.pay_hours),
        _("Time to pay"),
        _("For so many hours a bill can be paid, at most 1080 (45 days)."),
    ),
    "return_url": (
        ConfigurationTypeField.STRING,
        "",
        _("Address to come back to"),
        _(
            "Where the buyer comes after paying from the wallet, unless the storefront says. Who "
            "pays otherwise stays on the page of payment."
        ),
    ),
    CONNECTION: (
        ConfigurationTypeField.OUTPUT,
        "",
        _("Connection"),
        _("What the service said when these settings were saved."),
    ),
}


class QiwiPlugin(GatewayPlugin):
    """Payments by QIWI's protocol."""

    PLUGIN_ID = "saleor1c.qiwi"
    PLUGIN_NAME = _("1C: QIWI")
    PLUGIN_DESCRIPTION = _(
        "QIWI's own wallet is shut: its bank's licence was withdrawn in February 2024. This is "
        "QIWI's protocol of bills, for a service that speaks it: the host names its address in the "
        "environment variable ONEC_QIWI_API, and without that the gateway can't be switched on. "
        "Notifications come to https://<store>/plugins/saleor1c.qiwi/."
    )
    SETTINGS = _SETTINGS
    PROVIDER = Qiwi()
    SECRET = "secret_key"  # noqa: S105

    @classmethod
    def check(cls, values: Mapping[str, object], *, active: bool) -> None:
        QiwiSettings.from_configuration(values, complete=active)
