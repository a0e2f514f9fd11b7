"""What this room asks of an account at a service that sends text messages."""

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from ...outbox.errors import Retry
from ..channel import Sent

_NUMBER = re.compile(r"\+?\d{7,}")
#: Characters of a service's own words that are kept.
_MOST_WORDS = 200
#: Seconds until the merchant may have paid, or have set the right password.
_MEND_SECONDS = 900.0


class AccessDenied(Retry):
    """The service does not let us in: the merchant has to set the right login or password."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, after=_MEND_SECONDS)


class NoMoney(Retry):
    """The merchant has to pay the service first."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, after=_MEND_SECONDS)


class Outcome(StrEnum):
    """What became of a message that a service has taken."""

    #: It is on its way.
    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Report:
    """What a service says of a message."""

    #: Its id of the message.
    reference: str
    outcome: Outcome
    #: Why it has failed.
    reason: str = ""
    cost: Decimal | None = None
    currency: str = ""


class Account(Protocol):
    """An account of the merchant's. Every call goes over the network.

    All of them may raise :class:`~saleor_1c_plugin.outbox.errors.Retry`.
    """

    def send(self, to: str, body: str, key: str) -> Sent:
        """See :meth:`~saleor_1c_plugin.messaging.channel.Channel.send`.

        Parameters
        ----------
        to
            In E.164.
        """

    def find(self, to: str, key: str) -> Sent | None:
        """See :meth:`~saleor_1c_plugin.messaging.channel.Channel.find`."""

    def ask(self, to: str, reference: str) -> Report | None:
        """What became of a message; ``None``: the service knows of no such one."""

    def check_connection(self) -> str:
        """What the service has said, for the person who sets it up.

        Raises
        ------
        AccessDenied
            The settings are wrong.
        """


def words(said: object) -> str:
    """A service's words on a line, as far as people need them: without anybody's number."""
    line = " ".join(str("" if said is None else said).split())
    return _NUMBER.sub("…", line)[:_MOST_WORDS]


def money(text: object) -> Decimal | None:
    """What a service writes as a sum; ``None`` where it writes none."""
    try:
        found = Decimal(str(text))
    except ArithmeticError:
        return None
    return abs(found) if found.is_finite() else None
