"""What the merchant sets about SMSC.ru."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from ....configuration import Configuration
from ..senders import is_sender

_SECRET = re.compile(r"[0-9A-Za-z_-]{8,64}")


@dataclass(frozen=True, slots=True)
class SmscSettings:
    #: Empty: `api_key` is used.
    login: str = ""
    password: str = field(default="", repr=False)
    api_key: str = field(default="", repr=False)
    #: From whom messages come; empty: as the account says.
    sender: str = ""
    #: By which reports are signed; empty: they are refused, and the service is asked instead.
    secret: str = field(default="", repr=False)
    #: Whether the account has a number that buyers write to: it is asked for what came.
    hears: bool = False

    @classmethod
    def from_configuration(
        cls, saved: Mapping[str, object], *, complete: bool = True
    ) -> "SmscSettings":
        """Settings from the plugin's configuration; missing keys mean defaults.

        Parameters
        ----------
        complete
            The account must be there.

        Raises
        ------
        SettingsError
            A value can't be used.
        """
        default = cls()
        values = Configuration(saved)
        settings = cls(
            login=values.text("login"),
            password=values.verbatim("password"),
            api_key=values.text("api_key"),
            sender=values.text("sender"),
            secret=values.text("secret"),
            hears=values.flag("hears", default.hears),
        )
        if settings.sender and not is_sender(settings.sender):
            values.refuse("sender", _("A sender is a number, or up to 11 Latin letters."))
        if settings.secret and not _SECRET.fullmatch(settings.secret):
            values.refuse(
                "secret", _("Write 8 to 64 Latin letters, digits, “-” and “_”, as you like.")
            )
        if complete and settings.login and not settings.password:
            values.refuse("password", _("Write the password."))
        if complete and not settings.login and not settings.api_key:
            values.refuse("login", _("Write the login, or a key of the API instead."))
        values.check()
        return settings
