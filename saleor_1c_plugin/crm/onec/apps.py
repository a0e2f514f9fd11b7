from datetime import timedelta

from django.apps import AppConfig


class OnecCrmConfig(AppConfig):
    name = "saleor_1c_plugin.crm.onec"
    label = "onec_crm_onec"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ...history import erasing as journal_erasing
        from ...history import journal, telling
        from ...orders import counterparties, sources
        from ...orders.outgoing import additions
        from ...outbox.regular import regular
        from ...store import current_orders
        from . import cards, events, taking
        from .erasing import erase
        from .tasks import look_through
        from .telling import tell

        sources.register(cards.Cards())
        additions.register(events.requisites)
        counterparties.when_told(taking.take)
        current_orders().listen_to_customers(cards.changed)
        journal.read_by("crm_onec", events.take)
        journal_erasing.when_forgotten(erase)
        telling.told_by("crm_onec", tell)
        regular("accounts for 1C", look_through, timedelta(minutes=1))
