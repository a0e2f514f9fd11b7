"""Celery's way into this room."""

from celery import shared_task

from ...store import current_store
from . import cards
from .settings import OnecCrmSettings


@shared_task(name="saleor_1c_plugin.crm.onec.look_through")
def look_through() -> None:
    """Find new accounts, where that is wanted."""
    with current_store().writing():
        cards.look_through(OnecCrmSettings.load())
