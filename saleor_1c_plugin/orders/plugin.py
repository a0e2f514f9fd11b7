"""The orders as a plugin of Saleor's: its settings in the dashboard."""

from collections.abc import Mapping
from typing import Any

from saleor.plugins.base_plugin import ConfigurationTypeField

from ..language import gettext_lazy as _
from ..plugin import OnecPlugin
from ..store import current_store
from .settings import OrdersSettings

_DEFAULT = OrdersSettings()

#: Key → type, value by default, label, help text; in the order of the dashboard.
_SETTINGS: dict[str, tuple[str, object, Any, Any]] = {
    "confirm_posted": (
        ConfigurationTypeField.BOOLEAN,
        _DEFAULT.confirm_posted,
        _("A posted document confirms its order"),
        _("Off: only a status that leads to “confirm” does."),
    ),
    "statuses": (
        ConfigurationTypeField.MULTILINE,
        "",
        _("Statuses"),
        _(
            "One a line: “status in 1C = what it does”: confirm, cancel, ship (all that is left), "
            "paid (what is still owed) or none. A line that begins with # is a comment. What the "
            "store does not allow is never forced: the journal names it, and 1C is told how "
            "the order is."
        ),
    ),
    "conflict": (
        ConfigurationTypeField.STRING,
        _DEFAULT.conflict.value,
        _("Changed in both places"),
        _(
            "Whose lines and confirmation stand when an order was changed in the store and in 1C "
            "since the last exchange: onec or shop. Payments, shipments and cancellations of 1C's "
            "are taken either way, and the journal says so."
        ),
    ),
    "deletion_mark": (
        ConfigurationTypeField.STRING,
        _DEFAULT.deletion_mark.value,
        _("Orders marked for deletion in 1C"),
        _("cancel: the order is cancelled where the store allows it; ignore: nothing happens."),
    ),
    "create_orders": (
        ConfigurationTypeField.BOOLEAN,
        _DEFAULT.create_orders,
        _("Create orders that were typed into 1C"),
        _(
            "On: a posted order of 1C's that the store does not know becomes an order here. "
            "Off: the journal names it."
        ),
    ),
    "new_order_channel": (
        ConfigurationTypeField.STRING,
        _DEFAULT.new_order_channel,
        _("Channel of orders created from 1C"),
        _("Slug of the channel."),
    ),
}


class OrdersPlugin(OnecPlugin):
    """Orders to 1C and back."""

    PLUGIN_ID = "saleor1c.orders"
    PLUGIN_NAME = _("1C: orders")
    PLUGIN_DESCRIPTION = _("Sends orders to 1C and applies what 1C does with them.")
    DEFAULT_ACTIVE = False
    DEFAULT_CONFIGURATION = [
        {"name": name, "value": value} for name, (_type, value, _label, _help) in _SETTINGS.items()
    ]
    CONFIG_STRUCTURE = {
        name: {"type": kind, "label": label, "help_text": help_text}
        for name, (kind, _value, label, help_text) in _SETTINGS.items()
    }

    @classmethod
    def check(cls, values: Mapping[str, object], *, active: bool) -> None:
        settings = OrdersSettings.from_configuration(values)
        if active:
            settings.require_existing([channel.slug for channel in current_store().channels()])
