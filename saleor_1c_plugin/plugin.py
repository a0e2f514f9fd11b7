"""What the plugins of this package do alike when Saleor saves their settings."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from saleor.plugins.base_plugin import BasePlugin, ConfigurationTypeField
from saleor.plugins.error_codes import PluginErrorCode

from .configuration import SettingsError
from .language import host_language

#: What a box may be set to; without a value it stays as it is.
_FLAGS = ("true", "false", "True", "False", True, False, None)


class OnecPlugin(BasePlugin):
    """A plugin whose configuration is checked as a whole whenever it is saved."""

    CONFIGURATION_PER_CHANNEL = False

    def __str__(self) -> str:
        # The name is a lazy translation, and that is no `str`.
        return str(self.PLUGIN_NAME)

    @classmethod
    def check(cls, values: Mapping[str, object], *, active: bool) -> None:
        """Say whether the settings can be used.

        Raises
        ------
        SettingsError
            They can't.
        """
        raise NotImplementedError

    @classmethod
    def save_plugin_configuration(cls, plugin_configuration: Any, cleaned_data: Any) -> Any:
        """Save what is given.

        An empty password keeps the stored one: it is what the API shows instead of a password,
        and what a form therefore sends back with every other change.
        """
        given: Sequence[Mapping[str, Any]] = cleaned_data.get("configuration") or ()
        with host_language(), as_validation_error():
            cls._require_understood(given)
        kept = [
            item
            for item in given
            if item.get("value") or cls._type_of(item["name"]) != ConfigurationTypeField.PASSWORD
        ]
        return super().save_plugin_configuration(
            plugin_configuration, {**cleaned_data, "configuration": kept}
        )

    @classmethod
    def validate_plugin_configuration(cls, plugin_configuration: Any, **kwargs: Any) -> None:
        """Refuse settings that can't be used, each with its reason."""
        values = {row["name"]: row.get("value") for row in plugin_configuration.configuration}
        with host_language(), as_validation_error():
            cls.check(values, active=plugin_configuration.active)

    @classmethod
    def _require_understood(cls, given: Sequence[Mapping[str, Any]]) -> None:
        """Refuse what Saleor would leave out, or take for ``false``, without a word."""
        faults = {}
        for item in given:
            name, value = item["name"], item.get("value")
            kind = cls._type_of(name)
            if kind is None:
                faults[name] = _("There is no setting “%(name)s”.") % {"name": name}
            elif kind == ConfigurationTypeField.BOOLEAN and value not in _FLAGS:
                faults[name] = _("Write true or false.")
        if faults:
            raise SettingsError(faults)

    @classmethod
    def _type_of(cls, name: str) -> str | None:
        structure: Mapping[str, Mapping[str, str]] = cls.CONFIG_STRUCTURE
        return structure[name]["type"] if name in structure else None


@contextmanager
def as_validation_error() -> Iterator[None]:
    """Tell Saleor what is wrong, setting by setting."""
    try:
        yield
    except SettingsError as error:
        code = PluginErrorCode.INVALID.value
        raise ValidationError(
            {name: ValidationError(why, code=code) for name, why in error.faults.items()}
        ) from error
