"""SMS.ru as a plugin of Saleor's: its settings in the dashboard."""

from collections.abc import Mapping

from saleor.plugins.base_plugin import ConfigurationTypeField

from ....language import gettext_lazy as _
from ....plugin import CONNECTION, Settings
from ..sms_plugin import SmsPlugin
from .channel import SmsRu
from .settings import SmsRuSettings

_DEFAULT = SmsRuSettings()

_SETTINGS: Settings = {
    "api_id": (
        ConfigurationTypeField.PASSWORD,
        "",
        _("Key of the account (api_id)"),
        _(
            "From the account's page at SMS.ru. It signs the reports, too. It is never shown "
            "again; an empty field keeps the one that is saved."
        ),
    ),
    "sender": (
        ConfigurationTypeField.STRING,
        "",
        _("Sender"),
        _("A name that the service has confirmed. Empty: the one that the account has."),
    ),
    "test": (
        ConfigurationTypeField.BOOLEAN,
        _DEFAULT.is_test,
        _("Test mode"),
        _("On: messages are only pretended to be sent, and cost nothing."),
    ),
    CONNECTION: (
        ConfigurationTypeField.OUTPUT,
        "",
        _("Connection"),
        _("What SMS.ru said when these settings were saved."),
    ),
}


class SmsRuPlugin(SmsPlugin):
    """Text messages by SMS.ru."""

    PLUGIN_ID = "saleor1c.smsru"
    PLUGIN_NAME = _("1C: SMS.ru")
    PLUGIN_DESCRIPTION = _(
        "Sends text messages to phones by SMS.ru. In its account add the address of reports "
        "(callback): https://<store>/plugins/saleor1c.smsru/. Without it the service is asked now "
        "and then."
    )
    SETTINGS = _SETTINGS
    CHANNEL = SmsRu()
    SECRET = "api_id"  # noqa: S105

    @classmethod
    def check(cls, values: Mapping[str, object], *, active: bool) -> None:
        SmsRuSettings.from_configuration(values, complete=active)
