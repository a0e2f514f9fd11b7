"""What needs a person reaches one, by the channels that the merchant has set."""

from typing import Any

import pytest
from django.core import mail

from saleor_1c_plugin.configuration import SettingsError
from saleor_1c_plugin.crm import proposals
from saleor_1c_plugin.crm.adapter import system
from saleor_1c_plugin.history.event import Customer
from saleor_1c_plugin.messaging import channel as known
from saleor_1c_plugin.messaging import people, staff_texts, texts, wording
from saleor_1c_plugin.messaging.channel import (
    Incoming,
    Sent,
    StaffChannel,
    Text,
    Unreachable,
)
from saleor_1c_plugin.messaging.erasing import erase
from saleor_1c_plugin.messaging.incoming import receive
from saleor_1c_plugin.messaging.models import Delivery
from saleor_1c_plugin.messaging.settings import MessagesSettings

from .conftest import ANNA, Talk, configure, settle
from .test_staff_pages import form, shown


class Desk(StaffChannel):
    """A channel to staff that is told of in memory."""

    def __init__(self, name: str) -> None:
        self.name = self.title = name
        self.taken: list[tuple[str, Text]] = []
        self.is_broken = False

    def desk(self, customer: Customer, order_id: str) -> str:
        return f"{customer.id}/{order_id}"

    def send(self, saved: Any, to: str, text: Text, key: str) -> Sent:
        if self.is_broken:
            raise Unreachable("Nobody is there")
        self.taken.append((to, text))
        return Sent()


@pytest.fixture
def desks(talk: Talk) -> tuple[Desk, Desk]:
    first, second = Desk("front"), Desk("back")
    known.register(first)
    known.register(second)
    configure(talk.settings, front={}, back={})
    talk.configure(staff="front, back", manager="help@shop.example")
    return first, second


def test_what_nobody_understands_is_read_by_somebody(talk: Talk, desks: tuple[Desk, Desk]) -> None:
    first, second = desks
    people.link("bot", "chat-1", customer_id=ANNA.id)
    assert receive(Incoming("bot", "chat-1", "1", "Есть {синяя} чашка?"))
    assert not receive(Incoming("bot", "chat-1", "1", "Есть {синяя} чашка?"))
    receive(Incoming("bot", "chat-1", "2", "/status"))
    settle()
    ((to, text),) = first.taken
    assert to == f"{ANNA.id}/"
    assert (text.subject, text.body) == (
        "Bot: вопрос покупателя",
        "Bot, chat-1:\nЕсть {синяя} чашка?",
    )
    assert not second.taken
    assert len(mail.outbox) == 1


def test_the_next_channel_is_tried(talk: Talk, desks: tuple[Desk, Desk]) -> None:
    first, second = desks
    first.is_broken = True
    receive(Incoming("bot", "chat-1", "1", "Эй!"))
    settle()
    assert [text.body for _to, text in second.taken] == ["Bot, chat-1:\nЭй!"]
    assert talk.states() == [("front", "unreachable"), ("back", "sent")]
    configure(talk.settings, front=None)
    receive(Incoming("bot", "chat-1", "2", "Ау!"))
    settle()
    assert len(second.taken) == 2


def test_of_doubts_staff_hear_once_an_hour(talk: Talk, desks: tuple[Desk, Desk]) -> None:
    first, _second = desks
    bitrix24 = system("bitrix24")
    assert bitrix24
    for number in range(3):
        candidates = [{"id": "1", "why": ["phone"]}, {"id": "2", "why": ["email"]}]
        proposals.propose(bitrix24, "contact", f"{number}", candidates)
    settle()
    ((_to, text),) = first.taken
    assert text.subject == "Bitrix24: кто это?"
    assert text.buttons[-1].url == "https://shop.example/crm/"


def test_who_is_forgotten_is_forgotten_there(talk: Talk, desks: tuple[Desk, Desk]) -> None:
    people.link("bot", "chat-1", customer_id=ANNA.id)
    receive(Incoming("bot", "chat-1", "1", "Моя чашка"))
    talk.configure("order.placed = front")
    talk.happen()
    erase(customer_id=ANNA.id)
    settle()
    assert not Delivery.objects.exclude(body="").exists()
    assert not Delivery.objects.exclude(address="").exists()


def test_a_rule_falls_back_on_staff(talk: Talk, desks: tuple[Desk, Desk]) -> None:
    """Whom no message reaches somebody may call."""
    first, _second = desks
    talk.configure("order.placed = bot, front")
    talk.happen()
    assert talk.states() == [("front", "sent")]
    people.link("bot", "chat-1", customer_id=ANNA.id)
    talk.bot.plan = [Unreachable("Blocked")]
    talk.happen()
    assert len(first.taken) == 2
    # The first channel of the group.
    talk.configure("order.placed = staff")
    configure(talk.settings, portal=None)
    talk.happen()
    assert len(first.taken) == 3


def test_only_channels_to_staff_are_set() -> None:
    with pytest.raises(SettingsError) as caught:
        MessagesSettings.from_configuration({"staff": "telegram"}, complete=False)
    assert "portal" in caught.value.faults["staff"]


def test_texts_to_staff_are_edited_apart(talk: Talk, desks: tuple[Desk, Desk]) -> None:
    first, _second = desks
    talk.configure("order.placed = front")
    edit = "/messages/texts/order.placed/ru/"
    from django.test import Client

    client = Client()
    # What is written for all channels is written for buyers.
    data = {"form": form(shown(edit)), "subject": "", "body": "Спасибо!", "action": "save"}
    assert client.post(edit, data).status_code == 302
    talk.happen()
    assert first.taken[-1][1].body.startswith("Новый заказ № 1024")
    # Who buys is told to staff alone.
    page = client.post(edit, {**data, "body": "{buyer}"}).content.decode()
    assert 'id="problem"' in page
    edit = f"{edit}?channel=front"
    page = client.post(edit, {**data, "body": "{order}: {buyer}", "action": "preview"})
    assert "1024: Анна Ли, +79990000000, anna@example.com" in page.content.decode()
    assert client.post(edit, {**data, "body": "{order}: {buyer}"}).status_code == 302
    talk.happen()
    assert first.taken[-1][1].body == f"1024: Анна Ли, {ANNA.phone}, {ANNA.email}"


@pytest.mark.parametrize("about", texts.TEXTS)
@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_there_is_a_text_for_everything(about: str, language: str) -> None:
    usual = staff_texts.usual(about, language)
    for text in (usual.subject, usual.body):
        assert text
        wording.check(text, (*texts.names_for(about), *staff_texts.NAMES))
