"""Celery's way into this room."""

from celery import shared_task

from ...store import current_store
from . import devices


@shared_task(name="saleor_1c_plugin.messaging.push.prune")
def prune() -> None:
    """Forget what was sent where, once nobody asks any more; safe to run at any time."""
    with current_store().writing():
        devices.prune()
