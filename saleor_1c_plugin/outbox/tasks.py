"""Celery's way into this room."""

from celery import shared_task

from ..store import current_store
from . import messages, order, regular
from .delivery import deliver_all
from .settings import OutboxSettings
from .waking import heard


@shared_task(name="saleor_1c_plugin.outbox.deliver_pending")
def deliver_pending() -> None:
    """Deliver what is due; safe to run at any time, any number of times."""
    with current_store().writing():
        heard(deliver_pending)
        if deliver_all():
            messages.kick()


@shared_task(name="saleor_1c_plugin.outbox.look_after")
def look_after() -> None:
    """Deliver what waited for its time, or was left by workers that died."""
    with current_store().writing():
        order.promote_strays()
    deliver_pending()


@shared_task(name="saleor_1c_plugin.outbox.prune")
def prune() -> None:
    """Forget what was delivered long ago."""
    with current_store().writing():
        settings = OutboxSettings.load()
        if settings is not None:
            messages.prune(settings.keep_days)


@shared_task(name="saleor_1c_plugin.outbox.run_regular")
def run_regular(name: str) -> None:
    """Do a regular work whose beat came, unless another beat has just had it done."""
    with current_store().writing():
        regular.run(name)


@shared_task(name="saleor_1c_plugin.outbox.catch_up")
def catch_up() -> None:
    """Do the regular work whose beat never came."""
    with current_store().writing():
        regular.catch_up()
