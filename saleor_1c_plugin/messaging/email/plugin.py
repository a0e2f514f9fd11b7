"""E-mail as a plugin of Saleor's."""

from collections.abc import Mapping

from saleor.plugins.base_plugin import ConfigurationTypeField

from ...language import gettext_lazy as _
from ...plugin import OnecPlugin, Settings
from .settings import EmailSettings

_SETTINGS: Settings = {
    "sender": (
        ConfigurationTypeField.STRING,
        "",
        _("E-mail of the sender"),
        _("Empty: the one that the store's server sends from."),
    ),
    "name": (
        ConfigurationTypeField.STRING,
        "",
        _("Name of the sender"),
        _("As buyers see it before the address."),
    ),
    "reply_to": (
        ConfigurationTypeField.STRING,
        "",
        _("Answers go to"),
        _("An e-mail address. Empty: to the sender."),
    ),
}


class EmailPlugin(OnecPlugin):
    """Messages to buyers by e-mail."""

    PLUGIN_ID = "saleor1c.email"
    PLUGIN_NAME = _("1C: messages by e-mail")
    PLUGIN_DESCRIPTION = _(
        "Sends messages to buyers by e-mail, through the mail server that the store's own "
        "environment names (EMAIL_URL). Saleor's own e-mails are not touched."
    )
    DEFAULT_ACTIVE = False
    SETTINGS = _SETTINGS

    @classmethod
    def check(cls, values: Mapping[str, object], *, active: bool) -> None:
        EmailSettings.from_configuration(values)
