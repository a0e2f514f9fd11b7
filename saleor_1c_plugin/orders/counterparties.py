"""Counterparties that 1C tells of, for the rooms that make something of them.

A room hears of those that are accounts of the shop's: with the documents of their orders, and in
1C's lists.
"""

from collections.abc import Callable

from ..commerceml.documents import Counterparty
from ..store.orders import Order
from . import customers
from .customers import Tell

#: Takes the id of the account, the counterparty, the order in whose document it came, if it came
#: in one, and what tells 1C's operator; says whether it has changed anything. Called in the
#: transaction that applies the document.
Told = Callable[[str, Counterparty, Order | None, Tell], bool]

_listeners: list[Told] = []


def when_told(listener: Told) -> None:
    """Have `listener` called with what 1C tells; called in ``AppConfig.ready()``."""
    if listener not in _listeners:
        _listeners.append(listener)


def told(party: Counterparty, order: Order | None, tell: Tell) -> bool:
    """1C has told of a counterparty; whether anything was changed."""
    account = customers.account_of(party) if _listeners else ""
    if not account:
        return False
    is_changed = False
    for listener in _listeners:
        is_changed = listener(account, party, order, tell) or is_changed
    return is_changed
