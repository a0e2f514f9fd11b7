"""What the merchant sets about YooKassa's receipts, channel by channel."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...configuration import Configuration, SettingsError
from ...yookassa import shop

__all__ = ["SettingsError", "YooKassaReceiptsSettings"]

#: Of the time zones that receipts know (1011), from Kaliningrad's on.
_MOST_ZONES = 11


@dataclass(frozen=True, slots=True)
class YooKassaReceiptsSettings:
    """Settings of one channel."""

    shop_id: str = ""
    secret_key: str = field(default="", repr=False)
    #: Of the place of the sale (1011), told with marked goods: 1 Kaliningrad, 2 Moscow, …
    time_zone: int = 2

    @classmethod
    def from_configuration(
        cls, saved: Mapping[str, object], *, complete: bool = True
    ) -> "YooKassaReceiptsSettings":
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
        values = Configuration(saved)
        shop_id, secret_key = shop(values, complete=complete)
        time_zone = values.whole("time_zone", cls().time_zone, _MOST_ZONES)
        values.check()
        return cls(shop_id, secret_key, time_zone)
