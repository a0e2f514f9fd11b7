"""What the merchant sets about SMS.ru."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from ....configuration import Configuration
from ..senders import is_sender

_API_ID = re.compile(r"[0-9A-Za-z-]{1,64}")


@dataclass(frozen=True, slots=True)
class SmsRuSettings:
    #: Key of the account; it signs reports, too.
    api_id: str = field(default="", repr=False)
    #: From whom messages come; empty: as the account says.
    sender: str = ""
    #: Messages are only pretended to be sent.
    is_test: bool = False

    @classmethod
    def from_configuration(
        cls, saved: Mapping[str, object], *, complete: bool = True
    ) -> "SmsRuSettings":
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
            api_id=values.text("api_id"),
            sender=values.text("sender"),
            is_test=values.flag("test", default.is_test),
        )
        if settings.api_id and not _API_ID.fullmatch(settings.api_id):
            values.refuse("api_id", _("A key consists of Latin letters, digits and “-”."))
        if settings.sender and not is_sender(settings.sender):
            values.refuse("sender", _("A sender is a number, or up to 11 Latin letters."))
        if complete and not settings.api_id:
            values.refuse("api_id", _("Write the key of the account (api_id)."))
        values.check()
        return settings
