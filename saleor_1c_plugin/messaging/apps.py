from datetime import timedelta

from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "saleor_1c_plugin.messaging"
    label = "onec_messaging"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ..crm import proposals
        from ..history import erasing, journal, telling
        from ..outbox import topics
        from ..outbox.regular import regular
        from . import commands, consent, manager, planning, staff
        from .bots import answers
        from .erasing import erase
        from .tasks import look_after
        from .telling import tell

        journal.read_by("messages", planning.take)
        erasing.when_forgotten(erase)
        telling.told_by("messages", tell)
        proposals.when_made(staff.doubtful)
        topics.register(manager.TOPIC, manager.deliver)
        commands.register("stop", consent.stop, words=("стоп", "stop", "отписаться", "unsubscribe"))
        commands.register("start", answers.start)
        commands.register("status", answers.status, words=answers.STATUS_WORDS)
        commands.register("extend", answers.extend)
        commands.register("gone", answers.gone)
        regular("messages to buyers", look_after, timedelta(minutes=1))
