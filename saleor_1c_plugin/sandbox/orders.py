"""The mini-shop behind the orders' port."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from ..store import promises
from ..store.orders import (
    Account,
    Buyer,
    CustomerChange,
    Forbidden,
    LineChange,
    Named,
    NewCustomer,
    NewOrder,
    NewPayment,
    NewShipment,
    OrderStatus,
    PaymentKind,
    ReferenceLists,
)
from ..store.orders import Order as OrderData
from ..store.status_names import STATUS_NAMES
from . import order_events, order_lines, order_promises, order_reading, shipping
from .amounts import cents
from .models import Customer, Order, Payment, Remark, Variant
from .order_reading import by_keys

_NUMBER = re.compile(r"[1-9]\d{0,17}", re.ASCII)
_LONGEST_NAME = 250
_STATUSES = (
    OrderStatus.UNCONFIRMED,
    OrderStatus.OPEN,
    OrderStatus.PARTLY_SHIPPED,
    OrderStatus.SHIPPED,
    OrderStatus.CANCELLED,
)


class SandboxOrderStore:
    """Orders of the mini-shop; see :class:`~saleor_1c_plugin.store.orders.OrderStore`."""

    def listen(self, changed: Callable[[Collection[str]], None]) -> None:
        order_events.listen(changed)

    def listen_to_customers(self, changed: Callable[[Collection[str]], None]) -> None:
        order_events.listen_to_customers(changed)

    def changed_since(
        self, moment: datetime, after_id: str = "", limit: int = 1000
    ) -> Sequence[tuple[datetime, str]]:
        at_once = Q(updated=moment, key__gt=after_id) if after_id else Q(updated=moment)
        rows = Order.objects.filter(at_once | Q(updated__gt=moment)).order_by("updated", "key")
        return [(updated, str(key)) for updated, key in rows.values_list("updated", "key")[:limit]]

    def paid_between(self, since: datetime, until: datetime) -> Collection[str]:
        moved = Payment.objects.filter(at__gte=since, at__lt=until)
        return {str(key) for key in moved.values_list("order__key", flat=True)}

    def read_orders(self, order_ids: Sequence[str]) -> list[OrderData]:
        found = {order.id: order for order in order_reading.read(by_keys(order_ids))}
        return [found[order_id] for order_id in order_ids if order_id in found]

    def find_orders(self, numbers: Collection[str]) -> Mapping[str, str]:
        pks = [int(number) for number in numbers if _NUMBER.fullmatch(number)]
        rows = Order.objects.filter(pk__in=pks).values_list("pk", "key")
        return {str(pk): str(key) for pk, key in rows}

    def orders_of(self, buyer_id: str, limit: int) -> Sequence[str]:
        if not _NUMBER.fullmatch(buyer_id):
            return []
        newest = Order.objects.filter(customer_id=int(buyer_id)).order_by("-pk")[:limit]
        return [str(key) for key in newest.values_list("key", flat=True)]

    def buyers_among(self, customer_ids: Collection[str]) -> Collection[str]:
        ids = [int(one) for one in customer_ids if one.isascii() and one.isdigit()]
        rows = Order.objects.filter(customer_id__in=ids).order_by()
        return {str(pk) for pk in rows.values_list("customer_id", flat=True).distinct()}

    def variants_by_key(self, keys: Collection[str]) -> Mapping[str, str]:
        rows = Variant.objects.filter(key__in=keys).values_list("key", "pk")
        return {key: str(pk) for key, pk in rows}

    def lock(self, order_id: str) -> bool:
        return by_keys([order_id]).select_for_update().first() is not None

    def mark_taken(self, order_ids: Collection[str]) -> None:
        # In bulk: nobody hears of it.
        by_keys(order_ids).update(taken=True)

    def write_metadata(self, order_id: str, values: Mapping[str, str]) -> bool:
        order = _locked(order_id)
        after = {**order.metadata, **values}
        if after == order.metadata:
            return False
        order.metadata = after
        order.save()
        return True

    def write_private_metadata(self, order_id: str, values: Mapping[str, str]) -> bool:
        order = _locked(order_id)
        after = _laid_over(order.private_metadata, values)
        if after == order.private_metadata:
            return False
        # In bulk: nobody hears of it.
        Order.objects.filter(pk=order.pk).update(private_metadata=after)
        return True

    def confirm(self, order_id: str) -> bool:
        order = _locked(order_id)
        if order.status == OrderStatus.CANCELLED:
            raise Forbidden(f"Заказ {order} отменён: подтвердить его нельзя")
        if order.status != OrderStatus.UNCONFIRMED:
            return False
        order.status = OrderStatus.OPEN
        order.save()
        return True

    def cancel(self, order_id: str) -> bool:
        order = _locked(order_id)
        if order.status == OrderStatus.CANCELLED:
            return False
        if order.status not in {OrderStatus.UNCONFIRMED, OrderStatus.OPEN}:
            raise Forbidden(f"Заказ {order} уже отгружается: отменить его нельзя")
        order.status = OrderStatus.CANCELLED
        order.save()
        promises.withdraw(order_promises.transactions(order))
        return True

    def change_lines(self, order_id: str, lines: Sequence[LineChange]) -> bool:
        order = _locked(order_id)
        if not order_lines.differ(order, lines):
            return False
        if order.status != OrderStatus.UNCONFIRMED:
            raise Forbidden(f"Заказ {order} уже подтверждён: его строки не меняются")
        order_lines.set_lines(order, lines)
        return True

    def record_payment(self, order_id: str, payment: NewPayment) -> bool:
        order = _locked(order_id)
        if order.payments.filter(from_onec=True, reference=payment.reference).exists():
            return False
        exact = replace(payment, amount=cents(payment.amount))
        redeemed = promises.redeem(order_promises.transactions(order), exact)
        kind = PaymentKind.REFUND if payment.refund else PaymentKind.CHARGE
        if redeemed and kind is PaymentKind.CHARGE:
            order_promises.lessen(order, redeemed.gateway, exact.amount)
        Payment.objects.create(
            order=order,
            from_onec=True,
            reference=payment.reference,
            kind=kind,
            amount=exact.amount,
            at=payment.at or timezone.now(),
            method=redeemed.report.method if redeemed else payment.name[:250],
            gateway=redeemed.gateway if redeemed else "1c",
        )
        return True

    def ship(self, order_id: str, shipment: NewShipment) -> bool:
        return shipping.ship(_locked(order_id), shipment)

    def add_note(self, order_id: str, text: str) -> None:
        Remark.objects.create(order=_locked(order_id), text=text)

    def create_order(self, new: NewOrder) -> str:
        known = Order.objects.filter(onec_reference=new.reference).first()
        if known is not None:
            return str(known.key)
        currency = dict(settings.ONEC_SANDBOX_CHANNELS).get(new.channel)
        if currency is None:
            raise Forbidden(f"В магазине нет канала {new.channel}")
        address = None if new.address is None else asdict(new.address)
        order = Order.objects.create(
            onec_reference=new.reference,
            channel=new.channel,
            currency=currency,
            status=OrderStatus.OPEN,
            customer_id=int(new.buyer.id) if new.buyer.id else None,
            email=new.buyer.email,
            first_name=new.buyer.first_name,
            last_name=new.buyer.last_name,
            billing=address,
            shipping=address,
            note=new.note,
            metadata=dict(new.metadata),
        )
        order_lines.set_lines(order, new.lines)
        return str(order.key)

    def find_customers(
        self, emails: Collection[str], phones: Collection[str]
    ) -> Sequence[tuple[Buyer, str]]:
        rows = Customer.objects.filter(Q(email__in=emails) | Q(phone__in=set(phones) - {""}))
        return [(order_reading.customer_data(row), row.phone) for row in rows.order_by("pk")]

    def read_customers(self, customer_ids: Sequence[str]) -> Sequence[tuple[Buyer, str]]:
        ids = [int(one) for one in customer_ids if one.isascii() and one.isdigit()]
        rows = Customer.objects.filter(pk__in=ids).order_by("pk")
        return [(order_reading.customer_data(row), row.phone) for row in rows]

    def registered_since(
        self, moment: datetime, after_id: str = "", limit: int = 1000
    ) -> Sequence[Account]:
        rows = Customer.objects.filter(joined__gte=moment).order_by("joined", "pk")
        if after_id:
            rows = rows.exclude(joined=moment, pk__lte=int(after_id))
        return [
            Account(row.joined, order_reading.customer_data(row), row.phone) for row in rows[:limit]
        ]

    def create_customer(self, new: NewCustomer) -> str:
        row, _ = Customer.objects.get_or_create(
            email=new.email.lower(),
            defaults={
                "first_name": new.first_name,
                "last_name": new.last_name,
                "phone": new.phone,
                "metadata": dict(new.metadata),
            },
        )
        return str(row.pk)

    def change_customer(self, customer_id: str, change: CustomerChange) -> bool:
        row = _locked_customer(customer_id)
        values = {name: value for name, value in asdict(change).items() if value is not None}
        if all(getattr(row, name) == value for name, value in values.items()):
            return False
        for name, value in values.items():
            setattr(row, name, value[:_LONGEST_NAME])
        row.save()
        return True

    def write_customer_metadata(self, customer_id: str, values: Mapping[str, str]) -> bool:
        row = _locked_customer(customer_id)
        after = _laid_over(row.private_metadata, values)
        if after == row.private_metadata:
            return False
        row.private_metadata = after
        row.save()
        return True

    def reference_lists(self) -> ReferenceLists:
        return ReferenceLists(
            statuses=tuple(Named(status, STATUS_NAMES[status]) for status in _STATUSES),
            payments=tuple(Named(*way) for way in settings.ONEC_SANDBOX_PAYMENTS),
            deliveries=tuple(
                Named(slug, name) for slug, name, *_ in settings.ONEC_SANDBOX_DELIVERIES
            ),
        )


def _locked(order_id: str) -> Order:
    """The order, which nobody else writes until the commit."""
    order = by_keys([order_id]).select_for_update().first()
    if order is None:
        raise Forbidden("Такого заказа в магазине нет")
    return order


def _locked_customer(customer_id: str) -> Customer:
    known = [int(customer_id)] if _NUMBER.fullmatch(customer_id) else []
    row = Customer.objects.select_for_update().filter(pk__in=known).first()
    if row is None:
        raise Forbidden("Такого покупателя в магазине нет")
    return row


def _laid_over(old: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    """Metadata with others laid over them; there is no text that is empty."""
    return {key: value for key, value in {**old, **values}.items() if value}
