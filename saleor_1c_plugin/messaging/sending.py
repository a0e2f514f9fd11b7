"""Sending what was planned, so that nothing is said twice.

Before a service is called, it is written down that it is: whoever finds that written, and no
outcome, knows that the service may have the message, and asks it, if it can say; or leaves it.
"""

from collections.abc import Mapping
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from ..configuration import SettingsError
from ..history import journal
from ..history.event import Customer, Event, Kind
from ..history.settings import is_kept
from ..outbox.errors import Refused, Retry
from ..outbox.models import Message
from . import following, outgoing
from .channel import Channel, Lost, Sent, StaffChannel, Unreachable, channel
from .choosing import saved_of
from .models import Delivery

State = Delivery.State

#: A call that began so long ago has ended, one way or the other.
_CALL = timedelta(minutes=2)
#: Seconds until such a one is asked about.
_AFTER = _CALL.total_seconds() + 1
_OFF = "The channel is switched off"
_UNUSABLE = "The channel's settings can't be used"


def deliver(message: Message) -> None:
    """Send a message; the outbox's receiver of every channel."""
    row = Delivery.objects.filter(pk=message.payload["message"]).first()
    if row is not None and row.state == State.SENDING:
        _settle(row)
    elif row is not None and row.state == State.QUEUED and following.is_still_wanted(row):
        _send(row)


def _settle(row: Delivery) -> None:
    """A worker has died in the call, or no answer came: find out what became of the message."""
    if row.began is not None and row.began > timezone.now() - _CALL:
        raise Retry("Another worker is at it, or was", after=_AFTER)
    found, saved = _open(row)
    if found is None or saved is None:
        _end(row, State.UNKNOWN, _OFF)
        return
    try:
        sent = found.find(saved, row.address, f"{row.pk}")
    except Unreachable as error:
        following.unreachable(row, str(error))
    except Lost as error:
        _end(row, State.UNKNOWN, str(error))
    except Refused as error:
        _end(row, State.FAILED, error.reason)
    else:
        if sent is None:
            _send(row)
        else:
            _sent(row, sent)


def _send(row: Delivery) -> None:
    found, saved = _open(row)
    if not _begin(row):
        return
    if found is None or saved is None:
        following.unreachable(row, _OFF)
        return
    try:
        sent = found.send(saved, row.address, outgoing.text_of(row), f"{row.pk}")
    except Unreachable as error:
        following.unreachable(row, str(error))
    except Lost as error:
        # The next attempt asks what became of it.
        raise Retry(str(error), after=_AFTER) from error
    except Retry as error:
        _end(row, State.QUEUED, error.reason)
        raise
    except SettingsError as error:
        _end(row, State.QUEUED, _UNUSABLE)
        raise Retry(_UNUSABLE) from error
    except Refused as error:
        # It is for people to see here; in the outbox it would hold up what follows.
        _end(row, State.FAILED, error.reason)
    else:
        _sent(row, sent)


def _open(row: Delivery) -> tuple[Channel | None, Mapping[str, object] | None]:
    """The channel and its settings, where it is switched on."""
    found = channel(row.channel)
    return found, None if found is None else saved_of(found)


def _begin(row: Delivery) -> bool:
    """Note that the service is called now; false: somebody was faster, or took another channel."""
    began = timezone.now()
    rows = Delivery.objects.filter(pk=row.pk, state=row.state, began=row.began)
    return bool(rows.update(state=State.SENDING, began=began))


def _sent(row: Delivery, sent: Sent) -> None:
    with transaction.atomic():
        rows = Delivery.objects.select_for_update()
        kept = rows.filter(pk=row.pk, state__in=[State.SENDING, State.UNKNOWN]).first()
        if kept is None:
            return
        kept.state, kept.sent, kept.reason = State.SENT, timezone.now(), ""
        kept.reference, kept.parts = sent.reference, sent.parts
        kept.cost, kept.currency = sent.cost, sent.currency
        kept.is_told_later = sent.is_told_later
        if not sent.is_told_later:
            # There is nothing to wait for.
            kept.due = None
        kept.save()
        if is_kept() and not isinstance(channel(row.channel), StaffChannel):
            journal.record([_event(kept)])


def _end(row: Delivery, state: str, reason: str) -> None:
    Delivery.objects.filter(pk=row.pk, state=State.SENDING).update(state=state, reason=reason)


def _event(row: Delivery) -> Event:
    return Event(
        key=f"message:{row.pk}",
        kind=Kind.MESSAGE_SENT,
        at=row.sent or journal.now(),
        customer=Customer(id=row.customer_id, email=row.email, phone=row.phone),
        channel=row.shop_channel,
        order_id=row.order_id,
        order_number=row.order_number,
        # What was said may tell to whom: it stays here, where it can be erased.
        data={
            "message": f"{row.pk}",
            "channel": row.channel,
            "about": row.about,
            "parts": row.parts,
            "cost": None if row.cost is None else f"{row.cost:f}",
            "currency": row.currency,
        },
    )
