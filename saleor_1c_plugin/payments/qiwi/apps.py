from django.apps import AppConfig


class QiwiConfig(AppConfig):
    name = "saleor_1c_plugin.payments.qiwi"
    label = "onec_payments_qiwi"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ..provider import register
        from .provider import Qiwi

        register(Qiwi())
