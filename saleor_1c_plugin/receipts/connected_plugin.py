"""A plugin of registers that are asked when their settings are saved."""

from typing import Any, ClassVar

from ..configuration import SettingsError
from ..language import host_language
from ..plugin import as_validation_error
from .connecting import AccessDenied, connect, values_of
from .register_plugin import RegisterPlugin

#: Key of the field that shows what the registers said when the settings were saved.
CONNECTION = "connection"


class ConnectedPlugin(RegisterPlugin):
    """Registers that must let us in before they are switched on."""

    #: Where it is said that they do not.
    SECRET: ClassVar[str]

    @classmethod
    def validate_plugin_configuration(cls, plugin_configuration: Any, **kwargs: Any) -> None:
        """Refuse settings that can't be used, or with which a register does not let us in."""
        super().validate_plugin_configuration(plugin_configuration, **kwargs)
        if not plugin_configuration.active:
            return
        rows = plugin_configuration.configuration
        with host_language(), as_validation_error():
            try:
                said = connect(cls.DRIVER.registers(values_of(rows)))
            except AccessDenied as error:
                raise SettingsError({cls.SECRET: str(error)}) from error
        rows[:] = [row for row in rows if row["name"] != CONNECTION]
        rows.append({"name": CONNECTION, "value": said})
