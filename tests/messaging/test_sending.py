"""A message is said once, by the first channel that reaches its reader."""

import threading
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from saleor_1c_plugin.configuration import SettingsError
from saleor_1c_plugin.history import journal
from saleor_1c_plugin.history.event import Customer, Kind
from saleor_1c_plugin.messaging import outcomes, outgoing, people, planning, sending
from saleor_1c_plugin.messaging.channel import Lost, Sent, Text, Unreachable
from saleor_1c_plugin.messaging.models import Delivery, Preference
from saleor_1c_plugin.outbox.errors import Refused, Retry
from saleor_1c_plugin.outbox.models import Message
from tests.history.published import hold

from .conftest import ANNA, COST, Talk, configure, later, settle

BOT, CHAT = "bot", "chat-1"


@pytest.fixture(autouse=True)
def _linked(transactional_db: None) -> None:
    people.link(BOT, CHAT, customer_id=ANNA.id)


def test_a_buyer_is_told_in_the_first_channel_that_reaches_her(talk: Talk) -> None:
    talk.sms.answer = Sent(parts=2, cost=COST)
    event = talk.happen()
    ((to, text, _key),) = talk.bot.taken
    assert to == CHAT
    said, way_out = text.body.split("\n\n")
    assert said == "Заказ № 1024 на сумму 1\xa0500 ₽ принят."
    assert way_out == "Не получать сообщения: ответьте /stop"
    assert not talk.sms.taken
    people.unlink(BOT, CHAT)
    talk.happen(order_id="order-2")
    ((to, text, _key),) = talk.sms.taken
    assert to == ANNA.phone
    assert "https://shop.example/messages/p/" in text.body
    assert talk.states() == [(BOT, "sent"), ("quick", "sent")]
    row = Delivery.objects.get(channel="quick")
    assert (row.parts, row.cost, row.currency) == (2, COST, "RUB")
    # The journal has them, and nothing that tells who she is but what can be erased.
    told = [event for _number, event in journal.after(0, 9, [Kind.MESSAGE_SENT])]
    assert [one.data["channel"] for one in told] == [BOT, "quick"]
    assert (told[1].data["parts"], told[1].data["cost"]) == (2, "4.50")
    assert told[0].customer.email == ANNA.email
    assert ANNA.phone not in str([one.data for one in told])
    hold(journal.after(0, 9, [Kind.MESSAGE_SENT]))
    assert event.key == Delivery.objects.get(channel=BOT).event


def test_what_is_read_twice_is_said_once(talk: Talk) -> None:
    event = talk.happen()
    planning.take([(1, event)])
    talk.settings.ONEC_CONFIGURATION["messages"]["rules"] = "order.placed = bot, sms"
    planning.take([(1, event)])
    settle()
    assert len(talk.bot.taken) == 1


def test_two_rules_are_two_messages(talk: Talk) -> None:
    talk.configure("order.placed = bot", "order.placed total>=1000 = sms", "order.paid = sms")
    talk.happen()
    assert (len(talk.bot.taken), len(talk.sms.taken)) == (1, 1)
    talk.happen(data={"total": "999.99", "currency": "RUB"})
    assert (len(talk.bot.taken), len(talk.sms.taken)) == (2, 1)


def test_who_is_not_reached_is_told_by_the_next_channel(talk: Talk) -> None:
    talk.bot.plan = [Unreachable("The bot was blocked")]
    talk.happen()
    assert talk.states() == [(BOT, "unreachable"), ("quick", "sent")]
    assert Delivery.objects.get(channel=BOT).reason == "The bot was blocked"
    later(60)
    assert (len(talk.bot.taken), len(talk.sms.taken)) == (0, 1)


def test_a_service_that_can_not_now_is_asked_again(talk: Talk) -> None:
    talk.bot.plan = [Retry("Too many", after=3)]
    talk.happen()
    assert talk.states() == [(BOT, "queued")]
    later(1)
    assert talk.states() == [(BOT, "sent")]
    assert len(talk.bot.taken) == 1


def test_a_service_that_is_down_is_left_for_another_one(talk: Talk) -> None:
    talk.bot.plan = [Retry("Down", after=0)] * 100
    talk.happen()
    later(16)
    assert talk.states() == [(BOT, "overtaken"), ("quick", "sent")]
    # It comes back, and the message is not said there too.
    talk.bot.plan = []
    later(60)
    assert not talk.bot.taken
    assert not Message.objects.exclude(state="delivered").exists()


def test_the_only_way_is_kept_when_there_is_no_other(talk: Talk) -> None:
    talk.bot.plan = [Retry("Down", after=0)] * 4
    talk.happen(customer=Customer(id=ANNA.id))
    later(16)
    talk.bot.plan = []
    later(16)
    assert talk.states() == [(BOT, "sent")]


def test_a_service_that_is_down_holds_up_nobody_else(talk: Talk) -> None:
    talk.configure("order.placed = bot", "order.placed = sms")
    talk.bot.plan = [Retry("Down", after=600)] * 100
    for number in range(5):
        talk.happen(order_id=str(number))
    assert len(talk.sms.taken) == 5


def test_what_a_service_never_takes_is_for_people_to_see(talk: Talk) -> None:
    talk.bot.plan = [Refused("Bad text")]
    talk.happen()
    talk.happen(order_id="order-2")
    assert talk.states() == [(BOT, "failed"), (BOT, "sent")]
    later(60)
    assert not talk.sms.taken


def test_a_lost_answer_is_not_sent_again(talk: Talk) -> None:
    talk.configure("order.placed = bot")
    talk.bot.plan = [("taken", Lost("No answer"))]
    talk.happen()
    assert talk.states() == [(BOT, "sending")]
    later(3)
    later(60)
    assert talk.states() == [(BOT, "unknown")]
    assert len(talk.bot.taken) == 1


def test_a_service_that_can_say_is_asked_what_became_of_it(talk: Talk) -> None:
    talk.bot.remembers = True
    talk.bot.plan = [("taken", Lost("No answer"))]
    talk.happen()
    later(3)
    assert talk.states() == [(BOT, "sent")]
    assert len(talk.bot.taken) == 1
    # One that it never got is sent again.
    talk.bot.plan = [Lost("No answer")]
    talk.happen(order_id="order-2")
    later(3)
    assert talk.states() == [(BOT, "sent")] * 2
    assert len(talk.bot.taken) == 2


def test_a_worker_that_dies_in_the_call(talk: Talk) -> None:
    talk.configure("order.placed = bot")
    talk.bot.plan = [("taken", MemoryError())]
    talk.happen()
    assert talk.states() == [(BOT, "sending")]
    # Somebody else could be in the call still: nobody asks yet.
    message = Message.objects.get(topic="messages.bot")
    with pytest.raises(Retry):
        sending.deliver(message)
    later(3)
    assert talk.states() == [(BOT, "unknown")]
    assert talk.bot.calls == 1


def test_two_workers_with_one_message_say_it_once(talk: Talk) -> None:
    row = Delivery.objects.create(event="e", channel=BOT, address=CHAT, body="Hi", state="queued")
    message = Message(payload={"message": row.pk})
    barrier = threading.Barrier(4)

    def work() -> None:
        barrier.wait()
        try:
            sending.deliver(message)
        except Retry:
            pass
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert talk.bot.said == ["Hi"]
    assert talk.states() == [(BOT, "sent")]


def test_word_of_a_delivery_comes_later(talk: Talk) -> None:
    talk.configure("order.placed = sms, bot")
    talk.sms.answer = Sent(is_told_later=True)
    talk.happen()
    row = Delivery.objects.get()
    assert (row.state, row.is_told_later, row.address) == ("sent", True, ANNA.phone)
    assert outcomes.delivered("quick", row.reference)
    assert outcomes.priced("quick", row.reference, COST, "RUB")
    assert not outcomes.delivered("quick", "unknown")
    later(60)
    assert talk.states() == [("quick", "delivered")]
    assert Delivery.objects.get().cost == COST
    # What is told after that changes nothing.
    outcomes.undelivered("quick", row.reference, "Too late")
    assert talk.states() == [("quick", "delivered")]


def test_what_has_not_arrived_in_time_is_told_by_the_next_channel(talk: Talk) -> None:
    talk.configure("order.placed = sms, bot")
    talk.sms.answer = Sent(is_told_later=True)
    talk.happen()
    later(14)
    assert talk.states() == [("quick", "sent")]
    later(2)
    assert talk.states() == [("quick", "sent"), (BOT, "sent")]


def test_what_does_not_arrive_is_told_by_the_next_channel_at_once(talk: Talk) -> None:
    talk.configure("order.placed = sms, bot")
    talk.sms.answer = Sent(is_told_later=True)
    talk.happen()
    for _ in range(2):
        outcomes.undelivered("quick", Delivery.objects.earliest("pk").reference, "Switched off")
    settle()
    later(60)
    assert talk.states() == [("quick", "unreachable"), (BOT, "sent")]


def test_nobody_is_told_at_night(talk: Talk) -> None:
    begins = (timezone.localtime() - timedelta(minutes=1)).strftime("%H:%M")
    ends = (timezone.localtime() + timedelta(hours=2)).strftime("%H:%M")
    talk.configure("order.placed = bot", "reservation.ending = bot", quiet=f"{begins}-{ends}")
    talk.happen()
    assert talk.states() == [(BOT, "held")]
    # What can't wait does not.
    talk.happen(Kind.RESERVATION_ENDING, data={"reservation": "7", "quantity": 2})
    assert talk.states() == [(BOT, "held"), (BOT, "sent")]
    assert talk.bot.taken[0][1].buttons[0].command == "extend:7"
    talk.configure("order.placed = bot")
    later(180)
    assert talk.states() == [(BOT, "sent"), (BOT, "sent")]


def test_what_is_delayed_into_the_night_waits_for_the_morning(talk: Talk) -> None:
    talk.bot.plan = [Retry("Down", after=30)]
    talk.configure("order.placed = bot")
    talk.happen()
    talk.configure("order.placed = bot", quiet="00:00-23:59:59")
    later(1)
    assert talk.states() == [(BOT, "held")]
    talk.configure("order.placed = bot")
    Delivery.objects.update(due=timezone.now())
    later(1)
    assert talk.states() == [(BOT, "sent")]


def test_her_own_zone_is_looked_at(talk: Talk) -> None:
    talk.configure("order.placed = bot", quiet="00:00-23:59:59")
    talk.happen()
    due = Delivery.objects.get().due
    row = people.preference("email", ANNA.email)
    row.zone = "Asia/Vladivostok"
    row.save()
    talk.happen(order_id="order-2")
    assert Delivery.objects.latest("pk").due != due


def test_no_more_than_so_many_a_day(talk: Talk) -> None:
    talk.configure("order.placed = bot", a_day="2")
    for number in range(3):
        talk.happen(order_id=str(number))
    assert talk.states() == [(BOT, "sent"), (BOT, "sent"), ("", "dropped")]
    # Somebody else is somebody else.
    talk.happen(customer=Customer(phone="+79991112233", id="18"))
    people.link(BOT, "chat-2", customer_id="18")
    talk.happen(customer=Customer(id="18"))
    assert talk.states()[-1] == (BOT, "sent")
    # The day is over.
    later(24 * 60)
    talk.happen(order_id="4")
    assert talk.states()[-1] == (BOT, "sent")


def test_what_is_no_news_any_more_is_not_said(talk: Talk) -> None:
    talk.configure("order.placed = bot", worth_hours="2")
    talk.happen(at=timezone.now() - timedelta(hours=3))
    assert not talk.states()
    talk.bot.plan = [Retry("Down", after=60)]
    talk.happen()
    later(121)
    assert talk.states() == [(BOT, "expired")]
    assert not talk.bot.taken


def test_a_cart_is_news_although_it_was_left_long_ago(talk: Talk) -> None:
    talk.configure("cart.left = bot", consent="no", worth_hours="2")
    talk.happen(Kind.CART_LEFT, at=timezone.now() - timedelta(hours=30))
    assert len(talk.bot.taken) == 1


def test_who_wants_nothing_gets_nothing(talk: Talk) -> None:
    row = people.preference("email", ANNA.email)
    Preference.objects.filter(pk=row.pk).update(opted_out=timezone.now())
    talk.happen()
    assert talk.states() == [("", "dropped")]
    assert not talk.bot.calls
    Preference.objects.filter(pk=row.pk).update(opted_out=None, allowed={BOT: False})
    talk.happen(order_id="order-2")
    assert len(talk.sms.taken) == 1
    assert not talk.bot.calls


def test_who_says_no_while_a_message_waits(talk: Talk) -> None:
    talk.bot.plan = [Retry("Down", after=60)]
    talk.happen()
    row = people.preference(BOT, CHAT)
    Preference.objects.filter(pk=row.pk).update(allowed={BOT: False})
    later(2)
    assert talk.states() == [(BOT, "dropped"), ("quick", "sent")]
    assert not talk.bot.taken


def test_what_needs_consent_is_told_to_those_who_gave_it(talk: Talk) -> None:
    talk.configure("order.placed = bot", "cart.left = bot", consent="cart.left")
    cart = {"lines": [{"name": "Чашка", "quantity": 2}], "total": "200.00", "currency": "RUB"}
    talk.happen()
    talk.happen(Kind.CART_LEFT, data=cart)
    assert talk.states() == [(BOT, "sent"), ("", "dropped")]
    row = people.preference(BOT, CHAT)
    Preference.objects.filter(pk=row.pk).update(allowed={BOT: True})
    talk.happen(Kind.CART_LEFT, data=cart)
    assert "Чашка × 2" in talk.bot.said[-1]
    # A channel that needs it.
    for word in ("quick", "sms"):
        talk.configure("order.placed = sms", consent=word)
        talk.happen()
        assert not talk.sms.taken


def test_a_channel_that_is_switched_off_is_passed_over(talk: Talk) -> None:
    configure(talk.settings, bot=None)
    talk.happen()
    assert talk.states() == [("quick", "sent")]
    talk.sms.plan = [Retry("Down", after=60)]
    talk.happen()
    configure(talk.settings, quick=None)
    later(2)
    assert talk.states() == [("quick", "sent"), ("quick", "unreachable")]


def test_an_order_s_chat_hears_of_that_order_alone(talk: Talk) -> None:
    """Anybody can order in the name of a stranger's, and must not read what is hers."""
    people.unlink(BOT, CHAT)
    people.link(BOT, "guest", order_id="order-9")
    stranger = Customer(email=ANNA.email, phone=ANNA.phone)
    talk.happen(order_id="order-9", customer=stranger)
    assert [to for to, _text, _key in talk.bot.taken] == ["guest"]
    talk.happen(order_id="order-10", customer=stranger)
    assert len(talk.bot.taken) == 1


def test_settings_that_can_not_be_used_any_more_send_nothing(talk: Talk) -> None:
    talk.bot.plan = [SettingsError({"token": "It is gone"})]
    talk.happen()
    assert talk.states() == [(BOT, "queued")]
    later(2)
    assert talk.states() == [(BOT, "sent")]


def test_a_channel_of_the_store_without_messages(talk: Talk) -> None:
    configure(talk.settings, **{"messages/usd": None})
    talk.happen(channel="usd")
    assert not talk.states()


def test_an_event_of_which_nothing_can_be_said_stops_nobody(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = talk.event(data={"total": "1", "currency": "RUB", "lines": [{"name": 1}]})
    monkeypatch.setattr(planning, "_today", _failing(planning._today))
    planning.take([(1, broken), (2, talk.event(order_id="2"))])
    settle()
    assert talk.states() == [(BOT, "sent")]


def _failing(real: object) -> object:
    calls: list[int] = []

    def fail_once(*args: object) -> object:
        calls.append(1)
        if len(calls) == 1:
            raise ValueError("nonsense")
        return real(*args)  # type: ignore[operator]

    return fail_once


def test_an_answer_is_said_once_whatever_the_hour(talk: Talk) -> None:
    talk.configure(quiet="00:00-23:59:59", a_day="1")
    assert outgoing.say(BOT, CHAT, Text("Hello"), "answer:1")
    assert not outgoing.say(BOT, CHAT, Text("Hello"), "answer:1")
    settle()
    assert talk.bot.said == ["Hello"]
