from datetime import timedelta

from django.apps import AppConfig


class ReservationsConfig(AppConfig):
    name = "saleor_1c_plugin.reservations"
    label = "onec_reservations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ..orders import sources
        from ..outbox import topics
        from ..outbox.regular import regular
        from ..store import current_carts
        from . import events, holds, onec
        from .listener import listener
        from .tasks import sweep

        current_carts().listen(listener)
        sources.register(onec.Reservations(holds.cancel))
        topics.register(events.TOPIC, events.deliver)
        regular("reservations", sweep, timedelta(minutes=1))
