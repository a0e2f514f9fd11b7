from django.apps import AppConfig


class YooKassaConfig(AppConfig):
    name = "saleor_1c_plugin.payments.yookassa"
    label = "onec_payments_yookassa"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ..provider import register
        from .provider import YooKassa

        register(YooKassa())
