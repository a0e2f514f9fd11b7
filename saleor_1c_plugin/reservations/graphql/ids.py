"""Global ids, as Saleor writes them: a type and a primary key, in base64."""

from uuid import UUID

import graphene
from graphql import GraphQLError

CHECKOUT = "Checkout"
LINE = "CheckoutLine"
VARIANT = "ProductVariant"
RESERVATION = "Reservation"

#: Digits of the largest primary key that a database counts up to.
_DIGITS = 19
#: How much of a wrong id is repeated to whoever sent it.
_SHOWN = 100


class InvalidId(GraphQLError):
    """No global id, or one of something else."""


def to_global(kind: str, key: object) -> str:
    made: str = graphene.Node.to_global_id(kind, key)
    return made


def key_of(global_id: str, kind: str) -> str:
    """The primary key in a global id of this kind.

    Raises
    ------
    InvalidId
        It is none, or one of another kind.
    """
    shown = global_id[:_SHOWN]
    try:
        found, key = graphene.Node.from_global_id(global_id)
        key = _checked(key)
    except ValueError:
        raise InvalidId(f"Invalid ID: {shown}. Expected: {kind}.") from None
    if found != kind:
        raise InvalidId(f"Invalid ID: {shown}. Expected: {kind}, received: {found[:_SHOWN]}.")
    return key


def reservation_key(global_id: str) -> UUID:
    """The primary key of a reservation; raises as :func:`key_of` does."""
    key = key_of(global_id, RESERVATION)
    try:
        return UUID(key)
    except ValueError:
        raise InvalidId(f"Invalid ID: {global_id[:_SHOWN]}. Expected: {RESERVATION}.") from None


def _checked(key: str) -> str:
    """A UUID in its one spelling, or a whole number; nothing else is a key of a shop's."""
    if key.isascii() and key.isdecimal() and len(key) <= _DIGITS:
        return key
    return str(UUID(key))
