"""Celery's way into this room."""

from celery import shared_task

from ..outbox.waking import heard
from ..store import current_store
from . import finding, journal, noticing
from .settings import HistorySettings


@shared_task(name="saleor_1c_plugin.history.read_events")
def read_events() -> None:
    """Tell the readers what is new; safe to run at any time, any number of times."""
    with current_store().writing():
        heard(read_events)
        journal.read_on()


@shared_task(name="saleor_1c_plugin.history.look_through")
def look_through() -> None:
    """Find what nobody told of, and forget what is old."""
    with current_store().writing():
        noticing.look_through()
        settings = HistorySettings.load()
        if settings is not None:
            finding.new_accounts()
            finding.left_carts(settings)
            journal.prune(settings.days)
    read_events()
