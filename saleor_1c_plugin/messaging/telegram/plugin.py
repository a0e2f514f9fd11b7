"""The Telegram bot as a plugin of Saleor's: its settings in the dashboard, its address."""

from collections.abc import Mapping
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse
from saleor.plugins.base_plugin import ConfigurationTypeField

from ...language import gettext_lazy as _
from ...plugin import CONNECTION, ConnectedPlugin, Settings
from ..bots.views import serve
from . import connecting
from .messenger import TelegramMessenger
from .settings import TelegramSettings

_SETTINGS: Settings = {
    "token": (
        ConfigurationTypeField.PASSWORD,
        "",
        _("Token"),
        _(
            "@BotFather gives it to whoever makes a bot. It is never shown again; an empty field "
            "keeps the one that is saved."
        ),
    ),
    "username": (
        ConfigurationTypeField.STRING,
        "",
        _("Name of the bot"),
        _("By which buyers find it: my_shop_bot."),
    ),
    "webhook_url": (
        ConfigurationTypeField.STRING,
        "",
        _("Address of the bot"),
        _(
            "https://<store>/plugins/saleor1c.telegram/, as Telegram can reach it: what buyers "
            "say comes there. Empty: the bot only speaks, and nobody can link a chat with it."
        ),
    ),
    CONNECTION: (
        ConfigurationTypeField.OUTPUT,
        "",
        _("Connection"),
        _("What Telegram said when these settings were saved."),
    ),
}


class TelegramPlugin(ConnectedPlugin):
    """A bot that speaks to buyers who have linked a chat with it."""

    PLUGIN_ID = "saleor1c.telegram"
    PLUGIN_NAME = _("1C: Telegram")
    PLUGIN_DESCRIPTION = _(
        "Messages to buyers by a Telegram bot, which also tells how orders are and extends "
        "reservations. A storefront gets the link to it by POST to "
        "https://<store>/plugins/saleor1c.telegram/link."
    )
    DEFAULT_ACTIVE = False
    SETTINGS = _SETTINGS

    @classmethod
    def check(cls, values: Mapping[str, object], *, active: bool) -> None:
        TelegramSettings.from_configuration(values, complete=active)

    @classmethod
    def connect(cls, values: Mapping[str, object]) -> str:
        """What Telegram says of the bot."""
        return connecting.connect(values)

    def webhook(self, request: WSGIRequest, path: str, previous_value: Any) -> HttpResponse:
        """Take what Telegram brings, and make links for a storefront."""
        return serve(TelegramMessenger(), request, path or "")
