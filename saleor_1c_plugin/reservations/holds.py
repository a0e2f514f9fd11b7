"""What buyers, pages and the rest of the plugin do with holds."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import Sum

from ..store import current_carts
from . import policy
from .errors import Code
from .locks import in_transaction
from .models import Hold
from .review import Review, refusal, review
from .settings import of_channel, of_channels
from .sweeping import sweep

__all__ = [
    "Allowance",
    "allowance",
    "cancel",
    "create",
    "extend",
    "find",
    "of_buyer",
    "of_cart",
    "review",
    "sweep",
]


@dataclass(frozen=True, slots=True)
class Allowance:
    """What the buyer of a cart may hold."""

    #: ``None``: as many as there are.
    units_left: int | None
    #: This buyer can reserve in this channel.
    is_enabled: bool
    #: Lines are held by themselves.
    is_automatic: bool
    #: Of a hold that begins now, and of an extension.
    term: timedelta


def create(cart_id: str, line_ids: Collection[str] | None = None) -> list[Hold]:
    """Hold these lines of a cart, or all that can be held; those that are held already stay.

    Returns
    -------
    list[Hold]
        One for each of the lines.

    Raises
    ------
    ReservationError
        There is no such cart, or one of the lines can't be held: then nothing was changed.
    """
    # Counted before anything is locked: a shop may ask others for taxes.
    cart = current_carts().read_cart(cart_id, recount=True)
    if cart is None:
        raise refusal(Code.NOT_FOUND)

    def work(cart: Review) -> list[Hold]:
        wanted = list(dict.fromkeys(cart.reservable() if line_ids is None else line_ids))
        cart.create(wanted)
        cart.write()
        return cart.holds_of(wanted)

    return _with(cart_id, work)


def extend(cart_id: str, line_ids: Collection[str] | None = None) -> list[Hold]:
    """Hold these lines for another term from now on, never past what the merchant allows.

    Returns
    -------
    list[Hold]
        One for each of the lines; for all of the cart's, where none are named.

    Raises
    ------
    ReservationError
        One of them is not held or can't be extended, or none of the cart's: nothing was changed.
    """

    def work(cart: Review) -> list[Hold]:
        cart.extend(line_ids)
        cart.write()
        return cart.holds_of(list(dict.fromkeys(line_ids or cart.live)))

    return _with(cart_id, work)


def cancel(cart_id: str, line_ids: Collection[str] | None = None) -> list[Hold]:
    """Hold these lines of a cart no more, or none; those whose holds are ended by it.

    Raises
    ------
    ReservationError
        There is no such cart.
    """

    def work(cart: Review) -> list[Hold]:
        cancelled = cart.cancel(line_ids)
        cart.write()
        return cancelled

    return _with(cart_id, work)


def of_cart(cart_id: str) -> list[Hold]:
    """The holds of a cart that are in force, longest held first."""
    if Hold.objects.over().in_cart(cart_id).exists():
        review(cart_id)
    return list(Hold.objects.live().in_cart(cart_id).order_by("began", "pk"))


def of_buyer(buyer_id: str) -> list[Hold]:
    """Those of an account, in all its carts."""
    buyer = policy.account(buyer_id)
    return list(Hold.objects.live().filter(buyer=buyer).order_by("began", "pk"))


def find(hold_id: str) -> Hold | None:
    """The hold with this id, whatever became of it; ``None`` too where the id is no id."""
    try:
        return Hold.objects.filter(pk=UUID(hold_id)).first()
    except ValueError:
        return None


def allowance(cart_id: str) -> Allowance:
    """What the buyer of this cart may hold.

    Raises
    ------
    ReservationError
        There is no such cart.
    """
    cart = current_carts().read_cart(cart_id)
    if cart is None:
        raise refusal(Code.NOT_FOUND)
    settings = of_channel(cart.channel)
    if settings is None:
        return Allowance(0, is_enabled=False, is_automatic=False, term=timedelta(0))
    holds = Hold.objects.live().filter(buyer=policy.buyer_of(cart), channel=cart.channel)
    units = holds.aggregate(units=Sum("quantity"))["units"] or 0
    term = settings.term(cart.kind)
    return Allowance(
        units_left=policy.units_left(settings, units) if term else 0,
        is_enabled=bool(term),
        is_automatic=settings.is_automatic,
        term=term,
    )


def _with[Answer](cart_id: str, work: Callable[[Review], Answer]) -> Answer:
    channels = of_channels()

    def locked() -> Answer:
        cart = Review(cart_id, channels)
        if cart.cart is None:
            raise refusal(Code.NOT_FOUND)
        return work(cart)

    return in_transaction(locked)
