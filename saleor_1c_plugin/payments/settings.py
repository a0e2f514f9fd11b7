"""What the merchant sets about all payments alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ..configuration import Configuration, SettingsError
from ..store import current_store

__all__ = ["PLUGIN", "Duplicates", "PaymentsSettings", "SettingsError"]

PLUGIN = "payments"
MOST_DAYS = 31


class Duplicates(StrEnum):
    """What is done with money that was paid twice."""

    #: It is shown to staff, who decide.
    FLAG = "flag"
    #: It is given back at once.
    REFUND = "refund"


@dataclass(frozen=True, slots=True)
class PaymentsSettings:
    """Settings of the gateways' common plugin."""

    duplicates: Duplicates = Duplicates.FLAG
    #: When registries are loaded, by the clock of 1C's documents.
    registry_hour: int = 4
    #: Days that are loaded again every time: some entries come late.
    registry_days: int = 3
    #: A day of a registry goes to 1C as a document.
    registry_to_onec: bool = False

    @classmethod
    def load(cls) -> "PaymentsSettings | None":
        """Settings as saved in the shop; ``None`` while the plugin is off.

        Raises
        ------
        SettingsError
            They can't be used.
        """
        saved = current_store().configuration(PLUGIN)
        return None if saved is None else cls.from_configuration(saved)

    @classmethod
    def from_configuration(cls, saved: Mapping[str, object]) -> "PaymentsSettings":
        """Settings from the plugin's configuration; missing keys mean defaults.

        Raises
        ------
        SettingsError
            A value can't be used.
        """
        default = cls()
        values = Configuration(saved)
        settings = cls(
            duplicates=values.choice("duplicates", default.duplicates),
            registry_hour=values.whole("registry_hour", default.registry_hour, 23, 0),
            registry_days=values.whole("registry_days", default.registry_days, MOST_DAYS),
            registry_to_onec=values.flag("registry_to_onec", default.registry_to_onec),
        )
        values.check()
        return settings
