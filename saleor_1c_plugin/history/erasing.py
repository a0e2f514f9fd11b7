"""Forgetting a person who asks for it: what has happened stays, and is nobody's.

A buyer is met as an account, as an e-mail address typed at the checkout, or as both: what belongs
to one of these belongs to the person. Somebody else may have the same phone, so that a phone alone
says who it is only where nothing else does.
"""

from collections.abc import Callable
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q

from .models import Record

#: Forgets somebody elsewhere; takes ``customer_id``, ``email`` and ``phone``, what is empty names
#: nobody.
Forget = Callable[..., object]

_listeners: list[Forget] = []


class Person(NamedTuple):
    """Somebody, as far as the journal knows him."""

    customer_ids: frozenset[str] = frozenset()
    #: In lower case.
    emails: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()

    @property
    def events(self) -> Q:
        """What has happened to him, of the journal's rows."""
        found = Q(pk__in=[])
        found |= Q(customer_id__in=self.customer_ids) | Q(phone__in=self.phones)
        for email in self.emails:
            found |= Q(email__iexact=email)
        return found


def when_forgotten(forget: Forget) -> None:
    """Have somebody forgotten elsewhere, too, in the same transaction; called in ``ready()``."""
    if forget not in _listeners:
        _listeners.append(forget)


def person(*, customer_id: str = "", email: str = "", phone: str = "") -> Person:
    """Who is meant by one of these, with all that he is known by."""
    ids, emails = {customer_id} - {""}, {email.lower()} - {""}
    if email:
        ids |= _distinct("customer_id", Q(email__iexact=email))
    if ids:
        emails |= {one.lower() for one in _distinct("email", Q(customer_id__in=ids))}
    return Person(frozenset(ids), frozenset(emails), frozenset({phone} - {""}))


def forget(who: Person) -> int:
    """Forget whose events these are, here and wherever else he is known; how many there were."""
    with transaction.atomic():
        for customer_id in sorted(who.customer_ids):
            _tell(customer_id=customer_id)
        for email in sorted(who.emails):
            _tell(email=email)
        for phone in sorted(who.phones):
            _tell(phone=phone)
        return Record.objects.filter(who.events).update(customer_id="", email="", phone="", name="")


def _tell(**known: str) -> None:
    for listener in _listeners:
        listener(**known)


def _distinct(field: str, of: Q) -> set[str]:
    rows = Record.objects.filter(of).exclude(**{field: ""}).order_by()
    return set(rows.values_list(field, flat=True).distinct())
