"""The lines of an order that is not confirmed yet, and prices that 1C sets."""

from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction
from saleor.channel.models import Channel
from saleor.core.db.connection import allow_writer
from saleor.discount.models import OrderLineDiscount
from saleor.order.models import OrderLine
from saleor.order.utils import invalidate_order_prices
from saleor.product.models import ProductVariant
from saleor.tax import TaxCalculationStrategy
from saleor.webhook.event_types import WebhookEventSyncType
from saleor.webhook.utils import get_webhooks_for_event

from ..bulk import absent
from ..orders import Forbidden, LineChange
from .mutations import global_id, local_id, mutate, refresh_prices
from .order_actions import locked
from .order_money import quantize

#: What a line has when nothing but its own price counts.
_UNDISCOUNTED = {
    "is_price_overridden": True,
    "unit_discount_amount": Decimal(0),
    "unit_discount_value": Decimal(0),
    "unit_discount_type": None,
    "unit_discount_reason": None,
    "sale_id": None,
    "voucher_code": None,
    "draft_base_price_expire_at": None,
}
_PRICES = (
    *("base_unit_price_amount", "undiscounted_base_unit_price_amount"),
    *("undiscounted_unit_price_net_amount", "undiscounted_unit_price_gross_amount"),
)


def change_lines(order_id: str, lines: Sequence[LineChange]) -> bool:
    order = locked(order_id)
    if not order.is_unconfirmed():
        raise Forbidden("Состав подтверждённого заказа в магазине менять нельзя")
    require_own_prices(order.channel)
    existing = {str(line.pk): line for line in order.lines.all()}
    wanted = {change.id: change for change in lines if change.id}
    if wanted.keys() - existing.keys():
        raise Forbidden("Строки из 1С нет в заказе магазина")
    require_variants(lines)
    changed = False
    # Discounts of a voucher come anew with every change of a line, so that prices are set last.
    prices: dict[str, Decimal] = {}
    with transaction.atomic():
        for pk, line in existing.items():
            change = wanted.get(pk)
            if change is None:
                mutate("orderLineDelete", "id: ID!", id=global_id("OrderLine", pk))
                changed = True
                continue
            if change.quantity != line.quantity:
                mutate(
                    "orderLineUpdate",
                    "id: ID!, input: OrderLineInput!",
                    id=global_id("OrderLine", pk),
                    input={"quantity": change.quantity},
                )
                changed = True
            if change.unit_price is not None and _differs(line, change.unit_price):
                prices[pk] = change.unit_price
        for change in lines:
            if not change.id:
                pk = _add(order_id, change)
                changed = True
                if change.unit_price is not None:
                    prices[pk] = change.unit_price
        set_prices(prices)
        if changed or prices:
            refresh_prices(order_id)
    return changed or bool(prices)


def _add(order_id: str, change: LineChange) -> str:
    answer = mutate(
        "orderLinesCreate",
        "id: ID!, input: [OrderLineCreateInput!]!",
        "orderLines { id }",
        id=global_id("Order", order_id),
        input=[
            {
                "variantId": global_id("ProductVariant", change.variant_id),
                "quantity": change.quantity,
                "forceNewLine": True,
            }
        ],
    )
    return local_id(answer["orderLines"][0]["id"])


def _differs(line: OrderLine, price: Decimal) -> bool:
    """Whether the price is another than the one that 1C was told of."""
    with_tax = line.order.channel.tax_configuration.prices_entered_with_tax
    now: Decimal = line.unit_price_gross_amount if with_tax else line.unit_price_net_amount
    return quantize(price, line.currency) != quantize(now, line.currency)


def set_prices(prices: dict[str, Decimal]) -> None:
    """Let lines cost what 1C says: a custom price, with no discount of the line on top of it.

    Saleor's own way to a custom price would lay the catalogue's promotions on top again. Discounts
    of the whole order still apply, as they do to any price that the staff set.
    """
    for line in OrderLine.objects.filter(pk__in=prices).select_related("order"):
        OrderLineDiscount.objects.filter(line=line).delete()
        amount = quantize(prices[str(line.pk)], line.currency)
        values = _UNDISCOUNTED | dict.fromkeys(_PRICES, amount)
        for name, value in values.items():
            setattr(line, name, value)
        line.save(update_fields=list(values))
        with allow_writer():
            invalidate_order_prices(line.order, save=True)


def require_variants(lines: Sequence[LineChange]) -> None:
    """Let goods be there before Saleor, which breaks over those that aren't, is asked.

    Raises
    ------
    Forbidden
        The shop has no variant of such an id.
    """
    wanted = {line.variant_id for line in lines if not line.id}
    if absent(ProductVariant, wanted):
        raise Forbidden("Такого товара в магазине нет")


def require_own_prices(channel: Channel) -> None:
    """Let no app be asked for taxes or deliveries: it would be while the transaction waits.

    Raises
    ------
    Forbidden
        The channel leaves its taxes to an app, or an app has a say in which deliveries there are.
    """
    configuration = channel.tax_configuration
    strategies = {
        configuration.tax_calculation_strategy,
        *configuration.country_exceptions.values_list("tax_calculation_strategy", flat=True),
    }
    if TaxCalculationStrategy.TAX_APP in strategies or get_webhooks_for_event(
        WebhookEventSyncType.ORDER_FILTER_SHIPPING_METHODS
    ):
        raise Forbidden(
            "Налоги или доставку считает внешнее приложение: состав и цены заказа меняются "
            "только в магазине"
        )
