"""Twilio as a plugin of Saleor's: its settings in the dashboard."""

from collections.abc import Mapping

from saleor.plugins.base_plugin import ConfigurationTypeField

from ....language import gettext_lazy as _
from ....plugin import CONNECTION, Settings
from ..sms_plugin import SmsPlugin
from .channel import Twilio
from .settings import TwilioSettings

_SETTINGS: Settings = {
    "account_sid": (
        ConfigurationTypeField.STRING,
        "",
        _("Account SID"),
        _("From Twilio's console; it begins with AC."),
    ),
    "auth_token": (
        ConfigurationTypeField.PASSWORD,
        "",
        _("Auth Token"),
        _(
            "From Twilio's console. It signs the reports, too. It is never shown again; an empty "
            "field keeps the one that is saved."
        ),
    ),
    "sender": (
        ConfigurationTypeField.STRING,
        "",
        _("Sender"),
        _("A number of the account's (+14155550100), a name, or a messaging service (MG…)."),
    ),
    "notification_url": (
        ConfigurationTypeField.STRING,
        "",
        _("Address of notifications"),
        _(
            "https://<store>/plugins/saleor1c.twilio/, as Twilio can reach it, to the letter. Set "
            "it at the number, too, for what buyers answer. Empty: the service is asked now and "
            "then, and answers are not heard."
        ),
    ),
    CONNECTION: (
        ConfigurationTypeField.OUTPUT,
        "",
        _("Connection"),
        _("What Twilio said when these settings were saved."),
    ),
}


class TwilioPlugin(SmsPlugin):
    """Text messages by Twilio."""

    PLUGIN_ID = "saleor1c.twilio"
    PLUGIN_NAME = _("1C: Twilio")
    PLUGIN_DESCRIPTION = _(
        "Sends text messages to phones by Twilio. Its reports, and what buyers answer, come to "
        "https://<store>/plugins/saleor1c.twilio/."
    )
    SETTINGS = _SETTINGS
    CHANNEL = Twilio()
    SECRET = "auth_token"  # noqa: S105

    @classmethod
    def check(cls, values: Mapping[str, object], *, active: bool) -> None:
        TwilioSettings.from_configuration(values, complete=active)
