"""Money that buyers have promised, and of which 1C tells when it is there.

Who pays by invoice or on delivery begins a transaction of the shop's, as everybody who pays; but
no provider ends it. The room of payments keeps these promises. A shop that takes down what 1C
tells of an order's money asks here first whether it redeems one: it is then written on the
promise's own transaction, and not on another one of 1C's.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from .orders import NewPayment
from .payments import Report


@dataclass(frozen=True, slots=True)
class Redeemed:
    """A fact that the shop is to write down, on a transaction of this gateway's."""

    gateway: str
    report: Report


class Keeper(Protocol):
    """Whoever knows what was promised. All calls are made in the shop's transaction."""

    def gateways(self) -> Collection[str]:
        """Ids, as the shop knows them, of the gateways by which nothing but promises are made."""

    def redeem(self, transactions: Collection[str], payment: NewPayment) -> Redeemed | None:
        """Take down money that 1C tells of; ``None``: it was promised by none of these.

        Parameters
        ----------
        transactions
            The shop's ids of an order's transactions, which is locked.
        payment
            What the shop has not heard of before.
        """

    def withdraw(self, transactions: Collection[str]) -> None:
        """Wait no more for what these promise: their order was cancelled."""


_keepers: list[Keeper] = []


def kept_by(keeper: Keeper) -> None:
    """Make a keeper known; called in ``AppConfig.ready()``."""
    _keepers[:] = [keeper]


def gateways() -> frozenset[str]:
    """See :class:`Keeper`."""
    return frozenset(gateway for keeper in _keepers for gateway in keeper.gateways())


def redeem(transactions: Collection[str], payment: NewPayment) -> Redeemed | None:
    """See :class:`Keeper`."""
    found = (keeper.redeem(transactions, payment) for keeper in _keepers if transactions)
    return next((one for one in found if one is not None), None)


def withdraw(transactions: Collection[str]) -> None:
    """See :class:`Keeper`."""
    for keeper in _keepers if transactions else ():
        keeper.withdraw(transactions)
