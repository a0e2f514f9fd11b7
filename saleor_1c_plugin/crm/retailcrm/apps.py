from django.apps import AppConfig


class RetailCrmConfig(AppConfig):
    name = "saleor_1c_plugin.crm.retailcrm"
    label = "onec_crm_retailcrm"

    def ready(self) -> None:
        from ..adapter import register
        from .system import RetailCrm

        register(RetailCrm())
