from datetime import timedelta

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "saleor_1c_plugin.payments"
    label = "onec_payments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ..outbox import topics
        from ..outbox.regular import regular
        from . import duplicates, intake, operations, polling, told
        from .tasks import poll

        for room in (duplicates, intake, operations, polling, told):
            topics.register(room.TOPIC, room.deliver)
        regular("payments", poll, timedelta(minutes=1))
