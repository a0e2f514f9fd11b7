"""What the merchant sets about messages by e-mail."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from ...configuration import Configuration, SettingsError
from .address import is_email

__all__ = ["PLUGIN", "EmailSettings", "SettingsError"]

PLUGIN = "email"


@dataclass(frozen=True, slots=True)
class EmailSettings:
    #: Whom messages are from; empty: as of the store's other e-mails.
    sender: str = ""
    #: How the sender is called.
    name: str = ""
    #: Where answers go; empty: to the sender.
    reply_to: str = ""

    @classmethod
    def from_configuration(cls, saved: Mapping[str, object]) -> "EmailSettings":
        """Settings from the plugin's configuration; missing keys mean defaults.

        Raises
        ------
        SettingsError
            A value can't be used.
        """
        values = Configuration(saved)
        settings = cls(
            sender=values.text("sender"),
            name=" ".join(values.text("name").split()),
            reply_to=values.text("reply_to"),
        )
        for key in ("sender", "reply_to"):
            if values.text(key) and not is_email(values.text(key)):
                values.refuse(key, _("Write an e-mail address."))
        if settings.name and not settings.sender:
            values.refuse("name", _("It needs the address of the sender, too."))
        values.check()
        return settings
