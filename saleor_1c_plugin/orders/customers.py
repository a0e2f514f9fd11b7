"""Buyers of the shop's and the counterparties that they are in 1C.

A buyer has a key: that of his account, else his e-mail, else his phone. Without a link the key
is also the id that he goes out to 1C with, so that one buyer stays one counterparty.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import chain

import phonenumbers
from django.db import connection

from ..commerceml.documents import Counterparty, Document
from ..report import Level, Outcome
from ..store import bulk
from ..store.orders import Buyer, NewCustomer, Order, OrderStore
from .models import CustomerLink

_ACCOUNT, _EMAIL, _PHONE, _ORDER = "user:", "email:", "phone:", "order:"
#: Class of the advisory locks on buyers: any number that nothing else in the database takes.
_LOCKS = 0x3143_0002
#: Where a number without a country code is dialled.
_REGION = "RU"

Tell = Callable[[Level, str], None]


def normal_email(text: str) -> str:
    """An address as it is compared."""
    return text.strip().lower()


# The same numbers come again: of a delivery and a bill, of a buyer's many orders.
@lru_cache(maxsize=4096)
def normal_phone(text: str) -> str:
    """The number in E.164, or ``""`` where it is none."""
    try:
        number = phonenumbers.parse(text, _REGION)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def buyer_key(buyer: Buyer, phone: str) -> str:
    """The surest key of a buyer, or ``""`` for one who left nothing."""
    return next(_keys(buyer, normal_phone(phone)), "")


def counterparty_ids(orders: Collection[Order]) -> Mapping[str, str]:
    """Id of an order → that of its buyer in 1C: 1C's own where it is known. One query."""
    keys = {order.id: list(_order_keys(order)) for order in orders}
    every = bulk.any_of(set(chain(*keys.values())), "text")
    links = dict(CustomerLink.objects.filter(buyer__in=every).values_list("buyer", "onec_id"))
    return {
        order_id: next(
            (links[key] for key in own if key in links), own[0] if own else f"{_ORDER}{order_id}"
        )
        for order_id, own in keys.items()
    }


def buyer_of(document: Document) -> Counterparty | None:
    """Who buys by this document."""
    parties = document.counterparties
    named = (party for party in parties if party.role.casefold() == "покупатель")
    return next(named, parties[0] if len(parties) == 1 else None)


def is_buyer(order: Order, party: Counterparty) -> bool:
    """Whether the counterparty can be told to be the buyer of `order`."""
    keys = {*_order_keys(order), f"{_ORDER}{order.id}"}
    mine = {f"{_EMAIL}{email}" for email in emails(party)}
    mine |= {f"{_PHONE}{phone}" for phone in phones(party)}
    if keys & {party.id, *mine}:
        return True
    return bool(party.id) and CustomerLink.objects.filter(onec_id=party.id, buyer__in=keys).exists()


def is_another(order: Order, party: Counterparty, store: OrderStore) -> bool:
    """Whether the counterparty is certainly another buyer of the shop's.

    A stranger is not: 1C's managers put a company in a person's place, or one counterparty for
    all of retail.
    """
    if is_buyer(order, party):
        return False
    if _is_ours(party.id):
        return True
    addresses = emails(party)
    return bool(addresses) and any(
        account.id != order.buyer.id for account, _ in store.find_customers(addresses, ())
    )


def link(order: Order, party: Counterparty) -> None:
    """Remember who the buyer of `order` is in 1C."""
    key = next(_order_keys(order), "")
    if not key or not party.id or _is_ours(party.id):
        return
    linked = set(CustomerLink.objects.filter(onec_id=party.id).values_list("buyer", flat=True))
    if key in linked:
        return
    if (linked or party.contacts) and not is_buyer(order, party):
        # Somebody else, or the one counterparty that stands for all of retail.
        return
    CustomerLink.objects.update_or_create(buyer=key, defaults={"onec_id": party.id})


def take(party: Counterparty, store: OrderStore, tell: Tell) -> Outcome:
    """Find the buyer that a counterparty of 1C's is, and link the two."""
    links = CustomerLink.objects.filter(onec_id=party.id)
    if party.deleted:
        return Outcome.UPDATED if links.delete()[0] else Outcome.UNCHANGED
    _lock(party)
    account = _account(party, store, tell)
    if account is not None:
        key = f"{_ACCOUNT}{account.id}"
    else:
        key = next(chain(_prefixed(_EMAIL, emails(party)), _prefixed(_PHONE, phones(party))), "")
    if not key or not party.id or _is_ours(party.id) or links.filter(buyer=key).exists():
        return Outcome.UNCHANGED
    known, created = CustomerLink.objects.get_or_create(buyer=key, defaults={"onec_id": party.id})
    if created:
        return Outcome.CREATED
    tell(
        Level.WARNING,
        f"Покупатель магазина ({key}) уже связан с другим контрагентом 1С ({known.onec_id}): "
        "у двух контрагентов одна почта или один телефон",
    )
    return Outcome.UNCHANGED


def find_or_create(party: Counterparty, store: OrderStore, tell: Tell) -> Buyer:
    """The buyer of a new order: a known one, or a new account where there is an e-mail.

    Parallel orders of one buyer wait for each other here until the commit.
    """
    _lock(party)
    addresses = emails(party)
    buyer = _linked(party) or _account(party, store, tell)
    if buyer is None:
        first, last = names(party)
        if not addresses:
            return Buyer(first_name=first, last_name=last)
        phone = next(iter(phones(party)), "")
        account_id = store.create_customer(NewCustomer(addresses[0], first, last, phone))
        buyer = Buyer(account_id, addresses[0], first, last)
    if party.id and buyer.id and not _is_ours(party.id):
        CustomerLink.objects.update_or_create(
            buyer=f"{_ACCOUNT}{buyer.id}", defaults={"onec_id": party.id}
        )
    return buyer


def account_of(party: Counterparty) -> str:
    """Id of the one account that 1C's own id stands for; ``""``: none, or several."""
    if not party.id or _is_ours(party.id) or party.deleted:
        return ""
    buyer = _linked(party)
    return buyer.id if buyer is not None else ""


def emails(party: Counterparty) -> list[str]:
    """The counterparty's addresses, each once."""
    found = (normal_email(contact.value) for contact in party.contacts if "@" in contact.value)
    return list(dict.fromkeys(found))


def phones(party: Counterparty) -> list[str]:
    """The counterparty's numbers in E.164, each once."""
    found = (
        normal_phone(contact.value)
        for contact in party.contacts
        if "тел" in contact.kind.casefold()
    )
    return list(dict.fromkeys(filter(None, found)))


def names(party: Counterparty) -> tuple[str, str]:
    """First and last name; of whom 1C has but one name of, that as the first."""
    if party.is_company or not (party.first_name or party.last_name):
        return party.full_name or party.name, ""
    return party.first_name, party.last_name


def _linked(party: Counterparty) -> Buyer | None:
    """The account that 1C's id stands for, if it stands for one alone."""
    links = CustomerLink.objects.filter(onec_id=party.id, buyer__startswith=_ACCOUNT)
    found = list(links.values_list("buyer", flat=True)[:2]) if party.id else []
    if party.id.startswith(_ACCOUNT):
        found = [party.id]
    if len(found) != 1:
        return None
    first, last = names(party)
    address = next(iter(emails(party)), "")
    return Buyer(found[0].removeprefix(_ACCOUNT), address, first, last)


def _account(party: Counterparty, store: OrderStore, tell: Tell) -> Buyer | None:
    """The account with the counterparty's e-mail, else the only one with its phone."""
    addresses, numbers = emails(party), phones(party)
    found = store.find_customers(addresses, numbers) if addresses or numbers else ()
    by_email = [account for account, _ in found if normal_email(account.email) in addresses]
    by_phone = [account for account, phone in found if phone in numbers]
    several = {account.id for account in (*by_email, *by_phone)}
    if len(several) > 1:
        tell(
            Level.WARNING,
            f"Почта и телефон контрагента «{party.name}» принадлежат разным покупателям магазина"
            + (", взят покупатель с этой почтой" if by_email else ", ни один не взят"),
        )
    if by_email:
        return by_email[0]
    return by_phone[0] if len(several) == 1 else None


def _lock(party: Counterparty) -> None:
    """Make others who look for this buyer wait until the commit."""
    marks = [*emails(party), *phones(party), *([party.id] if party.id else [])]
    with connection.cursor() as cursor:
        # In one order, so that two transactions can't wait for each other.
        for mark in sorted(marks):
            cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_LOCKS, mark])


def _order_keys(order: Order) -> Iterator[str]:
    addresses = (order.billing, order.shipping)
    found = [normal_phone(address.phone) for address in addresses if address and address.phone]
    yield from _keys(order.buyer, *dict.fromkeys(found))


def _keys(buyer: Buyer, *numbers: str) -> Iterator[str]:
    if buyer.id:
        yield f"{_ACCOUNT}{buyer.id}"
    if buyer.email:
        yield f"{_EMAIL}{normal_email(buyer.email)}"
    yield from _prefixed(_PHONE, filter(None, numbers))


def _is_ours(party_id: str) -> bool:
    return party_id.startswith((_ACCOUNT, _EMAIL, _PHONE, _ORDER))


def _prefixed(prefix: str, marks: Iterable[str]) -> Iterator[str]:
    return (f"{prefix}{mark}" for mark in marks)
