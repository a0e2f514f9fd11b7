"""Celery's way into this room."""

from collections.abc import Collection, Sequence

from celery import shared_task

from ..broker import offer
from ..store import current_store
from . import sweeping


@shared_task(name="saleor_1c_plugin.reservations.sweep")
def sweep() -> None:
    """Tidy up and tell; safe to run at any time, any number of times."""
    with current_store().writing():
        sweeping.sweep()


@shared_task(name="saleor_1c_plugin.reservations.review")
def review(cart_ids: Sequence[str]) -> None:
    """Review carts."""
    with current_store().writing():
        sweeping.review_all(cart_ids)


def review_soon(cart_ids: Collection[str]) -> None:
    """Have carts reviewed by a worker; the sweep does it where there is none now."""
    offer(review, "the review of carts", (sorted(cart_ids),))
