"""Payment on delivery as a plugin of Saleor's: its settings in the dashboard."""

from collections.abc import Mapping

from saleor.plugins.base_plugin import ConfigurationTypeField

from ...language import gettext_lazy as _
from ...plugin import Settings
from ..offline_plugin import OfflinePlugin
from .provider import OnDelivery
from .settings import WORDS, OnDeliverySettings

_SETTINGS: Settings = {
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
    SETTINGS = _SETTINGS
    PROVIDER = OnDelivery()

    @classmethod
    def check(cls, values: Mapping[str, object], *, active: bool) -> None:
        OnDeliverySettings.from_configuration(values)
