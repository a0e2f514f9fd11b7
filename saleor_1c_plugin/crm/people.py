"""Who is who: a person of the mirror behind an event, an order or an account.

An account is surest, then the e-mail; a phone says who somebody is only where there is nothing
else, for a family may have one. An order stays whose it was at first. The journal tells one
worker at a time, and a resync asks inside the same lock, so that nobody is made twice.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
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
    return persons([(customer, order_id)])[0]


def persons(wanted: Sequence[tuple[Customer, str]]) -> list[Person | None]:
    """Whoever these are, each known by a customer's data and the id of an order."""
    marks = [list(_marks(customer, order_id)) for customer, order_id in wanted]
    everything = {mark for one in marks for mark in one}
    if not everything:
        return [None] * len(wanted)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        rows = Mark.objects.filter(mark__in=everything).select_related("person")
        known = {row.mark: row.person for row in rows}
        new_people: list[Person] = []
        new_marks: list[Mark] = []
        found = []
        for (customer, _order_id), theirs in zip(wanted, marks, strict=True):
            who = next((known[mark] for mark in theirs if mark in known), None)
            # An order alone is nobody.
            if who is None and (customer.id or customer.email or customer.phone):
                who = Person()
                new_people.append(who)
            found.append(who)
            if who is None:
                continue
            # Whoever comes next in the row may be the same.
            lacking = [mark for mark in theirs if mark not in known]
            known |= dict.fromkeys(lacking, who)
            new_marks += [Mark(mark=mark, person=who) for mark in lacking]
        Person.objects.bulk_create(new_people)
        Mark.objects.bulk_create(new_marks)
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
