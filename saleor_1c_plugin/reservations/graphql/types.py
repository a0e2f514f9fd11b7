"""What the schema tells of reservations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import graphene
from django.utils import timezone

from ...money import quantize, smallest_unit
from ..holds import Allowance
from ..models import End, Hold
from . import ids
from .asked import Asked


@dataclass(frozen=True, slots=True)
class Amount:
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class CartHolds:
    """A cart, for a gateway: that it exists, the gateway knows from whoever owns it."""

    cart_id: str
    holds: Sequence[Hold]


@dataclass(frozen=True, slots=True)
class LineHold:
    """A line of a cart, for a gateway."""

    line_id: str
    hold: Hold | None


def _status(value: Any) -> str:
    if value is None:
        return "Whether a reservation is in force, and how it ended otherwise."
    return _STATUS[value.value]


_STATUS = {
    "active": "In force: stock and price are held.",
    End.EXPIRED.value: "Its time is over.",
    End.CANCELLED.value: "The buyer gave it up.",
    End.BOUGHT.value: "The checkout has become an order.",
    End.REMOVED.value: "The line was taken out of the checkout, or the checkout is gone.",
    End.STOCK_FELL.value: "There is less of the goods than was reserved.",
    End.UNAVAILABLE.value: "The goods can't be bought any more.",
    End.CHANGED.value: (
        "The line or its checkout was changed, and what it needs now can't be reserved."
    ),
}

ReservationStatus = graphene.Enum(
    "ReservationStatus",
    [("ACTIVE", "active"), *((end.name, end.value) for end in End)],
    description=_status,
)


class Money(graphene.ObjectType):
    """The same as in Saleor's schema to the letter: a gateway takes both for one type."""

    currency = graphene.String(required=True, description="Currency code.")
    amount = graphene.Float(required=True, description="Amount of money.")
    fractional_amount = graphene.Int(
        required=True,
        description="Amount of money represented as an integer in the smallest currency unit.",
    )
    fraction_digits = graphene.Int(
        required=True,
        description="Number of digits after the decimal point in the currency.",
    )

    class Meta:
        description = "Represents amount of money in specific currency."

    @staticmethod
    def resolve_amount(root: Amount, _info: Any) -> Decimal:
        return quantize(root.amount, root.currency)

    @staticmethod
    def resolve_fractional_amount(root: Amount, _info: Any) -> int:
        return int(quantize(root.amount, root.currency) / smallest_unit(root.currency))

    @staticmethod
    def resolve_fraction_digits(root: Amount, _info: Any) -> int:
        return -int(smallest_unit(root.currency).as_tuple().exponent)


class ProductVariant(graphene.ObjectType):
    id = graphene.ID(required=True)
    channel = graphene.String()

    class Meta:
        description = "Goods, as Saleor's own schema tells of them."


class Reservation(graphene.ObjectType):
    """Checkout and line are told by their ids alone.

    A field of the type ``Checkout`` would promise a gateway that any field of it can be reached
    from here, and Saleor can't be asked for a checkout by its key: no supergraph would compose.
    """

    id = graphene.ID(
        required=True, description="ID of the reservation. Whoever knows it may read it."
    )
    status = graphene.Field(
        ReservationStatus,
        required=True,
        description="Whether it is in force, and how it ended otherwise.",
    )
    started_at = graphene.DateTime(required=True, description="When it began.")
    expires_at = graphene.DateTime(
        required=True,
        description="When stock and price are free again, unless it is extended or ends before.",
    )
    extendable_until = graphene.DateTime(
        description="However often it is extended, it ends by then. Null once it has ended."
    )
    ended_at = graphene.DateTime(description="When it ended. Null while it is in force.")
    quantity = graphene.Int(required=True, description="Units that are reserved: all of the line.")
    frozen_price = graphene.Field(
        Money,
        description=(
            "Price that the reservation holds for one unit, before vouchers: the buyer pays no "
            "more. Null where the shop sets this line's price by hand."
        ),
    )
    live_price = graphene.Field(
        Money,
        description=(
            "Price that one unit has without the reservation. Null where it can't be bought, "
            "or is not in the checkout any more."
        ),
    )
    checkout_id = graphene.ID(
        description=(
            "ID of the checkout. Null where it was neither named in the request nor is the "
            "signed-in buyer's: who knows a reservation may not change the checkout by that."
        )
    )
    line_id = graphene.ID(required=True, description="ID of the checkout's line.")
    variant = graphene.Field(ProductVariant, required=True, description="What is reserved.")

    class Meta:
        description = "All units of a checkout's line, held at a price for a limited time."

    @staticmethod
    def resolve_id(root: Hold, _info: Any) -> str:
        return ids.to_global(ids.RESERVATION, root.pk)

    @staticmethod
    def resolve_status(root: Hold, _info: Any) -> str:
        if root.end:
            return root.end
        return End.EXPIRED.value if _is_over(root) else "active"

    @staticmethod
    def resolve_started_at(root: Hold, _info: Any) -> datetime:
        return root.began

    @staticmethod
    def resolve_expires_at(root: Hold, _info: Any) -> datetime:
        return root.ends

    @staticmethod
    def resolve_extendable_until(root: Hold, _info: Any) -> datetime | None:
        return None if root.end or _is_over(root) else root.latest

    @staticmethod
    def resolve_ended_at(root: Hold, _info: Any) -> datetime | None:
        if root.end:
            return root.ended
        return root.ends if _is_over(root) else None

    @staticmethod
    def resolve_frozen_price(root: Hold, _info: Any) -> Amount | None:
        return None if root.price is None else Amount(root.price, root.currency)

    @staticmethod
    def resolve_live_price(root: Hold, info: Any) -> Amount | None:
        asked: Asked = info.context
        line = asked.line(root.cart_id, root.line_id)
        if line is None or line.price is None:
            return None
        return Amount(line.price, root.currency)

    @staticmethod
    def resolve_checkout_id(root: Hold, info: Any) -> str | None:
        asked: Asked = info.context
        return ids.to_global(ids.CHECKOUT, root.cart_id) if asked.knows_cart_of(root) else None

    @staticmethod
    def resolve_line_id(root: Hold, _info: Any) -> str:
        return ids.to_global(ids.LINE, root.line_id)

    @staticmethod
    def resolve_variant(root: Hold, _info: Any) -> ProductVariant:
        return ProductVariant(id=ids.to_global(ids.VARIANT, root.variant_id), channel=root.channel)


class ReservationAllowance(graphene.ObjectType):
    is_enabled = graphene.Boolean(
        required=True, description="This buyer can reserve in the checkout's channel."
    )
    is_automatic = graphene.Boolean(
        required=True, description="Lines are reserved by themselves when they are added."
    )
    term = graphene.Int(required=True, description="Seconds that a reservation lasts.")
    units_left = graphene.Int(
        description="Units that this buyer may still reserve. Null where nothing limits them."
    )

    class Meta:
        description = "What a buyer may reserve in a checkout."

    @staticmethod
    def resolve_term(root: Allowance, _info: Any) -> int:
        return int(root.term.total_seconds())


class Checkout(graphene.ObjectType):
    id = graphene.ID(required=True)
    reservations = graphene.List(
        graphene.NonNull(Reservation),
        required=True,
        description="Reservations of the checkout's lines that are in force.",
    )
    reservation_allowance = graphene.Field(
        ReservationAllowance, description="What may be reserved in the checkout."
    )

    class Meta:
        description = "A checkout, as far as this schema adds to it."

    @staticmethod
    def resolve_id(root: CartHolds, _info: Any) -> str:
        return ids.to_global(ids.CHECKOUT, root.cart_id)

    @staticmethod
    def resolve_reservations(root: CartHolds, _info: Any) -> Sequence[Hold]:
        return root.holds

    @staticmethod
    def resolve_reservation_allowance(root: CartHolds, info: Any) -> Allowance | None:
        asked: Asked = info.context
        return asked.allowance(root.cart_id)


class CheckoutLine(graphene.ObjectType):
    id = graphene.ID(required=True)
    reservation = graphene.Field(
        Reservation, description="The line's reservation, while it is in force."
    )

    class Meta:
        description = "A line of a checkout, as far as this schema adds to it."

    @staticmethod
    def resolve_id(root: LineHold, _info: Any) -> str:
        return ids.to_global(ids.LINE, root.line_id)

    @staticmethod
    def resolve_reservation(root: LineHold, _info: Any) -> Hold | None:
        return root.hold


def _is_over(hold: Hold) -> bool:
    """Its time is over, whether or not anybody has closed it."""
    return hold.ends <= timezone.now()
