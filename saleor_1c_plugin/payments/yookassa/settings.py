"""What the merchant sets about YooKassa, channel by channel."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from django.utils.translation import gettext as _

from ...configuration import Configuration, SettingsError
from ...yookassa import shop
from ..sources import Sources, networks

__all__ = ["METHODS", "Confirmation", "SettingsError", "YooKassaSettings"]

#: Codes of the API: cards, the YooMoney wallet, SBP, SberPay, T-Pay.
METHODS = ("bank_card", "yoo_money", "sbp", "sberbank", "tinkoff_bank")
#: From where notifications come, as YooKassa publishes it.
NETWORKS = """185.71.76.0/27
185.71.77.0/27
77.75.153.0/25
77.75.156.11
77.75.156.35
77.75.154.128/25
2a02:5180::/32"""


class Confirmation(StrEnum):
    """How the buyer pays."""

    #: On a page of YooKassa's.
    REDIRECT = "redirect"
    #: In a widget in the storefront's own page.
    WIDGET = "widget"


@dataclass(frozen=True, slots=True)
class YooKassaSettings:
    """Settings of one channel."""

    shop_id: str = ""
    secret_key: str = field(default="", repr=False)
    methods: tuple[str, ...] = METHODS
    #: The money is held, and taken when staff say so.
    two_stage: bool = False
    confirmation: Confirmation = Confirmation.REDIRECT
    #: Where the buyer comes back to, unless the storefront says.
    return_url: str = ""
    #: From where notifications come.
    sources: Sources = Sources(networks(NETWORKS))  # noqa: RUF009

    @classmethod
    def from_configuration(
        cls, saved: Mapping[str, object], *, complete: bool = True
    ) -> "YooKassaSettings":
        """Settings from the plugin's configuration; missing keys mean defaults.

        Parameters
        ----------
        complete
            Shop and key must be there.

        Raises
        ------
        SettingsError
            A value can't be used.
        """
        default = cls()
        values = Configuration(saved)
        shop_id, secret_key = shop(values, complete=complete)
        settings = cls(
            shop_id=shop_id,
            secret_key=secret_key,
            methods=tuple(values.text("methods", " ".join(METHODS)).replace(",", " ").split()),
            two_stage=values.flag("two_stage", default.two_stage),
            confirmation=values.choice("confirmation", default.confirmation),
            return_url=values.url("return_url"),
            sources=Sources.read(values, NETWORKS),
        )
        unknown = [method for method in settings.methods if method not in METHODS]
        if unknown:
            values.refuse(
                "methods",
                _("“%(value)s” is none of: %(known)s.")
                % {"value": ", ".join(unknown), "known": ", ".join(METHODS)},
            )
        values.check()
        return settings
