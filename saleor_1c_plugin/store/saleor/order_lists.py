"""Lists of the shop's that 1C's dialog maps to its own."""

from saleor.app.models import App
from saleor.channel.models import Channel
from saleor.permission.enums import PaymentPermissions
from saleor.plugins.base_plugin import BasePlugin
from saleor.plugins.manager import get_plugins_manager
from saleor.shipping.models import ShippingMethod
from saleor.warehouse import WarehouseClickAndCollectOption
from saleor.warehouse.models import Warehouse

from ..orders import Named, ReferenceLists
from ..status_names import STATUS_NAMES
from .mutations import APP


def reference_lists() -> ReferenceLists:
    methods = ShippingMethod.objects.order_by("name", "pk").values_list("pk", "name")
    points = (
        Warehouse.objects.exclude(click_and_collect_option=WarehouseClickAndCollectOption.DISABLED)
        .order_by("name", "pk")
        .values_list("pk", "name")
    )
    return ReferenceLists(
        statuses=tuple(Named(status.value, name) for status, name in STATUS_NAMES.items()),
        payments=(*_apps(), *_plugins()),
        deliveries=tuple(Named(str(pk), name) for pk, name in [*methods, *points]),
    )


def _apps() -> list[Named]:
    """Apps that may take payments; by the name under which their payments are read."""
    app_label, codename = PaymentPermissions.HANDLE_PAYMENTS.value.split(".")
    apps = App.objects.filter(
        is_active=True,
        removed_at=None,
        permissions__codename=codename,
        permissions__content_type__app_label=app_label,
    ).exclude(identifier=APP)
    return [Named(app.identifier or app.name, app.name) for app in apps.order_by("name", "pk")]


def _plugins() -> list[Named]:
    """Payment plugins that are active in some channel: those that can be asked for a payment."""
    manager = get_plugins_manager(allow_replica=False)
    found: dict[str, Named] = {}
    for channel in Channel.objects.filter(is_active=True).order_by("pk"):
        plugins: list[BasePlugin] = manager.get_plugins(channel.slug, active_only=True)
        for plugin in plugins:
            if "get_payment_config" in dir(type(plugin)):
                found[plugin.PLUGIN_ID] = Named(plugin.PLUGIN_ID, str(plugin.PLUGIN_NAME))
    return list(found.values())
