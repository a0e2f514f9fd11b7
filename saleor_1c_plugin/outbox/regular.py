"""Regular work: every room names its own, and Celery's beat, of whatever kind, calls for it.

The entries are added to the Celery application of the process, so that a scheduler that reads the
application's schedule (the plain one as well as ``django-celery-beat``'s, which copies it into the
database) has them with nothing to configure. Every beginning is noted in the database: two beats
do a work once, and what no beat called for is made up for by :func:`catch_up`.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from celery import Celery, Task
from celery._state import connect_on_app_finalize
from celery.schedules import schedule
from django.db.models.functions import Now

from ..broker import offer
from ..clock import from_now
from .models import RegularRun

_RUN = "saleor_1c_plugin.outbox.run_regular"


@dataclass(frozen=True, slots=True)
class _Work:
    name: str
    task: "Task[Any, Any]"
    every: timedelta


_works: dict[str, _Work] = {}


def regular(name: str, task: "Task[Any, Any]", every: timedelta) -> None:
    """Have `task` run about `every` so often; called in ``AppConfig.ready()``.

    Parameters
    ----------
    name
        Names the work in the schedule, for people too.
    task
        Takes no arguments and may run at any time, even twice at once.
    """
    _works[name] = work = _Work(name, task, every)
    # As shared tasks do: to ask for the current application here would make one, where the
    # site's own comes later.
    connect_on_app_finalize(lambda app: _add_entry(app, work))


def _add_entry(app: Celery, work: _Work) -> None:
    app.add_periodic_task(
        schedule(work.every),
        app.signature(_RUN, args=[work.name]),
        name=f"1C: {work.name}",
        # A worker that comes back finds one beat, not all that it has missed.
        expires=work.every.total_seconds(),
    )


def run(name: str) -> None:
    """Start the work `name` whose beat came.

    Half of the interval must have passed: beats are not quite regular, and two of them may run.
    A work that this version no longer has is none: its entry stayed in the database.
    """
    work = _works.get(name)
    if work is not None and _begin(work, work.every / 2):
        _start(work)


def catch_up() -> None:
    """Start all work whose time is over; cheap when there is none."""
    for work in _works.values():
        if _begin(work, work.every):
            _start(work)


def _begin(work: _Work, pause: timedelta) -> bool:
    """Note that the work begins, unless it began less than `pause` ago; whether it does."""
    over = RegularRun.objects.filter(
        name=work.name, begun__lte=from_now(-pause.total_seconds())
    ).update(begun=Now())
    if over:
        return True
    _, is_first = RegularRun.objects.get_or_create(name=work.name, defaults={"begun": Now()})
    return is_first


def _start(work: _Work) -> None:
    if not offer(work.task, "regular work"):
        # As if it had not begun.
        RegularRun.objects.filter(name=work.name).delete()
