from django.apps import AppConfig


class OrangeDataConfig(AppConfig):
    name = "saleor_1c_plugin.receipts.orangedata"
    label = "onec_receipts_orangedata"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ..driver import register
        from .register import OrangeData

        register(OrangeData())
