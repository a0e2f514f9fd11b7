from django.apps import AppConfig


class SandboxConfig(AppConfig):
    name = "saleor_1c_plugin.sandbox"
    label = "onec_sandbox"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Shared tasks go to the application that was made last: the mini-shop's, where it runs.
        from . import celery  # noqa: F401
