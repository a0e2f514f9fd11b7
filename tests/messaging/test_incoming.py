"""What people say is heard once; a command is done, and the rest goes to the manager."""

from typing import Any

import pytest
from django.core import mail

from saleor_1c_plugin.history import journal
from saleor_1c_plugin.history.event import Kind
from saleor_1c_plugin.messaging import commands, people
from saleor_1c_plugin.messaging.channel import Incoming, Text
from saleor_1c_plugin.messaging.commands import Said
from saleor_1c_plugin.messaging.incoming import receive
from saleor_1c_plugin.messaging.models import Heard, Preference
from tests.history.published import hold

from .conftest import ANNA, Talk, settle

BOT, CHAT = "bot", "chat-1"


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[Said]:
    # What the room itself understands is there again afterwards.
    monkeypatch.setattr(commands, "_handlers", {**commands._handlers})
    monkeypatch.setattr(commands, "_words", {**commands._words})
    said: list[Said] = []

    def status(one: Said) -> Text:
        said.append(one)
        return Text(f"You asked for {one.argument or 'everything'}")

    commands.register("status", status, words=("статус",))
    return said


def say(text: str = "", reference: str = "1", **values: Any) -> bool:
    new = receive(Incoming(BOT, CHAT, reference, text, **values))
    settle()
    return new


@pytest.mark.parametrize(
    ("text", "command", "argument"),
    [
        ("/status", "", ""),
        ("/STATUS@shop_bot  1024 ", "", "1024"),
        (" Статус! ", "", ""),
        ("", "status:1024", "1024"),
        ("", "status", ""),
    ],
)
def test_a_command_is_done_and_answered(
    talk: Talk, heard: list[Said], text: str, command: str, argument: str
) -> None:
    people.link(BOT, CHAT, customer_id=ANNA.id)
    people.link(BOT, CHAT, order_id="order-9")
    assert say(text, command=command)
    (said,) = heard
    assert said.argument == argument
    assert (said.who.customer_id, said.who.order_ids) == (ANNA.id, ("order-9",))
    assert talk.bot.said == [f"You asked for {argument or 'everything'}"]
    assert talk.bot.taken[0][0] == CHAT
    ((_number, event),) = journal.after(0, 9, [Kind.MESSAGE_RECEIVED])
    assert event.customer.id == ANNA.id
    assert event.data["channel"] == BOT
    hold(journal.after(0, 9, [Kind.MESSAGE_RECEIVED]))


def test_what_a_service_repeats_is_heard_once(talk: Talk, heard: list[Said]) -> None:
    assert say("/status")
    assert not say("/status")
    assert say("/status", "2")
    assert len(heard) == len(talk.bot.said) == 2
    assert Heard.objects.count() == 2


def test_what_fails_can_be_told_again(talk: Talk, heard: list[Said]) -> None:
    def fail(_said: Said) -> None:
        raise RuntimeError

    commands.register("fail", fail)
    try:
        with pytest.raises(RuntimeError):
            say("/fail")
        assert not Heard.objects.exists()
    finally:
        del commands._handlers["fail"]


@pytest.mark.parametrize(
    "text", ["Когда вы откроетесь?", "/unknown", "/", "status please", "нет\x00а"]
)
def test_what_is_no_command_goes_to_the_manager(talk: Talk, heard: list[Said], text: str) -> None:
    talk.configure("order.placed = bot", manager="boss@shop.example")
    assert say(text)
    assert not say(text)
    assert not heard
    (letter,) = mail.outbox
    assert letter.to == ["boss@shop.example"]
    assert text.replace("\x00", "") in letter.body
    assert CHAT in letter.body
    assert letter.subject.startswith("Bot: ")
    assert not talk.bot.said


def test_one_who_writes_without_an_end(talk: Talk) -> None:
    talk.configure("order.placed = bot", manager="boss@shop.example")
    for number in range(25):
        say(f"Hello {number}", f"{number}")
    assert len(mail.outbox) == 20
    assert Heard.objects.count() == 25
    receive(Incoming(BOT, "chat-2", "other", "And I?"))
    settle()
    assert len(mail.outbox) == 21


def test_without_a_manager_it_is_kept(talk: Talk) -> None:
    assert say("Когда вы откроетесь?")
    assert not mail.outbox
    assert Heard.objects.get().text == "Когда вы откроетесь?"


@pytest.mark.parametrize("text", ["/stop", "СТОП", "stop.", "Unsubscribe"])
def test_a_word_is_a_way_out(talk: Talk, text: str) -> None:
    people.link(BOT, CHAT, customer_id=ANNA.id)
    talk.happen()
    assert say(text)
    assert len(talk.bot.said) == 2
    assert "Больше не пишем" in talk.bot.said[1]
    talk.happen(order_id="order-2")
    assert len(talk.bot.said) == 2
    # Other channels are hers as before.
    assert len(talk.sms.said) == 1
    assert Preference.objects.get(address=f"{BOT}:{CHAT}").allowed == {BOT: False}
