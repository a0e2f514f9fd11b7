"""What the core asks of a provider, and the one place where providers are known.

A provider's answer to "how is this payment?" is a :class:`Snapshot`. Whatever a notification, a
poll or a call of ours brings, the core looks at the snapshot alone: a notification says only that
it is worth asking.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol, runtime_checkable


class NoAnswer(Exception):
    """No answer, or one that says nothing of what became of the call: it may have been carried out.

    To be asked again with the same key. The text holds no secrets.
    """


class AccessDenied(NoAnswer):
    """The provider does not let us in: the merchant has to set the right key, then it goes on."""


class Rejected(Exception):
    """The provider has not done what it was asked for, and won't. The text holds no secrets."""


class Gone(Rejected):
    """The provider has no such payment, and forgets those that nobody pays for in time."""


class Status(StrEnum):
    PENDING = "pending"
    #: Held on the buyer's account.
    AUTHORISED = "authorised"
    CHARGED = "charged"
    #: Nothing was taken, or what was held was let go.
    CANCELLED = "cancelled"


class RefundStatus(StrEnum):
    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Refund:
    id: str
    status: RefundStatus
    amount: Decimal
    currency: str
    at: datetime | None = None
    #: Why it failed.
    reason: str = ""
    #: Id of our operation, as the provider gives it back; empty: made without us.
    operation: str = ""
    #: The buyer's bank takes it back: pending while that is disputed, done once it is lost, and
    #: failed where the merchant was right.
    is_chargeback: bool = False


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of money that was held or taken, at a provider that has no list of refunds."""

    #: ``None``: a refund is under way, and the provider doesn't say how much it will leave.
    amount: Decimal | None
    #: Something was let go or given back; how much it had been the provider says no more.
    is_reduced: bool
    #: Why the last refund has failed, where it says.
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A payment as the provider has it.

    `amount` is what is asked, held or, once it is charged, what was taken. `was_held` says of a
    cancelled payment that the money had been held before.
    """

    id: str
    status: Status
    amount: Decimal
    currency: str
    #: Id of our attempt, as the provider gives it back.
    attempt: str = ""
    was_held: bool = False
    #: Of the last change of the status, where the provider says.
    at: datetime | None = None
    #: Why it was cancelled.
    reason: str = ""
    #: The buyer has agreed, and it is on us to take the money: see :class:`Completes`.
    is_approved: bool = False
    #: How it was paid, in Russian: 1C books it by these words (“карта”, “СБП”, “наличные”).
    method: str = ""
    #: Chargebacks too.
    refunds: tuple[Refund, ...] = ()
    #: In place of `refunds`, see :class:`KeepsTotals`; `amount` is then what is left, too.
    left: Left | None = None
    #: What the storefront needs to let the buyer go on.
    confirmation: Mapping[str, object] | None = None
    is_test: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """A payment to be created."""

    #: Id of our attempt.
    attempt: str
    amount: Decimal
    currency: str
    description: str
    #: The shop's id of the checkout or the order.
    about_id: str
    #: Hold the money; it is taken when staff say so.
    two_stage: bool
    #: One of :attr:`Account.methods`; empty: the buyer chooses at the provider's.
    method: str
    return_url: str
    #: Of the buyer: IP address and the rest, each may be empty.
    address: str = ""
    email: str = ""
    phone: str = ""


class Account(Protocol):
    """The merchant's account at a provider, as it is set up for one channel.

    Every call goes over the network, and may raise :class:`NoAnswer` or :class:`Rejected`. Calls
    with a `key` can be repeated: the same key is the same call.
    """

    #: Hold the money whatever the shop wants.
    two_stage: bool
    #: Ways to pay that a storefront may offer.
    methods: tuple[str, ...]
    #: Where the buyer comes back to, unless the storefront says; may be empty.
    return_url: str
    #: Buyers leave the storefront to pay: without an address they would not come back.
    needs_return_url: bool

    def offer(self) -> Mapping[str, object]:
        """What a storefront is told before a buyer chooses this way; nothing secret, no call."""

    def create(self, order: Order, key: str) -> Snapshot: ...

    def fetch(self, payment_id: str, operations: Sequence[str] = ()) -> Snapshot:
        """The payment with all its refunds.

        Parameters
        ----------
        operations
            Ids of the refunds that were asked of the provider, the first one first, for providers
            that have no list of their own.
        """

    def capture(self, payment_id: str, amount: Decimal, currency: str, key: str) -> Snapshot: ...

    def cancel(self, payment_id: str, key: str) -> Snapshot: ...

    def check_connection(self) -> str:
        """What the provider says of the account, for the merchant."""

    def trusts(self, source: str, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether a notification may be kept; no call.

        Parameters
        ----------
        source
            IP address of whoever is connected.
        headers
            By lower-case names.
        """

    def verify(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether one that was kept is the provider's; may call. `headers` are those kept."""


@runtime_checkable
class GivesBack(Protocol):
    """An account that can give money back, and can say which refunds there were."""

    def refund(
        self, payment_id: str, amount: Decimal, currency: str, operation: str, key: str
    ) -> Refund: ...


@runtime_checkable
class KeepsTotals(Protocol):
    """An account that can give money back, and says only how much is left then.

    Which refunds there were follows from that (:mod:`.totals`).
    """

    def refund_once(
        self, payment_id: str, amount: Decimal, currency: str, key: str, left: Decimal
    ) -> Snapshot:
        """Give a part back, once; how the payment is then.

        Parameters
        ----------
        left
            What is left of the payment as far as is known. If it is less, something was given
            back that is not known yet, maybe by this very call: then nothing is done.
        """


@runtime_checkable
class Completes(Protocol):
    """An account that has to be told to take the money once the buyer has agreed."""

    def complete(self, payment_id: str, two_stage: bool, key: str) -> Snapshot: ...


class EntryKind(StrEnum):
    PAYMENT = "payment"
    REFUND = "refund"
    CHARGEBACK = "chargeback"


@dataclass(frozen=True, slots=True)
class Conversion:
    """What a move has come to on the account, which is in another currency.

    `amount` is above nought, and after the fee; `rate` is how much of `currency` one unit of the
    move's own was worth, ``None`` where the provider does not say.
    """

    amount: Decimal
    currency: str
    rate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """Money that the provider says it has moved.

    `reference` is the provider's id of the move: for a payment its own, as `payment_id`. `amount`
    is above nought; `fee` is what the provider keeps of it, ``None`` where it does not say.
    """

    kind: EntryKind
    reference: str
    payment_id: str
    amount: Decimal
    currency: str
    at: datetime
    fee: Decimal | None = None
    #: Id of our attempt, where the provider gives it back.
    attempt: str = ""
    converted: Conversion | None = None


@runtime_checkable
class Registers(Protocol):
    """An account whose provider lists what it has moved."""

    #: The provider's own name of the account: channels that share it are listed once.
    number: str

    def registry(self, since: datetime, until: datetime) -> Iterator[Entry]:
        """All that was moved from `since` on and before `until`; calls as it goes."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a notification is about, by its own words: nothing of it is believed."""

    #: Empty where it names our attempt alone.
    payment_id: str
    #: Id of our attempt, where it says one.
    attempt: str = ""
    #: Nothing has happened yet: it asks whether this may be paid.
    question: "Question | None" = None


@dataclass(frozen=True, slots=True)
class Question:
    """What a buyer is about to pay, by the provider's words."""

    amount: Decimal
    currency: str


class Provider(Protocol):
    #: Of the plugin and of the gateway, without what all of ours begin with: ``yookassa``.
    name: str
    #: For people.
    title: str
    #: How long the provider knows a key again, in seconds.
    key_seconds: int
    #: Lower-case names of the headers that are kept with a notification.
    headers: tuple[str, ...]
    #: What a notification that was taken is answered with.
    accepted: bytes
    accepted_type: str
    #: What a question is answered with where the payment is right.
    consent: bytes

    def account(self, saved: Mapping[str, object]) -> Account:
        """The account of saved settings.

        Raises
        ------
        SettingsError
            They can't be used.
        """

    def subject(self, body: bytes, headers: Mapping[str, str]) -> Subject:
        """What a notification is about; `headers` by lower-case names.

        Raises
        ------
        ValueError
            It is none of the provider's.
        """


_providers: dict[str, Provider] = {}


def register(provider: Provider) -> None:
    """Make a provider known; called in ``AppConfig.ready()``."""
    # Models are not there before the apps are loaded.
    from ..outbox import topics
    from .registry import loading

    _providers[provider.name] = provider
    topics.register(loading.topic(provider.name), loading.deliver)


def providers() -> Mapping[str, Provider]:
    return _providers


def gateway_id(name: str) -> str:
    """The id by which the shop knows a provider: that of its plugin."""
    return f"saleor1c.{name}"


def by_gateway(gateway: str) -> Provider | None:
    """The provider that is behind a gateway of the shop's, where it is one of ours."""
    prefix, _, name = gateway.partition(".")
    return _providers.get(name) if prefix == "saleor1c" else None
