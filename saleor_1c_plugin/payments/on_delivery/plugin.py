"""Payment on delivery as a plugin of Saleor's: its settings in the dashboard."""

from collections.abc import Mapping
from typing import Any

from saleor.plugins.base_plugin import ConfigurationTypeField

from ...language import gettext_lazy as _
from ..offline_plugin import OfflinePlugin
from .provider import OnDelivery
from .settings import WORDS, OnDeliverySettings

#: Key → type, value by default, label, help text; in the order of the dashboard.
_SETTINGS: dict[str, tuple[str, object, Any, Any]] = {
    "methods": (
        ConfigurationTypeField.STRING,
        " ".join(WORDS),
        _("Ways to pay"),
        _("Those that a storefront may offer, by blanks or commas: cash, card."),
    ),
    "most": (
        ConfigurationTypeField.STRING,
        "",
        _("Highest amount"),
        _("Dearer orders can't be paid so; in the channel's currency. Empty: all can."),
    ),
}


class OnDeliveryPlugin(OfflinePlugin):
    """Cash or card on delivery."""

    PLUGIN_ID = "saleor1c.on_delivery"
    PLUGIN_NAME = _("1C: payment on delivery")
    PLUGIN_DESCRIPTION = _(
        "Orders are paid in cash or by card when the buyer gets them: when 1C says so, or staff. "
        "Until then the store has the amount as authorised, though nobody holds it; 1C has to get "
        "orders before they are paid."
    )
    DEFAULT_CONFIGURATION = [
        {"name": name, "value": value} for name, (_type, value, _label, _help) in _SETTINGS.items()
    ]
    CONFIG_STRUCTURE = {
        name: {"type": kind, "label": label, "help_text": help_text}
        for name, (kind, _value, label, help_text) in _SETTINGS.items()
    }
    PROVIDER = OnDelivery()

    @classmethod
    def check(cls, values: Mapping[str, object], *, active: bool) -> None:
        OnDeliverySettings.from_configuration(values)
