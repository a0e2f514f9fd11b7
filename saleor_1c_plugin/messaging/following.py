"""What becomes of a message that does not get through: another channel, another time, or none."""

from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from ..history import journal
from ..history.event import Customer, Event
from ..history.models import Record
from . import composing, consent, outgoing, people, planning, staff
from .channel import StaffChannel, channel
from .choosing import Nobody, choose
from .models import Delivery, Heard
from .settings import MessagesSettings

State = Delivery.State

_BATCH = 500
#: States of a message that may still arrive, or has, for all that is known.
_OPEN = (State.QUEUED, State.SENDING, State.SENT, State.UNKNOWN)


def unreachable(row: Delivery, reason: str) -> None:
    """Note that a channel does not reach the reader, and try the next one."""
    with transaction.atomic():
        kept = Delivery.objects.select_for_update().filter(pk=row.pk, state__in=_OPEN).first()
        if kept is not None:
            kept.state, kept.reason = State.UNREACHABLE, reason
            _follow(kept)


def is_still_wanted(row: Delivery) -> bool:
    """Whether a message that waited is to be sent as it is; or else what becomes of it is noted."""
    if not row.about:
        # Somebody has asked, and waits for the answer.
        return True
    settings = _settings(row)
    if settings is None:
        return _set(row, State.DROPPED, "Messages are switched off")
    if planning.is_stale(row.created, settings):
        return _set(row, State.EXPIRED, "It is no news any more")
    found = channel(row.channel)
    if isinstance(found, StaffChannel):
        return True
    wishes = people.preferences(_customer(row), {row.channel: row.address})
    if found and (reason := consent.refusal(wishes, found, row.about, settings.consent)):
        with transaction.atomic():
            kept = Delivery.objects.select_for_update().filter(pk=row.pk, state=State.QUEUED)
            for one in kept:
                one.state, one.reason = State.DROPPED, reason
                _follow(one)
        return False
    until = composing.quiet_until(row, wishes, settings)
    if until is not None:
        return _set(row, State.HELD, "", due=until)
    return True


def look_after() -> None:
    """Send what was held, and try other channels where nothing has arrived in time."""
    while _look_after():
        pass


def prune() -> None:
    """Forget messages that are as old as the merchant has set."""
    days = max((settings.days for settings in MessagesSettings.all().values()), default=0)
    if days:
        before = timezone.now() - timedelta(days=days)
        Delivery.objects.filter(created__lt=before).delete()
        Heard.objects.filter(at__lt=before).delete()


def _look_after() -> bool:
    """Whether there may be more."""
    with transaction.atomic():
        due = Delivery.objects.filter(due__lte=Now()).order_by("due", "pk")
        rows = list(due.select_for_update(skip_locked=True)[:_BATCH])
        for row in rows:
            if row.state == State.HELD:
                _release(row)
            elif row.state in _OPEN:
                _overtake(row)
            else:
                row.due = None
                row.save(update_fields=["due"])
    return len(rows) == _BATCH


def _release(row: Delivery) -> None:
    settings = _settings(row)
    if settings is None:
        row.state, row.reason, row.due = State.DROPPED, "Messages are switched off", None
        row.save()
    else:
        outgoing.put(row, settings.fallback_minutes)


def _overtake(row: Delivery) -> None:
    """Nothing has arrived in time."""
    state = row.state
    if state == State.QUEUED:
        row.state, row.reason = State.OVERTAKEN, row.reason or "It took too long"
    elif state == State.SENDING:
        row.state, row.reason = State.UNKNOWN, row.reason or "No answer came"
    if not _follow(row) and state == State.QUEUED:
        # There is no other way: this one is still better than none.
        row.state = State.QUEUED
        row.save()


def _follow(row: Delivery) -> bool:
    """Save a message, and plan the one that follows it by the next channel; whether there is."""
    row.due = None
    row.save()
    settings = _settings(row)
    event = _event(row)
    if not row.rest or settings is None or (event is None and row.about):
        return False
    customer = _customer(row, event.customer.name if event else "")
    try:
        choice = choose(customer, row.order_id, row.rest.split(","), row.about, settings)
    except Nobody:
        return False
    if Delivery.objects.filter(event=row.event, rule=row.rule, step=row.step + 1).exists():
        return True
    if event is None:
        staff.pass_on(row, choice, settings)
    else:
        following = planning.row_for(event, customer, row.rule, row.step + 1)
        planning.plan(following, event, choice, settings)
    return True


def _set(row: Delivery, state: str, reason: str, **fields: object) -> bool:
    values = {"due": None, **fields}
    Delivery.objects.filter(pk=row.pk, state=State.QUEUED).update(
        state=state, reason=reason, **values
    )
    return False


def _settings(row: Delivery) -> MessagesSettings | None:
    if row.shop_channel:
        return MessagesSettings.load(row.shop_channel)
    return next(iter(MessagesSettings.all().values()), None)


def _customer(row: Delivery, name: str = "") -> Customer:
    return Customer(row.customer_id, row.email, row.phone, name)


def _event(row: Delivery) -> Event | None:
    """``None``: it is so old that it was forgotten."""
    found = Record.objects.filter(key=row.event).first()
    return None if found is None else journal.event_of(found)
