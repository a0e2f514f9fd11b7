"""Orders as the port tells of them."""

from collections.abc import Collection
from decimal import Decimal
from uuid import UUID

from django.db.models import QuerySet

from ..store.orders import (
    Address,
    Buyer,
    DiscountKind,
    OrderDiscount,
    OrderStatus,
    PaymentKind,
)
from ..store.orders import Order as OrderData
from ..store.orders import OrderLine as LineData
from ..store.orders import Payment as PaymentData
from ..store.orders import Shipment as ShipmentData
from ..store.orders import ShipmentLine as ShipmentLineData
from .amounts import net, rate
from .models import Customer, Order, OrderLine, Payment, Shipment

_SIGNS_OF_A_CARD = 4


def by_keys(ids: Collection[str]) -> QuerySet[Order]:
    """Rows of the orders with these ids; what can't be one has none."""
    return Order.objects.filter(key__in=[key for text in ids if (key := _key(text)) is not None])


def read(rows: QuerySet[Order]) -> list[OrderData]:
    """What the port tells of each of the `rows`."""
    return [
        order_data(row)
        for row in rows.select_related("customer", "pickup").prefetch_related(
            "lines__variant__product", "discounts", "payments", "shipments__lines"
        )
    ]


def order_data(row: Order) -> OrderData:
    """An order; all that belongs to it is taken from what was read with it."""
    lines = tuple(_line(line) for line in row.lines.all())
    discounts = tuple(
        OrderDiscount(DiscountKind(item.kind), item.name, item.amount, item.code)
        for item in row.discounts.all()
    )
    # Of a promise that was kept nothing is left.
    payments = tuple(_payment(payment) for payment in row.payments.all() if payment.amount)
    delivery_net = net(row.delivery_price, row.delivery_tax_percent)
    return OrderData(
        id=str(row.key),
        number=str(row.pk),
        status=OrderStatus(row.status),
        channel=row.channel,
        currency=row.currency,
        created=row.created,
        updated=row.updated,
        buyer=_buyer(row),
        lines=lines,
        total_net=sum((line.total_net for line in lines), delivery_net),
        total_gross=sum((line.total_gross for line in lines), row.delivery_price),
        billing=None if row.billing is None else Address(**row.billing),
        shipping=None if row.shipping is None else Address(**row.shipping),
        delivery_id=row.delivery_id,
        delivery_name=row.delivery_name,
        delivery_net=delivery_net,
        delivery_gross=row.delivery_price,
        delivery_undiscounted=row.delivery_price,
        delivery_tax_rate=rate(row.delivery_tax_percent),
        pickup_id="" if row.pickup is None else str(row.pickup.pk),
        pickup_name="" if row.pickup is None else row.pickup.name,
        discounts=discounts,
        gift_cards=((row.gift_card_code[-_SIGNS_OF_A_CARD:], row.gift_card_amount),)
        if row.gift_card_amount
        else (),
        payments=payments,
        shipments=tuple(_shipment(shipment) for shipment in row.shipments.all()),
        paid=sum((counted(payment) for payment in payments), Decimal(0)),
        note=row.note,
        voucher_code=next((item.code for item in discounts if item.code), ""),
        metadata=row.metadata,
    )


def customer_data(row: Customer) -> Buyer:
    return Buyer(str(row.pk), row.email, row.first_name, row.last_name, row.metadata)


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _buyer(row: Order) -> Buyer:
    if row.customer is not None:
        return customer_data(row.customer)
    return Buyer("", row.email, row.first_name, row.last_name)


def _line(row: OrderLine) -> LineData:
    variant = row.variant
    product = None if variant is None else variant.product
    return LineData(
        id=str(row.pk),
        name=row.name,
        quantity=row.quantity,
        total_net=net(row.total, row.tax_percent),
        total_gross=row.total,
        undiscounted=row.price * row.quantity,
        key="" if variant is None else variant.key,
        product_key="" if product is None else product.key,
        sku=row.sku,
        variant_name=row.variant_name,
        tax_rate=rate(row.tax_percent),
        shipped=row.shipped,
        warehouse_id="" if row.warehouse_id is None else str(row.warehouse_id),
        metadata={**product.metadata, **variant.metadata} if product and variant else {},
    )


def _payment(row: Payment) -> PaymentData:
    return PaymentData(
        id=str(row.pk),
        kind=PaymentKind(row.kind),
        amount=row.amount,
        at=row.at,
        method=row.method,
        gateway=row.gateway,
        reference=row.reference,
        from_onec=row.from_onec,
    )


def counted(payment: PaymentData) -> Decimal:
    """What a payment adds to what was paid."""
    match payment.kind:
        case PaymentKind.CHARGE:
            return payment.amount
        case PaymentKind.REFUND | PaymentKind.CHARGEBACK:
            return -payment.amount
        case PaymentKind.AUTHORISED | PaymentKind.PROMISED:
            return Decimal(0)


def _shipment(row: Shipment) -> ShipmentData:
    return ShipmentData(
        id=str(row.pk),
        number=str(row.pk),
        at=row.at,
        lines=tuple(ShipmentLineData(str(part.line_id), part.quantity) for part in row.lines.all()),
        tracking=row.tracking,
        warehouse_id="" if row.warehouse_id is None else str(row.warehouse_id),
        from_onec=True,
    )
