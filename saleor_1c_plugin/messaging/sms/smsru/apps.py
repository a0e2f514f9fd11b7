from django.apps import AppConfig


class SmsRuConfig(AppConfig):
    name = "saleor_1c_plugin.messaging.sms.smsru"
    label = "onec_sms_smsru"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ..registering import register
        from .channel import SmsRu

        register(SmsRu())
