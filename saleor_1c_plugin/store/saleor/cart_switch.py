"""Saleor counts what is reserved only where one of its own two durations is set.

With neither, it would let buyers add and would show as available what others hold; the last check,
when an order is made, counts reservations always. So while a channel has reservation switched on,
the least that can be set is set: carts of those who are signed in reserve for one minute by
themselves. A merchant's own durations stay as they are.
"""

from typing import Any

from django.db.models import Q
from django.db.models.signals import post_save
from saleor.core.db.connection import allow_writer
from saleor.plugins.models import PluginConfiguration
from saleor.site.models import SiteSettings

_PLUGIN = "saleor1c.reservations"
#: Neither is set; 0 counts as not set.
_OFF = (
    Q(reserve_stock_duration_anonymous_user=None) | Q(reserve_stock_duration_anonymous_user=0)
) & (
    Q(reserve_stock_duration_authenticated_user=None)
    | Q(reserve_stock_duration_authenticated_user=0)
)
_MINUTES = 1


def ensure() -> None:
    """Have Saleor count reservations while the plugin is on in any channel."""
    with allow_writer():
        if PluginConfiguration.objects.filter(identifier=_PLUGIN, active=True).exists():
            SiteSettings.objects.filter(_OFF).update(
                reserve_stock_duration_authenticated_user=_MINUTES
            )


def watch() -> None:
    """Ensure it whenever either is saved."""

    def saved(instance: Any, **_: Any) -> None:
        if isinstance(instance, SiteSettings) or instance.identifier == _PLUGIN:
            ensure()

    for model in (SiteSettings, PluginConfiguration):
        post_save.connect(saved, model, weak=False, dispatch_uid="onec.reservations.switch")
