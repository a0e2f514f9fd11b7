"""An order of the shop's as documents for 1C. Pure: the same order gives the same documents."""

from ...commerceml.documents import Container, Document, DocumentDiscount
from ...store.orders import Order
from .counterparty import counterparty
from .digest import digest
from .lines import OrderLines, discount_name
from .requisites import order_requisites
from .settlements import payment_documents, site_payments
from .shipping import shipment_documents
from .sums import total
from .terms import Terms

__all__ = ["Terms", "compose", "digest"]


def compose(order: Order, terms: Terms) -> Container:
    """The document of an order, with its payments, refunds and shipments.

    Its sum is what the goods and the delivery cost, taxes and all, before gift cards: see
    :mod:`.sums`. Discounts are already off it. A cancelled order says so in "Отменен"; it is not
    marked as deleted, since in 1C that would take its history along.
    """
    buyer = counterparty(order, terms.counterparty_id)
    counterparties = (buyer,)
    rows = OrderLines(order, terms.warehouses)
    lines = [rows.goods(line, rows.cost(line)) for line in order.lines]
    if delivery := rows.delivery():
        lines.append(delivery)
    amount, taxes = total(lines)
    issued = terms.local(order.created)
    places = [line.warehouse_id for line in order.lines] + [order.pickup_id]
    warehouses = dict.fromkeys(
        terms.warehouses[place] for place in places if place in terms.warehouses
    )
    document = Document(
        id=order.id,
        number=order.number,
        issued=issued.date(),
        issued_at=issued.time(),
        currency=order.currency,
        rate=terms.rate,
        amount=amount,
        counterparties=counterparties,
        lines=tuple(lines),
        taxes=taxes,
        discounts=tuple(
            DocumentDiscount(discount_name(discount), discount.amount, comment=discount.code)
            for discount in order.discounts
        ),
        payments=site_payments(order, terms),
        warehouses=tuple(warehouses),
        requisites=order_requisites(order, amount, buyer, terms),
        comment="\n".join(filter(None, (order.note, buyer.comment))),
        onec_number=terms.onec_number,
        onec_issued=terms.onec_issued,
    )
    return Container(
        document,
        (
            *payment_documents(order, counterparties, terms),
            *shipment_documents(order, rows, counterparties, terms),
        ),
    )
