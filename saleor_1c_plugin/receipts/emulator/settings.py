"""What is set about the emulator."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from ...configuration import Configuration, SettingsError

__all__ = ["EmulatorSettings", "SettingsError"]


@dataclass(frozen=True, slots=True)
class EmulatorSettings:
    """Settings of one channel."""

    #: What the registers are called; those of the same name in two channels are one.
    drives: tuple[str, ...] = ("1",)

    @classmethod
    def from_configuration(cls, saved: Mapping[str, object]) -> "EmulatorSettings":
        """Settings from the plugin's configuration; missing keys mean defaults.

        Raises
        ------
        SettingsError
            A value can't be used.
        """
        values = Configuration(saved)
        text = values.text("drives") or " ".join(cls().drives)
        settings = cls(drives=tuple(dict.fromkeys(text.replace(",", " ").split())))
        if not all(re.fullmatch(r"[0-9A-Za-z-]{1,32}", name) for name in settings.drives):
            values.refuse("drives", _("Write short names of Latin letters and digits: 1 2."))
        values.check()
        return settings
