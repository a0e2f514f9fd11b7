"""Celery's way into this room."""

from celery import shared_task
from django.db import transaction

from ..broker import offer
from ..store import current_store
from .follow_ups import run_pending


@shared_task(name="saleor_1c_plugin.catalog.run_follow_ups")
def run_follow_ups() -> int:
    """Do the shop's follow-up work that imports left; safe to run at any time."""
    with current_store().writing():
        return run_pending()


def start_follow_ups() -> None:
    """Have the work done once the present transaction is committed.

    A broker that can't be reached loses nothing: the work stands in the database, and whatever
    comes next (an import, the sweep) starts it again.
    """
    transaction.on_commit(_send)


def _send() -> None:
    offer(run_follow_ups, "the follow-up work")
