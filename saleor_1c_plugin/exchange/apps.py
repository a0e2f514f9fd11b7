from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "saleor_1c_plugin.exchange"
    label = "onec_exchange"
    default_auto_field = "django.db.models.BigAutoField"
