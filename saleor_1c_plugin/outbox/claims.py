"""A worker's right to messages: taken in one statement, renewed while they are delivered."""

from collections.abc import Collection, Sequence

from django.db import connection, transaction
from django.db.models.functions import Now

from ..clock import from_now
from . import order
from .models import Message

LEASE_SECONDS = 30

State = Message.State

# What is behind another message of its object is put aside in passing, each once.
_CLAIM = """
WITH due AS MATERIALIZED (
    SELECT id, object FROM onec_outbox_message
    WHERE topic = %(topic)s AND state = 'pending' AND due <= statement_timestamp()
      AND token <> %(token)s
    ORDER BY due, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
), placed AS MATERIALIZED (
    SELECT id, EXISTS (
        SELECT 1 FROM onec_outbox_message AS earlier
        WHERE earlier.topic = %(topic)s AND earlier.object = due.object
          AND earlier.id < due.id AND earlier.state <> 'delivered'
    ) AS behind
    FROM due
)
UPDATE onec_outbox_message AS message SET
    due = CASE WHEN behind THEN NULL ELSE
        statement_timestamp() + make_interval(secs => %(lease)s) END,
    token = CASE WHEN behind THEN '' ELSE %(token)s END,
    attempts = attempts + CASE WHEN behind THEN 0 ELSE 1 END
FROM placed WHERE message.id = placed.id
RETURNING message.*
"""

_DUE = """
SELECT topic FROM unnest(%s::text[]) AS topic WHERE EXISTS (
    SELECT FROM onec_outbox_message AS message
    WHERE message.topic = topic.topic AND state = 'pending' AND due <= statement_timestamp()
)
"""


def due(topics: Collection[str]) -> frozenset[str]:
    """Those of the topics of which somebody may have something to claim."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE, [list(topics)])
        return frozenset(topic for (topic,) in cursor.fetchall())


def claim(topic: str, token: str, limit: int) -> tuple[list[Message], bool]:
    """Take up to `limit` messages that are due, the oldest first, one of an object.

    Returns them, and whether more may be due. What the worker has already, with a lease that is
    over since it was held up, it does not take a second time.
    """
    values = {"topic": topic, "token": token, "limit": limit, "lease": LEASE_SECONDS}
    rows = list(Message.objects.raw(_CLAIM, values))
    # The one before it may have ended in this very moment.
    order.promote([(row.topic, row.object) for row in rows if not row.token])
    taken = sorted((row for row in rows if row.token), key=lambda row: row.pk)
    return taken, len(rows) == limit


def is_any_due(topics: Collection[str]) -> bool:
    """Whether a worker could take a message of these topics at once."""
    with transaction.atomic():
        # What is locked is being written: whoever does so calls for a worker when it is committed.
        rows = Message.objects.select_for_update(skip_locked=True).filter(
            topic__in=topics, state=State.PENDING, due__lte=Now()
        )
        return bool(rows.values_list("pk")[:1])


def renew(ids: Collection[int], token: str) -> None:
    """Keep these messages for as long again."""
    mine = Message.objects.filter(pk__in=ids, token=token, state=State.PENDING)
    mine.update(due=from_now(LEASE_SECONDS))


def finish(messages: Sequence[Message], token: str) -> None:
    """These are delivered. Whoever lost his lease meanwhile ends nothing."""
    Message.objects.filter(pk__in=[row.pk for row in messages], token=token).update(
        state=State.DELIVERED, delivered=Now(), due=None, token="", reason=""
    )
    order.promote([(row.topic, row.object) for row in messages])


def postpone(message: Message, token: str, seconds: float, reason: str) -> None:
    """Let anybody try again after so many seconds."""
    Message.objects.filter(pk=message.pk, token=token).update(
        due=from_now(seconds), token="", reason=reason
    )


def bury(message: Message, token: str, reason: str) -> None:
    """Give the message up; those behind it wait for a person."""
    Message.objects.filter(pk=message.pk, token=token).update(
        state=State.DEAD, due=None, token="", reason=reason
    )
