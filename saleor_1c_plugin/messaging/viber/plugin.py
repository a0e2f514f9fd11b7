"""The Viber bot as a plugin of Saleor's: its settings in the dashboard, its address."""

from collections.abc import Mapping
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse
from saleor.plugins.base_plugin import ConfigurationTypeField

from ...language import gettext_lazy as _
from ...plugin import CONNECTION, ConnectedPlugin, Settings
from ..bots.views import serve
from . import connecting
from .messenger import ViberMessenger
from .settings import ViberSettings

_SETTINGS: Settings = {
    "token": (
        ConfigurationTypeField.PASSWORD,
        "",
        _("Token"),
        _(
            "From the bot's settings in Viber. It is never shown again; an empty field keeps the "
            "one that is saved."
        ),
    ),
    "uri": (
        ConfigurationTypeField.STRING,
        "",
        _("Name of the account"),
        _("Of the bot's (URI): by it buyers find the bot."),
    ),
    "sender": (
        ConfigurationTypeField.STRING,
        "",
        _("Sender"),
        _("The name that buyers see, up to 28 characters."),
    ),
    "webhook_url": (
        ConfigurationTypeField.STRING,
        "",
        _("Address of the bot"),
        _(
            "https://<store>/plugins/saleor1c.viber/, as Viber can reach it: what buyers say comes "
            "there. Viber tries it when these settings are saved. Empty: the bot only speaks, and "
            "nobody can link a chat with it."
        ),
    ),
    CONNECTION: (
        ConfigurationTypeField.OUTPUT,
        "",
        _("Connection"),
        _("What Viber said when these settings were saved."),
    ),
}


class ViberPlugin(ConnectedPlugin):
    """A bot that speaks to buyers who have linked a chat with it."""

    PLUGIN_ID = "saleor1c.viber"
    PLUGIN_NAME = _("1C: Viber")
    PLUGIN_DESCRIPTION = _(
        "Messages to buyers by a Viber bot, which also tells how orders are and extends "
        "reservations. A storefront gets the link to it by POST to "
        "https://<store>/plugins/saleor1c.viber/link."
    )
    DEFAULT_ACTIVE = False
    SETTINGS = _SETTINGS

    @classmethod
    def check(cls, values: Mapping[str, object], *, active: bool) -> None:
        ViberSettings.from_configuration(values, complete=active)

    @classmethod
    def connect(cls, values: Mapping[str, object]) -> str:
        """What Viber says of the bot."""
        return connecting.connect(values)

    def webhook(self, request: WSGIRequest, path: str, previous_value: Any) -> HttpResponse:
        """Take what Viber brings, and make links for a storefront."""
        return serve(ViberMessenger(), request, path or "")
