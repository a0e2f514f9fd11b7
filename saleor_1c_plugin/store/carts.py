"""What the reservations room asks of a shop: carts, stock held for their lines, frozen prices.

The same rules as in :mod:`.ports`: ids of the shop are opaque strings, every call happens in the
caller's transaction, money is ``Decimal`` in the cart's currency, time is aware UTC.

Held stock is the shop's own truth: whatever the shop sells, adds to a cart or shows as available
counts the units that other carts hold, until the moment that each was held for, by the clock and
not by somebody who sweeps. A frozen price is what the shop itself charges for a line.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from django.http import HttpRequest

from .orders import Address, Buyer


class BuyerKind(StrEnum):
    GUEST = "guest"
    CUSTOMER = "customer"
    #: Buys for a company, signed in or not.
    COMPANY = "company"


@dataclass(frozen=True, slots=True)
class CartLine:
    """A line of a cart.

    `price` is what the catalogue asks for one, promotions taken off, vouchers and discounts of
    the whole order not, in the sense in which the channel's prices are entered (with or without
    tax). Of a line that is not frozen it is what the cart shows; of a frozen one, what it would
    show otherwise. ``None``: the goods can't be bought in this channel.
    """

    id: str
    variant_id: str
    quantity: int
    price: Decimal | None
    #: The price that :meth:`CartStore.freeze` set, while it is in force.
    frozen: Decimal | None = None
    #: The shop counts the stock of these goods.
    is_counted: bool = True
    #: A present of a promotion's: it comes and goes by itself.
    is_gift: bool = False
    #: A price that staff or an app set by hand, and that nobody else may change.
    has_own_price: bool = False
    #: Slugs of the category and of those above it.
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cart:
    id: str
    #: Slug.
    channel: str
    currency: str
    kind: BuyerKind
    #: Id of the account; empty for a guest.
    buyer_id: str = ""
    lines: tuple[CartLine, ...] = ()
    #: A payment has been started and has not ended.
    is_being_paid: bool = False
    #: Where the goods go, as far as it decides about warehouses.
    place: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """All units of a line, to be held until a moment.

    `share`: how many per cent of the free units (on hand, less those of orders) may be held by
    carts altogether, this line's included; rounded down.
    """

    line_id: str
    until: datetime
    share: int = 100


class Lack(StrEnum):
    """Why a line could not be held."""

    #: There is not enough of it.
    STOCK = "stock"
    #: There is, but no more of it may be held.
    SHARE = "share"


@dataclass(frozen=True, slots=True)
class Held:
    """What is held for a line; `until`: the first moment at which it is fewer units."""

    units: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Overheld:
    """A stock of which more is held than it has, or several that sell together.

    `lines`: id of a line → units of this stock that are held for it at present.
    """

    stock_id: str
    variant_id: str
    excess: int
    lines: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Goods:
    """What a document says of goods that are held; the fields are those of an order's line."""

    name: str
    variant_name: str = ""
    sku: str = ""
    key: str = ""
    product_key: str = ""
    #: The channel's prices are entered with tax.
    price_with_tax: bool = True
    #: A fraction, by the channel's default country; ``None``: not taxed, or not known beforehand.
    tax_rate: Decimal | None = None
    #: The variant's and the product's, that the catalogue wrote (units and the like).
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Party:
    """Who is buying, as far as the cart tells yet."""

    buyer: Buyer = field(default_factory=Buyer)
    billing: Address | None = None
    shipping: Address | None = None


class CartListener(Protocol):
    """Who hears of carts. A call that raises must not harm the buyer: the shop logs it."""

    def cart_changed(self, cart_id: str) -> datetime | None:
        """Lines, buyer or address were changed, and are committed.

        The answer, as of :meth:`cart_opened`: until when what is decided now is right, where that
        is known to end.
        """

    def cart_opened(self, cart_id: str) -> datetime | None:
        """Prices are about to be counted anew: what has ended must not be in them."""

    def prices_end(self, cart_id: str) -> datetime | None:
        """The moment from which prices that were counted now are wrong, where there is one."""

    def cart_bought(self, cart_id: str, order_id: str) -> None:
        """The cart is becoming an order, in this transaction."""

    def stock_changed(self, variant_ids: Collection[str]) -> None:
        """There may be less of these goods on hand, in this transaction."""

    def payment_changed(self, cart_id: str) -> None:
        """A payment of this cart was started or has ended, in this transaction."""


class CartStore(Protocol):
    def listen(self, listener: CartListener) -> None:
        """Tell `listener` of carts from now on; once, however often it is asked."""

    def buyer_of(self, request: HttpRequest) -> str:
        """Id of the account that a request is made for, by the shop's own sign-in; else ``""``."""

    def read_cart(self, cart_id: str, *, recount: bool = False) -> Cart | None:
        """The cart as it is now; ``None`` where there is none, or the id is no id.

        `recount`: have the shop count its prices first, where what it shows is out of date.
        """

    def lock_cart(self, cart_id: str) -> bool:
        """Keep others from changing the cart until the commit; whether it is there.

        To be called before stock is held: carts are locked before stocks everywhere.
        """

    def hold(self, cart: Cart, wanted: Sequence[Wanted]) -> Mapping[str, Lack]:
        """Hold stock for lines of a cart that was read when it was locked; each whole or not.

        What was held for a line before is replaced, and counts as free for it; it stays as it
        was where the line can't be held. Lines that the shop does not count are skipped.

        Returns
        -------
        Mapping[str, Lack]
            The lines that could not be held.
        """

    def set_until(self, untils: Mapping[str, datetime]) -> None:
        """Let what is held for these lines be held until other moments."""

    def release(self, line_ids: Collection[str]) -> None:
        """Hold nothing for these lines any more, whether they still exist or not."""

    def held(self, line_ids: Collection[str]) -> Mapping[str, Held]:
        """What is held for these lines at this moment; lines without anything are left out."""

    def overheld(self, variant_ids: Collection[str] | None = None) -> Sequence[Overheld]:
        """Stocks of these goods, or of all, of which more is held than there is.

        Lines are among their lines, too, for which somebody else than we holds.
        """

    def freeze(self, cart_id: str, prices: Mapping[str, Decimal]) -> None:
        """Charge these prices (line id → price of one) whatever the catalogue asks.

        No promotion of the catalogue's is taken off them again; vouchers and discounts of the
        whole order apply as they would. The cart's prices are counted anew.
        """

    def thaw(self, cart_id: str, line_ids: Collection[str]) -> None:
        """Charge what the catalogue asks again; a line that is not frozen stays as it is."""

    def tell(
        self,
        cart_id: str,
        facts: Mapping[str, str | None],
        lines: Mapping[str, Mapping[str, str | None]],
    ) -> None:
        """Write into the public metadata of the cart, and of its lines (by their ids).

        ``None`` takes a key away. The order that the cart becomes takes the cart's over.
        """

    def gone(self, line_ids: Collection[str]) -> Collection[str]:
        """Those of the lines that are in no cart any more."""

    def unavailable(self, line_ids: Collection[str]) -> Collection[str]:
        """Those of the lines whose goods can't be bought in the cart's channel any more."""

    def goods(self, channel: str, variant_ids: Collection[str]) -> Mapping[str, Goods]:
        """What a document in `channel` says of these goods; those that are gone are left out."""

    def left(
        self, moment: datetime, after_id: str, until: datetime, limit: int = 1000
    ) -> Sequence[tuple[datetime, str]]:
        """Carts by (when somebody touched them last, id): after (`moment`, `after_id`), to `until`.

        Only those that have goods and no money, and whose buyers have given an e-mail address.
        """

    def parties(self, cart_ids: Collection[str]) -> Mapping[str, Party]:
        """Who buys with these carts; those that are gone are left out."""
