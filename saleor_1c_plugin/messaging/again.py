"""Sending a message again that has not arrived, or perhaps has: a person decides that."""

from collections.abc import Collection, Sequence

from django.db import transaction
from django.utils import timezone

from . import outgoing
from .models import Delivery

State = Delivery.State

#: States of a message that can be sent again.
FAILED = (State.UNREACHABLE, State.FAILED)
#: Of one that may have arrived already.
DOUBTFUL = (State.UNKNOWN,)


def possible(rows: Sequence[Delivery]) -> Collection[int]:
    """Which of these can be sent again: those that nothing has followed, with a text that is left.

    By their primary keys.
    """
    found = [row for row in rows if row.state in (*FAILED, *DOUBTFUL) and row.address and row.body]
    steps = Delivery.objects.filter(event__in={row.event for row in found})
    last: dict[tuple[str, str], int] = {}
    for event, rule, step in steps.values_list("event", "rule", "step"):
        last[event, rule] = max(step, last.get((event, rule), 0))
    return {row.pk for row in found if last[row.event, row.rule] == row.step}


def send(message: int, *, is_sure: bool = False) -> bool:
    """Send it once more, to where it was sent, as a message of its own; whether that was possible.

    The service gets another key with it: it has nothing to compare it with. A second press of the
    button finds that the message has been followed.

    Parameters
    ----------
    is_sure
        Whoever asks for it knows that it may have arrived already.
    """
    with transaction.atomic():
        row = Delivery.objects.select_for_update().filter(pk=message).first()
        if row is None or row.pk not in possible([row]):
            return False
        if row.state in DOUBTFUL and not is_sure:
            return False
        text = outgoing.text_of(row)
        row.pk, row._state.adding = None, True
        row.step += 1
        row.created, row.began, row.sent, row.delivered = timezone.now(), None, None, None
        row.reason = row.reference = row.rest = row.currency = ""
        row.turn, row.parts, row.cost = 0, 1, None
        outgoing.write(row, text)
        outgoing.put(row)
    return True
