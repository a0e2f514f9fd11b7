"""What the report calls things, for people."""

from functools import cached_property

from django.utils.translation import gettext as _

from ...orders.known import Knowledge
from ..models import Operation
from ..provider import EntryKind, Status
from ..settings import Duplicates, PaymentsSettings, SettingsError
from .matching import Outcome, Own


class Words:
    """In the language of the moment; one for a page or a file, whose rows need the same ones."""

    def __init__(self) -> None:
        self.outcomes = {
            Outcome.ONLY_PROVIDER: _("Only at the provider"),
            Outcome.ONLY_SHOP: _("Only in the store"),
            Outcome.STATE: _("Another state"),
            Outcome.CURRENCY: _("Another currency"),
            Outcome.AMOUNT: _("Another amount"),
            Outcome.NOT_IN_ONEC: _("Not in 1C"),
            Outcome.UNLOADED: _("Registry not loaded"),
            Outcome.MATCHED: _("Matched"),
        }
        self.kinds = {
            EntryKind.PAYMENT: _("Payment"),
            EntryKind.REFUND: _("Refund"),
            EntryKind.CHARGEBACK: _("Chargeback"),
        }
        self.knowledge = {
            Knowledge.CONFIRMED: _("confirmed"),
            Knowledge.WAITING: _("not taken yet"),
            Knowledge.ABSENT: _("not known"),
        }
        self._payments: dict[str, str] = {
            Status.PENDING: _("under way"),
            Status.AUTHORISED: _("held"),
            Status.CHARGED: _("charged"),
            Status.CANCELLED: _("cancelled"),
        }
        self._refunds: dict[str, str] = {
            Operation.State.OPEN: _("under way"),
            Operation.State.DONE: _("done"),
            Operation.State.FAILED: _("failed"),
        }

    @cached_property
    def duplicates(self) -> str:
        """What the setting says of money that was paid twice."""
        try:
            settings = PaymentsSettings.load() or PaymentsSettings()
        except SettingsError:
            return _("The settings can't be used: nothing is given back by itself.")
        if settings.duplicates is Duplicates.REFUND:
            return _("By the setting, what is too much is given back at once.")
        return _("By the setting, it is shown only: staff decide.")

    def state(self, own: Own) -> str:
        """How a move stands in our own books."""
        words = self._payments if own.kind is EntryKind.PAYMENT else self._refunds
        return words[own.state]
