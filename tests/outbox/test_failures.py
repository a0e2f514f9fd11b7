"""What becomes of a message that its receiver does not take."""

from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from saleor_1c_plugin.outbox import backoff, circuits, messages, topics
from saleor_1c_plugin.outbox.errors import Refused, Retry
from saleor_1c_plugin.outbox.models import Circuit, Deliverer, Message
from saleor_1c_plugin.outbox.tasks import deliver_pending

from .conftest import Inbox, make_due, put

pytestmark = pytest.mark.django_db(transaction=True)


def seconds_to_next_attempt() -> float:
    due = Message.objects.get().due
    assert due is not None
    return (due - timezone.now()).total_seconds()


def test_pauses_grow_and_differ(inbox: Inbox) -> None:
    inbox.errors["a"] = [Retry("busy") for _ in range(3)]
    put("a", 1)
    for attempts in (1, 2, 3):
        row = Message.objects.get()
        assert (row.state, row.attempts, row.reason) == ("pending", attempts, "busy")
        longest = 10 * 2 ** (attempts - 1)
        assert longest / 2 - 5 < seconds_to_next_attempt() <= longest
        make_due()
        deliver_pending()
    row = Message.objects.get()
    assert (row.state, row.attempts, row.reason, row.due) == ("delivered", 4, "", None)
    assert row.delivered is not None


@given(st.integers(1, 10**6))
def test_no_pause_is_longer_than_an_hour(failures: int) -> None:
    assert 5 <= backoff.delay(failures) <= 3600


def test_a_receiver_may_name_the_time(inbox: Inbox) -> None:
    inbox.errors["a"] = [Retry("HTTP 429", after=300)]
    put("a", 1)
    assert 290 < seconds_to_next_attempt() <= 300


def test_what_is_refused_is_dead_at_once(inbox: Inbox) -> None:
    inbox.errors["a"] = [Refused("no such customer")]
    put("a", 1)
    row = Message.objects.get()
    assert (row.state, row.attempts, row.reason) == ("dead", 1, "no such customer")


def test_nobody_reads_the_text_of_an_exception_that_was_not_foreseen(
    inbox: Inbox,
) -> None:
    inbox.errors["a"] = [KeyError("password=secret")]
    put("a", 1)
    row = Message.objects.get()
    assert (row.state, row.reason) == ("pending", "KeyError")


def test_after_so_many_attempts_a_message_is_dead(inbox: Inbox, settings: Any) -> None:
    settings.ONEC_CONFIGURATION = {"outbox": {"max_attempts": "2"}}
    inbox.errors["a"] = [Retry("busy"), Retry("still busy")]
    put("a", 1)
    make_due()
    deliver_pending()
    row = Message.objects.get()
    assert (row.state, row.attempts, row.reason) == ("dead", 2, "still busy")
    messages.send_again(Message.objects.all())
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("delivered", 1)


def test_a_message_that_nobody_survives_is_dead_in_the_end(inbox: Inbox, settings: Any) -> None:
    settings.ONEC_CONFIGURATION = {"outbox": {"max_attempts": "3"}}
    topics._receivers.clear()
    put("a", 1)
    # Three workers have begun, and none has lived to tell.
    Message.objects.update(attempts=3, token="dead")
    topics.register("crm", inbox)
    deliver_pending()
    row = Message.objects.get()
    assert row.state == "dead"
    assert "worker" in row.reason
    assert inbox.taken == []


def test_without_a_receiver_messages_wait(transactional_db: None) -> None:
    put("a", 1)
    deliver_pending()
    assert Message.objects.get().attempts == 0
    inbox = Inbox()
    topics.register("crm", inbox)
    deliver_pending()
    assert inbox.taken == [("a", 1)]


def test_a_receiver_that_fails_is_left_alone_and_delays_nobody(
    inbox: Inbox, no_worker: list[int]
) -> None:
    def down(message: Message) -> None:
        tried.append(message.object)
        raise Retry("HTTP 503")

    tried: list[str] = []
    topics.register("down", down)
    Message.objects.bulk_create(
        Message(topic="down", object=f"o{n}", key=str(n), payload=n) for n in range(300)
    )
    put("a", 1)
    deliver_pending()
    assert inbox.taken == [("a", 1)]
    assert circuits.THRESHOLD <= len(tried) < 100
    circuit = Circuit.objects.get()
    assert circuit.open_until is not None
    assert circuit.open_until > timezone.now()
    assert Message.objects.filter(topic="down", attempts=0).count() == 300 - len(set(tried))

    # One message asks whether it is back; it is not.
    make_due()
    Circuit.objects.update(open_until=timezone.now())
    tried.clear()
    deliver_pending()
    assert len(tried) == 1

    # It is.
    back: list[int] = []
    topics.register("down", lambda message: back.append(message.payload))
    make_due()
    Circuit.objects.update(open_until=timezone.now())
    deliver_pending()
    assert sorted(back) == list(range(300))
    assert Circuit.objects.get().failures == 0


def test_a_receiver_that_hangs_delays_nobody(inbox: Inbox, no_worker: list[int]) -> None:
    others_are_done = Event()

    def hang(message: Message) -> None:
        assert others_are_done.wait(60)
        inbox(message)

    def last(message: Message) -> None:
        inbox(message)
        if message.payload == 19:
            others_are_done.set()

    topics.register("slow", hang)
    topics.register("crm", last)
    Message.objects.bulk_create(
        Message(topic="slow", object=f"slow{n}", key=str(n), payload=n) for n in range(20)
    )
    for number in range(20):
        put("a", number)
    deliver_pending()
    assert inbox.taken[:20] == [("a", number) for number in range(20)]
    assert len(inbox.taken) == 40


def test_a_handler_may_use_the_database(inbox: Inbox, no_worker: list[int]) -> None:
    def read(message: Message) -> None:
        assert not connection.in_atomic_block
        inbox.taken.append((message.object, Message.objects.get(pk=message.pk).attempts))

    topics.register("crm", read)
    put("a", 1)
    deliver_pending()
    assert inbox.taken == [("a", 1)]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() AND backend_type = 'client backend'"
        )
        assert cursor.fetchone() == (1,)


def test_messages_that_are_refused_say_nothing_against_the_receiver(inbox: Inbox) -> None:
    for number in range(circuits.THRESHOLD + 5):
        inbox.errors[str(number)] = [Refused("unknown")]
        put(str(number), 0)
    assert not Circuit.objects.filter(open_until__gt=timezone.now()).exists()


def test_there_are_never_too_many_deliverers(inbox: Inbox, no_worker: list[int]) -> None:
    put("a", 1)
    later = timezone.now() + timedelta(minutes=1)
    for number in range(2):
        Deliverer.objects.create(number=number, token=str(number), lease_until=later)
    deliver_pending()
    assert inbox.taken == []
    # One of them died.
    Deliverer.objects.filter(number=1).update(lease_until=timezone.now())
    deliver_pending()
    assert inbox.taken == [("a", 1)]
    assert Deliverer.objects.count() == 1


def test_what_came_while_all_were_busy_is_not_left(inbox: Inbox, no_worker: list[int]) -> None:
    def take(message: Message) -> None:
        inbox(message)
        if message.payload == 1:
            # Too late for this run, and whoever is called now finds no room.
            Message.objects.create(topic="late", object="x", key="x", payload=2, due=timezone.now())
            topics.register("late", inbox)

    topics.register("crm", take)
    put("a", 1)
    no_worker.clear()
    deliver_pending()
    assert no_worker == [1]
    deliver_pending()
    assert inbox.taken == [("a", 1), ("x", 2)]


def test_what_somebody_is_writing_keeps_no_worker_busy(inbox: Inbox, no_worker: list[int]) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def elsewhere() -> None:
        try:
            deliver_pending()
        finally:
            connection.close()

    put("a", 1, coalesce=True)
    no_worker.clear()
    with ThreadPoolExecutor(1) as worker, transaction.atomic():
        messages.append("crm", "a", 2, key="2", coalesce=True)
        worker.submit(elsewhere).result()
        assert inbox.taken == []
        assert no_worker == []
    assert no_worker == [1]
    deliver_pending()
    assert inbox.taken == [("a", 2)]


def test_old_messages_are_forgotten_and_nothing_else(inbox: Inbox, settings: Any) -> None:
    from saleor_1c_plugin.outbox.tasks import prune

    settings.ONEC_CONFIGURATION = {"outbox": {"keep_days": "7"}}
    inbox.errors["dead"] = [Refused("no")]
    inbox.errors["late"] = [Retry("later")]
    for name in ("old", "new", "dead", "late"):
        put(name, 1)
    long_ago = timezone.now() - timedelta(days=8)
    Message.objects.exclude(object="new").update(created=long_ago)
    Message.objects.filter(object="old").update(delivered=long_ago)
    prune()
    assert set(Message.objects.values_list("object", flat=True)) == {"new", "dead", "late"}


def test_while_the_plugin_is_off_everything_waits(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    from saleor_1c_plugin.sandbox.store import SandboxStore

    with monkeypatch.context() as off:
        off.setattr(SandboxStore, "configuration", lambda *_: None)
        put("a", 1)
        assert inbox.taken == []
    deliver_pending()
    assert inbox.taken == [("a", 1)]
