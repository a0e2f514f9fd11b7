"""What the merchant sets about T-Bank, channel by channel."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from ...configuration import Configuration
from ..sources import Sources

#: A card and T-Pay are paid on the same page of the bank's.
CARD, SBP, T_PAY = "card", "sbp", "tpay"
METHODS = (CARD, SBP, T_PAY)
#: Characters of an address that the bank takes.
MOST_URL = 250


@dataclass(frozen=True, slots=True)
class TBankSettings:
    """Settings of one channel."""

    terminal_key: str = ""
    password: str = field(default="", repr=False)
    methods: tuple[str, ...] = METHODS
    #: The money is held, and taken when staff say so.
    two_stage: bool = False
    #: Where the buyer comes back to, unless the storefront says.
    return_url: str = ""
    #: Where notifications are sent; empty: as the terminal's settings at the bank say.
    notification_url: str = ""
    #: From where they come.
    sources: Sources = Sources()  # noqa: RUF009

    @property
    def is_test(self) -> bool:
        """The bank's own name for terminals that move no money."""
        return self.terminal_key.endswith("DEMO")

    @classmethod
    def from_configuration(
        cls, saved: Mapping[str, object], *, complete: bool = True
    ) -> "TBankSettings":
        """Settings from the plugin's configuration; missing keys mean defaults.

        Parameters
        ----------
        complete
            Terminal and password must be there.

        Raises
        ------
        SettingsError
            A value can't be used.
        """
        default = cls()
        values = Configuration(saved)
        settings = cls(
            terminal_key=values.text("terminal_key"),
            password=values.text("password"),
            methods=tuple(values.text("methods", " ".join(METHODS)).replace(",", " ").split()),
            two_stage=values.flag("two_stage", default.two_stage),
            return_url=values.url("return_url"),
            notification_url=values.url("notification_url"),
            sources=Sources.read(values, ""),
        )
        unknown = [method for method in settings.methods if method not in METHODS]
        if unknown:
            values.refuse(
                "methods",
                _("“%(value)s” is none of: %(known)s.")
                % {"value": ", ".join(unknown), "known": ", ".join(METHODS)},
            )
        elif settings.two_stage and settings.methods == (SBP,):
            values.refuse("methods", _("SBP knows one stage only: the money can't be held."))
        for key in ("return_url", "notification_url"):
            if len(getattr(settings, key)) > MOST_URL:
                values.refuse(
                    key, _("T-Bank takes addresses of %(most)d characters.") % {"most": MOST_URL}
                )
        if not re.fullmatch(r"[0-9A-Za-z_-]{0,20}", settings.terminal_key):
            values.refuse(
                "terminal_key", _("A terminal's key is up to 20 Latin letters and digits.")
            )
        if complete and not settings.terminal_key:
            values.refuse("terminal_key", _("Write the key of the terminal."))
        if complete and not settings.password:
            values.refuse("password", _("Write the terminal's password."))
        values.check()
        return settings
