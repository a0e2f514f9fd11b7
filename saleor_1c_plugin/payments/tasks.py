"""Celery's way into this room."""

from celery import shared_task

from ..store import current_store
from . import polling
from .registry import asking


@shared_task(name="saleor_1c_plugin.payments.poll")
def poll() -> None:
    """Ask for what nobody has told; safe to run at any time, any number of times."""
    with current_store().writing():
        polling.poll()


@shared_task(name="saleor_1c_plugin.payments.ask_for_registries")
def ask_for_registries() -> None:
    """Have registries loaded once a day; safe to run at any time, any number of times."""
    with current_store().writing():
        asking.ask_nightly()
