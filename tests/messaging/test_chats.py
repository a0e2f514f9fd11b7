"""The store's own people are told in a chat of theirs, by Apprise."""

import logging
from collections.abc import Iterator

import pytest

from saleor_1c_plugin.configuration import SettingsError
from saleor_1c_plugin.messaging.apprise import library
from saleor_1c_plugin.messaging.apprise.channel import Chat
from saleor_1c_plugin.messaging.apprise.settings import AppriseSettings
from saleor_1c_plugin.messaging.channel import Button, Text
from saleor_1c_plugin.outbox.errors import Refused, Retry
from saleor_1c_plugin.outbox.models import Pace
from saleor_1c_plugin.sandbox.standins.faults import Fault

from .conftest import Talk, configure, later
from .standins.mattermost import Mattermost

TEXT = Text("Заказ № 15 <оплачен>", "Оплата", (Button("Сделка", "https://crm.example/1"),))


@pytest.fixture
def chat() -> Iterator[Mattermost]:
    with Mattermost() as server:
        yield server


def send(chat: Mattermost) -> None:
    Pace.objects.all().delete()
    Chat().send({"address": chat.url}, "chat", TEXT, "1")


def test_a_message(db: None, chat: Mattermost) -> None:
    send(chat)
    assert chat.texts == ["Оплата\nЗаказ № 15 <оплачен>\nСделка: https://crm.example/1"]
    assert chat.posts[0]["username"] == "1C"


@pytest.mark.parametrize(
    ("status", "expected"), [(400, Refused), (404, Retry), (429, Retry), (500, Retry)]
)
def test_what_the_chat_answers(
    db: None, chat: Mattermost, status: int, expected: type[Exception]
) -> None:
    chat.refusals = [status]
    with pytest.raises(expected, match=f"HTTP {status}"):
        send(chat)
    assert not chat.posts


def test_a_redirection_is_not_followed(db: None, chat: Mattermost) -> None:
    chat.refusals = [302]
    with pytest.raises(Refused, match="302"):
        send(chat)


def test_a_chat_that_is_away(db: None, chat: Mattermost) -> None:
    chat.faults.script.append(Fault.UNHEARD)
    with pytest.raises(Retry, match="no answer"):
        send(chat)


def test_it_hears_of_events_in_staff_s_own_words(talk: Talk, chat: Mattermost) -> None:
    configure(talk.settings, apprise={"address": chat.url})
    talk.configure("order.placed = apprise", a_day="1", quiet="00:00-23:59:59", consent="apprise")
    for number in range(3):
        Pace.objects.all().delete()
        talk.happen(order_id=f"{number}")
    assert len(chat.texts) == 3
    subject, said, buyer = chat.texts[0].splitlines()
    assert subject == "Новый заказ № 1024"
    assert said == "Новый заказ № 1024 на 1\xa0500 ₽"
    assert buyer == "Покупатель: Анна Ли, +79990000000, anna@shop.example"
    # What staff are told is nothing that the buyer was: she may be written to still.
    talk.configure("order.placed = sms", a_day="1")
    talk.happen()
    assert len(talk.sms.taken) == 1


def test_a_chat_that_was_down_hears_later(talk: Talk, chat: Mattermost) -> None:
    configure(talk.settings, apprise={"address": chat.url})
    talk.configure("order.placed = apprise")
    chat.faults.script.extend([Fault.DOWN])
    talk.happen()
    assert talk.states() == [("apprise", "queued")]
    Pace.objects.all().delete()
    later(2)
    assert talk.states() == [("apprise", "sent")]
    assert len(chat.posts) == 1


@pytest.mark.parametrize(
    "address",
    [
        "",
        "json://169.254.169.254/latest",
        "file:///etc/passwd",
        "syslog://",
        "mmosts://chat.example.org/",
        "https://chat.example.org/hooks/x",
    ],
)
def test_only_the_address_of_a_chat_is_taken(address: str) -> None:
    with pytest.raises(SettingsError) as caught:
        AppriseSettings.from_configuration({"address": address})
    assert caught.value.faults.keys() == {"address"}


@pytest.mark.parametrize(
    "address",
    [
        "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#orders",
        "mmosts://chat.example.org/3ccdd113474722377935511fc85d3dd4",
        "rockets://chat.example.org/3fd2fbcd7fa0c1a54ec1f1c0b3eb6b1a/abcdefghijklmnopqrstuvwxyz12345678901234567890",
        "nctalks://bot:parol@cloud.example.org/abcd1234",
        "workflows://prod-1.example.org/643e69f83c8944/4abcdefghijklmnopqrstuvw/",
        "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js",
    ],
)
def test_the_chats_that_the_settings_name(address: str) -> None:
    if address.startswith("rockets"):
        address = "rockets://user:parol@chat.example.org/#orders"
    assert AppriseSettings.from_configuration({"address": address}).address == address


def test_every_service_is_one_of_the_library_s() -> None:
    known = {
        one
        for service in library._library().Apprise().details()["schemas"]
        for one in [*(service["protocols"] or ()), *(service["secure_protocols"] or ())]
    }
    assert known >= library.SERVICES


def test_secrets_are_nowhere(db: None, chat: Mattermost, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    said = repr(AppriseSettings.from_configuration({"address": chat.url}))
    for answer in (404, 500):
        chat.refusals = [answer]
        with pytest.raises(Retry) as caught:
            send(chat)
        said += str(caught.value)
    assert chat.token not in said + caplog.text
