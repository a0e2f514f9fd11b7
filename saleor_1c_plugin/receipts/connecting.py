"""Trying a register's settings out when they are saved."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from .driver import OutcomeUnknown, Register, Unavailable


class AccessDenied(Unavailable):
    """The register does not let us in: the merchant has to set the right login or password."""


@runtime_checkable
class Connects(Protocol):
    """A register that can be asked whether it would take receipts."""

    def check_connection(self) -> str:
        """What it has said, for the person who sets it up.

        Raises
        ------
        AccessDenied
            The settings are wrong.
        Unavailable, OutcomeUnknown
            It may be away for now.
        """


def connect(registers: Sequence[Register]) -> str:
    """What registers have said, a line for each.

    Raises
    ------
    AccessDenied
        One of them has not let us in.
    """
    return "\n".join(_said(register) for register in registers)


def _said(register: Register) -> str:
    if not isinstance(register, Connects):
        return register.name
    try:
        return register.check_connection()
    except AccessDenied:
        raise
    except (Unavailable, OutcomeUnknown) as error:
        # Saved all the same: it may be back before the first receipt comes.
        return str(error)
