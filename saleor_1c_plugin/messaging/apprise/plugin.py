"""The chat of the store's own people as a plugin of Saleor's."""

from collections.abc import Mapping

from saleor.plugins.base_plugin import ConfigurationTypeField

from ...language import gettext_lazy as _
from ...plugin import OnecPlugin, Settings
from .settings import AppriseSettings

_SETTINGS: Settings = {
    "address": (
        ConfigurationTypeField.PASSWORD,
        "",
        _("Address of the chat"),
        _(
            "As Apprise writes it, https://appriseit.com/services/: "
            "mmosts://chat.example.org/<token>, rockets://…, nctalks://…, slack://…, workflows://… "
            "for Teams. It is a password: it is never shown again, and an empty field keeps the "
            "one that is saved."
        ),
    ),
}


class ApprisePlugin(OnecPlugin):
    """Messages to the store's own people in a chat."""

    PLUGIN_ID = "saleor1c.apprise"
    PLUGIN_NAME = _("1C: chat of staff")
    PLUGIN_DESCRIPTION = _(
        "Tells the store's own people in Slack, Mattermost, Rocket.Chat, Teams, Nextcloud Talk and "
        "other chats, by the library Apprise: pip install saleor-1c-plugin[chats]. Of what, the "
        "rules of “1C: messages to buyers” say: order.placed = apprise."
    )
    DEFAULT_ACTIVE = False
    SETTINGS = _SETTINGS

    @classmethod
    def check(cls, values: Mapping[str, object], *, active: bool) -> None:
        AppriseSettings.from_configuration(values, complete=active)
