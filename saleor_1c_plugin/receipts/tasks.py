"""Celery's way into this room."""

import logging

from celery import shared_task

from ..outbox.waking import heard, wake
from ..store import current_store
from . import noticing, queue, upkeep

logger = logging.getLogger(__name__)


@shared_task(name="saleor_1c_plugin.receipts.register_receipts")
def register_receipts() -> None:
    """Register what is due; safe to run at any time, any number of times."""
    with current_store().writing():
        heard(register_receipts)
        if queue.work():
            wake(register_receipts, "receipts")


@shared_task(name="saleor_1c_plugin.receipts.look_after")
def look_after() -> None:
    """Close shifts in time, see how registers are, register what waited for its time."""
    with current_store().writing():
        upkeep.look_after()
    register_receipts()


@shared_task(name="saleor_1c_plugin.receipts.look_through")
def look_through() -> None:
    """Find facts that nobody told of."""
    with current_store().writing():
        noticing.look_through()
