from datetime import timedelta

from django.apps import AppConfig


class PushConfig(AppConfig):
    name = "saleor_1c_plugin.messaging.push"
    label = "onec_messaging_push"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ...history import erasing, telling
        from ...outbox.regular import regular
        from .. import channel
        from .devices import forget, tell
        from .notifying import Push
        from .tasks import prune

        channel.register(Push())
        erasing.when_forgotten(forget)
        telling.told_by("devices", tell)
        regular("devices", prune, timedelta(days=1))
