"""A subgraph of Apollo Federation: what a gateway asks so as to join this schema to Saleor's.

Version 1 of the protocol, as Saleor's own schema speaks it; a gateway of version 2 composes
both. ``Checkout`` and ``CheckoutLine`` are Saleor's and are extended by their ids here. A gateway
has those ids from Saleor, which is why nobody looks here whether there is such a cart: one
without reservations and one that never was look the same.

Which keys the types have, is said where they are printed for a gateway: in :mod:`.printing`.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import graphene
from graphql import GraphQLError
from graphql.language import ast

from ..models import Hold
from . import ids
from .asked import Asked
from .printing import print_subgraph
from .types import CartHolds, Checkout, CheckoutLine, LineHold, Reservation

#: A request may ask for so many entities altogether: more than lines of any cart.
LIMIT = 500

type Entity = Hold | CartHolds | LineHold


class AnyScalar(graphene.Scalar):
    class Meta:
        name = "_Any"
        description = "An object with its type's name and the fields of its key."

    @staticmethod
    def serialize(value: object) -> object:
        return value

    @staticmethod
    def parse_value(value: object) -> object:
        return value

    @staticmethod
    def parse_literal(node: ast.Node) -> object:
        # Keys are strings; what is nested or refers to a variable is nobody's key.
        if not isinstance(node, ast.ObjectValue):
            return None
        return {
            field.name.value: field.value.value
            for field in node.fields
            if isinstance(field.value, ast.StringValue)
        }


class EntityUnion(graphene.Union):
    class Meta:
        name = "_Entity"
        description = "What can be asked for by its key."
        types = (Reservation, Checkout, CheckoutLine)

    @classmethod
    def resolve_type(cls, instance: Entity, _info: Any) -> type[graphene.ObjectType]:
        match instance:
            case CartHolds():
                return Checkout
            case LineHold():
                return CheckoutLine
        return Reservation


class Service(graphene.ObjectType):
    sdl = graphene.String(description="The schema, with what a gateway needs to know of it.")

    class Meta:
        name = "_Service"
        description = "What a gateway composes its schema from."


class Entities(graphene.ObjectType):
    """Fields of a query that gateways ask for."""

    entities = graphene.List(
        EntityUnion,
        name="_entities",
        representations=graphene.List(graphene.NonNull(AnyScalar), required=True),
    )
    service = graphene.Field(Service, name="_service")

    @staticmethod
    def resolve_entities(
        _root: None, info: Any, representations: Sequence[object]
    ) -> list[Entity | GraphQLError | None]:
        asked: Asked = info.context
        asked.entities += len(representations)
        if asked.entities > LIMIT:
            raise GraphQLError(
                f"Federated query exceeded entity limit: {asked.entities} items requested "
                f"over {LIMIT}."
            )
        references = [_reference(entity) for entity in representations]
        asked.known.update(
            reference[1]
            for reference in references
            if not isinstance(reference, GraphQLError) and reference[0] == ids.CHECKOUT
        )
        return _resolved(references)

    @staticmethod
    def resolve_service(_root: None, info: Any) -> Service:
        return Service(sdl=print_subgraph(info.schema))


#: Type and primary key, or why it can't be told.
type _Reference = tuple[str, str] | GraphQLError


def _reference(representation: object) -> _Reference:
    """What a representation stands for; an error concerns this one alone, not its neighbours."""
    if not isinstance(representation, Mapping):
        return GraphQLError("Invalid type for 'representation' field: must be an object")
    kind, global_id = representation.get("__typename"), representation.get("id")
    if kind not in (ids.RESERVATION, ids.CHECKOUT, ids.LINE):
        return GraphQLError("Missing, invalid or unsupported __typename")
    if not isinstance(global_id, str) or not global_id:
        return GraphQLError("Missing required field: id")
    try:
        if kind == ids.RESERVATION:
            return kind, str(ids.reservation_key(global_id))
        return kind, ids.key_of(global_id, kind)
    except ids.InvalidId as error:
        return error


def _resolved(references: Sequence[_Reference]) -> list[Entity | GraphQLError | None]:
    """What each stands for, in the same order; read by a query for each type that is asked."""
    keys: dict[str, list[str]] = {}
    for reference in references:
        if not isinstance(reference, GraphQLError):
            keys.setdefault(reference[0], []).append(reference[1])
    found: dict[tuple[str, str], Entity] = {}
    if wanted := keys.get(ids.RESERVATION):
        for pk, hold in Hold.objects.in_bulk([UUID(key) for key in wanted]).items():
            found[ids.RESERVATION, str(pk)] = hold
    if wanted := keys.get(ids.CHECKOUT):
        for cart_id, holds in _by_cart(wanted).items():
            found[ids.CHECKOUT, cart_id] = CartHolds(cart_id, holds)
    if wanted := keys.get(ids.LINE):
        live = {hold.line_id: hold for hold in Hold.objects.live().filter(line_id__in=wanted)}
        for line_id in wanted:
            found[ids.LINE, line_id] = LineHold(line_id, live.get(line_id))
    return [
        reference if isinstance(reference, GraphQLError) else found.get(reference)
        for reference in references
    ]


def _by_cart(cart_ids: Sequence[str]) -> dict[str, list[Hold]]:
    carts: dict[str, list[Hold]] = {cart_id: [] for cart_id in cart_ids}
    for hold in Hold.objects.live().filter(cart_id__in=cart_ids).order_by("began", "pk"):
        carts[hold.cart_id].append(hold)
    return carts
