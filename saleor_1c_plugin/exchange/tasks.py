"""Celery's way into this room."""

from celery import shared_task

from ..outbox import regular
from ..store import current_store
from . import run, sweep


@shared_task(name="saleor_1c_plugin.exchange.run_import")
def run_import(job_id: int) -> None:
    """Do a job that 1C waits for; harmless when it is done or somebody else does it."""
    with current_store().writing():
        run.run(job_id)


@shared_task(name="saleor_1c_plugin.exchange.sweep")
def sweep_exchanges() -> None:
    """Clear up after exchanges that are over or were given up.

    Every login of 1C's begins it, so that it also makes up for a beat that does not come.
    """
    with current_store().writing():
        sweep.sweep()
        regular.catch_up()
