"""The Telegram bot over HTTP: links, commands, limits, and what is forged or comes twice."""

import logging
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import requests
from django.core import mail
from django.db import connections
from django.db.models import F
from django.utils import timezone, translation

from saleor_1c_plugin.configuration import SettingsError
from saleor_1c_plugin.history.event import Kind
from saleor_1c_plugin.history.models import Record
from saleor_1c_plugin.messaging import people
from saleor_1c_plugin.messaging.bots import answers, codes
from saleor_1c_plugin.messaging.bots.models import LinkCode, WrongCode
from saleor_1c_plugin.messaging.channel import Button, Incoming, Lost, Text, Unreachable
from saleor_1c_plugin.messaging.commands import Said
from saleor_1c_plugin.messaging.models import Delivery
from saleor_1c_plugin.messaging.tasks import look_after
from saleor_1c_plugin.messaging.telegram import bot
from saleor_1c_plugin.messaging.telegram.bot import Telegram as Channel
from saleor_1c_plugin.messaging.telegram.connecting import connect
from saleor_1c_plugin.messaging.telegram.settings import TelegramSettings
from saleor_1c_plugin.outbox.errors import Refused, Retry
from saleor_1c_plugin.outbox.models import Pace
from saleor_1c_plugin.outbox.tasks import deliver_pending
from saleor_1c_plugin.reservations import holds
from saleor_1c_plugin.reservations.models import Hold
from saleor_1c_plugin.sandbox import checkout
from saleor_1c_plugin.sandbox.standins.faults import Fault
from saleor_1c_plugin.sandbox.standins.telegram import Person, Telegram
from tests import serving
from tests.reservations.support import cart_id

from .bots import BotShop
from .conftest import later

TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
SAVED = {
    "token": TOKEN,
    "username": "lavka_bot",
    "webhook_url": "https://shop.example/bots/telegram/",
}
HEADER = "X-Telegram-Bot-Api-Secret-Token"
REFUSED = "This link does not work any more. Get a new one in the store."


@pytest.fixture
def served(transactional_db: None) -> Iterator[str]:
    """Where the mini-shop answers over HTTP."""
    with serving.served() as url:
        yield url


@pytest.fixture
def telegram(monkeypatch: pytest.MonkeyPatch) -> Iterator[Telegram]:
    with Telegram(TOKEN, "lavka_bot") as server:
        monkeypatch.setenv("ONEC_TELEGRAM_API", server.address)
        yield server


@pytest.fixture
def patient() -> None:
    """Messages to a chat come as slowly as they should."""


@pytest.fixture
def shop(
    settings: Any,
    telegram: Telegram,
    served: str,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> BotShop:
    if "patient" not in request.fixturenames:
        monkeypatch.setattr(bot, "_PAUSE_OF_CHAT", 0.0)
        telegram.in_chat = 100
    made = BotShop(settings, served, "telegram", SAVED)
    telegram.hosts = {"shop.example": served}
    with translation.override("en"):
        assert connect(SAVED) == "Connected to @lavka_bot."
    return made


@pytest.fixture
def anna(telegram: Telegram) -> Person:
    """Her application speaks English."""
    return telegram.person(language="en-GB")


def said(person: Person) -> list[str]:
    """What the bot has said since this was asked last."""
    texts = [*person.texts]
    person.read.clear()
    return texts


# Connecting.


def test_settings_are_tried_out(telegram: Telegram) -> None:
    with translation.override("en"):
        assert connect(SAVED) == "Connected to @lavka_bot."
        assert telegram.webhook["url"] == SAVED["webhook_url"]
        assert connect({**SAVED, "webhook_url": ""}).endswith("there is no address.")
        with pytest.raises(SettingsError) as error:
            connect({**SAVED, "token": f"1:{'A' * 35}"})
        assert error.value.faults.keys() == {"token"}
        with pytest.raises(SettingsError) as error:
            connect({**SAVED, "username": "other_bot"})
        assert error.value.faults == {"username": "The token is that of @lavka_bot."}
        telegram.faults.script.append(Fault.DOWN)
        assert connect(SAVED).startswith("Telegram could not be asked: HTTP 5")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("token", "no token"),
        ("token", ""),
        ("username", "lavka"),
        ("username", ""),
        ("webhook_url", "http://shop.example/"),
        ("webhook_url", "https://shop.example:8000/"),
        ("webhook_url", "https://shop.example:port/"),
    ],
)
def test_settings_that_cant_be_used(key: str, value: str) -> None:
    with pytest.raises(SettingsError) as error:
        TelegramSettings.from_configuration({**SAVED, key: value})
    assert error.value.faults.keys() == {key}


def test_nobody_reads_the_token(
    shop: BotShop, telegram: Telegram, anna: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    settings = TelegramSettings.from_configuration(SAVED)
    assert TOKEN not in repr(settings)
    assert TOKEN not in settings.secret
    telegram.start(anna, shop.link(shop.customer()))
    telegram.faults.script.append(Fault.DROPPED)
    with pytest.raises(Lost) as error:
        Channel().send(SAVED, str(anna.id), Text("?"), "1")
    secret = TOKEN.partition(":")[2]
    assert secret not in str(error.value)
    ours = [record for record in caplog.records if record.name.startswith("saleor_1c_plugin")]
    assert not [record for record in ours if secret in record.getMessage()]


# Linking.


def test_a_buyer_who_has_signed_in_links_a_chat(
    shop: BotShop, telegram: Telegram, anna: Person
) -> None:
    customer = shop.customer()
    link = shop.link(customer)
    assert telegram.start(anna, link) == 200
    assert said(anna) == ["Done: you hear of your orders here. To hear no more, write /stop."]
    assert people.linked("telegram", str(anna.id)).customer_id == str(customer.pk)
    order = shop.order(customer)
    (text,) = said(anna)
    assert str(order.pk) in text
    assert "/stop" in text
    assert Delivery.objects.get(about="order.placed").state == Delivery.State.SENT


def test_a_link_is_for_one_chat_and_works_again_there(
    shop: BotShop, telegram: Telegram, anna: Person
) -> None:
    link = shop.link(shop.customer())
    telegram.start(anna, link)
    other = telegram.person(1002, "en")
    telegram.start(other, link)
    assert said(other) == [REFUSED]
    assert not people.linked("telegram", "1002").customer_id
    said(anna)
    telegram.start(anna, link)
    assert said(anna)[0].startswith("Done")


def test_of_two_chats_at_the_same_time_one_is_linked(shop: BotShop, telegram: Telegram) -> None:
    link = shop.link(shop.customer())
    crowd = [telegram.person(number, "en") for number in range(2000, 2006)]
    with ThreadPoolExecutor(len(crowd)) as pool:
        assert set(pool.map(lambda one: telegram.start(one, link), crowd)) == {200}
    linked = [one for one in crowd if people.linked("telegram", str(one.id)).customer_id]
    assert len(linked) == 1
    assert sorted(one.texts[-1][:4] for one in crowd) == ["Done", *["This"] * 5]


def test_a_link_is_over_after_half_an_hour(shop: BotShop, telegram: Telegram, anna: Person) -> None:
    link = shop.link(shop.customer())
    LinkCode.objects.update(expires=F("expires") - codes.LIFE)
    telegram.start(anna, link)
    assert said(anna) == [REFUSED]


def test_codes_are_not_found_out_by_trying(shop: BotShop, telegram: Telegram, anna: Person) -> None:
    link = shop.link(shop.customer())
    for number in range(codes.MOST_WRONG):
        telegram.start(anna, f"https://t.me/lavka_bot?start=guess{number}")
    said(anna)
    telegram.start(anna, link)
    assert said(anna) == ["There were too many links that do not work. Try again in an hour."]
    assert not people.linked("telegram", str(anna.id)).customer_id
    WrongCode.objects.update(at=F("at") - codes.PERIOD)
    telegram.start(anna, link)
    assert said(anna)[0].startswith("Done")


def test_the_code_itself_is_kept_nowhere(shop: BotShop, telegram: Telegram, anna: Person) -> None:
    link = shop.link(shop.customer())
    telegram.start(anna, link)
    code = link.partition("start=")[2]
    assert len(code) == 32
    kept = [*LinkCode.objects.values(), *Record.objects.values(), *Delivery.objects.values()]
    assert len(kept) >= 3
    assert code not in str(kept)


def test_whoever_knows_an_order_hears_of_that_order_alone(
    shop: BotShop, telegram: Telegram, anna: Person
) -> None:
    order, other = shop.order(), shop.order()
    assert order.email == other.email
    telegram.start(anna, shop.link(order=str(order.key)))
    assert said(anna) == ["Done: you hear of this order here. To hear no more, write /stop."]
    checkout.pay(other)
    assert said(anna) == []
    checkout.pay(order)
    (text,) = said(anna)
    assert str(order.pk) in text
    telegram.write(anna, "/status")
    (text,) = said(anna)
    assert f"Order {order.pk} " in text
    assert f"Order {other.pk} " not in text


def test_the_newest_codes_of_an_owner_work(shop: BotShop, telegram: Telegram, anna: Person) -> None:
    links = [shop.link(shop.customer()) for _ in range(6)]
    assert len(set(links)) == 6
    telegram.start(anna, links[0])
    telegram.start(anna, links[1])
    assert [text[:4] for text in said(anna)] == ["This", "Done"]


def test_what_is_over_is_forgotten(shop: BotShop, telegram: Telegram, anna: Person) -> None:
    kept, old = (shop.link(shop.customer(name)) for name in ("a@shop.example", "b@shop.example"))
    telegram.start(anna, "https://t.me/lavka_bot?start=guess")
    ago = 2 * codes.PERIOD
    LinkCode.objects.filter(pk=LinkCode.objects.latest("pk").pk).update(expires=F("expires") - ago)
    WrongCode.objects.update(at=F("at") - ago)
    Pace.objects.update(free=F("free") - ago)
    look_after()
    assert LinkCode.objects.count() == 1
    assert not WrongCode.objects.exists()
    assert not Pace.objects.exists()
    said(anna)
    telegram.start(anna, old)
    telegram.start(anna, kept)
    assert [text[:4] for text in said(anna)] == ["This", "Done"]


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({}, 401),
        ({"order": "T3JkZXI6MDAwMDAwMDAtMDAwMC00MDAwLTgwMDAtMDAwMDAwMDAwMDAw"}, 404),
        ({"order": "\0"}, 404),
        ({"order": 5}, 400),
    ],
)
def test_links_are_made_for_nobody_else(
    shop: BotShop, asked: dict[str, object], status: int
) -> None:
    answer = shop.ask_for_link(**asked)
    assert answer.status_code == status
    assert answer.json().keys() == {"error"}
    assert not LinkCode.objects.exists()


def test_a_bot_that_is_off_makes_no_links_and_hears_nothing(
    shop: BotShop, telegram: Telegram, anna: Person
) -> None:
    for saved in ({**SAVED, "webhook_url": ""}, {**SAVED, "token": "none"}, None):
        shop.configure(saved)
        assert shop.ask_for_link(shop.customer()).status_code == 404
    assert telegram.start(anna) == 404
    assert requests.post(shop.address + "other", timeout=20).status_code == 404
    assert said(anna) == []


# What is brought.


def test_what_is_forged_is_refused(shop: BotShop, telegram: Telegram, anna: Person) -> None:
    telegram.start(anna, shop.link(shop.customer()))
    said(anna)
    update = {
        "update_id": 5,
        "message": {
            "message_id": 1,
            "date": 0,
            "text": "/stop",
            "from": {"id": anna.id},
            "chat": {"id": anna.id, "type": "private"},
        },
    }
    for headers in ({}, {HEADER: ""}, {HEADER: "x" * 64}, {HEADER: "ключ".encode()}):
        assert telegram.post(update, headers).status_code == 403  # type: ignore[arg-type]
    assert said(anna) == []
    right = {HEADER: telegram.webhook["secret_token"]}
    assert telegram.post(update, right).status_code == 200
    assert len(said(anna)) == 1


@pytest.mark.parametrize(
    "update", [None, [], {}, {"update_id": "5"}, {"update_id": 5, "message": {"text": 5}}, "x"]
)
def test_what_is_no_update_is_refused(shop: BotShop, telegram: Telegram, update: object) -> None:
    right = {HEADER: telegram.webhook["secret_token"]}
    assert telegram.post(update, right).status_code == 400


def test_what_is_no_request_is_refused(shop: BotShop, telegram: Telegram) -> None:
    assert requests.get(shop.address, timeout=20).status_code == 405
    huge = requests.post(shop.address, data=b"x" * ((1 << 20) + 1), timeout=20)
    assert huge.status_code == 413


def test_what_is_brought_twice_is_done_once(
    shop: BotShop, telegram: Telegram, anna: Person
) -> None:
    telegram.start(anna)
    said(anna)
    user = {"id": anna.id, "language_code": "en"}
    message = {"text": "/start", "from": user, "chat": {"id": anna.id, "type": "private"}}
    for _ in range(3):
        assert telegram.bring({"message": message}, number=900) == 200
    assert len(said(anna)) == 1
    assert Record.objects.filter(kind=Kind.MESSAGE_RECEIVED).count() == 2


def test_groups_are_not_listened_to(shop: BotShop, telegram: Telegram, anna: Person) -> None:
    telegram.start(anna)
    said(anna)
    message = {
        "text": "/status",
        "from": {"id": anna.id},
        "chat": {"id": -100123, "type": "supergroup"},
    }
    assert telegram.bring({"message": message}) == 200
    assert said(anna) == []
    assert not mail.outbox


# Commands.


def test_orders_are_told_to_whose_they_are(shop: BotShop, telegram: Telegram, anna: Person) -> None:
    customer = shop.customer()
    telegram.start(anna, shop.link(customer))
    telegram.write(anna, "/status")
    assert said(anna)[-1] == "You have no orders yet."
    mine, other = shop.order(customer), shop.order(shop.customer("oleg@example.com"))
    said(anna)
    telegram.write(anna, "Статус")
    (text,) = said(anna)
    assert re.match(rf"Order {mine.pk} .*\nTotal: 450.00 RUB, paid: 0.00 RUB\.", text)
    assert f"Order {other.pk} " not in text
    telegram.write(anna, f"/status@lavka_bot {other.pk}")
    assert said(anna) == ["There is no such order."]
    stranger = telegram.person(1003, "en")
    telegram.start(stranger)
    telegram.write(stranger, "/status")
    assert (
        said(stranger) == ["Open the link to this chat in the store: then I know your orders."] * 2
    )


@pytest.mark.parametrize(
    ("spoken", "chosen", "language"),
    [("en-GB", "", "en"), ("en", "ru", "ru"), ("pt-BR", "en", "en"), ("pt-BR", "", "ru")],
)
@pytest.mark.django_db
def test_the_bot_speaks_as_the_buyer_does(spoken: str, chosen: str, language: str) -> None:
    row = people.preference("telegram", "5")
    row.language = chosen
    row.save()
    answer = answers.in_language(lambda _said: Text(translation.get_language() or ""))
    told = Incoming("telegram", "5", "1", data={"language": spoken})
    assert answer(Said(told, people.Linked())) == Text(language)


def test_buttons_ask_for_orders(shop: BotShop, telegram: Telegram, anna: Person) -> None:
    telegram.start(anna, shop.link(shop.customer()))
    assert telegram.press(anna, "How are my orders?") == 200
    assert said(anna)[-1] == "You have no orders yet."
    assert not telegram.turning


def test_a_reservation_is_extended_by_whose_it_is(
    shop: BotShop, telegram: Telegram, anna: Person
) -> None:
    shop.set(customer_minutes=30, longest_minutes=35)
    customer = shop.customer()
    telegram.start(anna, shop.link(customer))
    line = shop.line(customer=customer.email)
    (hold,) = holds.create(cart_id(line))
    shop.pass_time(minutes=10)
    before = Hold.objects.get().ends
    button = Text(
        "Резерв скоро закончится", buttons=[Button("Extend", command=f"extend:{hold.pk}")]
    )
    for person, answer in (
        (telegram.person(1002, "en"), "You have no such reservation."),
        (anna, "Reserved until "),
        (anna, "It can't be extended any more."),
    ):
        person.has_started = True
        said(person)
        Channel().send(SAVED, str(person.id), button, "1")
        assert telegram.press(person, "Extend") == 200
        assert said(person)[-1].startswith(answer)
    assert not telegram.turning
    assert Hold.objects.get().ends - before == timedelta(minutes=5)


def test_a_buyer_is_reminded_of_a_reservation_and_extends_it(
    shop: BotShop, telegram: Telegram, anna: Person
) -> None:
    shop.set(customer_minutes=30, remind_minutes=5)
    customer = shop.customer()
    telegram.start(anna, shop.link(customer))
    line = shop.line(customer=customer.email)
    holds.create(cart_id(line))
    shop.pass_time(minutes=26)
    said(anna)
    holds.sweep()
    assert "/stop" in anna.texts[-1]
    assert telegram.press(anna, "Extend") == 200
    assert said(anna)[-1].startswith("Reserved until ")
    assert Hold.objects.get().ends > timezone.now() + timedelta(minutes=29)


@pytest.mark.parametrize("id", ["", "1", "x" * 40, "00000000-0000-4000-8000-000000000000"])
def test_there_is_no_such_reservation(
    shop: BotShop, telegram: Telegram, anna: Person, id: str
) -> None:
    telegram.start(anna, shop.link(shop.customer()))
    telegram.write(anna, f"/extend {id}")
    assert said(anna)[-1] == "You have no such reservation."


def test_what_nobody_understands_goes_to_the_manager(
    shop: BotShop, telegram: Telegram, anna: Person
) -> None:
    telegram.start(anna, shop.link(shop.customer()))
    telegram.write(anna, "Когда привезёте?\nЖду.")
    telegram.write(anna, "/help me, please")
    # Applications of others' may send anything.
    assert telegram.write(anna, "а\0б\ud83d") == 200
    letters = [str(letter.body) for letter in mail.outbox]
    assert mail.outbox[0].to == ["manager@shop.example"]
    for letter, text in zip(
        letters, ("Когда привезёте?\nЖду.", "/help me, please", "аб?"), strict=True
    ):
        assert letter.startswith(text)


def test_whoever_has_had_enough_hears_no_more_until_he_links_the_chat_again(
    shop: BotShop, telegram: Telegram, anna: Person
) -> None:
    customer = shop.customer()
    telegram.start(anna, shop.link(customer))
    telegram.write(anna, "/stop")
    said(anna)
    shop.order(customer)
    assert said(anna) == []
    telegram.start(anna, shop.link(customer))
    shop.order(customer)
    assert len(said(anna)) == 2


def test_a_chat_that_is_closed_is_linked_no_more(
    shop: BotShop, telegram: Telegram, anna: Person
) -> None:
    telegram.start(anna, shop.link(shop.customer()))
    with translation.override("en"):
        assert telegram.block(anna) == 200
    assert not people.linked("telegram", str(anna.id)).customer_id


# Sending.


def test_a_message_comes_as_it_was_written(shop: BotShop, telegram: Telegram, anna: Person) -> None:
    telegram.start(anna)
    said(anna)
    text = Text(
        "Заказ <b>№ 5</b> & [это](не) *разметка*",
        "Тема",
        [Button("Чек", url="https://shop.example/r/1"), Button("Продлить", command="extend:7")],
    )
    sent = Channel().send(SAVED, str(anna.id), text, "1")
    (message,) = anna.read
    assert message["text"] == text.body
    assert "parse_mode" not in message
    assert anna.buttons() == {"Чек": "https://shop.example/r/1", "Продлить": "extend:7"}
    assert (sent.reference, sent.cost) == (str(message["message_id"]), None)
    Channel().send(SAVED, str(anna.id), Text("я" * 5000), "2")
    assert len(anna.texts[-1]) == 4096


def test_who_cant_be_reached(shop: BotShop, telegram: Telegram, anna: Person) -> None:
    for person in (anna, telegram.person(1002), Person(5)):
        person.has_blocked = person is anna
        with pytest.raises(Unreachable):
            Channel().send(SAVED, str(person.id), Text("?"), "1")


def test_what_becomes_of_an_answer_that_does_not_come(
    shop: BotShop, telegram: Telegram, anna: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    telegram.start(anna)
    said(anna)
    for fault in Fault:
        telegram.faults.script.append(fault)
        with pytest.raises(Lost):
            Channel().send(SAVED, str(anna.id), Text("?"), "1")
    assert 1 <= len(said(anna)) <= len(Fault)
    monkeypatch.setenv("ONEC_TELEGRAM_API", "http://127.0.0.1:1")
    with pytest.raises(Retry):
        Channel().send(SAVED, str(anna.id), Text("?"), "1")


def test_what_may_have_been_read_is_not_said_again(
    shop: BotShop, telegram: Telegram, anna: Person
) -> None:
    customer = shop.customer()
    telegram.start(anna, shop.link(customer))
    said(anna)
    telegram.faults.script.append(Fault.DROPPED)
    shop.order(customer)
    later(10)
    assert len(said(anna)) == 1
    assert Delivery.objects.get(about="order.placed").state == Delivery.State.UNKNOWN


def test_what_telegram_has_refused_for_now_is_said_later(
    shop: BotShop, telegram: Telegram, anna: Person
) -> None:
    customer = shop.customer()
    telegram.start(anna, shop.link(customer))
    said(anna)
    telegram.in_chat, telegram.rest = 0, 600
    shop.order(customer)
    deliver_pending()
    assert telegram.floods == 1
    telegram.in_chat = 100
    telegram.forgive()
    Pace.objects.update(free=F("free") - timedelta(minutes=11))
    later(11)
    assert len(said(anna)) == 1
    assert Delivery.objects.get(about="order.placed").state == Delivery.State.SENT


def test_a_token_that_is_over_and_a_message_that_is_none(
    shop: BotShop, telegram: Telegram, anna: Person
) -> None:
    telegram.start(anna)
    telegram.token = f"{TOKEN[:-1]}x"
    with pytest.raises(Retry, match="token"):
        Channel().send(SAVED, str(anna.id), Text("?"), "1")
    telegram.token = TOKEN
    with pytest.raises(Refused):
        Channel().send(SAVED, str(anna.id), Text(" "), "1")
    wide = Text("?", buttons=[Button("?", command="я" * 33)])
    with pytest.raises(Refused):
        Channel().send(SAVED, str(anna.id), wide, "1")


def test_the_bot_is_never_too_fast_for_a_chat(
    patient: None, shop: BotShop, telegram: Telegram, anna: Person
) -> None:
    telegram.start(anna)
    said(anna)
    for number in range(4):
        Channel().send(SAVED, str(anna.id), Text(f"{number}"), f"{number}")
    assert said(anna) == ["0", "1", "2", "3"]
    assert telegram.floods == 0


def test_all_workers_together_are_never_too_fast(
    patient: None, shop: BotShop, telegram: Telegram
) -> None:
    crowd = [telegram.person(number) for number in range(3000, 3080)]
    for one in crowd:
        one.has_started = True

    def send(person: Person) -> None:
        Channel().send(SAVED, str(person.id), Text("?"), f"{person.id}")
        connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(send, crowd))
    assert [one.texts for one in crowd] == [["?"]] * len(crowd)
    assert telegram.floods == 0


def test_a_bot_that_was_too_fast_is_silent_for_as_long_as_it_is_told(
    shop: BotShop, telegram: Telegram, anna: Person
) -> None:
    telegram.start(anna)
    other = telegram.person(1002)
    other.has_started = True
    telegram.in_chat, telegram.rest = 0, 30
    with pytest.raises(Retry) as error:
        Channel().send(SAVED, str(anna.id), Text("?"), "1")
    assert error.value.after == 30
    calls = len(telegram.exchanges)
    with pytest.raises(Retry) as error:
        Channel().send(SAVED, str(other.id), Text("?"), "2")
    assert 0 < (error.value.after or 0) <= 30
    assert len(telegram.exchanges) == calls
