"""Registers of the merchant's own as a plugin of Saleor's: their settings in the dashboard."""

from collections.abc import Mapping

from saleor.plugins.base_plugin import ConfigurationTypeField

from ...language import gettext_lazy as _
from ...plugin import CONNECTION, Settings
from ..connected_plugin import ConnectedRegisterPlugin
from .driver import AtolLocalDriver
from .settings import AtolLocalSettings

_DEFAULT = AtolLocalSettings()

_SETTINGS: Settings = {
    "registers": (
        ConfigurationTypeField.MULTILINE,
        "",
        _("Registers"),
        _(
            "Lines “name = address of its web server”, as: till1 = http://192.168.1.10:16732; of "
            "several registers of one server: till2 = http://192.168.1.10:16732/?deviceID=2. The "
            "first one is used; while it is away, the next one. A name is of letters, digits, “.”, "
            "“_” and “-”, and stays with its register."
        ),
    ),
    "login": (
        ConfigurationTypeField.STRING,
        "",
        _("Login"),
        _("Of the web servers, where they ask for one; the same for all."),
    ),
    "password": (
        ConfigurationTypeField.PASSWORD,
        "",
        _("Password"),
        _("It is never shown again; an empty field keeps the one that is saved."),
    ),
    "operator": (
        ConfigurationTypeField.STRING,
        "",
        _("Cashier"),
        _("As receipts and reports name the person. Empty: as the registers have it."),
    ),
    "operator_inn": (
        ConfigurationTypeField.STRING,
        "",
        _("Cashier's ИНН"),
        _("Twelve digits, where there is one."),
    ),
    "electronically": (
        ConfigurationTypeField.BOOLEAN,
        _DEFAULT.electronically,
        _("Without paper"),
        _("On: buyers get receipts by e-mail or phone alone. Off: they are printed, too."),
    ),
    CONNECTION: (
        ConfigurationTypeField.OUTPUT,
        "",
        _("Connection"),
        _("What the registers said when these settings were saved."),
    ),
}


class AtolLocalPlugin(ConnectedRegisterPlugin):
    """Registers of ATOL's in the merchant's own network."""

    PLUGIN_ID = "saleor1c.atol_local"
    PLUGIN_NAME = _("1C: own ATOL registers")
    PLUGIN_DESCRIPTION = _(
        "Has receipts registered by ATOL's registers in the merchant's own network, through "
        "ATOL's web server (АТОЛ. Web Requests); keeps their shifts."
    )
    SETTINGS = _SETTINGS
    DRIVER = AtolLocalDriver()
    SECRET = "password"  # noqa: S105

    @classmethod
    def check(cls, values: Mapping[str, object], *, active: bool) -> None:
        AtolLocalSettings.from_configuration(values, complete=active)
