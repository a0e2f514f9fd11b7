"""What has happened to an order, as events. Pure: of the same order they are always the same."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from ..money import quantize
from ..store.carts import Cart, CartLine, Goods, Party
from ..store.orders import (
    Account,
    Address,
    Buyer,
    Order,
    OrderStatus,
    Payment,
    PaymentKind,
    Shipment,
)
from .event import Customer, Event, Kind

_PAYMENTS = {
    PaymentKind.PROMISED: Kind.PAYMENT_PROMISED,
    PaymentKind.AUTHORISED: Kind.PAYMENT_AUTHORISED,
    PaymentKind.CHARGE: Kind.PAYMENT_CHARGED,
    PaymentKind.REFUND: Kind.PAYMENT_REFUNDED,
    PaymentKind.CHARGEBACK: Kind.PAYMENT_CHARGED_BACK,
}


def of_order(order: Order, since: datetime) -> list[Event]:
    """All that has happened to it from `since` on, in the order in which it happened.

    The shop does not keep when an order got its status: the time of its last change stands for it.
    """
    found = [event for event in _all(order) if event.at >= since]
    return sorted(found, key=lambda event: event.at)


def of_cart(cart: Cart, party: Party, goods: Mapping[str, Goods], touched: datetime) -> Event:
    """It was left.

    Parameters
    ----------
    goods
        By the ids of the cart's variants; those that are gone are left out.
    touched
        By somebody, for the last time.
    """
    lines = [
        (line, goods[line.variant_id])
        for line in cart.lines
        if line.variant_id in goods and not line.is_gift
    ]
    sums = {line.id: _price(line) * line.quantity for line, _goods in lines}
    return Event(
        key=f"cart:{cart.id}:left",
        kind=Kind.CART_LEFT,
        at=touched,
        customer=_customer(party.buyer, party.billing, party.shipping),
        channel=cart.channel,
        data={
            "cart": cart.id,
            "touched": iso(touched),
            "currency": cart.currency,
            "total": _text(sum(sums.values(), Decimal(0)), cart.currency),
            "lines": [
                {
                    "name": about.name,
                    "variant": about.variant_name,
                    "sku": about.sku,
                    "key": about.key,
                    "quantity": line.quantity,
                    "total": _text(sums[line.id], cart.currency),
                }
                for line, about in lines
            ],
        },
    )


def of_account(account: Account) -> Event:
    """It was made."""
    buyer = account.buyer
    name = " ".join(filter(None, (buyer.first_name, buyer.last_name)))
    return Event(
        key=f"customer:{buyer.id}:registered",
        kind=Kind.CUSTOMER_REGISTERED,
        at=account.made,
        customer=Customer(buyer.id, buyer.email, account.phone, name),
    )


def customer_of(order: Order) -> Customer:
    """Who has ordered."""
    return _customer(order.buyer, order.billing, order.shipping)


def _price(line: CartLine) -> Decimal:
    price = line.price if line.frozen is None else line.frozen
    return Decimal(0) if price is None else price


def _text(amount: Decimal, currency: str) -> str:
    return f"{quantize(amount, currency):f}"


def _customer(buyer: Buyer, *known: Address | None) -> Customer:
    addresses = [address for address in known if address]
    named = [(buyer.first_name, buyer.last_name)]
    named += [(address.first_name, address.last_name) for address in addresses]
    names = (" ".join(filter(None, name)) for name in named)
    return Customer(
        id=buyer.id,
        email=buyer.email,
        phone=next((address.phone for address in addresses if address.phone), ""),
        name=next(filter(None, names), ""),
    )


def iso(moment: datetime) -> str:
    """ISO 8601, in UTC and whole seconds."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _all(order: Order) -> Iterator[Event]:
    yield _event(order, "placed", Kind.ORDER_PLACED, order.created, _placed(order))
    if order.status is not OrderStatus.UNCONFIRMED:
        data = {**_sums(order), "status": order.status.value}
        yield _event(order, f"status:{order.status.value}", Kind.ORDER_STATUS, order.updated, data)
    for payment in order.payments:
        yield _event(
            order,
            f"payment:{payment.id}",
            _PAYMENTS[payment.kind],
            payment.at,
            _payment(order, payment),
        )
    by_cards = sum((amount for _code, amount in order.gift_cards), Decimal(0))
    if order.paid > 0 and order.paid + by_cards >= order.total_gross:
        charges = [one.at for one in order.payments if one.kind is PaymentKind.CHARGE]
        at = max(charges, default=order.updated)
        yield _event(order, "paid", Kind.ORDER_PAID, at, _sums(order))
    for shipment in order.shipments:
        yield from _of_shipment(order, shipment)


def _of_shipment(order: Order, shipment: Shipment) -> Iterator[Event]:
    name = f"shipment:{shipment.id}"
    data = _shipment(order, shipment)
    if shipment.returned:
        yield _event(order, f"{name}:returned", Kind.SHIPMENT_RETURNED, shipment.at, data)
        return
    yield _event(order, name, Kind.SHIPMENT_SENT, shipment.at, data)
    if shipment.tracking:
        # Of what is no number but a tale the beginning: a key has an end.
        key = f"{name}:tracking:{shipment.tracking[:100]}"
        yield _event(order, key, Kind.SHIPMENT_TRACKING, max(shipment.at, order.updated), data)
    if shipment.cancelled:
        at = max(shipment.at, order.updated)
        yield _event(order, f"{name}:cancelled", Kind.SHIPMENT_CANCELLED, at, data)


def _event(order: Order, name: str, kind: Kind, at: datetime, data: Mapping[str, Any]) -> Event:
    return Event(
        key=f"{order.id}:{name}",
        kind=kind,
        at=at,
        customer=customer_of(order),
        channel=order.channel,
        order_id=order.id,
        order_number=order.number,
        data=data,
    )


def _sums(order: Order) -> dict[str, Any]:
    return {
        "currency": order.currency,
        "total": f"{order.total_gross:f}",
        "paid": f"{order.paid:f}",
    }


def _placed(order: Order) -> dict[str, Any]:
    return {
        **_sums(order),
        "status": order.status.value,
        "lines": [
            {
                "name": line.name,
                "variant": line.variant_name,
                "sku": line.sku,
                "key": line.key,
                "quantity": line.quantity,
                "total": f"{line.total_gross:f}",
            }
            for line in order.lines
        ],
        "delivery": order.delivery_name or order.pickup_name,
        "delivery_total": f"{order.delivery_gross:f}",
    }


def _payment(order: Order, payment: Payment) -> dict[str, Any]:
    return {
        "payment": payment.id,
        "amount": f"{payment.amount:f}",
        "currency": order.currency,
        "method": payment.method,
        "gateway": payment.gateway,
        "reference": payment.reference,
    }


def _shipment(order: Order, shipment: Shipment) -> dict[str, Any]:
    names = {line.id: line.name for line in order.lines}
    return {
        "shipment": shipment.number or shipment.id,
        "tracking": shipment.tracking,
        "lines": [
            {"name": names.get(line.line_id, ""), "quantity": line.quantity}
            for line in shipment.lines
        ],
    }
