"""What the merchant sets about payment on delivery, channel by channel."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from ...configuration import Configuration, SettingsError

__all__ = ["WORDS", "OnDeliverySettings", "SettingsError"]

#: How the buyer can pay → words by which 1C books it.
WORDS = {"cash": "Наличные при получении", "card": "Карта при получении"}
_MOST = Decimal(10) ** 12


@dataclass(frozen=True, slots=True)
class OnDeliverySettings:
    """Settings of one channel."""

    methods: tuple[str, ...] = tuple(WORDS)
    #: The highest amount, in the channel's currency; ``None``: any.
    most: Decimal | None = None

    @classmethod
    def from_configuration(cls, saved: Mapping[str, object]) -> "OnDeliverySettings":
        """Settings from the plugin's configuration; missing keys mean defaults.

        Raises
        ------
        SettingsError
            A value can't be used.
        """
        values = Configuration(saved)
        named = values.text("methods", " ".join(WORDS)).lower().replace(",", " ").split()
        settings = cls(methods=tuple(dict.fromkeys(named)), most=_most(values))
        unknown = [method for method in settings.methods if method not in WORDS]
        if unknown or not settings.methods:
            values.refuse(
                "methods",
                _("“%(value)s” is none of: %(known)s.")
                % {"value": ", ".join(unknown), "known": ", ".join(WORDS)},
            )
        values.check()
        return settings


def _most(values: Configuration) -> Decimal | None:
    text = values.text("most")
    if not text:
        return None
    try:
        most = Decimal(text.replace(",", ".").replace(" ", ""))
    except InvalidOperation:
        most = Decimal("NaN")
    if not (most.is_finite() and 0 < most < _MOST):
        values.refuse("most", _("Write an amount above nought, as 30000."))
        return None
    return most
