"""Parts of this room that want to know of what was registered: in the transaction that says so."""

from collections.abc import Callable

from .models import Receipt, Shift
from .registers import Park

_of_receipts: list[Callable[[Receipt, Park], None]] = []
_of_shifts: list[Callable[[Shift], None]] = []


def when_registered(listener: Callable[[Receipt, Park], None]) -> None:
    """Have `listener` called with every receipt that is done, and what the merchant has set.

    Called in ``AppConfig.ready()``.
    """
    if listener not in _of_receipts:
        _of_receipts.append(listener)


def when_closed(listener: Callable[[Shift], None]) -> None:
    """Have `listener` called with every shift that is closed; called in ``AppConfig.ready()``."""
    if listener not in _of_shifts:
        _of_shifts.append(listener)


def registered(receipt: Receipt, park: Park) -> None:
    """Tell of a receipt that is done."""
    for listener in _of_receipts:
        listener(receipt, park)


def closed(shift: Shift) -> None:
    """Tell of a shift that is closed."""
    for listener in _of_shifts:
        listener(shift)
