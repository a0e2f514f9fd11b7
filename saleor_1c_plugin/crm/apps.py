from datetime import timedelta

from django.apps import AppConfig


class CrmConfig(AppConfig):
    name = "saleor_1c_plugin.crm"
    label = "onec_crm"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ..history import erasing as journal_erasing
        from ..history import journal, telling
        from ..outbox.regular import regular
        from . import taking
        from .erasing import erase
        from .tasks import look_around
        from .telling import tell, tell_there

        journal.read_by("crm", taking.take)
        journal_erasing.when_forgotten(erase)
        telling.told_by("crm", tell)
        telling.told_by("crm_there", tell_there, elsewhere=True)
        regular("changes in CRMs", look_around, timedelta(minutes=1))
