"""The orders as a plugin of Saleor's: its settings in the dashboard."""

from collections.abc import Mapping

from ..language import gettext_lazy as _
from ..plugin import OnecPlugin


class OrdersPlugin(OnecPlugin):
    """Orders to 1C and back."""

    PLUGIN_ID = "saleor1c.orders"
    PLUGIN_NAME = _("1C: orders")
    PLUGIN_DESCRIPTION = _("Sends orders to 1C and applies what 1C does with them.")
    DEFAULT_ACTIVE = False
    DEFAULT_CONFIGURATION: list[dict[str, object]] = []
    CONFIG_STRUCTURE: dict[str, dict[str, object]] = {}

    @classmethod
    def check(cls, values: Mapping[str, object], *, active: bool) -> None:
        """Nothing is set yet."""
