"""What the merchant sets about payments by whatever provider, read from the shop's settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ..configuration import Configuration, SettingsError
from ..store import current_store

__all__ = ["PLUGIN", "Duplicates", "PaymentSettings", "SettingsError"]

PLUGIN = "payments"


class Duplicates(StrEnum):
    """What is done with money that was paid twice."""

    #: It is shown to staff, who decide.
    FLAG = "flag"
    #: It is given back at once.
    REFUND = "refund"


@dataclass(frozen=True, slots=True)
class PaymentSettings:
    """Settings that all gateways have in common."""

    duplicates: Duplicates = Duplicates.FLAG

    @classmethod
    def load(cls) -> "PaymentSettings":
        """Settings as saved in the shop; while the plugin is off, as they are by default.

        Raises
        ------
        SettingsError
            They can't be used.
        """
        return cls.from_configuration(current_store().configuration(PLUGIN) or {})

    @classmethod
    def from_configuration(cls, saved: Mapping[str, object]) -> "PaymentSettings":
        """Settings from the plugin's configuration; missing keys mean defaults.

        Raises
        ------
        SettingsError
            A value can't be used.
        """
        default = cls()
        values = Configuration(saved)
        settings = cls(duplicates=values.choice("duplicates", default.duplicates))
        values.check()
        return settings
