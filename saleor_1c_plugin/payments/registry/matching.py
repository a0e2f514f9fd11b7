"""What a provider says laid beside our books, the shop's and 1C's: pure.

Each move of money is one row, whoever knows of it. It is named by the provider and the provider's
id of it; a refund and a chargeback are two words for money that went back.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from ...orders.known import Knowledge
from ..provider import Conversion, EntryKind


class Outcome(StrEnum):
    """The worst first: what comes first is shown first."""

    #: The provider has moved money of which nobody here knows.
    ONLY_PROVIDER = "only_provider"
    #: The shop counts money that the provider has not moved.
    ONLY_SHOP = "only_shop"
    #: Both know the payment, and only one of them that this has happened to it.
    STATE = "state"
    CURRENCY = "currency"
    AMOUNT = "amount"
    #: Provider and shop agree, and 1C does not know it yet.
    NOT_IN_ONEC = "not_in_onec"
    #: The registry of that time is not loaded: nothing can be said.
    UNLOADED = "unloaded"
    MATCHED = "matched"

    @property
    def is_difference(self) -> bool:
        return self not in (Outcome.UNLOADED, Outcome.MATCHED)


_RANK = {outcome: rank for rank, outcome in enumerate(Outcome)}


@dataclass(frozen=True, slots=True)
class Fact:
    """A move of money as one of the sides has it."""

    provider: str
    kind: EntryKind
    reference: str
    amount: Decimal
    currency: str
    at: datetime

    @property
    def key(self) -> tuple[str, bool, str]:
        return self.provider, self.kind is EntryKind.PAYMENT, self.reference


@dataclass(frozen=True, slots=True)
class Listed(Fact):
    """In the provider's registry."""

    account: str = ""
    payment_id: str = ""
    fee: Decimal | None = None
    converted: Conversion | None = None
    #: Why our payment could not be mended by it.
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Own(Fact):
    """In our gateway's books, whether the money has moved or not; `state` says how it is."""

    account: str = ""
    payment_id: str = ""
    is_moved: bool = False
    state: str = ""


@dataclass(frozen=True, slots=True)
class Sold(Fact):
    """In the shop's."""

    account: str = ""
    order_id: str = ""
    order_number: str = ""


@dataclass(frozen=True, slots=True)
class Closed:
    """A person has looked at a line, and has said why it needs nobody any more."""

    who: str
    at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class Row:
    """What is known of a move of money."""

    outcome: Outcome
    listed: Listed | None = None
    own: Own | None = None
    sold: Sold | None = None
    #: How far 1C knows the order; ``None`` where it is told of none.
    onec: Knowledge | None = None
    closed: Closed | None = None
    fact: Fact = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """The side that counts: the provider's word, then the shop's."""
        fact = self.listed or self.sold or self.own
        if fact is None:
            raise ValueError("Nobody knows of it")
        object.__setattr__(self, "fact", fact)

    @property
    def is_difference(self) -> bool:
        """Whether somebody has to look at it."""
        return self.outcome.is_difference and self.closed is None

    @property
    def account(self) -> str:
        sides = (self.listed, self.sold, self.own)
        return next((side.account for side in sides if side and side.account), "")

    @property
    def payment_id(self) -> str:
        return next((side.payment_id for side in (self.listed, self.own) if side), "")


def match(
    listed: Iterable[Listed],
    own: Iterable[Own],
    sold: Iterable[Sold],
    onec: Mapping[str, Knowledge] | None,
    is_loaded: Callable[[str, str, datetime], bool],
) -> list[Row]:
    """All that any side knows, each move once, differences first.

    Parameters
    ----------
    onec
        Id of an order → how far 1C knows it; ``None``: 1C is told of no orders.
    is_loaded
        Whether a provider's (name, account) registry of a moment is loaded.
    """
    entries = {one.key: one for one in listed}
    books = {one.key: one for one in own}
    sales = _summed(sold)
    #: Payments that the shop or our own books have.
    known = {key for key in sales if key[1]} | {key for key in books if key[1]}
    rows = []
    for key in entries.keys() | books.keys() | sales.keys():
        entry, book, sale = entries.get(key), books.get(key), sales.get(key)
        here = sale or (book if book and book.is_moved else None)
        if entry is None and here is None:
            # Asked for, and nothing has come of it anywhere.
            continue
        told = None
        if onec is not None and sale is not None:
            told = onec.get(sale.order_id, Knowledge.ABSENT)
        if entry is not None:
            outcome = _outcome(entry, book, sale, told, known)
        elif here is not None and is_loaded(here.provider, here.account, here.at):
            outcome = Outcome.ONLY_SHOP
        else:
            outcome = Outcome.UNLOADED
        rows.append(Row(outcome, entry, book, sale, told))
    return sorted(rows, key=_order)


def _outcome(
    entry: Listed,
    own: Own | None,
    sale: Sold | None,
    onec: Knowledge | None,
    known: set[tuple[str, bool, str]],
) -> Outcome:
    """What an entry of the provider's has come to."""
    if sale is None:
        is_known = own is not None or (entry.provider, True, entry.payment_id) in known
        return Outcome.STATE if is_known else Outcome.ONLY_PROVIDER
    sides = [side for side in (own, sale) if side is not None]
    if any(side.currency != entry.currency for side in sides):
        return Outcome.CURRENCY
    if sale.kind is not entry.kind or (own is not None and not own.is_moved):
        return Outcome.STATE
    if any(side.amount != entry.amount for side in sides):
        return Outcome.AMOUNT
    if onec not in (None, Knowledge.CONFIRMED):
        return Outcome.NOT_IN_ONEC
    return Outcome.MATCHED


def _summed(sold: Iterable[Sold]) -> dict[tuple[str, bool, str], Sold]:
    """What the shop counts under one reference, were it twice."""
    found: defaultdict[tuple[str, bool, str], list[Sold]] = defaultdict(list)
    for one in sold:
        found[one.key].append(one)
    return {
        key: facts[0]
        if len(facts) == 1
        else replace(facts[0], amount=sum((one.amount for one in facts), Decimal(0)))
        for key, facts in found.items()
    }


def _order(row: Row) -> tuple[int, float, str, str]:
    """Differences first, then the newest."""
    fact = row.fact
    return _RANK[row.outcome], -fact.at.timestamp(), fact.provider, fact.reference
