"""Saleor's orders behind the port: one class, its parts by what they do."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

from saleor.order import OrderStatus
from saleor.order.models import Order as OrderRow
from saleor.product.models import ProductVariant

from ..orders import (
    Account,
    Buyer,
    CustomerChange,
    LineChange,
    NewCustomer,
    NewOrder,
    NewPayment,
    NewShipment,
    Order,
    ReferenceLists,
)
from . import (
    customer_news,
    customers,
    order_actions,
    order_creation,
    order_lines,
    order_lists,
    order_money,
    order_news,
    order_payments,
    order_reading,
    order_shipping,
)


class SaleorOrderStore:
    """Orders of the Saleor that this process is; see the port for what is promised."""

    def listen(self, changed: Callable[[Collection[str]], None]) -> None:
        order_news.listen(changed)

    def listen_to_customers(self, changed: Callable[[Collection[str]], None]) -> None:
        customer_news.listen(changed)

    def changed_since(
        self, moment: datetime, after_id: str = "", limit: int = 1000
    ) -> Sequence[tuple[datetime, str]]:
        return order_news.changed_since(moment, after_id, limit)

    def paid_between(self, since: datetime, until: datetime) -> Collection[str]:
        return order_money.paid_between(since, until)

    def read_orders(self, order_ids: Sequence[str]) -> list[Order]:
        return order_reading.read_orders(order_ids)

    def find_orders(self, numbers: Collection[str]) -> Mapping[str, str]:
        wanted = {number: int(number) for number in numbers if re.fullmatch("[0-9]{1,9}", number)}
        rows = OrderRow.objects.exclude(status=OrderStatus.DRAFT).filter(number__in=wanted.values())
        found = dict(rows.values_list("number", "pk"))
        return {text: str(found[number]) for text, number in wanted.items() if number in found}

    def orders_of(self, buyer_id: str, limit: int) -> Sequence[str]:
        if not re.fullmatch("[0-9]{1,9}", buyer_id):
            return []
        rows = OrderRow.objects.exclude(status=OrderStatus.DRAFT).filter(user_id=int(buyer_id))
        newest = rows.order_by("-created_at", "-number").values_list("pk", flat=True)[:limit]
        return [str(pk) for pk in newest]

    def buyers_among(self, customer_ids: Collection[str]) -> Collection[str]:
        return customers.buyers_among(customer_ids)

    def variants_by_key(self, keys: Collection[str]) -> Mapping[str, str]:
        rows = ProductVariant.objects.filter(external_reference__in=keys)
        return {key: str(pk) for key, pk in rows.values_list("external_reference", "pk")}

    def lock(self, order_id: str) -> bool:
        return order_actions.lock(order_id)

    def mark_taken(self, order_ids: Collection[str]) -> None:
        order_actions.mark_taken(order_ids)

    def write_metadata(self, order_id: str, values: Mapping[str, str]) -> bool:
        return order_actions.write_metadata(order_id, values)

    def write_private_metadata(self, order_id: str, values: Mapping[str, str]) -> bool:
        return order_actions.write_private_metadata(order_id, values)

    def confirm(self, order_id: str) -> bool:
        return order_actions.confirm(order_id)

    def cancel(self, order_id: str) -> bool:
        return order_actions.cancel(order_id)

    def change_lines(self, order_id: str, lines: Sequence[LineChange]) -> bool:
        return order_lines.change_lines(order_id, lines)

    def record_payment(self, order_id: str, payment: NewPayment) -> bool:
        return order_payments.record_payment(order_id, payment)

    def ship(self, order_id: str, shipment: NewShipment) -> bool:
        return order_shipping.ship(order_id, shipment)

    def add_note(self, order_id: str, text: str) -> None:
        order_actions.add_note(order_id, text)

    def create_order(self, new: NewOrder) -> str:
        return order_creation.create_order(new)

    def find_customers(
        self, emails: Collection[str], phones: Collection[str]
    ) -> Sequence[tuple[Buyer, str]]:
        return customers.find_customers(emails, phones)

    def read_customers(self, customer_ids: Sequence[str]) -> Sequence[tuple[Buyer, str]]:
        return customers.read_customers(customer_ids)

    def registered_since(
        self, moment: datetime, after_id: str = "", limit: int = 1000
    ) -> Sequence[Account]:
        return customers.registered_since(moment, after_id, limit)

    def create_customer(self, new: NewCustomer) -> str:
        return customers.create_customer(new)

    def change_customer(self, customer_id: str, change: CustomerChange) -> bool:
        return customers.change_customer(customer_id, change)

    def write_customer_metadata(self, customer_id: str, values: Mapping[str, str]) -> bool:
        return customers.write_private_metadata(customer_id, values)

    def reference_lists(self) -> ReferenceLists:
        return order_lists.reference_lists()
