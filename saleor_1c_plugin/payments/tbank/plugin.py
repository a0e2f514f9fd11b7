"""T-Bank as a plugin of Saleor's: its settings in the dashboard."""

from collections.abc import Mapping

from saleor.plugins.base_plugin import ConfigurationTypeField

from ...language import gettext_lazy as _
from ...plugin import CONNECTION, Settings
from ..gateway import ADDRESS_HEADER, GatewayPlugin
from .provider import TBank
from .settings import METHODS, TBankSettings

_DEFAULT = TBankSettings()

_SETTINGS: Settings = {
    "terminal_key": (
        ConfigurationTypeField.STRING,
        "",
        _("Terminal"),
        _(
            "Its key (TerminalKey), from the bank's merchant profile. One that ends with DEMO is "
            "a test terminal."
        ),
    ),
    "password": (
        ConfigurationTypeField.PASSWORD,
        "",
        _("Terminal's password"),
        _("It is never shown again; an empty field keeps the one that is saved."),
    ),
    "methods": (
        ConfigurationTypeField.STRING,
        " ".join(METHODS),
        _("Ways to pay"),
        _(
            "Those that a storefront may offer, by blanks or commas: card and tpay (T-Pay), on "
            "the bank's page, and sbp, by a link to the buyer's bank or a QR code."
        ),
    ),
    "two_stage": (
        ConfigurationTypeField.BOOLEAN,
        _DEFAULT.two_stage,
        _("Two stages"),
        _(
            "On: the money is held for up to seven days, and taken when staff say so; SBP can't "
            "do that, and is not offered. Off: as the channel's settings say, usually at once."
        ),
    ),
    "return_url": (
        ConfigurationTypeField.STRING,
        "",
        _("Address to come back to"),
        _("Where the buyer comes after paying, unless the storefront says."),
    ),
    "notification_url": (
        ConfigurationTypeField.STRING,
        "",
        _("Address of notifications"),
        _(
            "https://<store>/plugins/saleor1c.tbank/, as the bank can reach it. Empty: as the "
            "terminal's settings at the bank say."
        ),
    ),
    "networks": (
        ConfigurationTypeField.MULTILINE,
        "",
        _("Networks of notifications"),
        _(
            "Those that T-Bank publishes; what comes from elsewhere is refused. Empty: nothing "
            "is, for each notification is signed, and the bank itself is asked how the payment is."
        ),
    ),
    "address_header": ADDRESS_HEADER,
    CONNECTION: (
        ConfigurationTypeField.OUTPUT,
        "",
        _("Connection"),
        _("What T-Bank said when these settings were saved."),
    ),
}


class TBankPlugin(GatewayPlugin):
    """Payments by T-Bank's internet acquiring."""

    PLUGIN_ID = "saleor1c.tbank"
    PLUGIN_NAME = _("1C: T-Bank")
    PLUGIN_DESCRIPTION = _(
        "Takes payments by cards, SBP and T-Pay. Its notifications come to "
        "https://<store>/plugins/saleor1c.tbank/."
    )
    SETTINGS = _SETTINGS
    PROVIDER = TBank()
    SECRET = "password"  # noqa: S105

    @classmethod
    def check(cls, values: Mapping[str, object], *, active: bool) -> None:
        TBankSettings.from_configuration(values, complete=active)
