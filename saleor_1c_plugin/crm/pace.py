"""Asking a CRM no more often than it lets itself be asked; all workers keep one pace.

A leaky bucket (GCRA): `next` is the time at which nothing of the allowance is used any more.
"""

import time
from typing import Any

from django.db import connection

from ..outbox.errors import Retry

#: Longer than this nobody waits in a worker's thread, in seconds.
_LONGEST_WAIT = 8.0

_TAKE = """
INSERT INTO onec_crm_pace AS pace (system, next)
VALUES (%(system)s, statement_timestamp() + make_interval(secs => %(step)s))
ON CONFLICT (system) DO UPDATE SET next =
    greatest(pace.next, statement_timestamp()) + make_interval(secs => %(step)s)
WHERE pace.next <= statement_timestamp() + make_interval(secs => %(most)s)
RETURNING extract(epoch FROM next - statement_timestamp())
"""
_REST = """
INSERT INTO onec_crm_pace AS pace (system, next)
VALUES (%(system)s, statement_timestamp() + make_interval(secs => %(seconds)s))
ON CONFLICT (system) DO UPDATE SET next = greatest(pace.next, EXCLUDED.next)
"""


def take(system: str, per_second: float, burst: int) -> None:
    """Wait until the CRM may be asked once more.

    Parameters
    ----------
    burst
        So many may be asked at once after a pause.

    Raises
    ------
    Retry
        That would take too long: many ask.
    """
    step = 1 / per_second
    allowance = burst * step
    with connection.cursor() as cursor:
        values: dict[str, Any] = {"system": system, "step": step}
        cursor.execute(_TAKE, {**values, "most": allowance + _LONGEST_WAIT})
        row = cursor.fetchone()
    if row is None:
        raise Retry("Many wait for the CRM", after=_LONGEST_WAIT)
    wait = float(row[0]) - allowance
    if wait > 0:
        time.sleep(wait)


def rest(system: str, per_second: float, burst: int, seconds: float) -> None:
    """The CRM says that it was asked too often: ask it nothing for so long."""
    with connection.cursor() as cursor:
        cursor.execute(_REST, {"system": system, "seconds": seconds + burst / per_second})
