from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "saleor_1c_plugin.orders"
    label = "onec_orders"
    default_auto_field = "django.db.models.BigAutoField"
