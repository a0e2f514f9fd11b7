"""What the report calls things, for people; translated when they are read."""

from collections.abc import Mapping
from typing import Any

from ...language import gettext_lazy as _
from ...orders.known import Knowledge
from ..models import Operation
from ..provider import EntryKind, Status
from .matching import Outcome, Own

OUTCOMES: Mapping[Outcome, Any] = {
    Outcome.ONLY_PROVIDER: _("Only at the provider"),
    Outcome.ONLY_SHOP: _("Only in the store"),
    Outcome.STATE: _("Another state"),
    Outcome.CURRENCY: _("Another currency"),
    Outcome.AMOUNT: _("Another amount"),
    Outcome.NOT_IN_ONEC: _("Not in 1C"),
    Outcome.UNLOADED: _("Registry not loaded"),
    Outcome.MATCHED: _("Matched"),
}
KINDS: Mapping[EntryKind, Any] = {
    EntryKind.PAYMENT: _("Payment"),
    EntryKind.REFUND: _("Refund"),
    EntryKind.CHARGEBACK: _("Chargeback"),
}
KNOWLEDGE: Mapping[Knowledge, Any] = {
    Knowledge.CONFIRMED: _("confirmed"),
    Knowledge.WAITING: _("not taken yet"),
    Knowledge.ABSENT: _("not known"),
}
_PAYMENTS: Mapping[str, Any] = {
    Status.PENDING: _("under way"),
    Status.AUTHORISED: _("held"),
    Status.CHARGED: _("charged"),
    Status.CANCELLED: _("cancelled"),
}
_REFUNDS: Mapping[str, Any] = {
    Operation.State.OPEN: _("under way"),
    Operation.State.DONE: _("done"),
    Operation.State.FAILED: _("failed"),
}


def state(own: Own) -> str:
    """How a move stands in our own books."""
    words = _PAYMENTS if own.kind is EntryKind.PAYMENT else _REFUNDS
    return str(words.get(own.state, own.state))
