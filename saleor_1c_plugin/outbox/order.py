"""Order per object: who is behind whom, and whose turn it is."""

from collections.abc import Collection

from django.db import connection

from .models import Message

# A row that somebody else has locked is skipped: he brings it back himself, or writes news in its
# place; what slips through all the same is met by `promote_strays`, a minute later.
_PROMOTE = """
WITH turn AS MATERIALIZED (
    SELECT id FROM onec_outbox_message
    WHERE id IN (
        SELECT (
            SELECT id FROM onec_outbox_message AS first
            WHERE first.topic = ended.topic AND first.object = ended.object
              AND first.state <> 'delivered'
            ORDER BY id LIMIT 1
        )
        FROM unnest(%s::text[], %s::text[]) AS ended(topic, object)
    ) AND state = 'pending' AND due IS NULL
    ORDER BY id FOR UPDATE SKIP LOCKED
)
UPDATE onec_outbox_message AS message SET due = statement_timestamp()
FROM turn WHERE message.id = turn.id
"""


def promote(objects: Collection[tuple[str, str]]) -> None:
    """Bring back the first message of each of these objects (topic, object) if it was put aside.

    Called after the commit of whatever ended the message before it, or put it aside: of two who
    do so at the same time the later one then sees what the other did.
    """
    if not objects:
        return
    topics, names = zip(*sorted(set(objects)), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(_PROMOTE, [list(topics), list(names)])


def promote_strays() -> None:
    """Bring back what a worker that died has left aside with nobody before it."""
    aside = Message.objects.filter(state=Message.State.PENDING, due=None)
    promote(list(aside.order_by().values_list("topic", "object").distinct()))
