from django.apps import AppConfig


class EmailConfig(AppConfig):
    name = "saleor_1c_plugin.messaging.email"
    label = "onec_messaging_email"

    def ready(self) -> None:
        from .. import channel
        from .sender import Email

        channel.register(Email())
