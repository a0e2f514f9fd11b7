"""Who is who: how people are known, and the addresses of bots that they have linked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from ..history.event import Customer
from ..orders.customers import normal_email, normal_phone
from .models import Link, Preference

_PHONE = re.compile(r"\+[0-9]{7,15}")


@dataclass(frozen=True, slots=True)
class Linked:
    """Who is behind an address of a bot's; both empty: nobody has said so."""

    customer_id: str = ""
    #: Orders of somebody's without an account.
    order_ids: tuple[str, ...] = ()


def known_by(customer: Customer) -> dict[str, str]:
    """Field of a row → value, of what names this person; what is empty is left out."""
    found = {
        "customer_id": customer.id,
        "email": normal_email(customer.email),
        "phone": normal_phone(customer.phone),
    }
    return {field: value for field, value in found.items() if value}


def identity(channel: str, address: str) -> str:
    """What the wishes of an address's reader are kept under, whichever channel writes there."""
    if "@" in address:
        return f"email:{normal_email(address)}"
    return f"phone:{address}" if _PHONE.fullmatch(address) else f"{channel}:{address}"


def preference(channel: str, address: str) -> Preference:
    """Wishes of the reader of an address; made where there are none."""
    return Preference.objects.get_or_create(address=identity(channel, address))[0]


def preferences(customer: Customer, links: Mapping[str, str]) -> list[Preference]:
    """Wishes at all addresses of a person."""
    found = {identity(channel, address) for channel, address in links.items()}
    known = known_by(customer)
    found |= {f"{field}:{known[field]}" for field in ("email", "phone") if field in known}
    return list(Preference.objects.filter(address__in=found).order_by("pk"))


def link(channel: str, address: str, *, customer_id: str = "", order_id: str = "") -> None:
    """From now on a person is reached at an address of a channel, and known there.

    Parameters
    ----------
    customer_id, order_id
        One of both: who has proved to be this customer, or the one who has placed this order.
        An address has one customer, the last one, and any number of orders.
    """
    with transaction.atomic():
        if customer_id:
            others = Link.objects.filter(channel=channel, address=address).exclude(customer_id="")
            others.delete()
        Link.objects.update_or_create(
            channel=channel,
            address=address,
            customer_id=customer_id,
            order_id=order_id,
            defaults={"made": timezone.now()},
        )


def unlink(channel: str, address: str) -> bool:
    """Nobody is behind this address any more; whether somebody was."""
    return bool(Link.objects.filter(channel=channel, address=address).delete()[0])


def linked(channel: str, address: str) -> Linked:
    """Who is behind an address."""
    rows = list(Link.objects.filter(channel=channel, address=address).order_by("made", "pk"))
    return Linked(
        customer_id=next((row.customer_id for row in rows if row.customer_id), ""),
        order_ids=tuple(row.order_id for row in rows if row.order_id),
    )


def links_of(customer_id: str, order_id: str = "") -> Mapping[str, str]:
    """Channel → the address that a customer, or who has placed an order, has linked last."""
    theirs = Q(pk=None)
    if customer_id:
        theirs |= Q(customer_id=customer_id)
    if order_id:
        theirs |= Q(order_id=order_id)
    return {row.channel: row.address for row in Link.objects.filter(theirs).order_by("made", "pk")}
