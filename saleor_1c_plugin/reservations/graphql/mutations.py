"""What can be changed, and what is answered where it can't."""

from collections.abc import Collection, Sequence
from typing import Any

import graphene

from .. import errors, holds
from ..errors import Code
from ..models import Hold
from . import ids
from .asked import Asked
from .types import Reservation


def _code(value: Any) -> str:
    return "Why something was refused." if value is None else _CODES[value.value]


_CODES = {
    Code.NOT_FOUND: "There is no such checkout, or no such line in it.",
    Code.DISABLED: "This buyer can't reserve in the checkout's channel.",
    Code.INSUFFICIENT_STOCK: "Not enough of the goods is free.",
    Code.BUYER_LIMIT: "More units than one buyer may reserve.",
    Code.STOCK_SHARE: "More of what is free than may be reserved altogether.",
    Code.NOT_RESERVABLE: "These goods are not reserved: excluded, a gift, or not counted.",
    Code.UNAVAILABLE: "The goods can't be bought in this channel.",
    Code.NOT_EXTENDABLE: "It can't be extended any more.",
    Code.INVALID: "A value that is none, such as an ID of something else.",
}

ReservationErrorCode = graphene.Enum(
    "ReservationErrorCode", [(code.name, code.value) for code in Code], description=_code
)


class ReservationError(graphene.ObjectType):
    field = graphene.String(
        description=(
            "Name of a field that caused the error. A value of `null` indicates that the error "
            "isn't associated with a particular field."
        )
    )
    message = graphene.String(description="The error message.")
    code = graphene.Field(ReservationErrorCode, required=True, description="The error code.")
    lines = graphene.List(
        graphene.NonNull(graphene.ID),
        description="List of line IDs which cause the error.",
    )

    class Meta:
        description = "Why nothing was changed."

    @classmethod
    def of(cls, error: errors.ReservationError) -> "ReservationError":
        lines = [ids.to_global(ids.LINE, line_id) for line_id in error.line_ids]
        return cls(
            field=error.field or None,
            message=str(error),
            code=error.code.value,
            lines=lines or None,
        )


class _OnLines(graphene.Mutation):
    """A change of some of a checkout's lines, or of all: made as a whole or not at all."""

    class Arguments:
        checkout_id = graphene.ID(
            required=True, description="ID of the checkout. Whoever knows it may change it."
        )
        line_ids = graphene.List(
            graphene.NonNull(graphene.ID),
            description="IDs of its lines. All of them where the list is left out.",
        )

    class Meta:
        abstract = True

    reservations = graphene.List(
        graphene.NonNull(Reservation), required=True, description="Reservations of these lines."
    )
    errors = graphene.List(
        graphene.NonNull(ReservationError),
        required=True,
        description="Why nothing was changed; empty where all went well.",
    )

    @staticmethod
    def change(cart_id: str, line_ids: Collection[str] | None) -> list[Hold]:
        raise NotImplementedError

    @classmethod
    def mutate(
        cls, _root: None, info: Any, checkout_id: str, line_ids: Sequence[str] | None = None
    ) -> "_OnLines":
        asked: Asked = info.context
        try:
            cart_id = _key(checkout_id, ids.CHECKOUT, "checkoutId")
            asked.known.add(cart_id)
            changed = cls.change(cart_id, _line_keys(line_ids))
        except errors.ReservationError as error:
            return cls(reservations=[], errors=[ReservationError.of(error)])
        finally:
            # A refusal, too, may have been preceded by somebody else's change.
            asked.forget()
        return cls(reservations=changed, errors=[])


class ReservationCreate(_OnLines):
    class Meta:
        description = (
            "Reserve lines of a checkout: their stock and their price, for a limited time. "
            "What is reserved already stays as it is."
        )

    change = staticmethod(holds.create)


class ReservationExtend(_OnLines):
    class Meta:
        description = "Let reservations of a checkout last for another term from now."

    change = staticmethod(holds.extend)


class ReservationCancel(_OnLines):
    class Meta:
        description = "Give reservations of a checkout up: stock and price are free at once."

    change = staticmethod(holds.cancel)


class Mutation(graphene.ObjectType):
    reservation_create = ReservationCreate.Field()
    reservation_extend = ReservationExtend.Field()
    reservation_cancel = ReservationCancel.Field()


def _key(global_id: str, kind: str, field: str) -> str:
    try:
        return ids.key_of(global_id, kind)
    except ids.InvalidId as error:
        raise errors.ReservationError(Code.INVALID, str(error), field=field) from None


def _line_keys(line_ids: Sequence[str] | None) -> list[str] | None:
    if line_ids is None:
        return None
    if not line_ids:
        # Taken for "all", it would reserve what the buyer has just unticked.
        raise errors.ReservationError(
            Code.INVALID, "Name a line, or leave the list out for all.", field="lineIds"
        )
    return list(dict.fromkeys(_key(line_id, ids.LINE, "lineIds") for line_id in line_ids))
