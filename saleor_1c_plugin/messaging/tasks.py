"""Celery's way into this room."""

from celery import shared_task

from ..outbox import pace
from ..store import current_store
from . import following
from .bots import codes


@shared_task(name="saleor_1c_plugin.messaging.look_after")
def look_after() -> None:
    """Send what was held, and try other channels; safe to run at any time, also twice at once."""
    with current_store().writing():
        following.look_after()
        following.prune()
        codes.prune()
        pace.prune()
