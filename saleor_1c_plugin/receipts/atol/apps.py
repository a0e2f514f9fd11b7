from django.apps import AppConfig


class AtolConfig(AppConfig):
    name = "saleor_1c_plugin.receipts.atol"
    label = "onec_receipts_atol"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ..driver import register
        from .driver import AtolDriver

        register(AtolDriver())
