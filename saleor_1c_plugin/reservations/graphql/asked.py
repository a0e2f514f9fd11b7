"""What a request is about: who asks, and what was read for it so far."""

from functools import cached_property

from django.http import HttpRequest

from ...store import current_carts
from ...store.carts import Cart, CartLine
from .. import holds
from ..errors import Code, ReservationError
from ..holds import Allowance
from ..models import Hold


class Asked:
    """The context of a query: reads a cart once, however many fields want it.

    Parameters
    ----------
    request
        The one that is answered.
    """

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self._carts: dict[str, Cart | None] = {}
        self._allowances: dict[str, Allowance | None] = {}
        #: Carts whose ids whoever asks has named.
        self.known: set[str] = set()
        #: Entities that a gateway has asked for.
        self.entities = 0

    @cached_property
    def buyer_id(self) -> str:
        """Id of the account; empty for a guest."""
        return current_carts().buyer_of(self._request)

    def knows_cart_of(self, hold: Hold) -> bool:
        """Whoever asks named the cart, or it is the account's own: its id is no news then."""
        return hold.cart_id in self.known or (
            bool(hold.buyer_id) and hold.buyer_id == self.buyer_id
        )

    def cart(self, cart_id: str) -> Cart | None:
        if cart_id not in self._carts:
            self._carts[cart_id] = current_carts().read_cart(cart_id)
        return self._carts[cart_id]

    def line(self, cart_id: str, line_id: str) -> CartLine | None:
        cart = self.cart(cart_id)
        lines = () if cart is None else cart.lines
        return next((line for line in lines if line.id == line_id), None)

    def allowance(self, cart_id: str) -> Allowance | None:
        """What of the cart may be reserved; ``None`` where there is no such cart."""
        if cart_id not in self._allowances:
            try:
                self._allowances[cart_id] = holds.allowance(cart_id)
            except ReservationError as error:
                if error.code is not Code.NOT_FOUND:
                    raise
                self._allowances[cart_id] = None
        return self._allowances[cart_id]

    def forget(self) -> None:
        """Read anew from now on: something was changed."""
        self._carts.clear()
        self._allowances.clear()
