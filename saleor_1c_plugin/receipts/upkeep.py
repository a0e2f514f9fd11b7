"""What is done whether anybody buys or not: shifts end in time, and ailing registers are seen."""

import logging
from datetime import timedelta

from django.db.models.functions import Now

from . import registers, shifts
from .driver import OutcomeUnknown, Unavailable
from .models import Receipt
from .registers import Park, Till

#: How often a register is asked how it is, while nobody uses it.
_EVERY = timedelta(minutes=10)

logger = logging.getLogger(__name__)


def look_after() -> None:
    """Look at every register that no worker has at this moment."""
    park = registers.park()
    away = registers.away()
    for till in park.tills.values():
        if till.name in away:
            continue
        token = registers.take(till.name)
        # Whoever has it closes its shift before the next receipt.
        if token is not None:
            try:
                _look_at(park, till)
            finally:
                registers.leave(till.name, token)
    _explain(park)


def _look_at(park: Park, till: Till) -> None:
    try:
        shifts.close_in_time(till, park.settings_of(till.name))
        if not registers.was_checked(till.name, _EVERY):
            shifts.look(till.register, shifts.current(till.name))
            registers.succeeded(till.name)
    except (Unavailable, OutcomeUnknown) as error:
        registers.failed(till.name, str(error))
    except Exception as error:
        # One that is broken must not keep the others from being looked at.
        logger.exception("Register %s can't be looked at", till.name)
        registers.failed(till.name, type(error).__name__)


def _explain(park: Park) -> None:
    """Say of receipts that nobody takes why they wait."""
    away = registers.away()
    waiting = Receipt.objects.filter(state=Receipt.State.QUEUED, due__lte=Now(), token="")
    taken = {turn.channel for turns in park.served_by(away).values() for turn in turns}
    for slug in set(waiting.values_list("channel", flat=True)) - taken:
        channel = park.channels.get(slug)
        if channel is None:
            reason = "Чеки в этом канале выключены"
        elif not channel.tills:
            reason = "В этом канале не настроена ни одна касса"
        else:
            reason = "Ни одна касса сейчас не отвечает"
        waiting.filter(channel=slug).exclude(reason=reason).update(reason=reason)
    for row in waiting.filter(channel__in=taken).exclude(unfit=[]):
        fit = [till for till in park.channels[row.channel].tills if till.name not in row.unfit]
        if any(till.name not in away for till in fit):
            continue
        reason = "Касса, которой пробивают такие чеки, сейчас не отвечает"
        if not fit:
            reason = "Ни одна касса этого канала не пробивает такие чеки"
        waiting.filter(pk=row.pk).update(reason=reason)
    sent = Receipt.objects.filter(state=Receipt.State.SENT, due__lte=Now(), token="")
    for name in set(sent.values_list("register", flat=True)) - park.tills.keys():
        reason = f"Касса {name} больше не настроена, а спросить о чеке можно только её"
        sent.filter(register=name).exclude(reason=reason).update(reason=reason)
