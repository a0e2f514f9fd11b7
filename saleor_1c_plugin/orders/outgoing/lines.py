"""Lines of documents: goods, and the delivery as a service."""

from collections.abc import Mapping
from decimal import Decimal
from uuid import uuid5

from ...commerceml import units
from ...commerceml.documents import DocumentLine, DocumentTax, DocumentWarehouse
from ...money import smallest_unit
from ...store.orders import DiscountKind, Order, OrderDiscount, OrderLine
from .counterparty import NAMESPACE
from .sums import TAX, Cost, cost, tax_rate
from .text import one_line

#: What 1C's own samples call it. The method stands in the requisites: 1C makes a service of every
#: new name here.
DELIVERY_NAME = "Доставка заказа"

#: 1C's id of the delivery, as its own modules call it.
DELIVERY = "ORDER_DELIVERY"
_KIND, _TYPE = "ВидНоменклатуры", "ТипНоменклатуры"
_OWN_KIND, _OWN_TYPE = f"onec.{_KIND}", f"onec.{_TYPE}"
_GOODS = ((_KIND, "Товар"), (_TYPE, "Товар"))
_SERVICE = ((_KIND, "Услуга"), (_TYPE, "Услуга"))
_DISCOUNTS = {
    DiscountKind.VOUCHER: "Промокод",
    DiscountKind.MANUAL: "Скидка",
    DiscountKind.PROMOTION: "Акция",
}


class OrderLines:
    """Makes the lines of one order's documents.

    Parameters
    ----------
    warehouses : the shop's warehouse id → 1C's warehouse
    """

    def __init__(self, order: Order, warehouses: Mapping[str, DocumentWarehouse]) -> None:
        self._order = order
        self._warehouses = warehouses
        self._discount = _discounts_name(order)
        self.unit = smallest_unit(order.currency)

    def cost(self, line: OrderLine) -> Cost:
        """What the whole line costs."""
        return cost(
            line.quantity,
            line.total_net,
            line.total_gross,
            line.undiscounted,
            with_tax=self._order.prices_with_tax,
            unit=self.unit,
        )

    def goods(self, line: OrderLine, costs: Cost) -> DocumentLine:
        """Goods of the line that cost `costs`: all of it, or what was shipped."""
        warehouse = self._warehouses.get(line.warehouse_id)
        metadata = line.metadata
        requisites = _GOODS
        if _OWN_KIND in metadata or _OWN_TYPE in metadata:
            kind, type_ = metadata.get(_OWN_KIND), metadata.get(_OWN_TYPE)
            requisites = ((_KIND, kind or "Товар"), (_TYPE, type_ or "Товар"))
        return DocumentLine(
            id=line.key or own_key(line),
            name=line_name(line),
            quantity=Decimal(costs.quantity),
            amount=costs.amount,
            price=costs.price,
            article=line.sku,
            unit=units.named(metadata.get("onec.unit", "")),
            taxes=self._taxes(costs, line.tax_rate),
            discounts=costs.discounts(one_line(line.discount_reason) or self._discount),
            requisites=requisites,
            warehouse_id=warehouse.id if warehouse else "",
        )

    def delivery(self) -> DocumentLine | None:
        """The delivery; ``None`` where it was free from the first.

        At a price of nought 1C would look up what its own price list says of the service.
        """
        order = self._order
        costs = cost(
            1,
            order.delivery_net,
            order.delivery_gross,
            order.delivery_undiscounted,
            with_tax=order.prices_with_tax,
            unit=self.unit,
        )
        if not (costs.before or costs.tax):
            return None
        return DocumentLine(
            id=DELIVERY,
            name=DELIVERY_NAME,
            quantity=Decimal(1),
            amount=costs.amount,
            price=costs.price,
            unit=units.named(""),
            taxes=self._taxes(costs, order.delivery_tax_rate),
            discounts=costs.discounts(self._discount),
            requisites=_SERVICE,
        )

    def _taxes(self, costs: Cost, rate: Decimal | None) -> tuple[DocumentTax, ...]:
        """The line's tax; goods without one say so, or 1C gives them the document's first rate."""
        return (DocumentTax(TAX, costs.tax, tax_rate(rate), self._order.prices_with_tax),)


def own_key(line: OrderLine) -> str:
    """Id for goods that 1C doesn't know: the same in every order, of the shape of 1C's own.

    1C goes on to look for them by article and name, and makes new goods at last.
    """
    named = line.sku or f"{line.name}\n{line.variant_name}"
    return str(uuid5(NAMESPACE, f"goods\n{named}".encode(errors="replace")))


def line_name(line: OrderLine) -> str:
    """``Goods (characteristic)``, as 1C calls them."""
    name, variant = one_line(line.name), one_line(line.variant_name)
    if not name:
        return variant or one_line(line.sku) or "Товар"
    return name if variant in ("", name, line.sku) else f"{name} ({variant})"


def discount_name(discount: OrderDiscount) -> str:
    return one_line(discount.name) or _DISCOUNTS[discount.kind]


def _discounts_name(order: Order) -> str:
    """What a line's discount is called that has no reason of its own."""
    names = dict.fromkeys(map(discount_name, order.discounts))
    if not names and order.voucher_code:
        return _DISCOUNTS[DiscountKind.VOUCHER]
    return ", ".join(names) or "Скидка"
