"""What SMS.ru says by its codes."""

from collections.abc import Mapping
from enum import StrEnum

from ..account import Outcome

#: Accounts are in this currency.
CURRENCY = "RUB"
OK = 100
NOT_FOUND = -1
_PENDING = (100, 101, 102)
#: Delivered, and read.
_DELIVERED = (103, 110)
_FAILED: Mapping[int, str] = {
    104: "It could not be delivered in time",
    105: "The operator has deleted it",
    106: "The phone has failed",
    107: "It can't be delivered",
    108: "It was rejected",
    150: "There is no way to the number",
    202: "There is no such number",
    207: "There is no way to the number",
}


class Refusal(StrEnum):
    """What the code of a call that has failed means for us."""

    DENIED = "denied"
    NO_MONEY = "no money"
    #: Again after a minute.
    FLOOD = "flood"
    #: The day's limit of the account, or the service is away.
    LATER = "later"
    #: No such number, no way to it, too much for it today; or a text that the service does not
    #: carry. Another channel may reach the reader.
    FOR_GOOD = "for good"


_REFUSALS: Mapping[int, Refusal] = {
    # A wrong key, token or password; an account that is not confirmed.
    **dict.fromkeys((200, 300, 301, 302), Refusal.DENIED),
    201: Refusal.NO_MONEY,
    # The same words to one number, more than a minute allows.
    231: Refusal.FLOOD,
    206: Refusal.LATER,
    220: Refusal.LATER,
    500: Refusal.LATER,
}


def number(value: object) -> int:
    """A code, which is a number or text."""
    try:
        return int(str(value))
    except ValueError:
        return 0


def refusal(code: int) -> Refusal:
    return _REFUSALS.get(code, Refusal.FOR_GOOD)


def outcome(status: int) -> tuple[Outcome, str] | None:
    """What a status means, and why it failed; ``None``: it is not known here."""
    if status in _PENDING:
        return Outcome.PENDING, ""
    if status in _DELIVERED:
        return Outcome.DELIVERED, ""
    if status in _FAILED:
        return Outcome.FAILED, _FAILED[status]
    return None
