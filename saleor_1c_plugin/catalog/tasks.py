"""Celery's way into this room."""

from celery import shared_task

from .follow_ups import run_pending


@shared_task(name="saleor_1c_plugin.catalog.run_follow_ups")
def run_follow_ups() -> int:
    """Do the shop's follow-up work that imports left; safe to run at any time."""
    return run_pending()
