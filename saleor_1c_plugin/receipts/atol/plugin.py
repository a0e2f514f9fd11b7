"""ATOL Online as a plugin of Saleor's: its settings in the dashboard."""

from collections.abc import Mapping

from saleor.plugins.base_plugin import ConfigurationTypeField

from ...language import gettext_lazy as _
from ...plugin import CONNECTION, Settings
from ..connected_plugin import ConnectedRegisterPlugin
from .driver import AtolDriver
from .settings import AtolSettings

_DEFAULT = AtolSettings()

_SETTINGS: Settings = {
    "login": (
        ConfigurationTypeField.STRING,
        "",
        _("Login"),
        _("Of the group of registers, from the file of settings for CMS in ATOL Online's account."),
    ),
    "password": (
        ConfigurationTypeField.PASSWORD,
        "",
        _("Password"),
        _(
            "From the same file. It is never shown again; an empty field keeps the one that is "
            "saved."
        ),
    ),
    "group_code": (
        ConfigurationTypeField.STRING,
        "",
        _("Code of the group"),
        _("Of registers that take turns (group_code), from the same file."),
    ),
    "version": (
        ConfigurationTypeField.STRING,
        _DEFAULT.version.value,
        _("Version of the protocol"),
        _(
            "v5: registers with FFD 1.2; v4: registers with FFD 1.05, which can't sell marked "
            "goods or correct refunds."
        ),
    ),
    "test": (
        ConfigurationTypeField.BOOLEAN,
        _DEFAULT.is_test,
        _("Test stand"),
        _("On: receipts go to testonline.atol.ru, and the tax service never sees them."),
    ),
    "inn": (
        ConfigurationTypeField.STRING,
        "",
        _("ИНН"),
        _("To which the registers are registered: ten digits of a company, twelve of a trader."),
    ),
    "email": (
        ConfigurationTypeField.STRING,
        "",
        _("Sender's e-mail"),
        _("From which buyers get their receipts; it is printed on them."),
    ),
    "payment_address": (
        ConfigurationTypeField.STRING,
        "",
        _("Place of the sale"),
        _(
            "Address of the store in the web, from https:// on, as the registers are registered "
            "with it; where the plugin of receipts has one, that one is used."
        ),
    ),
    "notification_url": (
        ConfigurationTypeField.STRING,
        "",
        _("Address of notifications"),
        _(
            "https://<store>/plugins/saleor1c.atol/, as ATOL Online can reach it. Empty: it is "
            "asked now and then."
        ),
    ),
    "time_zone": (
        ConfigurationTypeField.STRING,
        str(_DEFAULT.zone),
        _("Time zone of the registers"),
        _("By whose clock they print: Europe/Moscow."),
    ),
    CONNECTION: (
        ConfigurationTypeField.OUTPUT,
        "",
        _("Connection"),
        _("What ATOL Online said when these settings were saved."),
    ),
}


class AtolPlugin(ConnectedRegisterPlugin):
    """Registers that are leased at ATOL Online."""

    PLUGIN_ID = "saleor1c.atol"
    PLUGIN_NAME = _("1C: ATOL Online")
    PLUGIN_DESCRIPTION = _(
        "Has receipts registered by registers that are leased at ATOL Online. Its notifications "
        "come to https://<store>/plugins/saleor1c.atol/."
    )
    SETTINGS = _SETTINGS
    DRIVER = AtolDriver()
    SECRET = "password"  # noqa: S105

    @classmethod
    def check(cls, values: Mapping[str, object], *, active: bool) -> None:
        AtolSettings.from_configuration(values, complete=active)
