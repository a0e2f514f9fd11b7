from django.apps import AppConfig


class TwilioConfig(AppConfig):
    name = "saleor_1c_plugin.messaging.sms.twilio"
    label = "onec_sms_twilio"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ..registering import register
        from .channel import Twilio

        register(Twilio())
