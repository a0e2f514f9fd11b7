"""What may be held, for how long, and what it costs: no database, no shop."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from ..store.carts import Cart, CartLine
from .errors import Code
from .models import Hold
from .settings import ReservationSettings

#: By how much the clocks of a shop's machines may differ.
SKEW = timedelta(minutes=1)


class Terms(NamedTuple):
    term: datetime
    latest: datetime


def buyer_of(cart: Cart) -> str:
    """Whose units count together: the account's, or those of a guest's cart."""
    return account(cart.buyer_id) if cart.buyer_id else f"cart:{cart.id}"


def account(buyer_id: str) -> str:
    """The same for an account."""
    return f"account:{buyer_id}"


def obstacle(settings: ReservationSettings | None, cart: Cart, line: CartLine) -> Code | None:
    """Why a line can't be held at all, however much of it there is; ``None`` where it can."""
    if settings is None or not settings.term(cart.kind):
        return Code.DISABLED
    if line.price is None:
        return Code.UNAVAILABLE
    is_excluded = not settings.excluded_categories.isdisjoint(line.categories)
    if line.is_gift or not line.is_counted or is_excluded:
        return Code.NOT_RESERVABLE
    return None


def terms(settings: ReservationSettings, cart: Cart, began: datetime) -> Terms:
    """The term of a hold that begins, and what no extension exceeds."""
    return Terms(began + settings.term(cart.kind), began + settings.longest(cart.kind))


def extended(
    hold: Hold, settings: ReservationSettings, cart: Cart, now: datetime
) -> datetime | None:
    """Another term from now on; ``None`` where that is no later."""
    term = min(now + settings.term(cart.kind), hold.latest)
    return term if term > hold.term else None


def follow_clock(hold: Hold, now: datetime) -> None:
    """Let a hold have begun now that begins in the future: the clock was set back."""
    ahead = hold.began - now
    if ahead > SKEW:
        hold.began, hold.term, hold.latest = now, hold.term - ahead, hold.latest - ahead


def ends(hold: Hold, settings: ReservationSettings, *, is_being_paid: bool) -> datetime:
    """When a hold ends: a payment in progress prolongs it, once and by a bounded time."""
    term = min(hold.term, hold.latest)
    return term + settings.grace if is_being_paid else term


def units_left(settings: ReservationSettings, held: int) -> int | None:
    """How many more units a buyer may hold who holds so many; ``None``: as many as there are."""
    if not settings.units_per_buyer:
        return None
    return max(settings.units_per_buyer - held, 0)


def charged(hold: Hold, line: CartLine, settings: ReservationSettings) -> Decimal | None:
    """The price that a held line is to be frozen at; ``None``: it costs what the catalogue asks."""
    if hold.price is None or line.has_own_price or line.price is None:
        return None
    if settings.better_price and line.price < hold.price:
        return None
    return hold.price
