"""Who is who: a person of the mirror behind an event, an order or an account.

An account is surest, then the e-mail; a phone says who somebody is only where there is nothing
else, for a family may have one. An order stays whose it was at first. The journal tells one
worker at a time, and a resync asks inside the same lock, so that nobody is made twice.
"""

from collections.abc import Collection, Iterator, Mapping
from uuid import UUID

from django.db import connection, transaction

from ..history.event import Customer
from ..orders.customers import normal_email, normal_phone
from ..orders.models import CustomerLink
from .models import Mark, Person

#: Of advisory locks: nobody else makes people meanwhile.
_LOCK = 0x1C_0C4A


def person(customer: Customer, order_id: str = "") -> Person | None:
    """Whoever it is, made where he is new; ``None``: nothing is known of him."""
    marks = list(_marks(customer, order_id))
    if not marks:
        return None
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        rows = Mark.objects.filter(mark__in=marks).select_related("person")
        known = {row.mark: row.person for row in rows}
        found = next((known[mark] for mark in marks if mark in known), None)
        if found is None:
            if not customer.id and not customer.email and not customer.phone:
                # An order alone is nobody.
                return None
            found = Person.objects.create()
        new = [Mark(mark=mark, person=found) for mark in marks if mark not in known]
        Mark.objects.bulk_create(new)
        return found


def known(customer: Customer) -> list[Person]:
    """All that are known by one of these."""
    marks = [*_marks(customer, ""), *_phone(customer)]
    return list(Person.objects.filter(marks__mark__in=marks).distinct())


def onec_ids(person_ids: Collection[str]) -> Mapping[str, str]:
    """Id of a person → that of his counterparty in 1C, where 1C has told it."""
    rows = Mark.objects.filter(person__in=list(map(UUID, person_ids))).values_list(
        "mark", "person_id"
    )
    owners = {mark: str(person_id) for mark, person_id in rows}
    links = CustomerLink.objects.filter(buyer__in=owners).values_list("buyer", "onec_id")
    return {owners[mark]: onec_id for mark, onec_id in links}


def _marks(customer: Customer, order_id: str) -> Iterator[str]:
    if order_id:
        yield f"order:{order_id}"
    if customer.id:
        yield f"user:{customer.id}"
    email = normal_email(customer.email)
    if email:
        yield f"email:{email}"
    if not customer.id and not email:
        yield from _phone(customer)


def _phone(customer: Customer) -> Iterator[str]:
    phone = normal_phone(customer.phone)
    if phone:
        yield f"phone:{phone}"
