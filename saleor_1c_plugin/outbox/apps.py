from datetime import timedelta

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "saleor_1c_plugin.outbox"
    label = "onec_outbox"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from celery.signals import worker_ready

        from ..broker import offer
        from .regular import regular
        from .tasks import catch_up, look_after, prune

        regular("outbox", look_after, timedelta(minutes=1))
        regular("old messages", prune, timedelta(days=1))
        # What no beat has called for while there was no worker, or no beat at all.
        worker_ready.connect(lambda **_: offer(catch_up, "what beats missed"), weak=False)
