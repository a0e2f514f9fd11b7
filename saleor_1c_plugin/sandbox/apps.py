from django.apps import AppConfig


class SandboxConfig(AppConfig):
    name = "saleor_1c_plugin.sandbox"
    label = "onec_sandbox"
    default_auto_field = "django.db.models.BigAutoField"
