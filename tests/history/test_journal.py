"""An event is written down once, and every reader hears of it once, in the same order."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connections, transaction
from django.db.models import F

from saleor_1c_plugin.history import journal
from saleor_1c_plugin.history.event import Customer, Event, Kind
from saleor_1c_plugin.history.models import Reader, Record

from .conftest import Listener

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


def event(key: str, kind: Kind = Kind.ORDER_PLACED, **values: Any) -> Event:
    return Event(key, kind, NOON, **values)


def write(*keys: str, **values: Any) -> int:
    with transaction.atomic():
        return journal.record([event(key, **values) for key in keys])


def test_what_is_told_twice_has_happened_once(kept: Any, listener: Listener) -> None:
    assert write("1", "2") == 2
    assert write("2", "3") == 1
    assert [(number, one.key) for number, one in listener.heard] == [(1, "1"), (2, "2"), (3, "3")]


def test_what_is_undone_has_not_happened(kept: Any, listener: Listener) -> None:
    with transaction.atomic():
        journal.record([event("1")])
        transaction.set_rollback(True)
    assert not listener.heard
    with pytest.raises(transaction.TransactionManagementError):
        journal.record([event("2")])


def test_an_event_comes_back_as_it_was(kept: Any, listener: Listener) -> None:
    who = Customer("17", "anna@shop.example", "+79990000000", "Анна Ли")
    told = event("1", customer=who, channel="main", order_id="o", order_number="5", data={"a": [1]})
    with transaction.atomic():
        journal.record([told])
    assert listener.heard == [(1, told)]
    assert journal.after(0, 10) == [(1, told)]


def test_who_commits_late_is_not_passed_over(kept: Any, listener: Listener) -> None:
    """Its row is older than one that was read before it could be seen."""
    is_written, may_end = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            journal.record([event("slow")])
            is_written.set()
            assert may_end.wait(20)
        connections.close_all()

    thread = threading.Thread(target=slow)
    thread.start()
    assert is_written.wait(20)
    write("fast")
    assert [one.key for _number, one in listener.heard] == ["fast"]
    may_end.set()
    thread.join()
    journal.read_on()
    assert [one.key for _number, one in listener.heard] == ["fast", "slow"]
    assert [number for number, _one in listener.heard] == [1, 2]


def test_a_reader_that_fails_hears_it_again_and_keeps_nobody_waiting(
    kept: Any, listener: Listener
) -> None:
    listener.fails = 1
    other = Listener()
    journal.read_by("tests, too", other.take)
    try:
        journal.read_on()
        write("1")
        assert not listener.heard
        assert [one.key for _number, one in other.heard] == ["1"]
        journal.read_on()
        assert [one.key for _number, one in listener.heard] == ["1"]
        assert len(other.heard) == 1
    finally:
        del journal._readers["tests, too"]


def test_a_new_reader_hears_what_happens_from_then_on(kept: Any) -> None:
    write("old")
    late = Listener()
    journal.read_by("late", late.take)
    try:
        journal.read_on()
        write("new")
        assert [one.key for _number, one in late.heard] == ["new"]
    finally:
        del journal._readers["late"]


def test_two_workers_tell_a_reader_once(kept: Any, listener: Listener) -> None:
    is_locked, may_end = threading.Event(), threading.Event()

    def other() -> None:
        with transaction.atomic():
            Reader.objects.select_for_update().get(name="tests")
            is_locked.set()
            assert may_end.wait(20)
        connections.close_all()

    thread = threading.Thread(target=other)
    thread.start()
    assert is_locked.wait(20)
    write("1")
    assert not listener.heard
    may_end.set()
    thread.join()
    journal.read_on()
    assert len(listener.heard) == 1


def test_more_than_is_read_at_a_time(
    kept: Any, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "_BATCH", 3)
    write(*map(str, range(7)))
    assert [number for number, _one in listener.heard] == list(range(1, 8))


def test_what_is_old_is_forgotten_and_numbers_go_on(kept: Any, listener: Listener) -> None:
    write("1", "2", "3")
    Record.objects.update(recorded=F("recorded") - timedelta(days=31))
    assert journal.prune(30) == 2
    write("4")
    assert [number for number, _one in journal.after(0, 10)] == [3, 4]
