"""Saleor's own mutations, called from within this process.

Whatever 1C does to an order happens as if an app called Saleor's API: with its validations,
events, webhooks and letters, and the same in every version, since the API is what Saleor keeps
stable. The app is a row of its own called "1C", without a token, so that an order's history says
who did it and nobody can sign in as it.
"""

from collections.abc import Mapping
from typing import Any

import graphene
from django.db import transaction
from saleor.app.models import App
from saleor.app.types import AppType
from saleor.core.db.connection import allow_writer
from saleor.graphql.webhook.subscription_payload import initialize_request
from saleor.permission.models import Permission

from ..orders import Forbidden

#: Identifier of the app; what it wrote into a shop came from 1C.
APP = "saleor1c.orders"
_PERMISSIONS = ("manage_orders", "handle_payments", "manage_users")

#: Saleor's code of an error → what 1C's operator reads.
_REASONS = {
    "BILLING_ADDRESS_NOT_SET": "у заказа нет адреса плательщика",
    "CANNOT_CANCEL_ORDER": "заказ с отгрузками нельзя отменить, сначала отмените отгрузки",
    "CANNOT_FULFILL_UNPAID_ORDER": "настройки магазина не дают отгружать неоплаченный заказ",
    "CHANNEL_INACTIVE": "канал продаж выключен",
    "FULFILL_ORDER_LINE": "отгружается больше, чем осталось, или товар продан по предзаказу",
    "INSUFFICIENT_STOCK": "на складе магазина не хватает товара",
    "INVALID_QUANTITY": "неверное количество",
    "NON_EDITABLE_GIFT_LINE": "строку с подарком нельзя изменить",
    "NON_REMOVABLE_GIFT_LINE": "строку с подарком нельзя удалить",
    "NOT_AVAILABLE_IN_CHANNEL": "товар не продаётся в этом канале",
    "NOT_EDITABLE": "состав подтверждённого заказа менять нельзя",
    "ORDER_NO_SHIPPING_ADDRESS": "у заказа нет адреса доставки",
    "PRODUCT_NOT_PUBLISHED": "товар не опубликован в этом канале",
    "PRODUCT_UNAVAILABLE_FOR_PURCHASE": "товар недоступен для покупки",
    "SHIPPING_METHOD_NOT_APPLICABLE": "способ доставки не подходит к заказу",
    "SHIPPING_METHOD_REQUIRED": "у магазина нет способа доставки для этого заказа",
    "ZERO_QUANTITY": "количество должно быть больше нуля",
}


class Refused(Forbidden):
    """A mutation answered with errors; `codes` are Saleor's."""

    def __init__(self, errors: list[Mapping[str, Any]]) -> None:
        self.codes = {str(error["code"]) for error in errors}
        reasons = [
            _REASONS.get(str(error["code"]), error["message"] or error["code"]) for error in errors
        ]
        super().__init__("Магазин отказал: " + "; ".join(dict.fromkeys(reasons)))


def mutate(
    name: str, call: str, answer: str = "", *, caller: App | None = None, **variables: object
) -> Mapping[str, Any]:
    """Run one mutation in a savepoint.

    Parameters
    ----------
    name
        The mutation's field.
    call
        Its arguments, each as ``argument: Type!``; every one is a variable of that name.
    answer
        Fields to ask for besides the errors.
    caller
        The app in whose name it is done; 1C's where it is not given.

    Raises
    ------
    Refused
        Saleor answered with errors; nothing of the call is left.
    """
    arguments = [part.split(":")[0].strip() for part in call.split(",")]
    declared = ", ".join(f"${part.strip()}" for part in call.split(","))
    passed = ", ".join(f"{argument}: ${argument}" for argument in arguments)
    text = f"mutation ({declared}) {{ {name}({passed}) {{ {answer} errors {{ code message }} }} }}"
    with transaction.atomic():
        result: Mapping[str, Any] = _execute(text, variables, caller)[name]
        if result["errors"]:
            raise Refused(result["errors"])
    return result


def refresh_prices(order_id: str) -> None:
    """Have Saleor calculate an order's prices anew, as it does when somebody looks at it."""
    _execute(
        "query ($id: ID!) { order(id: $id) { total { gross { amount } } } }",
        {"id": global_id("Order", order_id)},
    )


def global_id(kind: str, pk: object) -> str:
    """Id of a row as the API names it."""
    return str(graphene.Node.to_global_id(kind, pk))


def local_id(text: str) -> str:
    """Primary key in an id of the API's."""
    return str(graphene.Node.from_global_id(text)[1])


def app() -> App:
    """The app in whose name everything is done; made when it is first needed.

    Raises
    ------
    Forbidden
        Somebody has switched it off in the dashboard.
    """
    found = App.objects.filter(identifier=APP, removed_at=None).order_by("pk").first()
    if found is None:
        found = App.objects.create(name="1C", identifier=APP, type=AppType.LOCAL, is_active=True)
        found.permissions.set(Permission.objects.filter(codename__in=_PERMISSIONS))
    if not found.is_active:
        raise Forbidden("Приложение «1C» выключено в панели управления магазином")
    return found


def _execute(
    text: str, variables: Mapping[str, object], caller: App | None = None
) -> Mapping[str, Any]:
    # Saleor's schema takes seconds to load, and only they who act need it.
    from saleor.graphql.api import schema

    ours = caller or app()
    context = initialize_request(ours, requestor=ours)
    context.user = None
    with allow_writer():
        result = schema.execute(text, variable_values=variables, context_value=context)
    for error in result.errors or ():
        raise getattr(error, "original_error", None) or error
    data: Mapping[str, Any] = result.data
    return data
