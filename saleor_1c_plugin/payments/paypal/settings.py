"""What the merchant sets about PayPal, channel by channel."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from ...configuration import Configuration, SettingsError

__all__ = ["PayPalSettings", "SettingsError"]


@dataclass(frozen=True, slots=True)
class PayPalSettings:
    """Settings of one channel."""

    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    #: The app is one of PayPal's sandbox: no money moves.
    sandbox: bool = False
    #: PayPal's id of the webhook, which its signatures are bound to; empty: what comes is refused.
    webhook_id: str = ""
    #: The money is held, and taken when staff say so.
    two_stage: bool = False
    #: Where the buyer comes back to, unless the storefront says.
    return_url: str = ""

    @classmethod
    def from_configuration(
        cls, saved: Mapping[str, object], *, complete: bool = True
    ) -> "PayPalSettings":
        """Settings from the plugin's configuration; missing keys mean defaults.

        Parameters
        ----------
        complete
            Id and secret must be there.

        Raises
        ------
        SettingsError
            A value can't be used.
        """
        default = cls()
        values = Configuration(saved)
        settings = cls(
            client_id=values.text("client_id"),
            client_secret=values.text("client_secret"),
            sandbox=values.flag("sandbox", default.sandbox),
            webhook_id=values.text("webhook_id"),
            two_stage=values.flag("two_stage", default.two_stage),
            return_url=values.url("return_url"),
        )
        # A colon would end the id where it is sent with the secret.
        if not re.fullmatch(r"[!-9;-~]*", settings.client_id):
            values.refuse("client_id", _("Write the client ID of the app."))
        if not re.fullmatch(r"[!-~]*", settings.client_secret):
            values.refuse("client_secret", _("A secret consists of Latin letters and digits."))
        if not re.fullmatch(r"[A-Za-z0-9]{0,50}", settings.webhook_id):
            values.refuse("webhook_id", _("Write the webhook's ID, not its address."))
        if complete and not settings.client_id:
            values.refuse("client_id", _("Write the client ID of the app."))
        if complete and not settings.client_secret:
            values.refuse("client_secret", _("Write the secret of the app."))
        values.check()
        return settings
