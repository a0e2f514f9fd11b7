"""What the merchant sets about the outbox, read from the shop's configuration."""

from collections.abc import Mapping
from dataclasses import dataclass

from ..configuration import Configuration, SettingsError
from ..store import current_store

__all__ = ["PLUGIN", "OutboxSettings", "SettingsError"]

PLUGIN = "outbox"


@dataclass(frozen=True, slots=True)
class OutboxSettings:
    """Settings of the outbox; see :mod:`.backoff` for how far apart the attempts are."""

    #: Ten of them take an hour and a half, every further one up to an hour.
    max_attempts: int = 80
    #: How long delivered messages are kept.
    keep_days: int = 30

    @classmethod
    def load(cls) -> "OutboxSettings | None":
        """Settings as saved in the shop; ``None`` while the plugin is off.

        Raises
        ------
        SettingsError
            They can't be used.
        """
        saved = current_store().configuration(PLUGIN)
        return None if saved is None else cls.from_configuration(saved)

    @classmethod
    def from_configuration(cls, saved: Mapping[str, object]) -> "OutboxSettings":
        """Settings from the plugin's configuration; missing keys mean defaults.

        Raises
        ------
        SettingsError
            A value can't be used.
        """
        default = cls()
        values = Configuration(saved)
        settings = cls(
            max_attempts=values.whole("max_attempts", default.max_attempts, 1000),
            keep_days=values.whole("keep_days", default.keep_days, 365),
        )
        values.check()
        return settings
