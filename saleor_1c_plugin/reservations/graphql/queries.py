"""What can be asked."""

from collections.abc import Sequence
from typing import Any

import graphene

from .. import holds
from ..holds import Allowance
from ..models import Hold
from . import federation, ids
from .asked import Asked
from .types import Reservation, ReservationAllowance


class Query(federation.Entities, graphene.ObjectType):
    reservation = graphene.Field(
        Reservation,
        id=graphene.ID(required=True, description="ID of the reservation."),
        description=(
            "Look up a reservation by ID, in force or ended. The ID can't be guessed: "
            "whoever knows it may read the reservation."
        ),
    )
    reservations = graphene.List(
        graphene.NonNull(Reservation),
        checkout_id=graphene.ID(
            description="ID of the checkout. Whoever knows it may read its reservations."
        ),
        required=True,
        description=(
            "Reservations in force: of a checkout, or, without an ID, of all checkouts of the "
            "signed-in buyer."
        ),
    )
    reservation_allowance = graphene.Field(
        ReservationAllowance,
        checkout_id=graphene.ID(required=True, description="ID of the checkout."),
        description="What may be reserved in a checkout.",
    )

    @staticmethod
    def resolve_reservation(_root: None, _info: Any, id: str) -> Hold | None:
        return holds.find(str(ids.reservation_key(id)))

    @staticmethod
    def resolve_reservations(
        _root: None, info: Any, checkout_id: str | None = None
    ) -> Sequence[Hold]:
        asked: Asked = info.context
        if checkout_id is not None:
            cart_id = ids.key_of(checkout_id, ids.CHECKOUT)
            asked.known.add(cart_id)
            return holds.of_cart(cart_id)
        # Guests have no account in common: without a cart's id there is nothing to show them.
        return holds.of_buyer(asked.buyer_id) if asked.buyer_id else ()

    @staticmethod
    def resolve_reservation_allowance(_root: None, info: Any, checkout_id: str) -> Allowance | None:
        asked: Asked = info.context
        return asked.allowance(ids.key_of(checkout_id, ids.CHECKOUT))
