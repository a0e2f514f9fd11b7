"""What the orders room asks of a shop: orders to read, changes to hear of, actions to take.

The same rules as in :mod:`.ports`: ids of the shop are opaque strings, every call happens in the
caller's transaction, money is ``Decimal`` quantized to the order's currency, time is aware UTC.

An action does what the shop itself does when a member of its staff presses the button: buyers get
their notifications, hooks fire. What the shop forbids raises :class:`Forbidden` and changes
nothing. An action that was done before does nothing and says so (``False``).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from .ports import StoreError


class Forbidden(StoreError):
    """The shop does not let this be done to the order as it is; the text says why (Russian)."""


class OrderStatus(StrEnum):
    #: Waits for the merchant's word; lines may still be changed.
    UNCONFIRMED = "unconfirmed"
    #: Confirmed, nothing shipped.
    OPEN = "open"
    PARTLY_SHIPPED = "partly_shipped"
    SHIPPED = "shipped"
    PARTLY_RETURNED = "partly_returned"
    RETURNED = "returned"
    CANCELLED = "cancelled"
    #: Never paid in the time that the shop gives; as good as cancelled.
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Address:
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    street_1: str = ""
    street_2: str = ""
    city: str = ""
    district: str = ""
    region: str = ""
    postal_code: str = ""
    #: ISO 3166-1 alpha-2, and the name in Russian.
    country_code: str = ""
    country: str = ""
    #: E.164, or as the buyer typed it where it is no number.
    phone: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who ordered. A guest has no `id`; `metadata` is the account's own."""

    id: str = ""
    email: str = ""
    first_name: str = ""
    last_name: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Account:
    """A buyer's, made at a moment; `phone` is its default address's."""

    made: datetime
    buyer: Buyer
    phone: str = ""


@dataclass(frozen=True, slots=True)
class OrderLine:
    """A line; totals are for the whole quantity, after every discount, order-wide ones included.

    `tax_rate` is a fraction (``0.22``), ``None`` where the goods are not taxed. `undiscounted`
    is the total before discounts, in the money in which the shop's prices are entered (gross when
    :attr:`Order.prices_with_tax`). `key` is 1C's id of the offer (``uuid#uuid``), empty for goods
    that 1C does not know; `product_key` that of its product.
    """

    id: str
    name: str
    quantity: int
    total_net: Decimal
    total_gross: Decimal
    undiscounted: Decimal
    key: str = ""
    product_key: str = ""
    sku: str = ""
    variant_name: str = ""
    tax_rate: Decimal | None = None
    discount_reason: str = ""
    shipped: int = 0
    #: Where the line's goods are held or were shipped from; empty for goods without stock.
    warehouse_id: str = ""
    #: The variant's and the product's metadata, that the catalogue wrote (units and the like).
    metadata: Mapping[str, str] = field(default_factory=dict)
    #: A gift card is what was bought: no goods yet, but money for later.
    is_gift_card: bool = False


class DiscountKind(StrEnum):
    VOUCHER = "voucher"
    MANUAL = "manual"
    PROMOTION = "promotion"


@dataclass(frozen=True, slots=True)
class OrderDiscount:
    """A discount of the whole order, already spread over the lines' totals."""

    kind: DiscountKind
    name: str
    amount: Decimal
    code: str = ""


class PaymentKind(StrEnum):
    AUTHORISED = "authorised"
    #: Nothing has moved and nobody holds anything: the buyer has said how the order will be paid.
    PROMISED = "promised"
    CHARGE = "charge"
    REFUND = "refund"
    CHARGEBACK = "chargeback"


@dataclass(frozen=True, slots=True)
class Payment:
    """A fact of money that has happened; `amount` is positive, also of a refund.

    `id` is stable and the shop's own. `reference` is the provider's id of it (or 1C's, where 1C
    told of it); `method` names the way in words; `gateway` the plugin or app that took it.
    """

    id: str
    kind: PaymentKind
    amount: Decimal
    at: datetime
    method: str = ""
    gateway: str = ""
    reference: str = ""
    #: The payment that a refund gives back, where the shop knows it.
    refunds: str = ""
    #: 1C told of it first: it is no news to 1C.
    from_onec: bool = False


@dataclass(frozen=True, slots=True)
class ShipmentLine:
    line_id: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Shipment:
    """Goods that left the shop; `returned` when they came back."""

    id: str
    number: str
    at: datetime
    lines: tuple[ShipmentLine, ...]
    tracking: str = ""
    warehouse_id: str = ""
    returned: bool = False
    cancelled: bool = False
    from_onec: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """An order as the shop has it.

    Gift cards are not taken off `total_gross`: it is what the goods and the delivery cost. What
    gift cards paid stands in `gift_cards`, as (code's last signs, amount).
    """

    id: str
    number: str
    status: OrderStatus
    channel: str
    currency: str
    created: datetime
    updated: datetime
    buyer: Buyer
    lines: tuple[OrderLine, ...]
    total_net: Decimal
    total_gross: Decimal
    #: Prices are entered with tax; a document for 1C then says that tax is in the sums.
    prices_with_tax: bool = True
    billing: Address | None = None
    shipping: Address | None = None
    delivery_id: str = ""
    delivery_name: str = ""
    delivery_net: Decimal = Decimal(0)
    delivery_gross: Decimal = Decimal(0)
    #: Before discounts, as the lines' `undiscounted`.
    delivery_undiscounted: Decimal = Decimal(0)
    delivery_tax_rate: Decimal | None = None
    #: The warehouse where the buyer fetches it.
    pickup_id: str = ""
    pickup_name: str = ""
    discounts: tuple[OrderDiscount, ...] = ()
    gift_cards: tuple[tuple[str, Decimal], ...] = ()
    payments: tuple[Payment, ...] = ()
    shipments: tuple[Shipment, ...] = ()
    #: Of `total_gross` less gift cards.
    paid: Decimal = Decimal(0)
    note: str = ""
    voucher_code: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LineChange:
    """How a line should be: `id` of an existing line, or `variant_id` of goods to add.

    Lines that are not named are taken out. `unit_price` is in the money in which the shop's
    prices are entered; ``None`` leaves it.
    """

    quantity: int
    id: str = ""
    variant_id: str = ""
    unit_price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class NewPayment:
    """Money that 1C says was paid or given back. `reference` makes it one, however often told."""

    reference: str
    amount: Decimal
    name: str
    at: datetime | None = None
    refund: bool = False


@dataclass(frozen=True, slots=True)
class NewShipment:
    """Goods that 1C says were shipped; no `lines` means all that is left.

    `reference` makes it one: told again with another `tracking`, only that changes.
    """

    reference: str
    lines: tuple[ShipmentLine, ...] = ()
    tracking: str = ""
    warehouse_id: str = ""
    at: datetime | None = None
    #: Ids of lines whose goods 1C has taken off the stock that it told the shop last: the shop
    #: frees what it held for them, and does not take them off a second time.
    counted: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class NewCustomer:
    email: str
    first_name: str = ""
    last_name: str = ""
    phone: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CustomerChange:
    """How a customer is called and reached now; ``None`` leaves that as it is."""

    first_name: str | None = None
    last_name: str | None = None
    #: E.164; of the default addresses.
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class NewOrder:
    """An order that a manager typed into 1C. `reference` is 1C's id of it."""

    reference: str
    channel: str
    buyer: Buyer
    lines: tuple[LineChange, ...]
    address: Address | None = None
    note: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Named:
    """An entry of a list that 1C maps to its own."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class ReferenceLists:
    """What 1C's mapping dialog offers."""

    statuses: tuple[Named, ...]
    payments: tuple[Named, ...]
    deliveries: tuple[Named, ...]


class OrderStore(Protocol):
    """Orders of a shop. Drafts are no orders yet: they are neither read nor told of."""

    def listen(self, changed: Callable[[Collection[str]], None]) -> None:
        """Have `changed` called with the ids of orders, inside the transaction that writes them.

        For every write that the shop makes through its models: the order, its lines, payments and
        shipments. Bulk writes may go unheard: :meth:`changed_since` finds those.
        """

    def listen_to_customers(self, changed: Callable[[Collection[str]], None]) -> None:
        """Have `changed` called with the ids of buyers' accounts, as :meth:`listen` does.

        For writes of their names, e-mail, metadata and default addresses.
        """

    def changed_since(
        self, moment: datetime, after_id: str = "", limit: int = 1000
    ) -> Sequence[tuple[datetime, str]]:
        """Orders by (time of the last change, id), from just after (`moment`, `after_id`) on."""

    def paid_between(self, since: datetime, until: datetime) -> Collection[str]:
        """Orders of which money has moved from `since` on and before `until`; some may be gone."""

    def read_orders(self, order_ids: Sequence[str]) -> list[Order]:
        """Orders in the given order; those that are gone are left out.

        The number of database queries does not depend on how many are asked for.
        """

    def find_orders(self, numbers: Collection[str]) -> Mapping[str, str]:
        """Number → id."""

    def orders_of(self, buyer_id: str, limit: int) -> Sequence[str]:
        """Ids of an account's orders, the newest first."""

    def buyers_among(self, customer_ids: Collection[str]) -> Collection[str]:
        """Those of these accounts that have ordered. One query."""

    def variants_by_key(self, keys: Collection[str]) -> Mapping[str, str]:
        """1C's id of an offer → the shop's id of the variant."""

    def lock(self, order_id: str) -> bool:
        """Keep everybody else from writing this order until the commit; whether it exists."""

    def mark_taken(self, order_ids: Collection[str]) -> None:
        """Remember that 1C knows of these: its stock figures have them subtracted.

        No change that :meth:`listen` or :meth:`changed_since` tells of.
        """

    def write_metadata(self, order_id: str, values: Mapping[str, str]) -> bool:
        """Lay `values` over the order's metadata; whether anything changed."""

    def write_private_metadata(self, order_id: str, values: Mapping[str, str]) -> bool:
        """The same with what only staff and apps see, which is no change of the order.

        An empty value takes the key away.
        """

    def confirm(self, order_id: str) -> bool: ...

    def cancel(self, order_id: str) -> bool: ...

    def change_lines(self, order_id: str, lines: Sequence[LineChange]) -> bool:
        """Make the lines of an unconfirmed order these."""

    def record_payment(self, order_id: str, payment: NewPayment) -> bool: ...

    def ship(self, order_id: str, shipment: NewShipment) -> bool: ...

    def add_note(self, order_id: str, text: str) -> None:
        """A remark in the order's history, for the staff."""

    def create_order(self, new: NewOrder) -> str:
        """Make a confirmed order and return its id; the one with this `reference` if there is.

        Raises :class:`Forbidden` where goods are out of stock or can't be sold in the channel.
        """

    def find_customers(
        self, emails: Collection[str], phones: Collection[str]
    ) -> Sequence[tuple[Buyer, str]]:
        """Accounts with one of these e-mails (in lower case) or phones (E.164).

        Each with the phone of its default address, or ``""``.
        """

    def read_customers(self, customer_ids: Sequence[str]) -> Sequence[tuple[Buyer, str]]:
        """These accounts, each with the phone of its default address, or ``""``.

        Those that are gone are left out.
        """

    def registered_since(
        self, moment: datetime, after_id: str = "", limit: int = 1000
    ) -> Sequence[Account]:
        """Buyers' accounts by (when they were made, id), from just after (`moment`, `after_id`)."""

    def create_customer(self, new: NewCustomer) -> str:
        """Id of a new account without a password; of the existing one with this e-mail."""

    def change_customer(self, customer_id: str, change: CustomerChange) -> bool:
        """Change an account; whether anything changed.

        Raises :class:`Forbidden` where there is none, or the shop does not let it be done.
        """

    def write_customer_metadata(self, customer_id: str, values: Mapping[str, str]) -> bool:
        """Lay `values` over what only staff and apps see of an account, as of an order's.

        Raises as :meth:`change_customer`.
        """

    def reference_lists(self) -> ReferenceLists: ...
