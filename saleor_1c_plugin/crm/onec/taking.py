"""What 1C tells of a counterparty that is an account of the shop's.

Its id, its name and whatever else 1C's people note of it stand in the account's metadata, where
staff see it. Names and the phone go into the account where that is set, and only when they have
changed in 1C since it told them last: 1C repeats what it has with every document, however the
buyer has changed it in the shop meanwhile.
"""

from collections.abc import Collection

from django.db import transaction

from ...commerceml.documents import Counterparty
from ...orders import customers, echo
from ...orders.customers import Tell, normal_phone
from ...orders.models import OrderRecord
from ...orders.outgoing.documents import Composer
from ...orders.outgoing.settings import OutgoingSettings
from ...report import Level
from ...store import current_orders
from ...store.orders import Buyer, CustomerChange, Order
from ...store.ports import StoreError
from .cards import card_id
from .models import Told
from .settings import OnecCrmSettings

#: Of keys of metadata.
PREFIX = "onec.crm.onec."
#: Signs of a name in the shop.
_LONGEST = 256

type Name = tuple[str, str]
_NO_NAME: Name = ("", "")
#: What changes nothing.
_NOTHING = CustomerChange()


def take(account_id: str, party: Counterparty, order: Order | None, tell: Tell) -> bool:
    """Take in what 1C has told of an account's counterparty; whether anything was changed."""
    settings = OnecCrmSettings.load()
    if settings is None:
        return False
    try:
        with transaction.atomic():
            return _take(account_id, party, order, tell, contacts=settings.contacts_back)
    except StoreError as error:
        # An order's document must not fail for who has ordered: a member of the staff, say.
        tell(Level.WARNING, f"Покупатель в магазине не изменён: {error}")
        return False


def _take(
    account_id: str, party: Counterparty, order: Order | None, tell: Tell, *, contacts: bool
) -> bool:
    store = current_orders()
    # Nobody else writes the account from here on.
    store.write_customer_metadata(account_id, {})
    record = OrderRecord.objects.filter(order_id=card_id(account_id)).first()
    composer = Composer(OutgoingSettings.load()) if record is not None else None
    had_news = record is not None and composer is not None and echo.is_news(record, composer)
    is_changed = store.write_customer_metadata(account_id, _details(party))
    for account, phone in store.read_customers([account_id]) if contacts else ():
        change = _change(party, order, account, phone)
        if change != _NOTHING and store.change_customer(account_id, change):
            tell(Level.INFO, "Имя или телефон покупателя изменены в магазине, как в 1С")
            is_changed = True
    if is_changed and record is not None and composer is not None:
        # It is no news to 1C.
        echo.settle(record, composer, had_news=had_news)
    return is_changed


def _details(party: Counterparty) -> dict[str, str]:
    """Keys of metadata. A requisite that 1C has emptied is taken out; of all else a document has
    less than a list, and what it does not tell stays.
    """
    told = {
        "id": party.id,
        "name": party.full_name or party.name,
        "inn": party.inn,
        "kpp": party.kpp,
        "comment": party.comment,
    }
    known = {name: value for name, value in told.items() if value}
    return {f"{PREFIX}{name}": value for name, value in {**dict(party.attributes), **known}.items()}


def _change(party: Counterparty, order: Order | None, account: Buyer, phone: str) -> CustomerChange:
    """What is news of 1C's; what it has told is remembered."""
    name, number = _name(party), next(iter(customers.phones(party)), "")
    present, own = (account.first_name, account.last_name), normal_phone(phone)
    known = Told.objects.filter(onec_id=party.id, customer=account.id).first()
    own_names, own_phones = _own_words(order)
    if known is None:
        _remember(party.id, account.id, name, number)
        # Whoever was first: what is there stays.
        takes_name, takes_number = not any(present), not own
    else:
        # Of what the order says itself it is not clear who has said it.
        name = _NO_NAME if name in own_names else name
        number = "" if number in own_phones else number
        _remember(party.id, account.id, name, number)
        is_he = _is_he(party, account, own, known)
        takes_name = is_he and name not in ((known.first_name, known.last_name), present)
        takes_number = is_he and number not in (known.phone, own)
    takes_name = takes_name and any(name) and name not in own_names
    takes_number = takes_number and bool(number) and number not in own_phones
    first_name, last_name = name if takes_name else (None, None)
    return CustomerChange(first_name, last_name, number if takes_number else None)


def _remember(onec_id: str, customer: str, name: Name, number: str) -> None:
    told = {"customer": customer}
    if any(name):
        told |= {"first_name": name[0], "last_name": name[1]}
    if number:
        told["phone"] = number
    if len(told) > 1:
        Told.objects.update_or_create(onec_id=onec_id, defaults=told)


def _name(party: Counterparty) -> Name:
    """A person's; a company's is nobody's name."""
    if party.is_company:
        return _NO_NAME
    first, last = party.first_name, party.last_name
    return first[:_LONGEST], last[:_LONGEST]


def _own_words(order: Order | None) -> tuple[Collection[Name], Collection[str]]:
    """Names and phones that 1C may have from the order itself: they say nothing of the account."""
    if order is None:
        return (), ()
    holders = [holder for holder in (order.buyer, order.billing, order.shipping) if holder]
    addresses = [address for address in (order.billing, order.shipping) if address]
    return (
        {(holder.first_name, holder.last_name) for holder in holders},
        {normal_phone(address.phone) for address in addresses},
    )


def _is_he(party: Counterparty, account: Buyer, own: str, known: Told) -> bool:
    """Whether he is to be told by his e-mail or his phone, the one that 1C had or the one it has.

    A link alone may stand for the one counterparty that is all of retail in 1C.
    """
    addresses, numbers = customers.emails(party), customers.phones(party)
    if not addresses:
        # Then it may be that only his number has changed.
        numbers = [*numbers, known.phone]
    return customers.normal_email(account.email) in addresses or bool(own and own in numbers)
