from datetime import timedelta

from django.apps import AppConfig


class HistoryConfig(AppConfig):
    name = "saleor_1c_plugin.history"
    label = "onec_history"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ..outbox import topics
        from ..outbox.regular import regular
        from ..receipts import listeners
        from ..reservations import events
        from ..store import current_orders
        from . import noticing, producers, webhooks
        from .tasks import look_through, read_events

        current_orders().listen(noticing.changed)
        topics.register(noticing.TOPIC, noticing.deliver)
        events.listen(producers.reserved)
        listeners.when_registered(producers.registered)
        webhooks.connect()
        regular("events", read_events, timedelta(minutes=1))
        regular("orders without events", look_through, timedelta(minutes=5))
