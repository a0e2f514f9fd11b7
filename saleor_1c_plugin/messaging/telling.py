"""What is kept of a person about messages: what was said to him, what he said, what he wants."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Q

from ..history.event import Customer
from ..history.facts import iso
from . import people
from .models import Delivery, Heard, Link, Preference


def tell(*, customer_id: str = "", email: str = "", phone: str = "") -> Iterator[Mapping[str, Any]]:
    """What is empty names nobody; whom it finds is as in :func:`~.erasing.erase`."""
    known = people.known_by(Customer(id=customer_id, email=email, phone=phone))
    theirs = Q(pk=None)
    for field, value in known.items():
        theirs |= Q(**{field: value})
    rows = list(Delivery.objects.filter(theirs).order_by("pk"))
    linked = Q(order_id__in={row.order_id for row in rows} - {""})
    if "customer_id" in known:
        linked |= Q(customer_id=known["customer_id"])
    links = list(Link.objects.filter(linked).order_by("pk"))
    places = {(link.channel, link.address) for link in links}
    places |= {(row.channel, row.address) for row in rows if row.address}
    for row in rows:
        yield {
            "said": row.body,
            "subject": row.subject,
            "about": row.about,
            "order": row.order_number,
            "channel": row.channel,
            "address": row.address,
            "state": row.state,
            "at": iso(row.sent or row.created),
        }
    for channel, address in sorted(places):
        for heard in Heard.objects.filter(channel=channel, address=address).order_by("pk"):
            yield {
                "heard": heard.text,
                "channel": channel,
                "address": address,
                "at": iso(heard.at),
            }
    for link in links:
        yield {"linked": link.channel, "address": link.address, "at": iso(link.made)}
    names = {people.identity(*place) for place in places}
    names |= {f"{field}:{known[field]}" for field in ("email", "phone") if field in known}
    for one in Preference.objects.filter(address__in=names).order_by("pk"):
        yield {
            "wanted_at": one.address,
            "allowed": one.allowed,
            "language": one.language,
            "zone": one.zone,
            "opted_out": iso(one.opted_out) if one.opted_out else None,
        }
