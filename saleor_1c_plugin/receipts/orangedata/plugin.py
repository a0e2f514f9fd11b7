"""OrangeData as a plugin of Saleor's: its settings in the dashboard."""

from collections.abc import Mapping

from saleor.plugins.base_plugin import ConfigurationTypeField

from ...language import gettext_lazy as _
from ...plugin import CONNECTION, Settings
from ..connected_plugin import ConnectedRegisterPlugin
from .register import OrangeData
from .settings import OrangeDataSettings

_DEFAULT = OrangeDataSettings()

_SETTINGS: Settings = {
    "inn": (
        ConfigurationTypeField.STRING,
        "",
        _("INN"),
        _("Of the company or the entrepreneur whose receipts they are: 10 or 12 digits."),
    ),
    "group": (
        ConfigurationTypeField.STRING,
        _DEFAULT.group,
        _("Group of registers"),
        _(
            "As OrangeData's cabinet names it; its registers must keep FFD 1.2. Whichever of them "
            "is free registers a receipt."
        ),
    ),
    "key_name": (
        ConfigurationTypeField.STRING,
        "",
        _("Name of the key"),
        _(
            "As OrangeData's cabinet names it: of certificates issued since February 2025 the INN, "
            "_ and the user's number. Empty: the INN."
        ),
    ),
    "certificate": (
        ConfigurationTypeField.MULTILINE,
        "",
        _("Certificate"),
        _("The whole text of the file <INN>.crt that OrangeData's cabinet has issued."),
    ),
    "certificate_key": (
        ConfigurationTypeField.PASSWORD,
        "",
        _("Key of the certificate"),
        _(
            "The whole text of the file <INN>.key. It is never shown again; an empty field keeps "
            "the one that is saved."
        ),
    ),
    "certificate_password": (
        ConfigurationTypeField.PASSWORD,
        "",
        _("Password of that key"),
        _("Where the key is encrypted; OrangeData issues files with 1234."),
    ),
    "signing_key": (
        ConfigurationTypeField.PASSWORD,
        "",
        _("Signing key"),
        _(
            "The private key whose public half OrangeData's cabinet has: PEM, or the XML that its "
            "generator of keys has made. It is never shown again; an empty field keeps the one "
            "that is saved."
        ),
    ),
    "time_zone": (
        ConfigurationTypeField.STRING,
        str(_DEFAULT.zone),
        _("Time zone of the registers"),
        _("By whose clock they print, as Europe/Moscow."),
    ),
    CONNECTION: (
        ConfigurationTypeField.OUTPUT,
        "",
        _("Connection"),
        _("What OrangeData said when these settings were saved."),
    ),
}


class OrangeDataPlugin(ConnectedRegisterPlugin):
    """Registers that are leased at OrangeData."""

    PLUGIN_ID = "saleor1c.orangedata"
    PLUGIN_NAME = _("1C: OrangeData")
    PLUGIN_DESCRIPTION = _(
        "Has receipts registered by registers that are leased at OrangeData, in FFD 1.2."
    )
    SETTINGS = _SETTINGS
    DRIVER = OrangeData()
    SECRET = "certificate"  # noqa: S105

    @classmethod
    def check(cls, values: Mapping[str, object], *, active: bool) -> None:
        OrangeDataSettings.from_configuration(values, complete=active)
