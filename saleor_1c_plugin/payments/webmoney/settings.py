"""What the merchant sets about WebMoney, channel by channel."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from ...configuration import Configuration, SettingsError

__all__ = ["CURRENCIES", "SettingsError", "WebMoneySettings"]

#: First letter of a purse → its currency. Others hold gold or parts of coins, which no shop's
#: prices are in; those in R, U and D are closed.
CURRENCIES: Mapping[str, str] = {"Z": "USD", "E": "EUR", "P": "RUB", "K": "KZT", "B": "BYN"}
#: Hours.
_LONGEST = 45 * 24


@dataclass(frozen=True, slots=True)
class WebMoneySettings:
    """Settings of one channel."""

    #: Letter and 12 digits.
    purse: str = ""
    #: Of the purse's owner; 12 digits.
    wmid: str = ""
    secret_key: str = field(default="", repr=False)
    #: Signs the form, where it is set.
    secret_key_x20: str = field(default="", repr=False)
    is_test: bool = False
    #: How long a payment is waited for, in hours.
    pay_hours: int = 24
    #: Where the buyer comes back to, unless the storefront says.
    return_url: str = ""

    @property
    def currency(self) -> str:
        return CURRENCIES[self.purse[0]]

    @classmethod
    def from_configuration(
        cls, saved: Mapping[str, object], *, complete: bool = True
    ) -> "WebMoneySettings":
        """Settings from the plugin's configuration; missing keys mean defaults.

        Parameters
        ----------
        complete
            Purse, WMID and key must be there.

        Raises
        ------
        SettingsError
            A value can't be used.
        """
        default = cls()
        values = Configuration(saved)
        settings = cls(
            purse=values.text("purse").upper(),
            wmid=values.text("wmid"),
            secret_key=values.text("secret_key"),
            secret_key_x20=values.text("secret_key_x20"),
            is_test=values.flag("is_test", default.is_test),
            pay_hours=values.whole("pay_hours", default.pay_hours, _LONGEST),
            return_url=values.url("return_url"),
        )
        letters = "".join(CURRENCIES)
        if (settings.purse or complete) and not re.fullmatch(
            rf"[{letters}][0-9]{{12}}", settings.purse
        ):
            values.refuse(
                "purse",
                _("Write the purse: one of the letters %(letters)s and 12 digits.")
                % {"letters": ", ".join(letters)},
            )
        if (settings.wmid or complete) and not re.fullmatch(r"[0-9]{12}", settings.wmid):
            values.refuse("wmid", _("Write the WMID: 12 digits."))
        for key in ("secret_key", "secret_key_x20"):
            if not getattr(settings, key).isascii():
                values.refuse(key, _("A key consists of Latin letters and digits."))
        if complete and not settings.secret_key:
            values.refuse("secret_key", _("Write the secret key."))
        values.check()
        return settings
