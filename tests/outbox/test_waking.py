"""A worker is called for once, and nothing is left lying for it."""

from datetime import timedelta

import pytest
from django.db.models import F

from saleor_1c_plugin.outbox import topics
from saleor_1c_plugin.outbox.models import Call, Message
from saleor_1c_plugin.outbox.tasks import deliver_pending

from .conftest import TOPIC, Inbox, put


def test_one_call_waits_however_much_happens(inbox: Inbox, no_worker: list[int]) -> None:
    for number in range(5):
        put(f"order-{number}", number)
    assert no_worker == [1]
    # The call is answered now: all of it is delivered, not only what it was made for.
    deliver_pending()
    assert sorted(payload for _object, payload in inbox.taken) == [0, 1, 2, 3, 4]


def test_whoever_has_begun_is_not_whom_the_next_message_waits_for(
    inbox: Inbox, no_worker: list[int]
) -> None:
    put("order", 1)
    deliver_pending()
    put("order", 2)
    assert no_worker == [1, 1]


def test_what_comes_while_a_worker_delivers_has_a_call_of_its_own(
    inbox: Inbox, no_worker: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    put("first", 1)
    calls_then: list[int] = []

    def take(message: Message) -> None:
        if message.object == "first":
            put("second", 2)
            calls_then.extend(no_worker)

    monkeypatch.setattr(topics, "_receivers", {TOPIC: take})
    deliver_pending()
    assert calls_then == [1, 1]


def test_a_call_that_was_lost_is_made_again(inbox: Inbox, no_worker: list[int]) -> None:
    put("order", 1)
    Call.objects.update(until=F("until") - timedelta(minutes=1))
    put("order", 2)
    put("order", 3)
    assert no_worker == [1, 1]


def test_a_broker_that_refused_one_call_is_asked_with_the_next(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def refuse(**_: object) -> None:
        asked.append(1)
        raise OSError

    monkeypatch.setattr(deliver_pending, "apply_async", refuse)
    put("order", 1)
    put("order", 2)
    assert asked == [1, 1]
    assert not Call.objects.exists()
