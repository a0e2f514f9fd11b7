"""Numbers of payments: WebMoney wants whole ones of 31 bits, one for each payment of a purse.

They are drawn by lot from the upper half, and not counted from 1: another shop at the same purse,
or the one that was there before, has most likely counted, and a payment of its would be taken for
ours.
"""

import re
import secrets
from typing import NamedTuple

from django.db import IntegrityError, transaction

from .models import Number

_LEAST = 1 << 30
_TRIES = 10
_ID = re.compile(r"(?P<purse>[A-Z][0-9]{12})-(?P<number>[0-9]{1,10})(?P<test>-test)?")


class Name(NamedTuple):
    """Of a payment: our id of it.

    One of test mode is another one than a real one with the same number, so that no news of the
    one is ever taken for news of the other.
    """

    purse: str
    number: int
    is_test: bool

    def __str__(self) -> str:
        return f"{self.purse}-{self.number}{'-test' if self.is_test else ''}"

    @classmethod
    def read(cls, text: str) -> "Name":
        """The name that a payment's id holds; raises ``ValueError`` where it holds none."""
        found = _ID.fullmatch(text)
        if found is None:
            raise ValueError("No id of a payment of WebMoney's")
        return cls(found["purse"], int(found["number"]), found["test"] is not None)


def number_of(attempt: str) -> int:
    """The number of an attempt: a new one, or the one that it has."""
    for _ in range(_TRIES):
        drawn = _LEAST + secrets.randbelow(_LEAST)
        try:
            with transaction.atomic():
                row, _is_new = Number.objects.get_or_create(
                    attempt_id=attempt, defaults={"number": drawn}
                )
        except IntegrityError:
            # Another attempt has it.
            continue
        return row.number
    raise RuntimeError("No number is free")
