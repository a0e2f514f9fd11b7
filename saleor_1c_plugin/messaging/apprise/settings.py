"""What the merchant sets about the chat of the store's own people."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from ...configuration import Configuration
from . import NAME, library

PLUGIN = NAME


@dataclass(frozen=True, slots=True)
class AppriseSettings:
    #: As Apprise writes them; whoever has it can write there.
    address: str = field(default="", repr=False)

    @classmethod
    def from_configuration(
        cls, saved: Mapping[str, object], *, complete: bool = True
    ) -> "AppriseSettings":
        """Settings from the plugin's configuration; missing keys mean defaults.

        Parameters
        ----------
        complete
            The address must be there, and the library able to use it.

        Raises
        ------
        SettingsError
            A value can't be used.
        """
        values = Configuration(saved)
        settings = cls(values.text("address"))
        if complete and not settings.address:
            values.refuse("address", _("It is needed."))
        elif settings.address and library.schema(settings.address) not in library.SERVICES:
            values.refuse(
                "address",
                _("It begins with none of: %(known)s.")
                % {"known": ", ".join(f"{one}://" for one in sorted(library.SERVICES))},
            )
        elif complete and (why := _fault(settings.address)):
            values.refuse("address", why)
        values.check()
        return settings


def _fault(address: str) -> str:
    try:
        is_usable = library.is_usable(address)
    except library.NotInstalled:
        return _("Apprise is not installed: pip install saleor-1c-plugin[chats].")
    return "" if is_usable else _("Apprise can't read it: look at https://appriseit.com/services/.")
