"""Calling for a worker, without filling the queue: one call that nobody has begun is enough.

A busy shop calls with every order. Were each call a task of its own, those for one kind of work
would stand before all other work in Celery's queue.
"""

from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models.functions import Now

from ..broker import offer
from .models import Call

if TYPE_CHECKING:
    from celery import Task

#: After so long a call that nobody has begun is believed to be lost.
_LASTS_SECONDS = 10

_CALL = """
INSERT INTO onec_outbox_call AS call (name, until)
VALUES (%(name)s, statement_timestamp() + make_interval(secs => %(lasts)s))
ON CONFLICT (name) DO UPDATE SET until = EXCLUDED.until
WHERE call.until <= statement_timestamp()
"""


def wake(task: "Task[Any, Any]", what: str) -> None:
    """Have a worker begin `task`, unless a call for it waits; after a commit, never before it.

    Whoever is called begins with :func:`heard`: so what was committed before a call that was left
    out is seen by the one that waits.

    Parameters
    ----------
    what
        Names the work in the log.
    """
    # A look first: it is one row, and its lock is nothing that buyers should stand in line for.
    if Call.objects.filter(name=task.name, until__gt=Now()).exists():
        return
    with connection.cursor() as cursor:
        cursor.execute(_CALL, {"name": task.name, "lasts": _LASTS_SECONDS})
        is_first = bool(cursor.rowcount)
    if is_first and not offer(task, what):
        heard(task)


def heard(task: "Task[Any, Any]") -> None:
    """Note that a call was answered: the next one is for what comes from now on."""
    Call.objects.filter(name=task.name).delete()
