from django.apps import AppConfig


class OnDeliveryConfig(AppConfig):
    name = "saleor_1c_plugin.payments.on_delivery"
    label = "onec_payments_on_delivery"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ..provider import register
        from .provider import OnDelivery

        register(OnDelivery())
