"""Forgetting a person: what was said stays said, and is nobody's."""

from django.db import transaction
from django.db.models import Q

from ..history.event import Customer
from . import people
from .models import Delivery, Heard, Link, LinkCode, Preference

State = Delivery.State


def erase(*, customer_id: str = "", email: str = "", phone: str = "") -> int:
    """Forget whose messages these are, and what they said; how many there were.

    What was to be sent is not sent any more. What is empty names nobody.
    """
    known = people.known_by(Customer(id=customer_id, email=email, phone=phone))
    theirs = Q(pk=None)
    for field, value in known.items():
        theirs |= Q(**{field: value})
    with transaction.atomic():
        rows = Delivery.objects.filter(theirs)
        orders = set(rows.exclude(order_id="").values_list("order_id", flat=True))
        linked = Q(order_id__in=orders)
        if "customer_id" in known:
            linked |= Q(customer_id=known["customer_id"])
        places = set(Link.objects.filter(linked).values_list("channel", "address"))
        places |= set(rows.exclude(address="").values_list("channel", "address"))
        names = {people.identity(*place) for place in places}
        names |= {f"{field}:{known[field]}" for field in ("email", "phone") if field in known}
        waiting = rows.filter(state__in=[State.HELD, State.QUEUED])
        waiting.update(state=State.DROPPED, due=None, reason="The person was forgotten")
        erased = rows.update(
            **dict.fromkeys(("customer_id", "email", "phone", "address"), ""),
            **dict.fromkeys(("subject", "body", "way_out"), ""),
            buttons=[],
        )
        for channel, address in places:
            Heard.objects.filter(channel=channel, address=address).update(address="", text="")
        Link.objects.filter(linked).delete()
        LinkCode.objects.filter(linked).delete()
        Preference.objects.filter(address__in=names).delete()
    return erased
