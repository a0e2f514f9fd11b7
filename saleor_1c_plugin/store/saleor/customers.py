"""Accounts of buyers."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import phonenumbers
from django.db.models import Q
from saleor.account.models import Address as AddressRow
from saleor.account.models import User
from saleor.order import OrderStatus
from saleor.order.models import Order as OrderRow

from ..orders import Account, Address, Buyer, CustomerChange, Forbidden, NewCustomer
from .addresses import save_address
from .mutations import Refused, global_id, local_id, mutate
from .order_actions import lay_over
from .uuids import text

#: Of Saleor's columns.
_LONGEST_NAME = 256


def find_customers(emails: Collection[str], phones: Collection[str]) -> Sequence[tuple[Buyer, str]]:
    """Accounts, each with the phone by which it was found, else with its default address's.

    A phone may stand in any of an account's addresses.
    """
    wanted = set(phones)
    at = AddressRow.objects.filter(phone__in=wanted) if wanted else AddressRow.objects.none()
    users = (
        User.objects.filter(
            Q(email__in=emails)
            | Q(addresses__in=at)
            | Q(default_billing_address__in=at)
            | Q(default_shipping_address__in=at)
        )
        .distinct()
        .select_related("default_billing_address", "default_shipping_address")
        .prefetch_related("addresses")
        .order_by("pk")
    )
    found = []
    for user in users:
        defaults = [user.default_billing_address, user.default_shipping_address]
        own = [str(row.phone) for row in defaults if row is not None and row.phone]
        every = own + [str(row.phone) for row in user.addresses.all() if row.phone]
        phone = next((phone for phone in every if phone in wanted), own[0] if own else "")
        buyer = Buyer(str(user.pk), user.email, user.first_name, user.last_name, user.metadata)
        found.append((buyer, phone))
    return found


def read_customers(ids: Sequence[str]) -> Sequence[tuple[Buyer, str]]:
    """Accounts, each with the phone of its default address."""
    wanted = [int(one) for one in ids if one.isascii() and one.isdigit()]
    rows = User.objects.filter(pk__in=wanted).select_related(
        "default_billing_address", "default_shipping_address"
    )
    found = []
    for user in rows.order_by("pk"):
        defaults = [user.default_billing_address, user.default_shipping_address]
        phone = next((str(row.phone) for row in defaults if row is not None and row.phone), "")
        buyer = Buyer(str(user.pk), user.email, user.first_name, user.last_name, user.metadata)
        found.append((buyer, phone))
    return found


def registered_since(moment: datetime, after_id: str, limit: int) -> Sequence[Account]:
    """Accounts of buyers, which staff and superusers are not."""
    rows = User.objects.filter(date_joined__gte=moment, is_staff=False).order_by(
        "date_joined", "pk"
    )
    if after_id:
        rows = rows.exclude(date_joined=moment, pk__lte=int(after_id))
    billing, shipping = "default_billing_address__phone", "default_shipping_address__phone"
    found = rows.values(
        *("pk", "email", "first_name", "last_name", "metadata", "date_joined"),
        **{name: text(name) for name in (billing, shipping)},
    )
    return [
        Account(
            row["date_joined"],
            Buyer(
                str(row["pk"]), row["email"], row["first_name"], row["last_name"], row["metadata"]
            ),
            row[billing] or row[shipping] or "",
        )
        for row in found[:limit]
    ]


def buyers_among(ids: Collection[str]) -> Collection[str]:
    """Drafts are no orders yet."""
    wanted = [int(one) for one in ids if one.isascii() and one.isdigit()]
    rows = OrderRow.objects.exclude(status=OrderStatus.DRAFT).filter(user_id__in=wanted)
    return {str(pk) for pk in rows.order_by().values_list("user_id", flat=True).distinct()}


def create_customer(new: NewCustomer) -> str:
    email = new.email.strip().lower()
    if not email:
        raise Forbidden("У покупателя нет электронной почты, без неё учётную запись не завести")
    known = User.objects.filter(email=email).first()
    if known is not None:
        return str(known.pk)
    try:
        answer = mutate(
            "customerCreate",
            "input: UserCreateInput!",
            "user { id }",
            input={
                "email": email,
                "firstName": new.first_name,
                "lastName": new.last_name,
                "metadata": [{"key": key, "value": value} for key, value in new.metadata.items()],
            },
        )
    except Refused as refused:
        if "UNIQUE" in refused.codes and (known := User.objects.filter(email=email).first()):
            # Somebody was faster.
            return str(known.pk)
        raise
    pk = local_id(answer["user"]["id"])
    _keep_phone(pk, new)
    return pk


def change_customer(customer_id: str, change: CustomerChange) -> bool:
    """Change names by Saleor's own mutation, which tells whoever listens of the phone, too."""
    user = _locked(customer_id)
    names = {"firstName": change.first_name, "lastName": change.last_name}
    known = {"firstName": user.first_name, "lastName": user.last_name}
    new = {
        field: name[:_LONGEST_NAME]
        for field, name in names.items()
        if name is not None and name[:_LONGEST_NAME] != known[field]
    }
    is_reached_anew = change.phone is not None and _change_phone(user, change.phone)
    if not new and not is_reached_anew:
        return False
    pk = global_id("User", user.pk)
    mutate("customerUpdate", "id: ID!, input: CustomerInput!", id=pk, input=new)
    return True


def write_private_metadata(customer_id: str, values: Mapping[str, str]) -> bool:
    return lay_over(_locked(customer_id), values)


def _locked(customer_id: str) -> User:
    """A buyer's account, kept from everybody else until the commit.

    Nobody changes an account of the staff from here: it is let into the dashboard.
    """
    known = customer_id.isascii() and customer_id.isdigit()
    rows = User.objects.select_for_update().filter(is_staff=False)
    user = rows.filter(pk=int(customer_id)).first() if known else None
    if user is None:
        raise Forbidden("Такого покупателя в магазине нет")
    return user


def _change_phone(user: User, phone: str) -> bool:
    """Saleor keeps a phone in an address: in the default ones, where there are any."""
    pks = {user.default_billing_address_id, user.default_shipping_address_id} - {None}
    if not pks:
        known = user.addresses.filter(phone=phone).exists()
        if not known:
            _keep_phone(str(user.pk), NewCustomer("", user.first_name, user.last_name, phone))
        return not known
    changed = False
    for address in AddressRow.objects.filter(pk__in=pks).exclude(phone=phone):
        address.phone = phone
        address.save(update_fields=["phone"])
        changed = True
    return changed


def _keep_phone(user_id: str, new: NewCustomer) -> None:
    """Saleor keeps a phone in an address alone, and an address needs a country."""
    try:
        country = phonenumbers.region_code_for_number(phonenumbers.parse(new.phone))
    except phonenumbers.NumberParseException:
        return
    if country is None:
        return
    address = save_address(Address(new.first_name, new.last_name, phone=new.phone), country)
    User.objects.get(pk=user_id).addresses.add(address)
