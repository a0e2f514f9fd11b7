"""Orders as they stand in Saleor's tables, all that is asked for at once.

Columns are read without model instances: an export asks for thousands of orders, and Saleor's
money fields would cost several times what the rest does.

Saleor's total of an order is less by the gift cards that paid for it. The port's totals are the
sums of what the lines and the delivery cost, so that not a kopeck is between an order and its
lines. Lines already bear their share of discounts of the whole order; a voucher for the delivery
has made the delivery cheaper and is no discount of the order.

Prices of an unconfirmed order that the staff have just changed are stale until Saleor is asked
for them; when it calculates them it saves the order, and that is heard.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models.fields.json import KeyTextTransform
from saleor.discount import DiscountType, VoucherType
from saleor.discount.models import OrderDiscount as DiscountRow
from saleor.order import OrderStatus as Status
from saleor.order.models import Order as OrderRow
from saleor.order.models import OrderLine as LineRow
from saleor.product.models import ProductVariant
from saleor.warehouse.models import Allocation

from ..orders import (
    Buyer,
    DiscountKind,
    Order,
    OrderDiscount,
    OrderLine,
    OrderStatus,
    Payment,
    Shipment,
)
from .addresses import address_columns, read_address
from .classifier import KEY
from .order_money import GiftCards, quantize, read_gift_cards, read_payments
from .order_shipments import read_shipments
from .uuids import one_of, text, uuids

STATUSES = {
    Status.UNCONFIRMED: OrderStatus.UNCONFIRMED,
    Status.UNFULFILLED: OrderStatus.OPEN,
    Status.PARTIALLY_FULFILLED: OrderStatus.PARTLY_SHIPPED,
    Status.FULFILLED: OrderStatus.SHIPPED,
    Status.PARTIALLY_RETURNED: OrderStatus.PARTLY_RETURNED,
    Status.RETURNED: OrderStatus.RETURNED,
    Status.CANCELED: OrderStatus.CANCELLED,
    Status.EXPIRED: OrderStatus.EXPIRED,
}
_DISCOUNTS = {
    DiscountType.VOUCHER: DiscountKind.VOUCHER,
    DiscountType.MANUAL: DiscountKind.MANUAL,
    DiscountType.ORDER_PROMOTION: DiscountKind.PROMOTION,
}
_PRICES_WITH_TAX = "channel__tax_configuration__prices_entered_with_tax"
_ORDER = (
    *("number", "status", "channel__slug", "currency", "created_at", "updated_at"),
    *("user_id", "user_email", "user__email", "user__first_name", "user__last_name"),
    *("user__metadata", _PRICES_WITH_TAX),
    *("shipping_method_id", "shipping_method_name", "shipping_price_net_amount"),
    *("shipping_price_gross_amount", "undiscounted_base_shipping_price_amount"),
    *("shipping_tax_rate", "collection_point_name"),
    *("total_charged_amount", "customer_note", "voucher_code", "metadata"),
    *address_columns("billing_address"),
    *address_columns("shipping_address"),
)
_LINE = (
    *(text("order_id"), text("pk"), "product_name", "variant_name", "product_sku", "variant_id"),
    *("quantity", "total_price_net_amount", "total_price_gross_amount"),
    *("undiscounted_total_price_net_amount", "undiscounted_total_price_gross_amount"),
    *("tax_rate", "unit_discount_reason", "is_gift_card"),
)
#: 1C's key of the class of goods that are taxed at 0 %, and not free of tax.
_ZERO_RATE = "vat:0"

_NOTHING: Mapping[str, str] = {}

Row = Mapping[str, Any]
Lines = Mapping[str, tuple[OrderLine, ...]]


def read_orders(order_ids: Sequence[str]) -> list[Order]:
    rows = {
        row["key"]: row
        for row in OrderRow.objects.exclude(status=Status.DRAFT)
        .filter(pk__in=one_of([str(pk) for pk in uuids(order_ids)]))
        .order_by()
        .values(
            *_ORDER,
            key=text("pk"),
            pickup=text("collection_point_id"),
            tax_class=KeyTextTransform(KEY, "shipping_tax_class_private_metadata"),
            billing_address__phone=text("billing_address__phone"),
            shipping_address__phone=text("shipping_address__phone"),
        )
    }
    shipments = read_shipments({pk: str(row["number"]) for pk, row in rows.items()})
    lines = _read_lines(rows, shipments)
    discounts = _read_discounts(rows)
    payments = read_payments(rows)
    gift_cards = read_gift_cards(rows)
    return [
        _order(
            pk,
            rows[pk],
            lines.get(pk, ()),
            tuple(discounts.get(pk, ())),
            tuple(payments.get(pk, ())),
            tuple(shipments.get(pk, ())),
            gift_cards.get(pk, GiftCards()),
        )
        for pk in order_ids
        if pk in rows
    ]


def _order(
    pk: str,
    row: Row,
    lines: tuple[OrderLine, ...],
    discounts: tuple[OrderDiscount, ...],
    payments: tuple[Payment, ...],
    shipments: tuple[Shipment, ...],
    gift_cards: GiftCards,
) -> Order:
    currency = row["currency"]
    with_tax = row[_PRICES_WITH_TAX]
    net = quantize(row["shipping_price_net_amount"], currency)
    gross = quantize(row["shipping_price_gross_amount"], currency)
    undiscounted = quantize(row["undiscounted_base_shipping_price_amount"], currency)
    return Order(
        id=pk,
        number=str(row["number"]),
        status=STATUSES[row["status"]],
        channel=row["channel__slug"],
        currency=currency,
        created=row["created_at"],
        updated=row["updated_at"],
        buyer=Buyer(
            id=str(row["user_id"] or ""),
            email=row["user_email"] or row["user__email"] or "",
            first_name=row["user__first_name"] or "",
            last_name=row["user__last_name"] or "",
            metadata=row["user__metadata"] or _NOTHING,
        ),
        lines=lines,
        total_net=sum((line.total_net for line in lines), net),
        total_gross=sum((line.total_gross for line in lines), gross),
        prices_with_tax=with_tax,
        billing=read_address("billing_address", row),
        shipping=read_address("shipping_address", row),
        delivery_id=str(row["shipping_method_id"] or ""),
        delivery_name=row["shipping_method_name"] or "",
        delivery_net=net,
        delivery_gross=gross,
        # Orders of versions that didn't keep it have 0 there.
        delivery_undiscounted=max(undiscounted, gross if with_tax else net),
        delivery_tax_rate=tax_rate(row["shipping_tax_rate"], row["tax_class"]),
        pickup_id=row["pickup"] or "",
        pickup_name=row["collection_point_name"] or "",
        discounts=discounts,
        gift_cards=gift_cards.used,
        payments=payments,
        shipments=shipments,
        paid=quantize(row["total_charged_amount"] - gift_cards.charged, currency),
        note=row["customer_note"],
        voucher_code=row["voucher_code"] or "",
        metadata=row["metadata"] or _NOTHING,
    )


def _read_lines(orders: Mapping[str, Row], shipments: Mapping[str, Sequence[Shipment]]) -> Lines:
    rows = list(
        LineRow.objects.filter(order_id__in=one_of(orders))
        .order_by("created_at", "pk")
        .values_list(*_LINE, KeyTextTransform(KEY, "tax_class_private_metadata"))
    )
    goods = _read_goods({row[5] for row in rows if row[5]})
    shipped: Counter[str] = Counter()
    warehouses: dict[str, str] = {}
    for shipment in (shipment for found in shipments.values() for shipment in found):
        for line in shipment.lines if not shipment.cancelled else ():
            shipped[line.line_id] += line.quantity
            warehouses[line.line_id] = shipment.warehouse_id
    held = Allocation.objects.filter(
        order_line__order_id__in=one_of(orders), quantity_allocated__gt=0
    ).order_by("quantity_allocated")
    warehouses |= dict(held.values_list(text("order_line_id"), text("stock__warehouse_id")))
    found: defaultdict[str, list[OrderLine]] = defaultdict(list)
    for row in rows:
        order_id, line_id, name, variant_name, sku, variant_id, quantity = row[:7]
        net, gross, undiscounted_net, undiscounted_gross, rate, reason = row[7:13]
        is_gift_card, tax_class = row[13:]
        order = orders[order_id]
        currency = order["currency"]
        key, product_key, metadata = goods.get(variant_id, ("", "", _NOTHING))
        undiscounted = undiscounted_gross if order[_PRICES_WITH_TAX] else undiscounted_net
        found[order_id].append(
            OrderLine(
                id=line_id,
                name=name,
                quantity=quantity,
                total_net=quantize(net, currency),
                total_gross=quantize(gross, currency),
                undiscounted=quantize(undiscounted, currency),
                key=key,
                product_key=product_key,
                sku=sku or "",
                variant_name=variant_name,
                tax_rate=tax_rate(rate, tax_class),
                discount_reason=reason or "",
                shipped=shipped[line_id],
                warehouse_id=warehouses.get(line_id, ""),
                metadata=metadata,
                is_gift_card=is_gift_card,
            )
        )
    return {pk: tuple(lines) for pk, lines in found.items()}


def _read_goods(variant_ids: Collection[int]) -> Mapping[int, tuple[str, str, Mapping[str, str]]]:
    """Keys of variants and of their products, and the metadata of both."""
    rows = ProductVariant.objects.filter(pk__in=variant_ids).order_by()
    return {
        pk: (key or "", product_key or "", (of_product or {}) | (of_variant or {}))
        for pk, key, of_variant, product_key, of_product in rows.values_list(
            *("pk", "external_reference", "metadata"),
            *("product__external_reference", "product__metadata"),
        )
    }


def tax_rate(rate: Decimal | None, tax_class: str | None) -> Decimal | None:
    """A rate, ``None`` for what is not taxed; `tax_class` is 1C's key of its class.

    Saleor has a rate of 0 for goods that are free of tax as well as for those taxed at 0 %.
    """
    return rate if rate or tax_class == _ZERO_RATE else None


def _read_discounts(orders: Mapping[str, Row]) -> Mapping[str, list[OrderDiscount]]:
    found: defaultdict[str, list[OrderDiscount]] = defaultdict(list)
    rows = DiscountRow.objects.filter(order_id__in=one_of(orders)).order_by("created_at", "pk")
    for order_id, kind, name, reason, code, amount, voucher_type in rows.values_list(
        *(text("order_id"), "type", "name", "reason"),
        *("voucher_code", "amount_value", "voucher__type"),
    ):
        if kind in _DISCOUNTS and voucher_type != VoucherType.SHIPPING:
            found[order_id].append(
                OrderDiscount(
                    kind=_DISCOUNTS[kind],
                    name=name or reason or "",
                    amount=quantize(amount, orders[order_id]["currency"]),
                    code=code or "",
                )
            )
    return found
