from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "saleor_1c_plugin.outbox"
    label = "onec_outbox"
    default_auto_field = "django.db.models.BigAutoField"
