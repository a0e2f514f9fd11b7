"""Celery's way into this room."""

from celery import shared_task

from ..store import current_store
from . import run, sweep


@shared_task(name="saleor_1c_plugin.exchange.run_import")
def run_import(job_id: int) -> None:
    """Do a job that 1C waits for; harmless when it is done or somebody else does it."""
    with current_store().writing():
        run.run(job_id)


@shared_task(name="saleor_1c_plugin.exchange.sweep")
def sweep_exchanges() -> None:
    """Clear up after exchanges that are over or were given up."""
    with current_store().writing():
        sweep.sweep()
