"""Forgetting a person: what was said stays said, and is nobody's."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Q

from ..history.event import Customer
from . import people, staff
from .models import Delivery, Heard, Link, LinkCode, Preference

State = Delivery.State

_DROPPED: Mapping[str, Any] = {
    "state": State.DROPPED,
    "due": None,
    "reason": "The person was forgotten",
}
#: What was said.
_WORDS: Mapping[str, Any] = {"subject": "", "body": "", "way_out": "", "buttons": []}


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
        waiting.update(**_DROPPED)
        erased = rows.update(
            **dict.fromkeys(("customer_id", "email", "phone", "address"), ""), **_WORDS
        )
        heard = [
            pk
            for channel, address in places
            for pk in Heard.objects.filter(channel=channel, address=address).values_list(
                "pk", flat=True
            )
        ]
        Heard.objects.filter(pk__in=heard).update(address="", text="")
        # What they wrote was passed on.
        passed_on = Delivery.objects.filter(event__in=staff.of_heard(heard))
        passed_on.filter(state=State.QUEUED).update(**_DROPPED)
        passed_on.update(**_WORDS)
        Link.objects.filter(linked).delete()
        LinkCode.objects.filter(linked).delete()
        Preference.objects.filter(address__in=names).delete()
    return erased
