"""Regular work runs without anybody's configuring it, once for a beat, and without one."""

import shelve
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from kombu.exceptions import OperationalError

from saleor_1c_plugin.exchange.tasks import sweep_exchanges
from saleor_1c_plugin.outbox import regular
from saleor_1c_plugin.outbox.models import Message, RegularRun
from saleor_1c_plugin.sandbox.children import Child

pytestmark = pytest.mark.django_db(transaction=True)

ROOM = {"DJANGO_SETTINGS_MODULE": "tests.outbox.worker_settings"}
WORKS = {"outbox", "old messages", "exchanges", "follow-ups of the catalogue"}


class Task:
    """Counts its runs."""

    def __init__(self) -> None:
        self.runs = 0
        self.broker_is_there = True

    def apply_async(self, **_: object) -> None:
        if not self.broker_is_there:
            raise OperationalError
        self.runs += 1


@pytest.fixture
def task(monkeypatch: pytest.MonkeyPatch) -> Task:
    """Of the only regular work that there is: ``daily``."""
    made = Task()
    work = regular._Work("daily", made, timedelta(days=1))  # type: ignore[arg-type]
    monkeypatch.setattr(regular, "_works", {"daily": work})
    return made


def began(**ago: float) -> None:
    RegularRun.objects.update(begun=timezone.now() - timedelta(**ago))


def test_two_beats_do_a_work_once(task: Task) -> None:
    regular.run("daily")
    regular.run("daily")
    assert task.runs == 1
    # A beat is rarely quite on time.
    began(hours=23)
    regular.run("daily")
    regular.run("daily")
    assert task.runs == 2


def test_what_never_ran_and_what_is_late_is_made_up_for(task: Task) -> None:
    regular.catch_up()
    regular.catch_up()
    assert task.runs == 1
    began(hours=23)
    regular.catch_up()
    assert task.runs == 1
    began(hours=25)
    regular.catch_up()
    assert task.runs == 2


@pytest.mark.parametrize("begin", [lambda: regular.run("daily"), regular.catch_up])
def test_without_a_broker_a_work_stays_overdue(task: Task, begin: Callable[[], None]) -> None:
    task.broker_is_there = False
    begin()
    task.broker_is_there = True
    begin()
    assert task.runs == 1


def test_an_entry_of_a_work_that_is_no_more_does_nothing(task: Task) -> None:
    regular.run("weekly")
    assert not RegularRun.objects.exists()


def test_every_login_makes_up_for_a_beat_that_does_not_come(task: Task) -> None:
    # Begun by every login; see the exchange's own tests.
    sweep_exchanges()
    assert task.runs == 1


def wait_for(condition: Callable[[], object], *children: Child) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        for child in children:
            child.check()
        assert time.monotonic() < deadline, [child.tail() for child in children]
        time.sleep(0.1)


def ticks() -> int:
    return Message.objects.filter(topic="tick").count()


def test_a_plain_beat_knows_all_that_is_regular(
    start_celery: Callable[..., Child], start_worker: Callable[..., Child], tmp_path: Path
) -> None:
    schedule = tmp_path / "schedule"
    RegularRun.objects.create(name="tick of the tests", begun=timezone.now())
    beat = start_celery("beat", "--schedule", str(schedule), "--max-interval", "1", **ROOM)
    worker = start_worker(**ROOM)
    wait_for(lambda: ticks() > 2, beat, worker)
    beat.stop()
    with shelve.open(str(schedule)) as kept:  # noqa: S301
        entries: dict[str, Any] = kept["entries"]
    assert {f"1C: {name}" for name in WORKS} < set(entries)
    assert entries["1C: old messages"].schedule.run_every == timedelta(days=1)


def test_a_worker_makes_up_for_a_beat_that_never_ran(start_worker: Callable[..., Child]) -> None:
    worker = start_worker(**ROOM)
    wait_for(ticks, worker)
    wait_for(lambda: set(RegularRun.objects.values_list("name", flat=True)) > WORKS, worker)
    assert ticks() == 1
