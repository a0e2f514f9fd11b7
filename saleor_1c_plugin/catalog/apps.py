from datetime import timedelta

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "saleor_1c_plugin.catalog"
    label = "onec_catalog"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ..outbox.regular import regular
        from .tasks import run_follow_ups

        regular("follow-ups of the catalogue", run_follow_ups, timedelta(minutes=1))
