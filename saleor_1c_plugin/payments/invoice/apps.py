from django.apps import AppConfig


class InvoiceConfig(AppConfig):
    name = "saleor_1c_plugin.payments.invoice"
    label = "onec_payments_invoice"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ..provider import register
        from .provider import InvoiceProvider

        register(InvoiceProvider())
