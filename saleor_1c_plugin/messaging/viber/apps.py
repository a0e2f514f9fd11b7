from django.apps import AppConfig


class ViberConfig(AppConfig):
    name = "saleor_1c_plugin.messaging.viber"
    label = "onec_messaging_viber"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ..bots import messengers
        from ..channel import register
        from .bot import Viber
        from .messenger import ViberMessenger

        register(Viber())
        messengers.register(ViberMessenger())
