"""Celery's way into this room."""

from celery import shared_task

from ..store import current_store
from . import back


@shared_task(name="saleor_1c_plugin.crm.look_around")
def look_around() -> None:
    """Have CRMs asked what was changed there; safe to run at any time, any number of times."""
    with current_store().writing():
        back.look_around()
