"""What the merchant sets about Twilio."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from ....configuration import Configuration
from ..senders import is_sender

_ACCOUNT = re.compile(r"AC[0-9a-f]{32}")
_SERVICE = re.compile(r"MG[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class TwilioSettings:
    account_sid: str = ""
    #: It signs reports, too.
    auth_token: str = field(default="", repr=False)
    #: A number or a name of the account's, or the id of a messaging service.
    sender: str = ""
    #: Where reports come to; empty: nowhere, the service is asked.
    notification_url: str = ""

    @property
    def is_service(self) -> bool:
        """Whether the sender is a messaging service, which chooses among its numbers."""
        return _SERVICE.fullmatch(self.sender) is not None

    @classmethod
    def from_configuration(
        cls, saved: Mapping[str, object], *, complete: bool = True
    ) -> "TwilioSettings":
        """Settings from the plugin's configuration; missing keys mean defaults.

        Parameters
        ----------
        complete
            Account and sender must be there.

        Raises
        ------
        SettingsError
            A value can't be used.
        """
        values = Configuration(saved)
        settings = cls(
            account_sid=values.text("account_sid"),
            auth_token=values.text("auth_token"),
            sender=values.text("sender"),
            notification_url=values.url("notification_url"),
        )
        if settings.account_sid and not _ACCOUNT.fullmatch(settings.account_sid):
            values.refuse("account_sid", _("An Account SID is AC and 32 digits or letters a to f."))
        if not settings.auth_token.isascii():
            values.refuse("auth_token", _("A token consists of Latin letters and digits."))
        if settings.sender and not settings.is_service and not is_sender(settings.sender):
            values.refuse(
                "sender",
                _("A sender is a number, up to 11 Latin letters, or the id of a service: MG…."),
            )
        if complete and not settings.account_sid:
            values.refuse("account_sid", _("Write the Account SID."))
        if complete and not settings.auth_token:
            values.refuse("auth_token", _("Write the Auth Token."))
        if complete and not settings.sender:
            values.refuse("sender", _("Write from whom messages come."))
        values.check()
        return settings
