"""Whether any plugin wants to hear of an event."""

from saleor.plugins.base_plugin import BasePlugin
from saleor.plugins.manager import PluginsManager

#: Saleor's own, which only serves webhooks.
_WEBHOOKS = "mirumee.webhooks"


def overridden(manager: PluginsManager, event: str) -> bool:
    """Whether an active plugin, other than the one that only serves webhooks, takes the event."""
    plugins: list[BasePlugin] = manager.get_plugins(active_only=True)
    return any(
        getattr(type(plugin), event, None) is not None
        and plugin.PLUGIN_ID != _WEBHOOKS
        and getattr(type(plugin), event) is not getattr(BasePlugin, event, None)
        for plugin in plugins
    )
