"""Orders that a manager typed into 1C: a draft, made and completed as in the dashboard."""

from django.db import transaction
from saleor.channel.models import Channel
from saleor.order.models import Order
from saleor.shipping.models import ShippingMethod

from ..orders import Address, Forbidden, NewOrder
from .addresses import save_address
from .mutations import global_id, local_id, mutate, refresh_prices
from .order_actions import confirm
from .order_lines import require_own_prices, require_variants, set_prices


def create_order(new: NewOrder) -> str:
    known = Order.objects.filter(external_reference=new.reference).first()
    if known is not None:
        return str(known.pk)
    channel = Channel.objects.filter(slug=new.channel).first()
    if channel is None:
        raise Forbidden(f"В магазине нет канала продаж «{new.channel}»")
    require_own_prices(channel)
    require_variants(new.lines)
    with transaction.atomic():
        order_id = _draft(new, channel)
        lines = Order.objects.get(pk=order_id).lines.order_by("created_at", "pk")
        set_prices(
            {
                str(line.pk): change.unit_price
                for line, change in zip(lines, new.lines, strict=True)
                if change.unit_price is not None
            }
        )
        _choose_delivery(order_id)
        mutate("draftOrderComplete", "id: ID!", id=global_id("Order", order_id))
        confirm(order_id)
    return order_id


def _draft(new: NewOrder, channel: Channel) -> str:
    buyer = (
        {"user": global_id("User", new.buyer.id)}
        if new.buyer.id
        else {"userEmail": new.buyer.email}
    )
    answer = mutate(
        "draftOrderCreate",
        "input: DraftOrderCreateInput!",
        "order { id }",
        input={
            **buyer,
            "channelId": global_id("Channel", channel.pk),
            "customerNote": new.note,
            "externalReference": new.reference,
            "metadata": [{"key": key, "value": value} for key, value in new.metadata.items()],
            "lines": [
                {
                    "variantId": global_id("ProductVariant", line.variant_id),
                    "quantity": line.quantity,
                    "forceNewLine": True,
                }
                for line in new.lines
            ],
        },
    )
    order_id = local_id(answer["order"]["id"])
    # Saleor completes no order without an address: where 1C has none, its country stands.
    address = new.address or Address(new.buyer.first_name, new.buyer.last_name)
    country = str(channel.default_country.code)
    Order.objects.filter(pk=order_id).update(
        billing_address=save_address(address, country),
        shipping_address=save_address(address, country),
    )
    return order_id


def _choose_delivery(order_id: str) -> None:
    """Give the order a way of delivery, free of charge.

    Saleor completes no order of goods that are shipped without one. What 1C takes for delivery
    stands in its lines.
    """
    refresh_prices(order_id)
    order = Order.objects.get(pk=order_id)
    if not order.is_shipping_required():
        return
    methods = ShippingMethod.objects.applicable_shipping_methods_for_instance(
        order,
        channel_id=order.channel_id,
        price=order.subtotal.gross,
        shipping_address=order.shipping_address,
        country_code=order.shipping_address.country.code,
    )
    method = methods.order_by("pk").first()
    if method is None:
        raise Forbidden("У магазина нет способа доставки для этого заказа")
    mutate(
        "orderUpdateShipping",
        "order: ID!, input: OrderUpdateShippingInput!",
        order=global_id("Order", order_id),
        input={"shippingMethod": global_id("ShippingMethod", method.pk)},
    )
    Order.objects.filter(pk=order_id).update(
        base_shipping_price_amount=0,
        undiscounted_base_shipping_price_amount=0,
        should_refresh_prices=True,
    )
