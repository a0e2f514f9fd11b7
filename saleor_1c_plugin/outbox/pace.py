"""Keeping to a service's limits: all workers together call it no more often than it allows.

Each call takes the next free moment, by the database's clock, and waits for it (GCRA, a leaky
bucket). Where that is far away the message goes back to the outbox, and the thread is free.
"""

import time
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from .errors import Retry
from .models import Pace

_KEPT = timedelta(hours=1)

_TAKE = """
INSERT INTO onec_outbox_pace AS pace (key, free)
VALUES (%(key)s, clock_timestamp() + %(pause)s * interval '1 second')
ON CONFLICT (key) DO UPDATE SET free = greatest(pace.free, clock_timestamp())
    + %(pause)s * interval '1 second'
WHERE pace.free < clock_timestamp() + %(most)s * interval '1 second'
RETURNING extract(epoch FROM free - clock_timestamp())::float8
"""
_HOLD = """
INSERT INTO onec_outbox_pace AS pace (key, free)
VALUES (%(key)s, clock_timestamp() + %(seconds)s * interval '1 second')
ON CONFLICT (key) DO UPDATE SET free = greatest(pace.free, EXCLUDED.free)
"""
_LEFT = """
SELECT extract(epoch FROM free - clock_timestamp())::float8
FROM onec_outbox_pace WHERE key = %(key)s
"""


def wait(key: str, pause: float, *, burst: int = 1, patience: float = 3.0) -> None:
    """Wait until `key` may be called.

    Parameters
    ----------
    pause
        Seconds between two calls.
    burst
        So many may follow at once after a time without any.
    patience
        So long a thread waits, in seconds.

    Raises
    ------
    Retry
        It would take longer.
    """
    # What a burst may use up at once.
    allowance = (burst - 1) * pause
    values: dict[str, str | float] = {"key": key, "pause": pause, "most": allowance + patience}
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, values)
        row = cursor.fetchone()
        if row is None:
            cursor.execute(_LEFT, values)
            left = cursor.fetchone()
            after = left[0] - allowance if left else 0.0
            raise Retry("Its limit is reached", after=max(after, 0.0))
    time.sleep(max(row[0] - pause - allowance, 0.0))


def hold(key: str, seconds: float, *, pause: float = 0.0, burst: int = 1) -> None:
    """Call `key` no more for so long: it has said so.

    Parameters
    ----------
    pause, burst
        As they are given to :func:`wait`: nothing is left of a burst then.
    """
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, {"key": key, "seconds": seconds + burst * pause})


def prune() -> None:
    """Forget whose turn came long ago."""
    Pace.objects.filter(free__lt=timezone.now() - _KEPT).delete()
