"""Putting messages into the outbox, and what a person may do with those that got stuck."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from threading import Event
from typing import Any

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from . import order
from .models import Message
from .waking import wake

State = Message.State

_news: ContextVar[Event | None] = ContextVar("_news", default=None)

#: Takes the place of the object's last message, unless a worker has it or somebody else writes it.
_REPLACE = """
WITH last AS (
    SELECT id, due FROM onec_outbox_message
    WHERE id = (
        SELECT id FROM onec_outbox_message
        WHERE topic = %(topic)s AND object = %(object)s AND state <> 'delivered'
        ORDER BY id DESC LIMIT 1
    ) AND state = 'pending' AND token = '' AND replaceable
    FOR UPDATE SKIP LOCKED
), new AS (
    INSERT INTO onec_outbox_message
        (topic, object, key, payload, replaceable, state, token, attempts, reason, due)
    VALUES (
        %(topic)s, %(object)s, %(key)s, %(payload)s::jsonb, true, 'pending', '', 0, '',
        coalesce((SELECT due FROM last), statement_timestamp())
    )
    ON CONFLICT (topic, key) DO NOTHING
    RETURNING id
)
DELETE FROM onec_outbox_message USING last, new WHERE onec_outbox_message.id = last.id
"""


def append(topic: str, object: str, payload: Any, *, key: str, coalesce: bool = False) -> None:
    """Have `payload` delivered once the present transaction is committed; not at all if it isn't.

    Parameters
    ----------
    topic
        The receiver's, see :func:`~saleor_1c_plugin.outbox.topics.register`; up to 64 characters.
    object
        What keeps its order: its messages reach the receiver one after another, as they were put
        in. Two transactions that overlap have no order: lock the object where that matters.
    payload
        Plain JSON; money as text.
    key
        Names the event within the topic: whatever comes under the same key again, while the
        delivered message is kept, is ignored. The receiver may know it by this key, too.
    coalesce
        Take the place of an earlier message of the object that was put in with the same wish and
        has not begun to leave: news of news is one news.

    Raises
    ------
    django.db.transaction.TransactionManagementError
        There is no transaction: the message could exist without its event.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "A message is put into the outbox in the transaction of its event"
        )
    if coalesce:
        with connection.cursor() as cursor:
            values = {"topic": topic, "object": object, "key": key}
            cursor.execute(_REPLACE, {**values, "payload": json.dumps(payload)})
    else:
        Message.objects.bulk_create(
            [Message(topic=topic, object=object, key=key, payload=payload)], ignore_conflicts=True
        )
    # Hooks of a savepoint that was rolled back are gone from the list: this is once and for sure.
    if all(hook[1] is not kick for hook in connection.run_on_commit):
        transaction.on_commit(kick)


@contextmanager
def gathered(news: Event) -> Iterator[None]:
    """Have this thread call for no worker, but set `news`.

    For whoever puts in one message after another, and calls :func:`kick` now and then.
    """
    before = _news.set(news)
    try:
        yield
    finally:
        _news.reset(before)


def kick() -> None:
    """Have a worker look for messages; without a broker the regular work does it."""
    if (news := _news.get()) is not None:
        news.set()
        return
    # The task module imports this one's users: at import time it would be a circle.
    from .tasks import deliver_pending

    wake(deliver_pending, "the delivery")


def send_again(chosen: QuerySet[Message]) -> int:
    """Deliver what of these is dead or waits for its time, now and as if new; how many there were.

    What stands behind another message goes on standing there.
    """
    waiting = Q(state=State.PENDING, token="", due__isnull=False)
    sent = chosen.filter(Q(state=State.DEAD) | waiting).update(
        state=State.PENDING, due=Now(), attempts=0
    )
    transaction.on_commit(kick)
    return sent


def drop(chosen: QuerySet[Message]) -> int:
    """Delete these messages, unless they are on their way or delivered; how many there were."""
    with transaction.atomic():
        rows = list(
            chosen.filter(Q(state=State.DEAD) | Q(state=State.PENDING, token=""))
            .select_for_update(skip_locked=True)
            .only("topic", "object")
        )
        Message.objects.filter(pk__in=[row.pk for row in rows]).delete()
    # Only now: a worker that has put a follower aside meanwhile must be seen.
    order.promote([(row.topic, row.object) for row in rows])
    transaction.on_commit(kick)
    return len(rows)


def prune(days: int) -> int:
    """Forget messages that were delivered more than `days` days ago; how many there were."""
    before = timezone.now() - timedelta(days=days)
    return Message.objects.filter(state=State.DELIVERED, delivered__lt=before).delete()[0]
