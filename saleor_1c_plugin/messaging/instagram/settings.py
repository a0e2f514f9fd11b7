"""What the merchant sets about the Instagram account."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from ...configuration import Configuration

#: Of an Instagram user, or of a Facebook page.
_TOKEN = re.compile(r"(IG|EA)[A-Za-z0-9_-]{20,1000}")
_SECRET = re.compile(r"[0-9a-f]{32}")
_NAME = re.compile(r"[A-Za-z0-9_.]{1,30}")
_MOST_WORD = 100


@dataclass(frozen=True, slots=True)
class InstagramSettings:
    token: str = field(default="", repr=False)
    #: The account's, without the @ before it.
    username: str = ""
    #: Of Meta's application: it signs what Meta brings.
    app_secret: str = field(default="", repr=False)
    #: What Meta says when it tries the address; empty: it brings nothing.
    verify_token: str = field(default="", repr=False)

    @property
    def is_of_page(self) -> bool:
        """The token is that of a Facebook page to which the account is linked."""
        return self.token.startswith("EA")

    def signature(self, body: bytes) -> str:
        """By which what Meta brings is known to be from it."""
        return f"sha256={hmac.new(self.app_secret.encode(), body, hashlib.sha256).hexdigest()}"

    @classmethod
    def from_configuration(
        cls, saved: Mapping[str, object], *, complete: bool = True
    ) -> "InstagramSettings":
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
            app_secret=values.text("app_secret"),
            verify_token=values.text("verify_token"),
        )
        if settings.token and not _TOKEN.fullmatch(settings.token):
            values.refuse("token", _("Meta's tokens begin with IG or EA."))
        if settings.username and not _NAME.fullmatch(settings.username):
            values.refuse("username", _("Write the name of the account alone: my.shop."))
        if settings.app_secret and not _SECRET.fullmatch(settings.app_secret):
            values.refuse("app_secret", _("The secret of an application has 32 signs: 0-9, a-f."))
        if len(settings.verify_token) > _MOST_WORD:
            values.refuse(
                "verify_token", _("Write %(most)d characters at most.") % {"most": _MOST_WORD}
            )
        if complete and not settings.token:
            values.refuse("token", _("Write the token that Meta has given the application."))
        if complete and not settings.username:
            values.refuse("username", _("Write the account's name."))
        if settings.verify_token and not settings.app_secret:
            values.refuse(
                "app_secret", _("What Meta brings can't be told from forgeries without it.")
            )
        values.check()
        return settings
