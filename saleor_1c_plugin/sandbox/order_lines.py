"""What an order is for: its lines, what they cost, and the goods that are held for them."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from ..store.orders import Forbidden, LineChange
from . import stock
from .amounts import cents, spread
from .models import Cart, Discount, Order, OrderLine, Price, Variant
from .stock import Level, Place


def set_lines(order: Order, changes: Sequence[LineChange], cart: Cart | None = None) -> None:
    """Make the lines of `order` these, and hold the goods for them.

    What `cart`, which becomes this order, holds is free for it.

    Raises
    ------
    Forbidden
        A line is not the order's, has no quantity, or its goods are not sold or not there.
    """
    if not changes:
        raise Forbidden("В заказе должна остаться хотя бы одна строка")
    rows = {str(row.pk): row for row in order.lines.select_related("variant")}
    lines = _wanted(order, changes, rows)
    gone = [row for row in rows.values() if row not in lines]
    _hold(order, lines, gone, cart)
    OrderLine.objects.filter(pk__in=[row.pk for row in gone]).delete()
    _price(order, lines)
    for line in lines:
        line.save()


def differ(order: Order, changes: Sequence[LineChange]) -> bool:
    """Whether the lines of `order` are others than these."""
    rows = {str(row.pk): row for row in order.lines.all()}
    return rows.keys() != {change.id for change in changes} or any(
        change.quantity != row.quantity or change.unit_price not in {None, row.price}
        for change in changes
        for row in [rows[change.id]]
    )


def take_off(discount: Discount) -> None:
    """Spread `discount`, and those before it, over the lines of its order."""
    discount.save()
    lines = list(discount.order.lines.all())
    _price(discount.order, lines)
    OrderLine.objects.bulk_update(lines, ["total"])


def _wanted(
    order: Order, changes: Sequence[LineChange], rows: Mapping[str, OrderLine]
) -> list[OrderLine]:
    added = [int(change.variant_id) for change in changes if not change.id]
    goods = Variant.objects.select_related("product__tax_class").in_bulk(added)
    prices = dict(
        Price.objects.filter(variant__in=added, channel=order.channel).values_list(
            "variant_id", "amount"
        )
    )
    lines: list[OrderLine] = []
    for change in changes:
        if change.quantity <= 0:
            raise Forbidden("Количество в строке заказа должно быть больше нуля")
        line = rows.get(change.id)
        if change.id and (line is None or line in lines):
            raise Forbidden(f"Строки {change.id} в заказе {order} нет, или она названа дважды")
        price = change.unit_price
        if line is None:
            variant = goods.get(int(change.variant_id))
            if variant is None or not variant.product.published:
                raise Forbidden(f"Товара {change.variant_id} нет в продаже")
            price = prices.get(variant.pk) if price is None else price
            if price is None:
                raise Forbidden(f"У товара «{variant.product.name}» нет цены")
            line = _new(order, variant)
        line.quantity = change.quantity
        line.price = line.price if price is None else cents(price)
        lines.append(line)
    return lines


def _new(order: Order, variant: Variant) -> OrderLine:
    tax = variant.product.tax_class
    return OrderLine(
        order=order,
        variant=variant,
        name=variant.product.name,
        variant_name=variant.name,
        sku=variant.sku or "",
        tax_percent=None if tax is None else tax.percent,
    )


def _hold(
    order: Order, lines: Sequence[OrderLine], gone: Sequence[OrderLine], cart: Cart | None
) -> None:
    """Find a warehouse for each of the `lines`, as if nothing of this order were held yet."""
    variants = {row.variant_id for row in [*lines, *gone] if row.variant_id is not None}
    levels = stock.lock(variants, cart)
    for line in order.lines.all():
        if (level := levels.get(_place(line))) is not None:
            level.held -= line.quantity - line.shipped
    for line in lines:
        if line.variant_id is None:
            continue  # the goods are gone from the shop: there is nothing to hold
        place = _find(order, line, levels)
        if place is None:
            raise Forbidden(f"Товара «{line.name}» нет на складе в количестве {line.quantity}")
        line.warehouse_id = place[1]
        levels[place].held += line.quantity


def _find(order: Order, line: OrderLine, levels: Mapping[Place, Level]) -> Place | None:
    fit = [
        place
        for place, level in levels.items()
        if place[0] == line.variant_id
        and level.free >= line.quantity
        and order.pickup_id in {None, place[1]}
    ]
    return _place(line) if _place(line) in fit else next(iter(fit), None)


def _place(line: OrderLine) -> Place:
    return line.variant_id or 0, line.warehouse_id or 0


def _price(order: Order, lines: Sequence[OrderLine]) -> None:
    """Spread the order's discounts over `lines`."""
    sums = [line.price * line.quantity for line in lines]
    whole = sum(sums, Decimal(0))
    discounts = list(order.discounts.all())
    for discount in discounts:
        if discount.percent is not None:
            discount.amount = cents(whole * discount.percent / 100)
    Discount.objects.bulk_update(discounts, ["amount"])
    off = sum((discount.amount for discount in discounts), Decimal(0))
    for line, cost, share in zip(lines, sums, spread(min(off, whole), sums), strict=True):
        line.total = cost - share
