"""A message is as sure as its event, and costs the event nothing."""

from threading import Event
from typing import Any

import pytest
from django.db import connection, transaction
from kombu.exceptions import OperationalError

from saleor_1c_plugin.outbox import claims, messages
from saleor_1c_plugin.outbox.models import Message
from saleor_1c_plugin.outbox.tasks import deliver_pending

from .conftest import TOPIC, Inbox, put

pytestmark = pytest.mark.django_db(transaction=True)


def pending() -> list[Any]:
    return list(Message.objects.order_by("pk").values_list("payload", flat=True))


def test_a_message_without_a_transaction_is_refused() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        messages.append(TOPIC, "order", {}, key="1")


def test_an_event_that_did_not_happen_is_not_told(no_worker: list[int]) -> None:
    with transaction.atomic():
        messages.append(TOPIC, "order", {}, key="1")
        transaction.set_rollback(True)
    assert pending() == []
    assert no_worker == []


def test_an_event_is_told_once_it_is_committed(inbox: Inbox) -> None:
    with transaction.atomic():
        messages.append(TOPIC, "order", {"total": "10.00"}, key="1")
        assert inbox.taken == []
    assert inbox.taken == [("order", {"total": "10.00"})]


def test_one_insert_is_all(no_worker: list[int], django_assert_num_queries: Any) -> None:
    with transaction.atomic(), django_assert_num_queries(1):
        messages.append(TOPIC, "order", {}, key="1")


def test_the_same_event_is_told_once(inbox: Inbox) -> None:
    put("order", 1, key="paid")
    put("order", 2, key="paid")
    with transaction.atomic():
        messages.append("another", "order", 3, key="paid")
    assert inbox.taken == [("order", 1)]
    assert pending() == [1, 3]


@pytest.mark.parametrize("coalesce", [False, True])
def test_the_same_event_twice_in_a_transaction_spoils_nothing(
    no_worker: list[int], coalesce: bool
) -> None:
    with transaction.atomic():
        messages.append(TOPIC, "order", 1, key="paid", coalesce=coalesce)
        messages.append(TOPIC, "order", 2, key="paid", coalesce=coalesce)
    assert pending() == [1]


def test_many_messages_of_a_transaction_call_for_one_worker(no_worker: list[int]) -> None:
    with transaction.atomic():
        for number in range(5):
            messages.append(TOPIC, "order", number, key=str(number))
    assert no_worker == [1]


def test_whoever_gathers_its_news_calls_for_a_worker_itself(no_worker: list[int]) -> None:
    news = Event()
    with messages.gathered(news):
        put("order", 1)
    assert news.is_set()
    assert pending() == [1]
    assert no_worker == []
    put("order", 2)
    assert no_worker == [1]


def test_a_savepoint_that_is_undone_does_not_take_the_call_with_it(no_worker: list[int]) -> None:
    with transaction.atomic():
        with transaction.atomic():
            messages.append(TOPIC, "order", 1, key="1")
            transaction.set_rollback(True)
        messages.append(TOPIC, "order", 2, key="2")
    assert pending() == [2]
    assert no_worker == [1]


@pytest.mark.parametrize("error", [OperationalError("amqp://u:secret@host"), OSError("refused")])
def test_without_a_broker_the_event_happens_and_its_message_waits(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    def refuse(**_: object) -> None:
        raise error

    monkeypatch.setattr(deliver_pending, "apply_async", refuse)
    put("order", 1)
    assert pending() == [1]
    assert "The broker refused the delivery" in caplog.text
    assert "secret" not in caplog.text


def test_news_of_news_is_one_news(no_worker: list[int]) -> None:
    for number in range(3):
        put("order", number, coalesce=True)
        put("other", number, coalesce=True)
    assert pending() == [2, 2]
    assert list(Message.objects.values_list("key", flat=True)) == ["order/2", "other/2"]


def test_news_waits_out_the_pause_of_what_it_takes_the_place_of(no_worker: list[int]) -> None:
    put("order", 1, coalesce=True)
    (message,), _ = claims.claim(TOPIC, "w", 10)
    claims.postpone(message, "w", 500, "away")
    due = Message.objects.get().due
    put("order", 2, coalesce=True)
    replaced = Message.objects.get()
    assert (replaced.payload, replaced.attempts, replaced.due) == (2, 0, due)


def test_what_is_on_its_way_is_not_replaced(no_worker: list[int]) -> None:
    put("order", 1, coalesce=True)
    claims.claim(TOPIC, "w", 10)
    put("order", 2, coalesce=True)
    put("order", 3, coalesce=True)
    assert pending() == [1, 3]


def test_only_news_is_replaced_and_only_the_last(no_worker: list[int]) -> None:
    put("order", "placed")
    put("order", "news 1", coalesce=True)
    put("order", "paid")
    put("order", "news 2", coalesce=True)
    assert pending() == ["placed", "news 1", "paid", "news 2"]


def test_dead_and_delivered_news_stay(inbox: Inbox) -> None:
    put("order", 1, coalesce=True)
    put("order", 2, coalesce=True)
    assert inbox.taken == [("order", 1), ("order", 2)]
    Message.objects.filter(payload=2).update(state="dead", due=None)
    put("order", 3, coalesce=True)
    assert pending() == [1, 2, 3]


def test_two_events_of_an_object_at_once_wait_for_nobody(no_worker: list[int]) -> None:
    import psycopg

    put("order", 1, coalesce=True)
    with transaction.atomic():
        put("order", 2, coalesce=True)
        settings = connection.get_connection_params()
        keep = ("host", "port", "user", "dbname")
        with psycopg.connect(**{name: settings[name] for name in keep if settings.get(name)}) as b:
            b.execute("SET statement_timeout = '5s'")
            b.execute(
                messages._REPLACE,
                {"topic": TOPIC, "object": "order", "key": "b", "payload": "3"},
            )
    assert sorted(pending()) == [2, 3]
