from django.apps import AppConfig


class SmscConfig(AppConfig):
    name = "saleor_1c_plugin.messaging.sms.smsc"
    label = "onec_sms_smsc"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ..registering import register
        from .channel import Smsc

        register(Smsc())
