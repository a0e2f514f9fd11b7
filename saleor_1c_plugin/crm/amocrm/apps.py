from django.apps import AppConfig


class AmoCrmConfig(AppConfig):
    name = "saleor_1c_plugin.crm.amocrm"
    label = "onec_crm_amocrm"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ..adapter import register
        from .system import AmoCrm

        register(AmoCrm())
