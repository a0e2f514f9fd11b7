from django.apps import AppConfig


class Bitrix24Config(AppConfig):
    name = "saleor_1c_plugin.crm.bitrix24"
    label = "onec_crm_bitrix24"

    def ready(self) -> None:
        from ..adapter import register
        from .system import Bitrix24

        register(Bitrix24())
