"""What the merchant sets about the Viber bot."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from ...configuration import Configuration

PLUGIN = "viber"
_TOKEN = re.compile(r"[0-9a-z]{8,32}(-[0-9a-z]{8,32}){2}")
_URI = re.compile(r"[A-Za-z0-9_.-]{1,64}")
#: Characters of a sender's name.
_MOST_NAME = 28


@dataclass(frozen=True, slots=True)
class ViberSettings:
    token: str = field(default="", repr=False)
    #: Of the bot's account: by it buyers find the bot.
    uri: str = ""
    #: From whom messages are.
    sender: str = ""
    #: Where Viber brings what buyers say; empty: nowhere.
    webhook_url: str = ""

    def signature(self, body: bytes) -> str:
        """By which what Viber brings is known to be from it."""
        return hmac.new(self.token.encode(), body, hashlib.sha256).hexdigest()

    @classmethod
    def from_configuration(
        cls, saved: Mapping[str, object], *, complete: bool = True
    ) -> "ViberSettings":
        """Settings from the plugin's configuration; missing keys mean defaults.

        Parameters
        ----------
        complete
            Token, name of the account and sender must be there.

        Raises
        ------
        SettingsError
            A value can't be used.
        """
        values = Configuration(saved)
        settings = cls(
            token=values.text("token"),
            uri=values.text("uri"),
            sender=values.text("sender"),
            webhook_url=values.url("webhook_url"),
        )
        if settings.token and not _TOKEN.fullmatch(settings.token):
            values.refuse("token", _("A bot's token is three groups of letters and digits."))
        if settings.uri and not _URI.fullmatch(settings.uri):
            values.refuse("uri", _("Write the name of the account (URI) alone."))
        if len(settings.sender) > _MOST_NAME:
            values.refuse(
                "sender", _("Viber shows %(most)d characters of a name.") % {"most": _MOST_NAME}
            )
        if settings.webhook_url and not settings.webhook_url.startswith("https://"):
            values.refuse("webhook_url", _("Viber calls addresses that begin with https://."))
        if complete and not settings.token:
            values.refuse("token", _("Write the bot's token, from the bot's settings in Viber."))
        if complete and not settings.uri:
            values.refuse("uri", _("Write the name of the bot's account (URI)."))
        if complete and not settings.sender:
            values.refuse("sender", _("Write the name that buyers see."))
        values.check()
        return settings
