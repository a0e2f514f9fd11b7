from django.apps import AppConfig


class PayPalConfig(AppConfig):
    name = "saleor_1c_plugin.payments.paypal"
    label = "onec_payments_paypal"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ..provider import register
        from .provider import PayPal

        register(PayPal())
