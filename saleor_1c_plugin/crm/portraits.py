"""A customer and an order as a CRM shall have them. Pure."""

import hashlib
from collections.abc import Iterator, Mapping
from decimal import Decimal

from ..history.event import Customer
from ..history.facts import customer_of
from ..orders.customers import normal_email, normal_phone
from ..orders.outgoing.taxpayer import tax_payer
from ..store.orders import Address, Buyer, Order, OrderLine, OrderStatus
from .adapter import Company, Contact, Deal, Row

_KOPECK = Decimal("0.01")
#: These outrank that an order is paid.
_AFTER_PAID = frozenset(OrderStatus) - {OrderStatus.UNCONFIRMED, OrderStatus.OPEN}


def contact(key: str, customer: Customer, onec_id: str = "") -> Contact:
    """A customer; of a name in one text the first word is the first name."""
    first, _blank, last = " ".join(customer.name.split()).partition(" ")
    return Contact(
        key=key,
        first_name=first,
        last_name=last,
        email=normal_email(customer.email),
        phone=normal_phone(customer.phone),
        onec_id=onec_id,
    )


def account(key: str, account: Buyer, phone: str, onec_id: str = "") -> Contact:
    """Who has an account."""
    names = account.first_name.strip(), account.last_name.strip()
    return Contact(key, *names, normal_email(account.email), normal_phone(phone), onec_id)


def buyer(key: str, order: Order, onec_id: str = "") -> Contact:
    """Who has placed an order."""
    made = contact(key, customer_of(order), onec_id)
    for holder in (order.buyer, order.billing, order.shipping):
        if holder and (holder.first_name or holder.last_name):
            names = holder.first_name.strip(), holder.last_name.strip()
            return Contact(key, *names, made.email, made.phone, onec_id)
    return made


def company(order: Order) -> Company | None:
    """Who pays, where he has told an ИНН: nothing else says for sure which company it is."""
    billing = order.billing or Address()
    payer = tax_payer((order.metadata, billing.metadata, order.buyer.metadata))
    if not payer.inn:
        return None
    name = " ".join(billing.company.split()) or customer_of(order).name or payer.inn
    return Company(f"inn:{payer.inn}", name, payer.inn, payer.kpp)


def deal(order: Order, title: str, stages: Mapping[str, str]) -> Deal:
    """An order without those who are in it."""
    rows = [row for line in order.lines for row in _rows(line)]
    if order.delivery_gross:
        name = order.delivery_name or order.pickup_name or title
        percent = _percent(order.delivery_tax_rate)
        rows.append(Row(name, order.delivery_gross, 1, percent, is_delivery=True))
    return Deal(
        key=order.id,
        title=title,
        currency=order.currency,
        total=order.total_gross,
        rows=tuple(rows),
        stage=stage(order, stages),
        number=order.number,
        placed=order.created,
        paid=order.paid,
    )


def stage(order: Order, stages: Mapping[str, str]) -> str:
    """That of the order's state as it is now; ``""``: there is none for it."""
    return next((stages[state] for state in _states(order) if state in stages), "")


def digest(record: Contact | Deal) -> str:
    """Tells whether something has changed."""
    return hashlib.sha256(repr(record).encode()).hexdigest()


def mark(event: str) -> str:
    """By which an entry of a timeline is found again; `event` is the key of the event."""
    return f"#{hashlib.sha256(event.encode()).hexdigest()[:12]}"


def _states(order: Order) -> Iterator[str]:
    if order.status in _AFTER_PAID:
        yield order.status.value
    by_cards = sum((amount for _code, amount in order.gift_cards), Decimal(0))
    if order.paid > 0 and order.paid + by_cards >= order.total_gross:
        yield "paid"
    yield order.status.value
    yield "placed"


def _rows(line: OrderLine) -> Iterator[Row]:
    """A line; as two where its total is not to be divided by its quantity to the kopeck."""
    name = " ".join(filter(None, (line.name, line.variant_name)))
    percent = _percent(line.tax_rate)
    if not line.quantity:
        return
    price = (line.total_gross / line.quantity).quantize(_KOPECK, "ROUND_FLOOR")
    rest = line.total_gross - price * line.quantity
    if not rest:
        yield Row(name, price, line.quantity, percent, onec_id=line.key)
        return
    # So many kopecks are left over: as many pieces cost one more.
    more = int(rest / _KOPECK)
    yield Row(name, price, line.quantity - more, percent, onec_id=line.key)
    yield Row(name, price + _KOPECK, more, percent, onec_id=line.key)


def _percent(rate: Decimal | None) -> Decimal | None:
    return None if rate is None else (rate * 100).normalize()
