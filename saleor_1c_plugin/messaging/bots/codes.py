"""Codes by which a buyer shows whose chat it is: for one chat, once, and not for long.

A code is made for an account that has signed in, or for an order: whoever knows an order's id may
read it in the shop, too. A chat that was linked by an order hears of that order alone. To know an
e-mail is to know nothing, for anybody can order under anybody's.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from .models import LinkCode, WrongCode

#: How long a code can be used.
LIFE = timedelta(minutes=30)
#: Random bytes. It is 32 signs long: Telegram takes 64, of A-Z, a-z, 0-9, _ and -.
_BYTES = 24
_LONGEST = 64
#: Codes of one owner that are open at a time: older ones are closed.
_MOST_OPEN = 5
#: So many wrong codes close a chat for codes, until so long has passed since the first of them.
MOST_WRONG = 5
PERIOD = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Owner:
    """Who a chat belongs to: an account; or whoever knows of an order, and nobody more."""

    customer_id: str = ""
    order_id: str = ""

    @property
    def _fields(self) -> Mapping[str, str]:
        return {"customer_id": self.customer_id, "order_id": self.order_id}


class WrongCodeError(Exception):
    """It links nothing."""


class NoSuchCode(WrongCodeError):
    """It is none, it was used by another chat, or it is over."""


class TooManyGuesses(WrongCodeError):
    """This chat has tried too many: nobody has looked whether this one is right."""


def make(channel: str, owner: Owner) -> tuple[str, datetime]:
    """A new code of this owner's, and when it is over."""
    code = secrets.token_urlsafe(_BYTES)
    expires = timezone.now() + LIFE
    fields = owner._fields
    with transaction.atomic():
        LinkCode.objects.create(channel=channel, digest=_digest(code), expires=expires, **fields)
        mine = LinkCode.objects.filter(channel=channel, used_by="", **fields).order_by("-pk")
        LinkCode.objects.filter(pk__in=mine.values_list("pk")[_MOST_OPEN:]).delete()
    return code, expires


def take(channel: str, code: str, address: str) -> Owner:
    """Whose code it is; from now on it is this chat's alone. The same again is the same answer.

    Raises
    ------
    WrongCodeError
        It links nothing.
    """
    now = timezone.now()
    wrong = WrongCode.objects.filter(channel=channel, address=address, at__gt=now - PERIOD)
    if wrong.count() >= MOST_WRONG:
        raise TooManyGuesses
    found = LinkCode.objects.filter(channel=channel, digest=_digest(code), expires__gt=now)
    # Of two chats at the same time one is first.
    found.filter(used_by="").update(used_by=address)
    row = found.filter(used_by=address).first()
    if row is None:
        WrongCode.objects.create(channel=channel, address=address)
        raise NoSuchCode
    return Owner(row.customer_id, row.order_id)


def prune() -> None:
    """Forget codes that are over, and guesses that count no more."""
    now = timezone.now()
    LinkCode.objects.filter(expires__lt=now - PERIOD).delete()
    WrongCode.objects.filter(at__lt=now - PERIOD).delete()


def _digest(code: str) -> str:
    return hashlib.sha256(code[:_LONGEST].encode("utf-8", "replace")).hexdigest()
