"""Transactions of this room: what they lock, in which order, and what is done about deadlocks.

Everybody locks in the same order: a cart, the units of its buyer, stocks, what is held of them,
holds. The buyer comes after the cart for it is the cart that tells who that is; nobody who has
locked a buyer locks a cart.
"""

import random
import time
from collections.abc import Callable

from django.db import OperationalError, connection, transaction

_ATTEMPTS = 5
_PAUSE_SECONDS = 0.05
#: PostgreSQL's codes of errors that another attempt mends.
_DEADLOCK, _SERIALIZATION = "40P01", "40001"
#: Of our advisory locks: others have theirs.
_BUYERS = 0x1C0B


def in_transaction[Answer](work: Callable[[], Answer]) -> Answer:
    """Do `work` in a transaction, again where it met a deadlock.

    Within somebody else's transaction it is done once: what that one has locked stays locked.
    """
    is_ours = not connection.in_atomic_block
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with transaction.atomic():
                return work()
        except OperationalError as error:
            code = getattr(error.__cause__, "sqlstate", "")
            if not is_ours or code not in (_DEADLOCK, _SERIALIZATION) or attempt == _ATTEMPTS:
                raise
        time.sleep(random.uniform(0.5, 1.5) * _PAUSE_SECONDS * attempt)  # noqa: S311
    raise AssertionError("the last attempt returns or raises")


def lock_buyer(buyer: str) -> None:
    """Keep others from counting and adding units of this buyer's until the commit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_BUYERS, buyer])
