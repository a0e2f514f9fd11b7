"""Which receipts the facts of an order call for, and are not there yet.

Pure: what was registered before is handed in, and nothing is remembered between two calls. Every
fact of money, and every parcel that settles what was paid before, has one receipt, under a key of
its own.

Whose facts are not ours: money that is only promised or held, that 1C told of, that needs no
receipt, or that moved before the merchant had any made here; and goods that such money alone has
paid for.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from ..store.orders import Order, Payment, PaymentKind, Shipment
from .compose import deadline
from .compose.buyer import buyer_of
from .compose.check import problems
from .compose.document import Buyer, Kind, Means, Receipt
from .compose.goods import Goods, goods_of, kopecks
from .compose.ledger import Ledger
from .compose.others import Others
from .compose.position import Position
from .compose.problem import Problem
from .compose.refund import refund, undo
from .compose.sale import sale
from .compose.settlement import settlement
from .compose.terms import Terms

__all__ = ["DROPPED", "Known", "Needed", "Terms", "corrected", "needed", "undone"]

#: State of a receipt of which a person has said that there is to be none.
DROPPED = "dropped"

_PAYMENT, _REFUND = "payment", "refund"
#: Goods that left; and a parcel that was settled and never left after all.
_SHIPMENT, _UNSHIPPED = "shipment", "unshipped"
_UNDONE = ":undone:"
_ROUBLE = "RUB"


@dataclass(frozen=True, slots=True)
class Known:
    """A receipt of the order that there is a row of, registered or not.

    `receipt` is ``None`` where it has none yet, or is to be composed anew: it is then among the
    needed ones again. Of a dropped one the fact counts as done with, and the receipt as never made.
    """

    fact: str
    receipt: Receipt | None
    #: A value of ``models.Receipt.State``.
    state: str = "done"


@dataclass(frozen=True, slots=True)
class Needed:
    """A receipt that is to be made, or what a person has to mend before it can be."""

    #: The same for ever, and unique: "<order's id>:payment:<payment's id>".
    fact: str
    kind: Kind
    happened: datetime
    #: By when the law wants it registered.
    deadline: datetime
    #: The receipt; or the problem, in Russian.
    receipt: Receipt | str
    #: Money that has moved by this fact; nought where something is only set off.
    moved: Decimal = Decimal(0)


def undone(fact: str, number: int = 1) -> str:
    """Key of the correction that takes the receipt of a fact back, see :mod:`.compose.correction`.

    Parameters
    ----------
    number
        Which time it is.
    """
    return f"{fact}{_UNDONE}{number}"


def corrected(fact: str, number: int = 1) -> str:
    """Key of the correction that says how the receipt of a fact should have been."""
    return f"{fact}:corrected:{number}"


def needed(order: Order, terms: Terms, known: Sequence[Known]) -> list[Needed]:
    """What is missing of the order's receipts, in the order in which they are to be registered.

    What follows on a problem can't be composed before that is mended: payments and refunds wait
    for it and say so, shipments are not spoken of yet.

    Parameters
    ----------
    known
        All of the order's receipts, corrections too, in the order in which they were made.
    """
    return _Look(order, terms, known).needed()


@dataclass(frozen=True, slots=True)
class _Fact:
    key: str
    at: datetime
    what: Payment | Shipment
    kind: Kind


class _Look:
    """One look at an order."""

    def __init__(self, order: Order, terms: Terms, known: Sequence[Known]) -> None:
        self._order = order
        self._terms = terms
        self._known = known
        self._dropped = {item.fact for item in known if item.state == DROPPED}
        self._receipts = {
            item.fact: item.receipt for item in known if item.receipt and item.state != DROPPED
        }
        self._payments = {payment.id: payment for payment in order.payments}
        self._others = Others(
            order,
            terms,
            dropped_payments=self._among(self._dropped, _PAYMENT, order.payments),
            dropped_shipments=self._among(self._dropped, _SHIPMENT, order.shipments),
            settled=self._among(self._receipts, _SHIPMENT, order.shipments),
        )
        cards = sum((amount for _, amount in order.gift_cards), Decimal(0))
        self._ledger = Ledger(int(cards * 100))
        self._blocked = ""
        self._found: list[Needed] = []

    def needed(self) -> list[Needed]:
        facts = {fact.key: fact for fact in self._facts()}
        if facts.keys() <= self._receipts.keys() | self._dropped:
            return []
        made = [place for place, item in enumerate(self._known) if item.fact in self._receipts]
        for place, item in enumerate(self._known):
            if receipt := self._receipts.get(item.fact):
                facts.pop(item.fact, None)
                self._ledger.add(receipt, undoes=_undoes(item.fact))
            elif item.state == DROPPED:
                facts.pop(item.fact, None)
            elif made and place < made[-1] and (fact := facts.pop(item.fact, None)):
                # Others were made on top of it: it is composed as it stood before them.
                self._look_at(fact)
        for fact in facts.values():
            self._look_at(fact)
        return self._found

    def _facts(self) -> list[_Fact]:
        """In the order in which they happened; goods before the money that was paid for them.

        What never left after all comes first: what it set off pays for what did leave.
        """
        found = []
        for payment in self._order.payments:
            if self._others.is_ours(payment):
                is_back = payment.kind is not PaymentKind.CHARGE
                key = self._key(_REFUND if is_back else _PAYMENT, payment.id)
                kind = Kind.SELL_REFUND if is_back else Kind.SELL
                found.append(_Fact(key, payment.at, payment, kind))
        for shipment in self._order.shipments:
            key = self._key(_SHIPMENT, shipment.id)
            if shipment.cancelled:
                if key in self._receipts:
                    key = self._key(_UNSHIPPED, shipment.id)
                    at = max(shipment.at, self._order.updated)
                    found.append(_Fact(key, at, shipment, Kind.SELL_REFUND))
            elif not shipment.returned and shipment.id not in self._others.shipments:
                found.append(_Fact(key, shipment.at, shipment, Kind.SELL))
        return sorted(
            found,
            key=lambda fact: (
                not _undoes(fact.key),
                fact.at,
                isinstance(fact.what, Payment),
            ),
        )

    def _among(
        self, keys: Collection[str], kind: str, facts: Sequence[Payment | Shipment]
    ) -> frozenset[str]:
        """Ids of those facts whose keys are among `keys`."""
        return frozenset(fact.id for fact in facts if self._key(kind, fact.id) in keys)

    def _key(self, kind: str, id_: str) -> str:
        return f"{self._order.id}:{kind}:{id_}"

    def _look_at(self, fact: _Fact) -> None:
        """Find the receipt of a fact, and go on from there."""
        payment = fact.what if isinstance(fact.what, Payment) else None
        receipt: Receipt | str | None
        if self._blocked:
            if payment is None:
                return
            receipt = f"Сначала нужно исправить предыдущий чек заказа: {self._blocked}"
        else:
            try:
                receipt = self._compose(fact)
            except Problem as problem:
                receipt = self._blocked = str(problem)
        if receipt is None:
            return
        if isinstance(receipt, Receipt):
            self._ledger.add(receipt, undoes=_undoes(fact.key))
        is_at_once = payment is None or self._means(payment) is Means.CASH
        term = deadline.same_day if is_at_once else deadline.next_working_day
        self._found.append(
            Needed(
                fact.key,
                fact.kind,
                fact.at,
                term(fact.at, self._terms.zone),
                receipt,
                payment.amount if payment else Decimal(0),
            )
        )

    def _compose(self, fact: _Fact) -> Receipt | None:
        if self._order.currency != _ROUBLE:
            raise Problem(
                f"Чеки пробиваются только в рублях, а заказ — в валюте {self._order.currency}"
            )
        position = Position(
            self._order,
            self._terms,
            self._goods,
            self._buyer,
            self._ledger,
            fact.at,
            self._others.shipments,
            int(self._others.money(fact.at) * 100),
        )
        what = fact.what
        receipt: Receipt | None
        if isinstance(what, Payment):
            compose = refund if fact.kind.is_refund else sale
            receipt = compose(position, kopecks(what.amount), self._means(what))
        elif fact.kind.is_refund:
            settled = self._receipts[self._key(_SHIPMENT, what.id)]
            receipt = undo(position, settled)
        else:
            receipt = settlement(position, what)
        if receipt and (wrong := problems(receipt)):
            raise Problem("; ".join(wrong))
        if receipt is None:
            return None
        gateway, reference = self._about(fact)
        return replace(receipt, gateway=gateway, gateway_reference=reference)

    def _about(self, fact: _Fact) -> tuple[str, str]:
        """Gateway and its id of what it has moved; of goods that leave, their last payment."""
        what: Payment | Shipment | None = fact.what
        if isinstance(what, Shipment):
            paid = [
                payment
                for payment in self._order.payments
                if payment.kind is PaymentKind.CHARGE
                and payment.at <= fact.at
                and self._others.is_ours(payment)
            ]
            last = max(paid, key=lambda payment: payment.at, default=None)
            # With goods that never left no money goes back.
            what = None if fact.kind.is_refund else last
        return (what.gateway, what.reference) if what else ("", "")

    @cached_property
    def _goods(self) -> list[Goods]:
        return goods_of(self._order)

    @cached_property
    def _buyer(self) -> Buyer:
        return buyer_of(self._order)

    def _means(self, payment: Payment) -> Means:
        """A refund goes back the way on which the payment came, where that is known."""
        payment = self._payments.get(payment.refunds, payment)
        words = f"{payment.method} {payment.gateway}".casefold()
        return next(
            (means for word, means in self._terms.means.items() if word in words),
            Means.ELECTRONIC,
        )


def _undoes(key: str) -> bool:
    """Whether a receipt takes another one back, as if that had not been."""
    return _UNDONE in key or f":{_UNSHIPPED}:" in key
