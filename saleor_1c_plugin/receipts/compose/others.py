"""Money that is none of ours, and goods that it has paid for.

Others have receipts of it, or it needs none: what 1C told of, where its own register prints; what
companies transfer by an invoice; what moved before the merchant had receipts made here; and what a
person has said there is to be no receipt of.
"""

from collections.abc import Collection, Iterator
from datetime import datetime
from decimal import Decimal

from ...store.orders import Order, Payment, PaymentKind, Shipment
from .terms import Terms

_NO_MONEY = (PaymentKind.AUTHORISED, PaymentKind.PROMISED)


class Others:
    """Whose the facts of an order are.

    Parameters
    ----------
    dropped_payments, dropped_shipments
        Ids of those of which there is to be no receipt.
    settled
        Ids of shipments that have a receipt of ours.
    """

    def __init__(
        self,
        order: Order,
        terms: Terms,
        *,
        dropped_payments: Collection[str] = (),
        dropped_shipments: Collection[str] = (),
        settled: Collection[str] = (),
    ) -> None:
        self._order = order
        self._terms = terms
        self._dropped_payments = dropped_payments
        self._dropped_shipments = dropped_shipments
        self._settled = settled
        self._payments = {payment.id: payment for payment in order.payments}
        self._lines = {line.id: line for line in order.lines if line.quantity}
        self._charges = [
            payment for payment in order.payments if payment.kind is PaymentKind.CHARGE
        ]
        #: Shipments that no receipt of ours is for.
        self.shipments = frozenset(self._shipments())

    def is_ours(self, payment: Payment) -> bool:
        """Whether money has moved that calls for a receipt of ours."""
        if payment.kind in _NO_MONEY or payment.amount <= 0:
            return False
        return not self._is_foreign(payment)

    def money(self, until: datetime) -> Decimal:
        """What is not ours and has not paid for :attr:`shipments`."""
        used = sum(
            (self._worth(one) for one in self._order.shipments if one.id in self.shipments),
            Decimal(0),
        )
        return max(Decimal(0), self._received(until) - used)

    def _is_foreign(self, payment: Payment) -> bool:
        if self._is_elses(payment) or self._is_old(payment):
            return True
        if payment.kind in (PaymentKind.CHARGE, PaymentKind.PROMISED):
            return False
        # What gives money back is with whom the money was. Of what was before the beginning only
        # a person can say what its receipts were: it stays ours, to be told of.
        paid = self._payments.get(payment.refunds)
        charges = [paid] if paid else self._charges
        return bool(charges) and all(map(self._is_elses, charges))

    def _is_elses(self, payment: Payment) -> bool:
        return (
            (payment.from_onec and not self._terms.onec_payments)
            or payment.gateway in self._terms.without
            or (payment.kind is PaymentKind.CHARGE and payment.id in self._dropped_payments)
        )

    def _is_old(self, fact: Payment | Shipment) -> bool:
        return self._terms.since is not None and fact.at < self._terms.since

    def _received(self, until: datetime) -> Decimal:
        return sum(
            (
                payment.amount if payment.kind is PaymentKind.CHARGE else -payment.amount
                for payment in self._order.payments
                if payment.kind not in _NO_MONEY
                and payment.at <= until
                and self._is_foreign(payment)
            ),
            Decimal(0),
        )

    def _shipments(self) -> Iterator[str]:
        """Old ones; those that a person has let go; those that only others' money pays for."""
        is_promised = any(
            payment.kind is PaymentKind.PROMISED and self._is_foreign(payment)
            for payment in self._order.payments
        )
        used = Decimal(0)
        for shipment in sorted(self._order.shipments, key=lambda shipment: shipment.at):
            if shipment.cancelled or shipment.id in self._settled:
                continue
            worth = self._worth(shipment)
            if not (self._is_old(shipment) or shipment.id in self._dropped_shipments):
                if self._is_paid_here(shipment.at):
                    continue
                received = self._received(shipment.at)
                if not is_promised and (not received or received < used + worth):
                    continue
            used += worth
            yield shipment.id

    def _is_paid_here(self, until: datetime) -> bool:
        return any(amount > 0 for _, amount in self._order.gift_cards) or any(
            payment.at <= until and self.is_ours(payment) for payment in self._charges
        )

    def _worth(self, shipment: Shipment) -> Decimal:
        return sum(
            (
                line.total_gross * row.quantity / line.quantity
                for row in shipment.lines
                if (line := self._lines.get(row.line_id))
            ),
            Decimal(0),
        )
