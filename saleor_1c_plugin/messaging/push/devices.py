"""Whose device is which."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from ...history.facts import iso
from .. import consent, people
from ..texts import LANGUAGES
from . import NAME
from .models import Device, Notification

#: Devices of one customer; the ones that were not seen for the longest time are forgotten.
MOST = 10
_TOKEN = re.compile(r"[!-~]{20,4096}")
#: No message is tried for so long.
_KEPT = timedelta(days=30)


class InvalidToken(ValueError):
    """It is none of Firebase's; the text says so in English, without it."""


def register(customer_id: str, token: str, language: str = "") -> Device:
    """From now on messages to a customer go to this device, too; and to nobody else's before.

    Parameters
    ----------
    language
        That the application speaks: "ru", "en-GB". Others than those of our texts say nothing.

    Raises
    ------
    InvalidToken
        See there.
    """
    if not _TOKEN.fullmatch(token):
        raise InvalidToken("This is no registration token of Firebase's.")
    spoken = language.replace("_", "-").partition("-")[0].lower()
    spoken = spoken if spoken in LANGUAGES else ""
    with transaction.atomic():
        before = Device.objects.filter(digest=_digest(token), customer_id=customer_id).first()
        device, _is_new = Device.objects.update_or_create(
            digest=_digest(token),
            defaults={
                "token": token,
                "customer_id": customer_id,
                "language": spoken,
                "seen": timezone.now(),
            },
        )
        kept = of(customer_id).values_list("pk", flat=True)[:MOST]
        Device.objects.filter(customer_id=customer_id).exclude(pk__in=list(kept)).delete()
        people.link(NAME, customer_id, customer_id=customer_id)
        _note_wishes(customer_id, spoken if before is None or before.language != spoken else "")
    return device


def unregister(customer_id: str, token: str) -> bool:
    """Messages to this customer go to this device no more; whether they did."""
    rows = Device.objects.filter(customer_id=customer_id, digest=_digest(token))
    return bool(rows.delete()[0])


def of(customer_id: str) -> "QuerySet[Device]":
    """A customer's, the ones that were seen last first."""
    return Device.objects.filter(customer_id=customer_id).order_by("-seen", "-pk")


def forget(*, customer_id: str = "", email: str = "", phone: str = "") -> int:
    """Forget a person's devices; how many there were. Whose e-mail it is, they don't know."""
    if not customer_id:
        return 0
    return Device.objects.filter(customer_id=customer_id).delete()[1].get(Device._meta.label, 0)


def tell(*, customer_id: str = "", email: str = "", phone: str = "") -> Iterator[Mapping[str, Any]]:
    """What is kept of a person's devices, for himself; as :func:`forget` finds them."""
    for device in of(customer_id) if customer_id else ():
        yield {
            "token": device.token,
            "language": device.language,
            "made": iso(device.made),
            "seen": iso(device.seen),
        }


def prune() -> None:
    """Forget what was sent where, once nobody asks any more."""
    Notification.objects.filter(at__lt=timezone.now() - _KEPT).delete()


def _note_wishes(customer_id: str, spoken: str) -> None:
    """Who lets the application notify him wants that, unless he has said otherwise since.

    Applications register at every start: what the reader has chosen on his page must outlive that.
    """
    row = people.preference(NAME, customer_id)
    if NAME not in row.allowed:
        consent.allow(row, NAME, True)
    if spoken and row.language != spoken:
        row.language = spoken
        row.save(update_fields=["language"])


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
