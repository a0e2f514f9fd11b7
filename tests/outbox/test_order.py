"""Messages of an object go one after another, whatever happens to them and to the workers."""

from collections import defaultdict

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from saleor_1c_plugin.outbox import claims, messages, order
from saleor_1c_plugin.outbox.errors import Refused, Retry
from saleor_1c_plugin.outbox.models import Message
from saleor_1c_plugin.outbox.tasks import deliver_pending, look_after

from .conftest import TOPIC, Inbox, make_due, put

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_message_that_must_be_tried_again_holds_up_its_object_alone(inbox: Inbox) -> None:
    inbox.errors["a"] = [Retry("busy")]
    for number in range(3):
        put("a", number)
        put("b", number)
    assert inbox.taken == [("b", 0), ("b", 1), ("b", 2)]
    make_due()
    deliver_pending()
    assert inbox.taken[3:] == [("a", 0), ("a", 1), ("a", 2)]


def test_those_behind_a_dead_one_wait_until_it_is_sent_again(inbox: Inbox) -> None:
    inbox.errors["a"] = [Refused("no such customer")]
    put("a", 1)
    put("a", 2)
    put("b", 1)
    assert inbox.taken == [("b", 1)]
    look_after()
    assert inbox.taken == [("b", 1)]
    assert messages.send_again(Message.objects.filter(state="dead")) == 1
    assert inbox.taken == [("b", 1), ("a", 1), ("a", 2)]


def test_those_behind_a_dead_one_go_when_it_is_dropped(inbox: Inbox) -> None:
    inbox.errors["a"] = [Refused("no such customer")]
    put("a", 1)
    put("a", 2)
    put("a", 3)
    assert messages.drop(Message.objects.filter(state="dead")) == 1
    assert inbox.taken == [("a", 2), ("a", 3)]


def test_a_message_in_the_middle_may_be_dropped(no_worker: list[int], inbox: Inbox) -> None:
    for number in range(3):
        put("a", number)
    claims.claim(TOPIC, "w", 10)
    assert messages.drop(Message.objects.filter(payload__in=[0, 1])) == 1  # 0 is on its way
    claims.finish(list(Message.objects.filter(payload=0)), "w")
    deliver_pending()
    assert inbox.taken == [("a", 2)]


def test_what_stands_behind_is_looked_at_once(no_worker: list[int]) -> None:
    for number in range(50):
        put("a", number)
    taken, more = claims.claim(TOPIC, "w", 20)
    assert [row.payload for row in taken] == [0]
    assert more
    while claims.claim(TOPIC, "w", 20)[1]:
        pass
    put("b", 0)
    with CaptureQueriesContext(connection) as queries:
        taken, more = claims.claim(TOPIC, "w", 20)
    assert [row.object for row in taken] == ["b"]
    assert not more
    assert len(queries) == 1


def test_two_workers_share_objects_and_never_one(no_worker: list[int]) -> None:
    for number in range(3):
        for name in "abcd":
            put(name, number)
    first, _ = claims.claim(TOPIC, "first", 2)
    second, _ = claims.claim(TOPIC, "second", 10)
    assert {row.object for row in first} | {row.object for row in second} == set("abcd")
    assert {row.payload for row in [*first, *second]} == {0}


def test_whoever_lost_a_lease_ends_nothing(no_worker: list[int]) -> None:
    put("a", 1)
    (message,), _ = claims.claim(TOPIC, "slow", 10)
    Message.objects.update(due=message.created)
    (again,), _ = claims.claim(TOPIC, "quick", 10)
    assert again.attempts == 2
    claims.finish([message], "slow")
    claims.postpone(message, "slow", 0, "late")
    claims.bury(message, "slow", "late")
    claims.renew([message.pk], "slow")
    row = Message.objects.get()
    assert (row.state, row.token, row.reason, row.due) == ("pending", "quick", "", again.due)


def test_a_worker_that_was_held_up_does_not_begin_again_what_it_has(no_worker: list[int]) -> None:
    put("a", 1)
    claims.claim(TOPIC, "slow", 10)
    Message.objects.update(due=Now())
    assert claims.claim(TOPIC, "slow", 10) == ([], False)
    assert len(claims.claim(TOPIC, "quick", 10)[0]) == 1


def test_what_a_dead_worker_left_aside_is_found(inbox: Inbox, no_worker: list[int]) -> None:
    put("a", 1)
    Message.objects.update(due=None)
    deliver_pending()
    assert inbox.taken == []
    look_after()
    assert inbox.taken == [("a", 1)]


_OBJECTS = st.sampled_from("abc")
_STEPS = st.one_of(
    st.tuples(st.just("put"), _OBJECTS),
    st.tuples(st.just("claim"), st.sampled_from("12"), st.integers(1, 4)),
    st.tuples(st.just("finish"), st.sampled_from("12")),
    st.tuples(st.just("postpone"), st.sampled_from("12")),
    st.tuples(st.just("die"), st.sampled_from("12")),
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(_STEPS, max_size=40))
def test_any_course_of_things_keeps_order_and_loses_nothing(
    no_worker: list[int], steps: list[tuple[str, ...]]
) -> None:
    Message.objects.all().delete()
    put_in: dict[str, list[int]] = defaultdict(list)
    ended: dict[str, list[int]] = defaultdict(list)
    hands: dict[str, list[Message]] = {"1": [], "2": []}

    def finish(worker: str) -> None:
        claims.finish(hands[worker], worker)
        for row in hands[worker]:
            ended[row.object].append(row.payload)
        hands[worker] = []

    for number, (step, who, *more) in enumerate(steps):
        if step == "put":
            put(who, number)
            put_in[who].append(number)
        elif step == "claim":
            hands[who] += claims.claim(TOPIC, who, int(more[0]))[0]
        elif step == "finish":
            finish(who)
        elif step == "postpone":
            for row in hands[who]:
                claims.postpone(row, who, 0, "later")
            hands[who] = []
        else:
            Message.objects.filter(token=who).update(due=Now())
            hands[who] = []
        objects = [row.object for hand in hands.values() for row in hand]
        assert len(objects) == len(set(objects))
    finish("1")
    finish("2")
    Message.objects.exclude(token="").update(token="", due=None)
    order.promote_strays()
    while True:
        hands["1"], more_due = claims.claim(TOPIC, "1", 3)
        if not hands["1"] and not more_due:
            break
        finish("1")
    assert ended == put_in
    assert set(Message.objects.values_list("state", flat=True)) <= {"delivered"}
