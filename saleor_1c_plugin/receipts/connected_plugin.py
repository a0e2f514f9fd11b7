"""A plugin of registers that are asked when their settings are saved."""

from collections.abc import Mapping
from typing import ClassVar

from ..configuration import SettingsError
from ..plugin import ConnectedPlugin
from . import connecting
from .register_plugin import RegisterPlugin


class ConnectedRegisterPlugin(RegisterPlugin, ConnectedPlugin):
    """Registers that must let us in before they are switched on."""

    #: Where it is said that they do not.
    SECRET: ClassVar[str]

    @classmethod
    def connect(cls, values: Mapping[str, object]) -> str:
        """What the registers say."""
        try:
            return connecting.connect(cls.DRIVER.registers(values))
        except connecting.AccessDenied as error:
            raise SettingsError({cls.SECRET: str(error)}) from error
