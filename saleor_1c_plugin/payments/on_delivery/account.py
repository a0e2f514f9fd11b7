"""What a buyer promises to pay on delivery.

The shop takes it for authorised (:mod:`..offline`): who pays at the door has no other way to
promise it, and an order that waits for money first would never be delivered.
"""

from collections.abc import Mapping

from ...money import quantize
from ..models import Attempt
from ..offline import OfflineAccount, status_of
from ..provider import Order, Rejected, Snapshot
from .settings import WORDS, OnDeliverySettings


class OnDeliveryAccount(OfflineAccount):
    """See :class:`~saleor_1c_plugin.payments.provider.Account`."""

    provider = "on_delivery"

    def __init__(self, settings: OnDeliverySettings) -> None:
        self._settings = settings
        self.methods = settings.methods

    def offer(self) -> Mapping[str, object]:
        most = self._settings.most
        return {"methods": list(self.methods), "most": None if most is None else f"{most:f}"}

    def require(self, order: Order) -> None:
        most = self._settings.most
        if not order.method and len(self.methods) > 1:
            raise Rejected(f"“method” must be one of: {', '.join(self.methods)}")
        if most is not None and order.amount > most:
            raise Rejected(f"At most {most:f} {order.currency} can be paid on delivery")

    def snapshot(self, attempt: Attempt) -> Snapshot:
        method = attempt.chosen or self.methods[0]
        return Snapshot(
            id=str(attempt.pk),
            status=status_of(attempt, relied_on=True),
            amount=attempt.amount,
            currency=attempt.currency,
            attempt=str(attempt.pk),
            method=WORDS[method],
            confirmation={
                "type": "onDelivery",
                "method": method,
                "amount": f"{quantize(attempt.amount, attempt.currency):f}",
            },
        )
