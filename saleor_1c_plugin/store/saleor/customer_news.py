"""Hearing of what is written to buyers' accounts.

Saleor keeps a phone in addresses alone: the write of a default one is one of its account. Those
that it makes for orders are new rows, and no account's.
"""

from collections.abc import Callable, Collection
from typing import Any

from django.db.models import Q
from django.db.models.signals import post_save
from saleor.account.models import Address, User

#: Columns whose change alone says nothing of who somebody is.
_QUIET = frozenset(
    {
        "is_confirmed",
        "jwt_token_key",
        "last_confirm_email_request",
        "last_login",
        "last_password_reset_request",
        "number_of_orders",
        "password",
        "private_metadata",
        "search_document",
        "search_vector",
        "updated_at",
    }
)


def listen(changed: Callable[[Collection[str]], None]) -> None:
    def hear_user(instance: User, update_fields: Any = None, **_: Any) -> None:
        says_something = update_fields is None or not _QUIET.issuperset(update_fields)
        if says_something and not instance.is_staff:
            changed([str(instance.pk)])

    def hear_address(instance: Address, created: bool = False, **_: Any) -> None:
        if created:
            return
        defaults = Q(default_billing_address=instance) | Q(default_shipping_address=instance)
        found = User.objects.filter(defaults, is_staff=False).values_list("pk", flat=True)
        if ids := [str(pk) for pk in found]:
            changed(ids)

    # Several rooms listen, each once.
    who = f"{changed.__module__}.{changed.__qualname__}"
    post_save.connect(hear_user, User, weak=False, dispatch_uid=f"onec.customers.user {who}")
    post_save.connect(
        hear_address, Address, weak=False, dispatch_uid=f"onec.customers.address {who}"
    )
