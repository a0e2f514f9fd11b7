from django.apps import AppConfig


class TBankConfig(AppConfig):
    name = "saleor_1c_plugin.payments.tbank"
    label = "onec_payments_tbank"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ..provider import register
        from .provider import TBank

        register(TBank())
