from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "saleor_1c_plugin.catalog"
    label = "onec_catalog"
    default_auto_field = "django.db.models.BigAutoField"
