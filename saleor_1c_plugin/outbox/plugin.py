"""The outbox as a plugin of Saleor's: its settings in the dashboard, its page for people."""

from collections.abc import Mapping

from ..language import gettext_lazy as _
from ..plugin import OnecPlugin


class OutboxPlugin(OnecPlugin):
    """What waits to be delivered, at ``/plugins/saleor1c.outbox/``."""

    PLUGIN_ID = "saleor1c.outbox"
    PLUGIN_NAME = _("1C: outbox")
    PLUGIN_DESCRIPTION = _("Delivers what the other plugins of this package have to send.")
    DEFAULT_ACTIVE = True
    DEFAULT_CONFIGURATION: list[dict[str, object]] = []
    CONFIG_STRUCTURE: dict[str, dict[str, object]] = {}

    @classmethod
    def check(cls, values: Mapping[str, object], *, active: bool) -> None:
        """Nothing is set yet."""
