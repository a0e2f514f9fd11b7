"""Celery's way into this room."""

from celery import shared_task

from ...store import current_store
from . import polling


@shared_task(name="saleor_1c_plugin.messaging.sms.ask_all")
def ask_all() -> None:
    """Ask after messages that nobody has told of; safe to run at any time, also twice at once."""
    with current_store().writing():
        polling.ask_all()
