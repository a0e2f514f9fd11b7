from datetime import timedelta

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "saleor_1c_plugin.orders"
    label = "onec_orders"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ..outbox import topics
        from ..outbox.regular import regular
        from ..store import current_orders
        from . import news
        from .outgoing import push
        from .tasks import look_through

        current_orders().listen(news.changed)
        topics.register(push.TOPIC, push.deliver)
        regular("orders nobody told of", look_through, timedelta(minutes=5))
