"""What the mirror asks of a CRM, and the systems that there are.

Every record that is made there carries a key of ours: so one whose making was never answered is
found again. What the CRM's own people have written is never taken away; what is missing is added.
Whatever can't be done now raises :class:`~saleor_1c_plugin.outbox.errors.Retry`.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class Kind(StrEnum):
    """Kinds of records."""

    CONTACT = "contact"
    COMPANY = "company"
    DEAL = "deal"


class Why(StrEnum):
    """By what a record there was found."""

    ONEC = "onec"
    EMAIL = "email"
    PHONE = "phone"
    INN = "inn"


@dataclass(frozen=True, slots=True)
class Contact:
    """A customer. `email` is in lower case, `phone` in E.164; both may be empty."""

    #: Ours; unique in the world.
    key: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    phone: str = ""
    #: 1C's id of the counterparty, where it is known.
    onec_id: str = ""

    @property
    def stands_for_name(self) -> str:
        """By what somebody is called who has no name: a record without one shows nothing."""
        return self.email or self.phone or "—"

    @property
    def given_name(self) -> str:
        """The first name; what stands for a name where there is none at all."""
        return self.first_name or ("" if self.last_name else self.stands_for_name)


@dataclass(frozen=True, slots=True)
class Company:
    """A company or a sole trader that buys; known by the ИНН, whose check digits are right."""

    key: str
    name: str
    inn: str
    kpp: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """Of a deal; `price` is of one, with tax. Prices times quantities are the deal's total."""

    name: str
    price: Decimal
    quantity: int
    #: Percent in the price; ``None``: none.
    tax_percent: Decimal | None = None
    #: No goods: bringing them.
    is_delivery: bool = False
    #: 1C's id of the offer; empty: 1C does not know it.
    onec_id: str = ""


@dataclass(frozen=True, slots=True)
class Deal:
    """An order."""

    #: The order's id.
    key: str
    title: str
    currency: str
    total: Decimal
    rows: tuple[Row, ...]
    #: Ids there.
    contact: str = ""
    company: str = ""
    #: As the CRM names it; empty: leave it.
    stage: str = ""
    #: Of the order, for people.
    number: str = ""
    placed: datetime | None = None
    #: Of the total, less what was given back.
    paid: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Found:
    """What a CRM has that may be a customer of ours."""

    #: Made by us for this very customer.
    own: tuple[str, ...] = ()
    #: Id there → by what it was found.
    others: Mapping[str, frozenset[Why]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Written:
    """What became of one record. `problem`: it is for people to see, another attempt is no use."""

    id: str = ""
    problem: str = ""
    #: The record that was to be changed is no longer there; or whom a new deal is of.
    is_gone: bool = False


class System(ABC):
    """A CRM. Lists are answered in their order; `saved` are the settings of its plugin."""

    #: Of its plugin's settings, of its topic in the outbox, of everything kept about it.
    name: str
    #: For people.
    title: str

    @property
    def topic(self) -> str:
        return f"crm.{self.name}"

    @abstractmethod
    def check(self, saved: Mapping[str, object]) -> str:
        """Say who it is that lets us in.

        Raises
        ------
        Denied
            It does not.
        """

    @abstractmethod
    def stages_of(self, saved: Mapping[str, object]) -> Mapping[str, str]:
        """State of an order (see :data:`~.settings.STATES`) → stage of its deal.

        Raises
        ------
        SettingsError
            The settings can't be used.
        """

    @abstractmethod
    def people_at_a_time(self) -> int:
        """For how many customers it is asked best at once."""

    @abstractmethod
    def find_contacts(
        self, saved: Mapping[str, object], contacts: Sequence[Contact]
    ) -> list[Found]: ...

    @abstractmethod
    def make_contacts(
        self, saved: Mapping[str, object], contacts: Sequence[Contact]
    ) -> list[Written]: ...

    @abstractmethod
    def complete_contacts(
        self, saved: Mapping[str, object], contacts: Sequence[tuple[str, Contact]]
    ) -> list[Written]:
        """Add what these (id there, customer) lack."""

    def keeps_companies(self, saved: Mapping[str, object]) -> bool:
        """Whether companies are written there at all."""
        return True

    @abstractmethod
    def find_company(self, saved: Mapping[str, object], company: Company) -> Found: ...

    @abstractmethod
    def make_company(self, saved: Mapping[str, object], company: Company) -> Written: ...

    def counts_in(self, saved: Mapping[str, object], currency: str) -> bool:
        """Whether orders in a currency can be deals there."""
        return True

    @abstractmethod
    def find_deals(self, saved: Mapping[str, object], keys: Sequence[str]) -> list[str]:
        """Ids of the deals that were made with these keys; ``""`` where there is none."""

    @abstractmethod
    def make_deals(self, saved: Mapping[str, object], deals: Sequence[Deal]) -> list[Written]: ...

    @abstractmethod
    def change_deals(
        self, saved: Mapping[str, object], deals: Sequence[tuple[str, Deal]]
    ) -> list[Written]: ...

    @abstractmethod
    def note(
        self, saved: Mapping[str, object], kind: Kind, record: str, text: str, mark: str
    ) -> Written:
        """Add to the timeline of a record; `mark` is written with it."""

    @abstractmethod
    def find_note(self, saved: Mapping[str, object], kind: Kind, record: str, mark: str) -> str:
        """Id of the entry with this mark; ``""``: there is none."""

    @abstractmethod
    def delete_contact(self, saved: Mapping[str, object], record: str) -> Written: ...

    @abstractmethod
    def page(self, saved: Mapping[str, object], kind: Kind, record: str) -> str:
        """Address of a record for people."""


class Denied(Exception):
    """The CRM does not let us in; the text says why, in the reader's language."""


_systems: dict[str, System] = {}


def register(system: System) -> None:
    """Make a CRM known; called in ``AppConfig.ready()``."""
    from ..outbox import topics
    from .delivering import deliver

    _systems[system.name] = system
    topics.register(system.topic, lambda message: deliver(system, message))


def systems() -> Collection[System]:
    return _systems.values()


def system(name: str) -> System | None:
    return _systems.get(name)
