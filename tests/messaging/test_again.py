"""What has not arrived is sent again where a person says so."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from saleor_1c_plugin.messaging import again, people
from saleor_1c_plugin.messaging.channel import Lost, Unreachable
from saleor_1c_plugin.messaging.erasing import erase
from saleor_1c_plugin.messaging.models import Delivery
from saleor_1c_plugin.messaging.pages import sent
from saleor_1c_plugin.outbox.errors import Refused

from .conftest import ANNA, Talk, later, settle
from .test_staff_pages import form, shown

PAGE = "/messages/"


@pytest.fixture(autouse=True)
def _linked(talk: Talk) -> None:
    people.link("bot", "chat-1", customer_id=ANNA.id)
    talk.configure("order.placed = bot")


def press(message: Delivery, **more: str) -> int:
    data = {"form": sent._KEY.of(""), "again": f"{message.pk}", **more}
    status = Client().post(PAGE, data).status_code
    settle()
    return status


@pytest.mark.parametrize("error", [Unreachable("Blocked"), Refused("Bad text")])
def test_what_was_refused(talk: Talk, error: Exception) -> None:
    talk.bot.plan = [error]
    talk.happen()
    first = Delivery.objects.get()
    assert press(first, form=form(shown(PAGE))) == 302
    second = Delivery.objects.exclude(pk=first.pk).get()
    ((to, text, key),) = talk.bot.taken
    assert (to, key) == ("chat-1", f"{second.pk}")
    assert text.body == first.body
    assert (second.state, second.step, second.order_number) == ("sent", 1, "1024")
    # A second press, or a page that was open before, sends nothing.
    assert press(first) == 302
    assert press(second) == 302
    assert len(talk.bot.taken) == 1


def test_what_may_have_arrived_takes_a_second_thought(talk: Talk) -> None:
    talk.bot.plan = [("taken", Lost("No answer"))]
    talk.happen()
    later(3)
    first = Delivery.objects.get()
    assert first.state == "unknown"
    assert re.search(r'<input type="checkbox" name="sure"[^>]* required>', shown(PAGE))
    press(first)
    assert len(talk.bot.taken) == 1
    press(first, sure="yes")
    assert len(talk.bot.taken) == 2
    assert len({key for _to, _text, key in talk.bot.taken}) == 2


def test_what_another_channel_has_said_is_not_said_again(talk: Talk) -> None:
    talk.configure("order.placed = bot, sms")
    talk.bot.plan = [Unreachable("Blocked")]
    talk.happen()
    assert talk.states() == [("bot", "unreachable"), ("quick", "sent")]
    assert 'name="again"' not in shown(PAGE)
    press(Delivery.objects.get(channel="bot"))
    assert not talk.bot.taken


def test_her_wishes_still_count(talk: Talk) -> None:
    talk.bot.plan = [Refused("Bad text")]
    talk.happen()
    row = people.preference("bot", "chat-1")
    row.allowed = {"bot": False}
    row.save()
    press(Delivery.objects.get())
    assert not talk.bot.taken
    assert talk.states()[-1] == ("bot", "dropped")


@pytest.mark.parametrize(
    "change",
    [
        lambda: Delivery.objects.update(state="sent"),
        lambda: erase(customer_id=ANNA.id),
        lambda: Delivery.objects.all().delete(),
    ],
    ids=["sent", "forgotten", "gone"],
)
def test_there_is_nothing_to_send(talk: Talk, change: Callable[[], object]) -> None:
    talk.bot.plan = [Refused("Bad text")]
    talk.happen()
    first = Delivery.objects.get()
    change()
    assert press(first) == 302
    assert not again.send(first.pk, is_sure=True)
    assert not talk.bot.taken


def test_the_button_is_its_reader_s_own(talk: Talk) -> None:
    talk.bot.plan = [Refused("Bad text")]
    talk.happen()
    first = Delivery.objects.get()
    for key in ("", "x", form(shown("/messages/texts/order.placed/ru/"))):
        answer = Client().post(PAGE, {"form": key, "again": f"{first.pk}"})
        assert answer.status_code == 403
    for nonsense in ("", "x", "-1", "9" * 40, "²"):
        data = {"form": sent._KEY.of(""), "again": nonsense}
        assert Client().post(PAGE, data).status_code == 302
    settle()
    assert not talk.bot.taken
