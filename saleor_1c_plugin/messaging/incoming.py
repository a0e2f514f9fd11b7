"""What people say to us: it is heard once, whichever channel it came by, and answered there."""

import logging

from django.db import transaction

from ..history import journal
from ..history.event import Customer, Event, Kind
from ..history.settings import is_kept
from . import commands, manager, outgoing, people
from .channel import Incoming
from .models import Heard

logger = logging.getLogger(__name__)

_LONGEST = 4000


def receive(told: Incoming) -> bool:
    """Do what was said, or pass it on to the manager; whether it was new.

    Safe to call again with the same: services repeat what they were not answered in time. What is
    raised was not done, and is to be told again.

    Parameters
    ----------
    told
        Verified by the channel that it came by.
    """
    with transaction.atomic():
        heard, is_new = Heard.objects.get_or_create(
            channel=told.channel,
            reference=told.reference,
            # A zero byte is no text of the database's.
            defaults={"address": told.address, "text": told.text.replace("\0", "")[:_LONGEST]},
        )
        if not is_new:
            return False
        who = people.linked(told.channel, told.address)
        if is_kept():
            journal.record([_event(heard, told, who)])
        found = commands.find(told)
        if found is None:
            manager.tell(heard, told, who)
            return True
        name, handler, argument = found
        heard.command = name
        heard.save(update_fields=["command"])
        answer = handler(commands.Said(told, who, argument))
        if answer is not None:
            key = f"answer:{told.channel}:{told.reference}"
            outgoing.say(told.channel, told.address, answer, key)
    return True


def _event(heard: Heard, told: Incoming, who: people.Linked) -> Event:
    return Event(
        key=f"heard:{heard.pk}",
        kind=Kind.MESSAGE_RECEIVED,
        at=journal.now(),
        customer=Customer(id=who.customer_id),
        # What was said may tell who said it: it stays here, where it can be erased.
        data={
            "message": f"{heard.pk}",
            "channel": told.channel,
            "command": told.command.partition(":")[0],
        },
    )
