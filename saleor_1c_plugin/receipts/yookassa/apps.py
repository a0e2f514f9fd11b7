from django.apps import AppConfig


class YooKassaReceiptsConfig(AppConfig):
    name = "saleor_1c_plugin.receipts.yookassa"
    label = "onec_receipts_yookassa"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ..driver import register
        from .driver import YooKassaReceipts

        register(YooKassaReceipts())
