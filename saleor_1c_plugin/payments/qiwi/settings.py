"""What is set about a service that speaks QIWI's protocol: by the merchant, and by the host."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from ...configuration import Configuration, SettingsError

__all__ = ["METHODS", "QiwiSettings", "SettingsError", "address"]

#: What the page of payment shows first: the wallet, a card.
METHODS = ("qw", "card")
#: Hours; the service itself forgets a bill after 45 days.
_LONGEST = 45 * 24


def address() -> str:
    """Where the API is, up to what comes before ``/bills``; empty: nowhere.

    The host says so, the dashboard may not: whoever could change it there would have the secret
    key sent wherever he likes.
    """
    return (os.environ.get("ONEC_QIWI_API") or "").rstrip("/")


@dataclass(frozen=True, slots=True)
class QiwiSettings:
    """Settings of one channel."""

    secret_key: str = field(default="", repr=False)
    methods: tuple[str, ...] = METHODS
    #: How long a bill can be paid, in hours.
    pay_hours: int = 24
    #: Where the buyer comes back to, unless the storefront says.
    return_url: str = ""

    @classmethod
    def from_configuration(
        cls, saved: Mapping[str, object], *, complete: bool = True
    ) -> "QiwiSettings":
        """Settings from the plugin's configuration; missing keys mean defaults.

        Parameters
        ----------
        complete
            There must be a key, and a service to give it to.

        Raises
        ------
        SettingsError
            A value can't be used.
        """
        default = cls()
        values = Configuration(saved)
        settings = cls(
            secret_key=values.text("secret_key"),
            methods=tuple(values.text("methods", " ".join(METHODS)).replace(",", " ").split()),
            pay_hours=values.whole("pay_hours", default.pay_hours, _LONGEST),
            return_url=values.url("return_url"),
        )
        unknown = [method for method in settings.methods if method not in METHODS]
        if unknown:
            values.refuse(
                "methods",
                _("“%(value)s” is none of: %(known)s.")
                % {"value": ", ".join(unknown), "known": ", ".join(METHODS)},
            )
        if not settings.secret_key.isascii() or any(map(str.isspace, settings.secret_key)):
            values.refuse("secret_key", _("A key consists of Latin letters and digits."))
        if complete and not settings.secret_key:
            values.refuse("secret_key", _("Write the secret key."))
        if complete and not address():
            values.refuse(
                "connection",
                _(
                    "QIWI's wallet is shut. Where another service speaks its protocol, the host "
                    "names that service's address in the environment variable ONEC_QIWI_API; "
                    "without it this gateway can't be switched on."
                ),
            )
        values.check()
        return settings
