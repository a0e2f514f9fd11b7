from datetime import timedelta

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "saleor_1c_plugin.payments"
    label = "onec_payments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ..orders import sources
        from ..outbox import topics
        from ..outbox.regular import regular
        from ..store import promises
        from . import duplicates, intake, operations, polling, told
        from .promises import PromiseKeeper
        from .registry.onec import Registries
        from .tasks import ask_for_registries, poll

        for room in (duplicates, intake, operations, polling, told):
            topics.register(room.TOPIC, room.deliver)
        promises.kept_by(PromiseKeeper())
        regular("payments", poll, timedelta(minutes=1))
        regular("registries", ask_for_registries, timedelta(minutes=15))
        sources.register(Registries())
