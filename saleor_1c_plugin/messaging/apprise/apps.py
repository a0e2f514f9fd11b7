from django.apps import AppConfig


class AppriseConfig(AppConfig):
    name = "saleor_1c_plugin.messaging.apprise"
    label = "onec_messaging_apprise"

    def ready(self) -> None:
        from ..channel import register
        from .channel import Chat

        register(Chat())
