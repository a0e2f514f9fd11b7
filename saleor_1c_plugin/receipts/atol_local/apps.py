from django.apps import AppConfig


class AtolLocalConfig(AppConfig):
    name = "saleor_1c_plugin.receipts.atol_local"
    label = "onec_receipts_atol_local"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ..driver import register
        from .driver import AtolLocalDriver

        register(AtolLocalDriver())
