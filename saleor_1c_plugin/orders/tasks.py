"""Celery's way into this room."""

from celery import shared_task

from ..configuration import SettingsError
from ..store import current_store
from . import news
from .outgoing.settings import OutgoingSettings


@shared_task(name="saleor_1c_plugin.orders.look_through")
def look_through() -> None:
    """Find changes of orders that nobody told of; nothing where the plugin is off."""
    with current_store().writing():
        try:
            settings = OutgoingSettings.load()
        except SettingsError:
            return
        news.look_through(settings)
