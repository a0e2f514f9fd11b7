"""Keeping to a service's limits: all workers together call it no more often than it allows.

Each call takes the next free moment, by the database's clock, and waits for it. Where that is far
away the message goes back to the outbox, and the thread is free for others.
"""

import time
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from ...outbox.errors import Retry
from .models import Pace

#: So long a thread waits for its turn, in seconds.
_PATIENCE = 3.0
_KEPT = timedelta(hours=1)

_TAKE = """
INSERT INTO onec_messaging_pace AS pace (key, free)
VALUES (%(key)s, clock_timestamp() + %(pause)s * interval '1 second')
ON CONFLICT (key) DO UPDATE SET free = greatest(pace.free, clock_timestamp())
    + %(pause)s * interval '1 second'
WHERE pace.free < clock_timestamp() + %(patience)s * interval '1 second'
RETURNING extract(epoch FROM free - clock_timestamp())::float8 - %(pause)s
"""
_HOLD = """
INSERT INTO onec_messaging_pace AS pace (key, free)
VALUES (%(key)s, clock_timestamp() + %(pause)s * interval '1 second')
ON CONFLICT (key) DO UPDATE SET free = greatest(pace.free, EXCLUDED.free)
"""
_LEFT = """
SELECT extract(epoch FROM free - clock_timestamp())::float8
FROM onec_messaging_pace WHERE key = %(key)s
"""


def wait(key: str, seconds: float) -> None:
    """Wait until `key` may be called; the next one after us waits `seconds` more.

    Raises
    ------
    Retry
        It would take too long.
    """
    values: dict[str, str | float] = {"key": key, "pause": seconds, "patience": _PATIENCE}
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, values)
        row = cursor.fetchone()
        if row is None:
            cursor.execute(_LEFT, values)
            left = cursor.fetchone()
            raise Retry("Its limit is reached", after=max(left[0], 0.0) if left else 0.0)
    time.sleep(max(row[0], 0.0))


def hold(key: str, seconds: float) -> None:
    """Call `key` no more for so long: it has said so."""
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, {"key": key, "pause": seconds})


def prune() -> None:
    """Forget whose turn came long ago."""
    Pace.objects.filter(free__lt=timezone.now() - _KEPT).delete()
