"""Facts of money laid beside their receipts: pure."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from ...orders.known import Knowledge
from ..compose.document import Kind
from ..models import Receipt

State = Receipt.State


class Outcome(StrEnum):
    """What a fact has come to; differences first."""

    #: Money has moved, and there is no receipt.
    WITHOUT = "without"
    #: There is a receipt, and the shop knows of no such money.
    UNPAID = "unpaid"
    AMOUNT = "amount"
    #: The register has printed another sum than it was told.
    PRINTED = "printed"
    FAILED = "failed"
    #: It waits, and its term is over.
    OVERDUE = "overdue"
    NOT_IN_ONEC = "not_in_onec"
    #: It waits for a register.
    WAITING = "waiting"
    #: A person has said that there is to be none.
    DROPPED = "dropped"
    #: Somebody else has its receipt, or it needs none.
    EXEMPT = "exempt"
    MATCHED = "matched"

    @property
    def is_difference(self) -> bool:
        return self not in _AGREEING


_AGREEING = {Outcome.WAITING, Outcome.DROPPED, Outcome.EXEMPT, Outcome.MATCHED}
_PLACES = {outcome: place for place, outcome in enumerate(Outcome)}


@dataclass(frozen=True, slots=True)
class Money:
    """Money that has moved as the shop has it; `amount` is positive, also of a refund."""

    #: Of the receipt that it calls for, see :mod:`..facts`.
    fact: str
    order_id: str
    order_number: str
    channel: str
    amount: Decimal
    currency: str
    at: datetime
    is_refund: bool
    method: str
    #: It calls for a receipt that nobody has made.
    is_missing: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A fact with both sides; amounts are positive where they are what the fact says."""

    fact: str
    order_id: str
    order_number: str
    channel: str
    is_refund: bool
    at: datetime
    currency: str
    method: str
    #: What has moved by the shop's words, and by those of the receipts; ``None``: nothing is known.
    paid: Decimal | None
    receipted: Decimal | None
    #: The fact's own receipt, or the first one that corrects it.
    receipt: UUID | None
    register: str
    reason: str
    onec: Knowledge | None
    outcome: Outcome


def match(
    money: Iterable[Money],
    receipts: Iterable[Receipt],
    knowledge: Mapping[str, Knowledge] | None,
    now: datetime,
) -> list[Row]:
    """Differences first, the newest of each first.

    Parameters
    ----------
    receipts
        With all that corrects them. Those that move no money are left out.
    knowledge
        How far 1C knows orders; ``None``: it is not told of any.
    """
    by_pk = {receipt.pk: receipt for receipt in receipts}
    by_fact: defaultdict[str, list[Receipt]] = defaultdict(list)
    for receipt in by_pk.values():
        if receipt.moved:
            by_fact[_base(receipt, by_pk)].append(receipt)
    rows = list(_rows(list(money), by_fact, knowledge, now))
    rows.sort(key=lambda row: row.at, reverse=True)
    return sorted(rows, key=lambda row: _PLACES[row.outcome])


def _rows(
    money: Collection[Money],
    by_fact: Mapping[str, list[Receipt]],
    knowledge: Mapping[str, Knowledge] | None,
    now: datetime,
) -> Iterator[Row]:
    for one in money:
        made = by_fact.get(one.fact, [])
        known = None if knowledge is None else knowledge.get(one.order_id)
        receipted = _moved(made, is_refund=one.is_refund)
        first = made[0] if made else None
        yield Row(
            fact=one.fact,
            order_id=one.order_id,
            order_number=one.order_number,
            channel=one.channel,
            is_refund=one.is_refund,
            at=one.at,
            currency=one.currency,
            method=one.method,
            paid=one.amount,
            receipted=receipted,
            receipt=first.pk if first else None,
            register=first.register if first else "",
            reason=_reason(made),
            onec=known,
            outcome=_outcome(one, made, receipted, known, now),
        )
    told = {one.fact for one in money}
    for fact, made in by_fact.items():
        alive = [receipt for receipt in made if receipt.state != State.DROPPED]
        is_refund = Kind(made[0].kind).is_refund
        receipted = _moved(made, is_refund=is_refund)
        # What was taken back again leaves nothing to be paid.
        if fact in told or not alive or not receipted:
            continue
        first = alive[0]
        yield Row(
            fact=fact,
            order_id=first.order_id,
            order_number=first.order_number,
            channel=first.channel,
            is_refund=is_refund,
            at=first.happened,
            currency="RUB",
            method="",
            paid=None,
            receipted=receipted,
            receipt=first.pk,
            register=first.register,
            reason=_reason(made),
            onec=None if knowledge is None else knowledge.get(first.order_id),
            outcome=Outcome.UNPAID,
        )


def _base(receipt: Receipt, by_pk: Mapping[UUID, Receipt]) -> str:
    """The fact that a receipt is about, also one that corrects another receipt."""
    while receipt.corrects_id is not None and receipt.corrects_id in by_pk:
        receipt = by_pk[receipt.corrects_id]
    return receipt.fact


def _moved(made: Iterable[Receipt], *, is_refund: bool) -> Decimal | None:
    """What all of a fact's receipts come to together; dropped ones are none."""
    moved = [
        receipt.moved if Kind(receipt.kind).is_refund is is_refund else -receipt.moved
        for receipt in made
        if receipt.state != State.DROPPED
    ]
    return sum(moved, Decimal(0)) if moved else None


def _reason(made: Iterable[Receipt]) -> str:
    return next((one.reason or one.note for one in made if one.reason or one.note), "")


def _outcome(
    money: Money,
    made: list[Receipt],
    receipted: Decimal | None,
    known: Knowledge | None,
    now: datetime,
) -> Outcome:
    alive = [receipt for receipt in made if receipt.state != State.DROPPED]
    if not alive:
        if money.is_missing:
            return Outcome.WITHOUT
        return Outcome.DROPPED if made else Outcome.EXEMPT
    states = {receipt.state for receipt in alive}
    waiting = [one for one in alive if one.state in (State.QUEUED, State.SENT)]
    if State.FAILED in states:
        return Outcome.FAILED
    if receipted != money.amount:
        return Outcome.AMOUNT
    if any(receipt.deadline < now for receipt in waiting):
        return Outcome.OVERDUE
    if waiting:
        return Outcome.WAITING
    if any(receipt.reason for receipt in alive):
        return Outcome.PRINTED
    if known not in (None, Knowledge.CONFIRMED):
        return Outcome.NOT_IN_ONEC
    return Outcome.MATCHED
