"""What the merchant sets about the Telegram bot."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from ...configuration import Configuration

PLUGIN = "telegram"
_TOKEN = re.compile(r"[0-9]{1,20}:[A-Za-z0-9_-]{30,64}")
#: A bot's name ends with "bot", and has 5 to 32 signs.
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{1,28}[bB][oO][tT]")
#: At which Telegram calls.
_PORTS = (443, 80, 88, 8443)


@dataclass(frozen=True, slots=True)
class TelegramSettings:
    token: str = field(default="", repr=False)
    #: The bot's, without the @ before it.
    username: str = ""
    #: Where Telegram brings what buyers say; empty: nowhere.
    webhook_url: str = ""

    @property
    def bot_id(self) -> str:
        """Telegram's id of the bot, which is no secret."""
        return self.token.partition(":")[0]

    @property
    def secret(self) -> str:
        """By which what Telegram brings is known to be from it, hex.

        Whoever has the token could have everything brought to himself anyway; from this nobody
        gets the token.
        """
        return hmac.new(
            self.token.encode(), b"saleor_1c_plugin.webhook", hashlib.sha256
        ).hexdigest()

    @classmethod
    def from_configuration(
        cls, saved: Mapping[str, object], *, complete: bool = True
    ) -> "TelegramSettings":
        """Settings from the plugin's configuration; missing keys mean defaults.

        Parameters
        ----------
        complete
            Token and name must be there.

        Raises
        ------
        SettingsError
            A value can't be used.
        """
        values = Configuration(saved)
        settings = cls(
            token=values.text("token"),
            username=values.text("username").removeprefix("@"),
            webhook_url=values.url("webhook_url"),
        )
        if settings.token and not _TOKEN.fullmatch(settings.token):
            values.refuse("token", _("A bot's token looks like 123456:ABC-DEF…"))
        if settings.username and not _NAME.fullmatch(settings.username):
            values.refuse("username", _("A bot's name is Latin and ends with “bot”."))
        if settings.webhook_url and not _is_reached(settings.webhook_url):
            values.refuse(
                "webhook_url",
                _("Telegram calls https:// addresses, at port 443, 80, 88 or 8443."),
            )
        if complete and not settings.token:
            values.refuse("token", _("Write the token that @BotFather has given the bot."))
        if complete and not settings.username:
            values.refuse("username", _("Write the bot's name."))
        values.check()
        return settings


def _is_reached(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme == "https" and (parts.port or 443) in _PORTS
    except ValueError:
        return False
