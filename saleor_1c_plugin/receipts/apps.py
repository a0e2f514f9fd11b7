from datetime import timedelta

from django.apps import AppConfig


class ReceiptsConfig(AppConfig):
    name = "saleor_1c_plugin.receipts"
    label = "onec_receipts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ..orders import sources
        from ..outbox import topics
        from ..outbox.regular import regular
        from ..payments import conditions
        from ..store import current_orders
        from . import contact, listeners, noticing, onec, told
        from .printing import mail
        from .tasks import look_after, look_through

        current_orders().listen(noticing.changed)
        topics.register(noticing.TOPIC, noticing.deliver)
        topics.register(told.TOPIC, told.deliver)
        topics.register(mail.TOPIC, mail.deliver)
        conditions.require(contact.missing)
        listeners.when_registered(mail.send_later)
        listeners.when_registered(onec.registered)
        listeners.when_closed(onec.closed)
        sources.register(onec.Shifts())
        regular("receipts", look_after, timedelta(minutes=1))
        regular("orders without receipts", look_through, timedelta(minutes=5))
