"""What the payments room asks of a shop: who pays for what, and to be told of money.

The same rules as in :mod:`.ports`: ids of the shop are opaque strings, money is ``Decimal`` in the
payment's currency, time is aware UTC. A *transaction* is the shop's own record of one attempt to
pay; all reports about it add up to the money that has moved.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol


class Action(StrEnum):
    """What staff can have done with a payment."""

    CHARGE = "charge"
    REFUND = "refund"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Session:
    """A buyer is about to pay.

    `transaction` is the shop's id of the attempt; `about` names the checkout or the order in
    words, `about_id` by the shop's id. `given` is what the storefront sent along for the gateway:
    a buyer may have written anything into it.
    """

    transaction: str
    about: str
    about_id: str
    #: Slug.
    channel: str
    amount: Decimal
    currency: str
    #: The shop wants the money held, not taken yet.
    authorise: bool = False
    email: str = ""
    phone: str = ""
    #: Of the buyer, as far as the shop knows.
    address: str = ""
    given: Mapping[str, object] = field(default_factory=dict)


class ReportKind(StrEnum):
    AUTHORISED = "authorised"
    AUTHORISATION_FAILED = "authorisation_failed"
    CHARGED = "charged"
    CHARGE_FAILED = "charge_failed"
    #: Of what was authorised.
    CANCELLED = "cancelled"
    CANCEL_FAILED = "cancel_failed"
    REFUNDED = "refunded"
    REFUND_FAILED = "refund_failed"
    #: The buyer's bank has taken it back.
    CHARGED_BACK = "charged_back"
    #: Moves no money: something that a person must look at.
    REMARK = "remark"


@dataclass(frozen=True, slots=True)
class Report:
    """A fact of money that has happened, or has failed to.

    `reference` is the provider's id of it; with `kind` it makes the report one, however often
    it is told. `asked` is the shop's id of the staff's request that it answers.
    """

    transaction: str
    kind: ReportKind
    amount: Decimal
    reference: str
    at: datetime | None = None
    message: str = ""
    #: How it was paid, in words by which 1C books it.
    method: str = ""
    #: What can be done from now on.
    actions: tuple[Action, ...] = ()
    asked: str = ""


class PaymentStore(Protocol):
    """Transactions of a shop, each owned by the gateway that began it."""

    def ensure_gateway(self, gateway: str, name: str) -> None:
        """Let the shop know a gateway, where it has to before a buyer may choose it."""

    def report(self, gateway: str, report: Report) -> bool:
        """Write down a fact; ``False``: it was known already.

        Raises :class:`~saleor_1c_plugin.store.ports.StoreError` where the shop has no such
        transaction, or knows the fact with another amount.
        """
