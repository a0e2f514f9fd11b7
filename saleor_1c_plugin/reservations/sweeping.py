"""Tidying up and telling: nothing that a buyer may or may not do depends on it.

Whatever ended has ended by the clock; here the rows follow, the buyers are told, and what no event
of the shop's told of is found.
"""

import logging
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import batched
from uuid import UUID, uuid4

from django.db.models import F, QuerySet
from django.utils import timezone

from ..store import current_carts
from . import events, policy, shortage
from .events import Event
from .locks import in_transaction
from .models import Hold
from .review import review
from .settings import ReservationSettings, of_channels

#: How long it can be seen what became of a hold.
KEPT = timedelta(days=90)
_BATCH = 1000
#: Holds whose lines and goods are looked at by one sweep, chosen at random: every change of them
#: is told of anyway.
_LOOKED_AT = 20 * _BATCH

logger = logging.getLogger(__name__)


def sweep() -> None:
    """Do all of it once."""
    channels = of_channels()
    review_all(in_transaction(shortage.release_newest))
    review_all(_carts(Hold.objects.over()))
    review_all(_carts(Hold.objects.live().exclude(channel__in=list(channels))))
    # The clock was set back.
    review_all(_carts(Hold.objects.live().filter(began__gt=timezone.now() + policy.SKEW)))
    review_all(_carts_left_behind())
    for channel, settings in channels.items():
        _remind(channel, settings)
    _forget()


def review_all(cart_ids: Iterable[str]) -> None:
    """Review these carts, each for itself: one that can't be doesn't keep the others back."""
    for cart_id in cart_ids:
        try:
            review(cart_id)
        except Exception:
            logger.exception("The holds of cart %s could not be reviewed", cart_id)


def _carts(chosen: QuerySet[Hold]) -> list[str]:
    return list(chosen.order_by("cart_id").values_list("cart_id", flat=True).distinct())


def _carts_left_behind() -> Iterator[str]:
    """Carts whose lines are gone, not on sale any more, or have lost what is held for them."""
    start = uuid4()
    live = Hold.objects.live().order_by("pk").only("line_id", "cart_id", "quantity")
    rows = [*live.filter(pk__gte=start)[:_LOOKED_AT], *live.filter(pk__lt=start)[:_LOOKED_AT]]
    carts = current_carts()
    for batch in batched(rows[:_LOOKED_AT], _BATCH):
        of_line = {hold.line_id: hold for hold in batch}
        lost = {*carts.gone(of_line), *carts.unavailable(of_line)}
        held = carts.held(of_line)
        lost |= {
            line_id
            for line_id, hold in of_line.items()
            if line_id not in held or held[line_id].units != hold.quantity
        }
        yield from sorted({of_line[line_id].cart_id for line_id in lost})


def _remind(channel: str, settings: ReservationSettings) -> None:
    """Tell, once for each end, of the holds that end soon."""
    before = timedelta(minutes=settings.remind_minutes)
    if not before:
        return
    soon = Hold.objects.live().filter(
        channel=channel,
        reminded=None,
        ends__lte=timezone.now() + before,
        # Who has just got a short one needs no reminder.
        ends__gt=F("began") + before,
    )
    for chosen in batched(list(soon.values_list("pk", flat=True)), _BATCH):

        def remind(pks: tuple[UUID, ...] = chosen) -> None:
            # Under the lock: another sweep may be at it, an extension may have moved the end.
            due = list(soon.filter(pk__in=pks).select_for_update(skip_locked=True))
            for hold in due:
                events.announce(Event.ENDING, hold, settings)
            Hold.objects.filter(pk__in=[hold.pk for hold in due]).update(reminded=timezone.now())

        in_transaction(remind)


def _forget() -> None:
    old = Hold.objects.filter(is_settled=True, ended__lt=timezone.now() - KEPT)
    while pks := list(old.values_list("pk", flat=True)[:_BATCH]):
        Hold.objects.filter(pk__in=pks).delete()
