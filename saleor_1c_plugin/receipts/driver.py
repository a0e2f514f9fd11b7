"""What this room asks of a cash register, and the one place where kinds of registers are known.

A *driver* is a folder with a plugin of its own: it makes registers of what the merchant has set.
Each register has a name of its own, and is asked by one worker at a time.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol, runtime_checkable

from .compose.document import Receipt


class Unavailable(Exception):
    """The register is away, or can't print now: nothing was done, another one may be asked.

    The text says why (Russian, for the person who looks after it), and holds no secrets.
    """


class OutcomeUnknown(Exception):
    """No answer, or one that says nothing: the receipt may have been registered.

    Only this register may be asked about it from now on. The text holds no secrets.
    """


class Refused(Exception):
    """The receipt can't be registered as it is; the text says what to mend (Russian)."""


class Missing(Exception):
    """The register has never had the receipt that it was asked about: it can be sent."""


class Progress(StrEnum):
    #: Taken; to be asked for.
    WAITING = "waiting"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class FiscalData:
    """What the register and its fiscal drive have made of a receipt."""

    #: ФН: the drive's number, 16 digits (1041).
    drive: str
    #: ФД: the document's number on it (1040).
    document: int
    #: ФПД: its fiscal sign (1077).
    sign: str
    #: As the register's clock has it; aware (1012).
    at: datetime
    #: Which the register has printed, for the code on the receipt (1020).
    total: Decimal
    #: РН ККТ: the register's number at the tax service (1037); may be unknown.
    register_number: str = ""
    #: Of the shift (1038), and of the receipt in it (1042); 0: unknown.
    shift: int = 0
    number: int = 0
    #: Where the operator of fiscal data shows it; empty: it has not said.
    url: str = ""
    #: Of an emulator or a test stand: the tax service never sees it, and whoever shows it says so.
    is_test: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """How a receipt is at the register."""

    progress: Progress
    #: The register's own id of it; empty where it has none.
    reference: str = ""
    #: There once it is done.
    data: FiscalData | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """How a register is, for the people who look after it."""

    #: In Russian; empty where nothing is wrong.
    problem: str = ""
    #: The shift that is open, and since when; ``None``: closed, or the register's own affair.
    shift: int | None = None
    shift_opened: datetime | None = None
    #: ``None``: it does not say.
    has_paper: bool | None = None
    #: Documents that the operator of fiscal data has not got yet.
    unsent: int | None = None
    #: Of the drive's life.
    drive_ends: datetime | None = None


@dataclass(frozen=True, slots=True)
class ShiftReport:
    """A shift as the register has counted it; ``None``: it does not say."""

    number: int
    at: datetime
    #: ФД and ФПД of the report on closing or opening.
    document: int | None = None
    sign: str = ""
    receipts: int | None = None
    sold: Decimal | None = None
    refunded: Decimal | None = None


class Register(Protocol):
    """A cash register, local or leased in a cloud. Every call goes over the network.

    They may raise :class:`Unavailable` and :class:`OutcomeUnknown`; the latter of a question only
    means that it is to be asked again.
    """

    #: Unique among the registers of a shop, and the same for ever: "atol:group-code".
    name: str

    def send(self, receipt: Receipt, external_id: str) -> Answer:
        """Have a receipt registered, once for this `external_id`, however often it is sent.

        A register that has it already says how it is. Raises :class:`Refused`.
        """

    def find(self, external_id: str, reference: str) -> Answer:
        """How a receipt is that was sent.

        Raises :class:`Missing` where the register never got it, and :class:`Refused` where it has
        turned it down.
        """

    def health(self) -> Health: ...


@runtime_checkable
class KeepsShifts(Register, Protocol):
    """A register whose shifts we open and close; the shifts of the others are their service's."""

    def open_shift(self) -> ShiftReport:
        """Open a shift; the one that is open where there is one."""

    def close_shift(self) -> ShiftReport | None:
        """Close the shift; ``None``: none is open."""

    def interim_report(self) -> ShiftReport | None:
        """The X report of the shift that is open."""


@runtime_checkable
class Chooses(Protocol):
    """A register that can't register every kind of receipt; what it can't, another one gets."""

    def objection(self, receipt: Receipt) -> str:
        """Why it can't, whatever a person mends (Russian); empty: it can. Asks nobody."""


@runtime_checkable
class Notifies(Protocol):
    """A register that tells by itself when a receipt is done."""

    def read(self, headers: Mapping[str, str], body: bytes) -> str:
        """The external id that a notification is about; empty: none of ours.

        Nothing else in it is believed: the register is asked.
        """


class Driver(Protocol):
    #: Id of its plugin without the "saleor1c." before it: "atol".
    name: str
    title: str
    #: It may be asked for many receipts at the same time.
    is_parallel: bool

    def registers(self, saved: Mapping[str, object]) -> Sequence[Register]:
        """Those of a channel's settings, in the order in which they are to be used.

        Raises :class:`~saleor_1c_plugin.configuration.SettingsError`.
        """


_drivers: dict[str, Driver] = {}


def register(driver: Driver) -> None:
    """Let registers of a kind be used; called in ``AppConfig.ready()``."""
    _drivers[driver.name] = driver


def drivers() -> Iterator[Driver]:
    """In the order in which they were registered."""
    yield from _drivers.values()


def driver(name: str) -> Driver | None:
    return _drivers.get(name)
