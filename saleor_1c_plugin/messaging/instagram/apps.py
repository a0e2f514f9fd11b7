from datetime import timedelta

from django.apps import AppConfig


class InstagramConfig(AppConfig):
    name = "saleor_1c_plugin.messaging.instagram"
    label = "onec_messaging_instagram"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ...outbox.regular import regular
        from ..bots import messengers
        from ..channel import register
        from .bot import Instagram
        from .messenger import InstagramMessenger
        from .tasks import renew

        register(Instagram())
        messengers.register(InstagramMessenger())
        regular("tokens of Instagram", renew, timedelta(days=1))
