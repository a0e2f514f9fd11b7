from django.apps import AppConfig


class TelegramConfig(AppConfig):
    name = "saleor_1c_plugin.messaging.telegram"
    label = "onec_messaging_telegram"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ..bots import messengers
        from ..channel import register
        from .bot import Telegram
        from .messenger import TelegramMessenger

        register(Telegram())
        messengers.register(TelegramMessenger())
