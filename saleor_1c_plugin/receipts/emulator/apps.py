from django.apps import AppConfig


class EmulatorConfig(AppConfig):
    name = "saleor_1c_plugin.receipts.emulator"
    label = "onec_receipts_emulator"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ..driver import register
        from .driver import EmulatorDriver

        register(EmulatorDriver())
