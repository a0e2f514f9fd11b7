"""The catalogue as a plugin of Saleor's: its settings in the dashboard."""

from typing import Any

from django.core.exceptions import ValidationError
from saleor.plugins.base_plugin import BasePlugin, ConfigurationTypeField
from saleor.plugins.error_codes import PluginErrorCode

from ..store.ports import FieldGroup
from .settings import CatalogSettings, SettingsError

_POLICIES = "leave, zero, hide or delete."
_TEXTS = {
    "price_types": (
        ConfigurationTypeField.MULTILINE,
        "Price types",
        "One a line: name or id of 1C's price type = slug of a channel. * stands for the others.",
    ),
    "warehouses": (
        ConfigurationTypeField.MULTILINE,
        "Warehouses",
        "One a line: name or id of 1C's warehouse = slug of a warehouse. * stands for the others.",
    ),
    "default_warehouse": (
        ConfigurationTypeField.STRING,
        "Default warehouse",
        "Slug of the warehouse for stock that 1C gives as a total.",
    ),
    "kinds": (
        ConfigurationTypeField.MULTILINE,
        "Kinds of goods",
        "One a line: kind of goods in 1C = name of the product type. Others get a type of "
        "their own name.",
    ),
    "missing_products": (
        ConfigurationTypeField.STRING,
        "Products missing from a full export",
        _POLICIES,
    ),
    "missing_offers": (
        ConfigurationTypeField.STRING,
        "Offers missing from a full export",
        _POLICIES,
    ),
    "deleted": (ConfigurationTypeField.STRING, "Objects marked as deleted in 1C", _POLICIES),
    "max_picture_mb": (
        ConfigurationTypeField.STRING,
        "Largest picture, MB",
        "A larger one is left out and journalled.",
    ),
}
_FLAGS = {
    "stock_is_free": (
        "1C's stock is what is free",
        "Switch on when 1C sends the quantity with its own reserves subtracted.",
        False,
    ),
    "type_per_kind": (
        "A product type for each kind of goods",
        "Off: one product type for everything.",
        True,
    ),
    "stop_at_error": (
        "Stop at the first error",
        "Off: an object that can't be written is journalled and the others go on.",
        False,
    ),
    **{
        f"owns_{group.value}": (
            f"1C owns: {group.value}",
            "Off: what editors write in the dashboard stays.",
            True,
        )
        for group in FieldGroup
    },
}
_DEFAULTS = {
    "missing_products": "leave",
    "missing_offers": "leave",
    "deleted": "hide",
    "max_picture_mb": "20",
}


class CatalogPlugin(BasePlugin):
    """What of 1C's catalogue goes where."""

    PLUGIN_ID = "saleor1c.catalog"
    PLUGIN_NAME = "1C: catalogue"
    PLUGIN_DESCRIPTION = "Price types, warehouses and the fields that 1C owns."
    DEFAULT_ACTIVE = True
    CONFIGURATION_PER_CHANNEL = False
    DEFAULT_CONFIGURATION = [
        *({"name": name, "value": _DEFAULTS.get(name, "")} for name in _TEXTS),
        *({"name": name, "value": default} for name, (_, _, default) in _FLAGS.items()),
    ]
    CONFIG_STRUCTURE = {
        **{
            name: {"type": kind, "label": label, "help_text": help_text}
            for name, (kind, label, help_text) in _TEXTS.items()
        },
        **{
            name: {
                "type": ConfigurationTypeField.BOOLEAN,
                "label": label,
                "help_text": help_text,
            }
            for name, (label, help_text, _) in _FLAGS.items()
        },
    }

    @classmethod
    def validate_plugin_configuration(cls, plugin_configuration: Any, **kwargs: Any) -> None:
        """Refuse settings that can't be read, naming the line."""
        values = {row["name"]: row["value"] for row in plugin_configuration.configuration}
        try:
            CatalogSettings.from_configuration(values)
        except SettingsError as error:
            raise ValidationError(str(error), code=PluginErrorCode.INVALID.value) from error
