from django.apps import AppConfig


class WebMoneyConfig(AppConfig):
    name = "saleor_1c_plugin.payments.webmoney"
    label = "onec_payments_webmoney"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ..provider import register
        from .provider import WebMoney

        register(WebMoney())
