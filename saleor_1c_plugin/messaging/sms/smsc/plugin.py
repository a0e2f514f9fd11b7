"""SMSC.ru as a plugin of Saleor's: its settings in the dashboard."""

from collections.abc import Mapping

from saleor.plugins.base_plugin import ConfigurationTypeField

from ....language import gettext_lazy as _
from ....plugin import CONNECTION, Settings
from ..sms_plugin import SmsPlugin
from .channel import Smsc
from .settings import SmscSettings

_DEFAULT = SmscSettings()

_SETTINGS: Settings = {
    "login": (
        ConfigurationTypeField.STRING,
        "",
        _("Login"),
        _("Of the account at SMSC.ru."),
    ),
    "password": (
        ConfigurationTypeField.PASSWORD,
        "",
        _("Password"),
        _(
            "Best one that is for the API alone. It is never shown again; an empty field keeps "
            "the one that is saved."
        ),
    ),
    "api_key": (
        ConfigurationTypeField.PASSWORD,
        "",
        _("Key of the API"),
        _("Instead of login and password: without a login it is used."),
    ),
    "sender": (
        ConfigurationTypeField.STRING,
        "",
        _("Sender"),
        _("A name that the service has confirmed. Empty: the one that the account has."),
    ),
    "secret": (
        ConfigurationTypeField.PASSWORD,
        "",
        _("Secret of the reports"),
        _(
            "Letters and digits of your own. In the account's settings write the address of "
            "reports: https://<store>/plugins/saleor1c.smsc/?charset=utf-8&sha1=<this secret>. "
            "Empty: the service is asked now and then."
        ),
    ),
    "hears": (
        ConfigurationTypeField.BOOLEAN,
        _DEFAULT.hears,
        _("Buyers write back"),
        _(
            "The account has a number of its own: every five minutes the service is asked for what "
            "has come to it. Commands are answered by a text message, which costs money."
        ),
    ),
    CONNECTION: (
        ConfigurationTypeField.OUTPUT,
        "",
        _("Connection"),
        _("What SMSC.ru said when these settings were saved."),
    ),
}


class SmscPlugin(SmsPlugin):
    """Text messages by SMSC.ru."""

    PLUGIN_ID = "saleor1c.smsc"
    PLUGIN_NAME = _("1C: SMSC.ru")
    PLUGIN_DESCRIPTION = _(
        "Sends text messages to phones by SMSC.ru. Its reports come to "
        "https://<store>/plugins/saleor1c.smsc/."
    )
    SETTINGS = _SETTINGS
    CHANNEL = Smsc()
    SECRET = "password"  # noqa: S105

    @classmethod
    def check(cls, values: Mapping[str, object], *, active: bool) -> None:
        SmscSettings.from_configuration(values, complete=active)
