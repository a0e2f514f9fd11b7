from datetime import timedelta

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "saleor_1c_plugin.exchange"
    label = "onec_exchange"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ..outbox.regular import regular
        from .tasks import sweep_exchanges

        regular("exchanges", sweep_exchanges, timedelta(minutes=5))
