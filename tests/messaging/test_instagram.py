"""The Instagram account over HTTP: links, the day in which it may speak, and what is forged."""

import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests
from django.core import mail
from django.db.models import F
from django.utils import translation

from saleor_1c_plugin.configuration import SettingsError
from saleor_1c_plugin.messaging import people
from saleor_1c_plugin.messaging.bots.models import LinkCode
from saleor_1c_plugin.messaging.channel import Button, Lost, Text, Unreachable
from saleor_1c_plugin.messaging.instagram import bot, tasks, tokens
from saleor_1c_plugin.messaging.instagram.bot import Instagram as Channel
from saleor_1c_plugin.messaging.instagram.client import address
from saleor_1c_plugin.messaging.instagram.connecting import connect
from saleor_1c_plugin.messaging.instagram.models import Token
from saleor_1c_plugin.messaging.instagram.settings import InstagramSettings
from saleor_1c_plugin.messaging.models import Delivery, Heard
from saleor_1c_plugin.outbox.errors import Refused, Retry
from saleor_1c_plugin.outbox.models import Pace
from saleor_1c_plugin.reservations import holds
from saleor_1c_plugin.sandbox.standins.faults import Fault
from tests import serving
from tests.reservations.support import cart_id

from .bots import MESSAGES, BotShop
from .conftest import configure
from .standins.instagram import Instagram, Person

State = Delivery.State
TOKEN = "EAAG" + "k" * 60
APP_SECRET = "0123456789abcdef" * 2
WORD = "слово-для-Meta"
SAVED = {"token": TOKEN, "username": "lavka.ru", "app_secret": APP_SECRET, "verify_token": WORD}
#: Of the account itself, without a page.
OTHER = {**SAVED, "token": "IGAA" + "k" * 60}
REFUSED = "Эта ссылка больше не действует. Возьмите новую в магазине."


@pytest.fixture
def served(transactional_db: None) -> Iterator[str]:
    """Where the mini-shop answers over HTTP."""
    with serving.served() as url:
        yield url


@pytest.fixture
def instagram(monkeypatch: pytest.MonkeyPatch, served: str) -> Iterator[Instagram]:
    callback = f"{served}/bots/instagram/"
    with Instagram(TOKEN, "lavka.ru", APP_SECRET, callback=callback) as server:
        monkeypatch.setenv("ONEC_INSTAGRAM_API", server.url)
        yield server


@pytest.fixture
def shop(
    settings: Any, instagram: Instagram, served: str, monkeypatch: pytest.MonkeyPatch
) -> BotShop:
    monkeypatch.setattr(bot, "_PAUSE_OF_CHAT", 0.0)
    made = BotShop(settings, served, "instagram", SAVED)
    configure(settings, messages={**MESSAGES, "rules": "order.placed = instagram"})
    with translation.override("en"):
        assert connect(SAVED) == "Connected to @lavka.ru."
    return made


@pytest.fixture
def anna(instagram: Instagram) -> Person:
    return instagram.person()


def said(person: Person) -> list[str]:
    """What the account has said since this was asked last."""
    texts = [*person.texts]
    person.read.clear()
    return texts


def send(to: Person, text: str = "?", **more: Any) -> str:
    """Send by the channel alone; what came of it."""
    try:
        Channel().send(SAVED, to.id, Text(text, **more), "1")
    except (Lost, Refused, Retry, Unreachable) as error:
        return f"{type(error).__name__}: {error}"
    return "Sent"


# Connecting.


def test_settings_are_tried_out(instagram: Instagram) -> None:
    with translation.override("en"):
        assert connect(SAVED) == "Connected to @lavka.ru."
        assert "message_reads" in instagram.fields
        assert list(instagram.questions.values()) == ["start"]
        assert connect({**SAVED, "verify_token": ""}).endswith("there is no word for Meta.")
        with pytest.raises(SettingsError) as error:
            connect({**SAVED, "token": "EAAG" + "y" * 60})
        assert error.value.faults.keys() == {"token"}
        with pytest.raises(SettingsError) as error:
            connect({**SAVED, "username": "other"})
        assert error.value.faults == {"username": "The token is that of @lavka.ru."}
        instagram.faults.script.append(Fault.DOWN)
        assert connect(SAVED).startswith("Meta could not be asked: HTTP 5")
        instagram.token = OTHER["token"]
        instagram.tokens = {instagram.token}
        assert connect(OTHER) == "Connected to @lavka.ru."
        assert "messaging_seen" in instagram.fields


def test_each_token_has_its_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ONEC_INSTAGRAM_API", raising=False)
    hosts = [address(InstagramSettings.from_configuration(one)) for one in (SAVED, OTHER)]
    assert [host.split("/")[2] for host in hosts] == ["graph.facebook.com", "graph.instagram.com"]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("token", "no token"),
        ("token", ""),
        ("username", "https://instagram.com/lavka"),
        ("username", ""),
        ("app_secret", "0123"),
        ("app_secret", ""),
        ("verify_token", "x" * 101),
    ],
)
def test_settings_that_cant_be_used(key: str, value: str) -> None:
    with pytest.raises(SettingsError) as error:
        InstagramSettings.from_configuration({**SAVED, key: value})
    assert error.value.faults.keys() == {key}


def test_meta_tries_the_address(shop: BotShop, instagram: Instagram) -> None:
    assert instagram.subscribe(WORD)
    assert not instagram.subscribe("other")
    assert not instagram.subscribe("")
    assert not instagram.subscribe(WORD, mode="unsubscribe")
    assert not instagram.subscribe(WORD, challenge="<script>")
    assert requests.get(f"{shop.address}link", timeout=20).status_code == 405
    for saved in ({**SAVED, "verify_token": ""}, {**SAVED, "token": "none"}, None):
        shop.configure(saved)
        assert not instagram.subscribe(WORD)
        assert not instagram.subscribe("")


# Linking.


def test_a_chat_is_begun_by_a_link(shop: BotShop, instagram: Instagram, anna: Person) -> None:
    customer = shop.customer()
    link = shop.link(customer)
    assert link.startswith("https://ig.me/m/lavka.ru?ref=")
    assert instagram.open(anna, link) == 200
    (text,) = said(anna)
    assert text.startswith("Готово")
    assert people.linked("instagram", anna.id).customer_id == str(customer.pk)
    order = shop.order(customer)
    (text,) = said(anna)
    assert f"{order.pk}" in text
    assert text.endswith("/stop")
    assert Delivery.objects.get(about="order.placed").state == State.SENT


def test_a_link_in_a_chat_that_there_was(shop: BotShop, instagram: Instagram, anna: Person) -> None:
    assert instagram.write(anna, "Когда вы откроетесь?") == 200
    said(anna)
    link = shop.link(shop.customer())
    assert instagram.open(anna, link) == 200
    assert said(anna)[0].startswith("Готово")
    stranger = instagram.person("999")
    instagram.open(stranger, link)
    assert said(stranger) == [REFUSED]
    assert not people.linked("instagram", "999").customer_id


def test_a_link_and_a_message_at_once(shop: BotShop, instagram: Instagram, anna: Person) -> None:
    code = shop.link(shop.customer()).partition("ref=")[2]
    referral = {"ref": code, "source": "IGME-SOURCE-LINK", "type": "OPEN_THREAD"}
    assert instagram.write(anna, "/status", referral=referral) == 200
    assert [text[:6] for text in said(anna)] == ["Готово", "У вас "]
    assert code not in str([*LinkCode.objects.values(), *Heard.objects.values()])


def test_an_account_that_is_off_makes_no_links(
    shop: BotShop, instagram: Instagram, anna: Person
) -> None:
    for saved in ({**SAVED, "verify_token": ""}, {**SAVED, "token": "none"}, None):
        shop.configure(saved)
        assert shop.ask_for_link(shop.customer()).status_code == 404
        assert instagram.write(anna, "/status") == 404
    assert said(anna) == []


# What is brought.


def test_what_is_forged_is_refused(
    shop: BotShop, instagram: Instagram, anna: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    anna.wrote = instagram.now()
    message = {"mid": "m", "text": "/status"}
    event = {"sender": {"id": anna.id}, "timestamp": 1, "message": message}
    told = {"object": "instagram", "entry": [{"messaging": [event]}]}
    body = json.dumps(told).encode()
    right = instagram.signature(body)
    for signature in ("", right.removeprefix("sha256="), right[:-1] + "g", "sha256=ключ"):
        assert instagram.post(body, signature.encode()).status_code == 403  # type: ignore[arg-type]
    assert instagram.post(body + b" ", right).status_code == 403
    assert said(anna) == []
    for _ in range(3):
        assert instagram.post(body, right).status_code == 200
    assert len(said(anna)) == 1
    ours = [record for record in caplog.records if record.name.startswith("saleor_1c_plugin")]
    for secret in (TOKEN, APP_SECRET, WORD):
        assert not [record for record in ours if secret in record.getMessage()]
        assert secret not in repr(InstagramSettings.from_configuration(SAVED))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"{" * 9000,
        b'{"object": "instagram", "entry": [{"messaging": [{"message": {"mid": "1"}}]}]}',
        b'{"object": "instagram", "entry": [{"messaging": [{"read": {}}]}]}',
    ],
)
def test_what_is_no_notification_is_refused(
    shop: BotShop, instagram: Instagram, body: bytes
) -> None:
    assert instagram.post(body, instagram.signature(body)).status_code == 400


def test_what_is_nobody_s_word_is_let_pass(
    shop: BotShop, instagram: Instagram, anna: Person
) -> None:
    body = b'{"object": "page", "entry": []}'
    assert instagram.post(body, instagram.signature(body)).status_code == 200
    for what in ({"is_echo": True}, {"is_deleted": True}):
        assert instagram.write(anna, "/status", **what) == 200
    assert instagram.bring(anna, "messages", {"reaction": {"mid": "1", "emoji": "❤"}}) == 200
    assert said(anna) == []
    assert not Heard.objects.exists()


def test_much_is_brought_at_once(shop: BotShop, instagram: Instagram, anna: Person) -> None:
    anna.wrote = instagram.now()
    events: list[dict[str, object]] = [
        {"sender": {"id": anna.id}, "message": {"mid": f"m{number}", "text": "/status"}}
        for number in (1, 2, 1)
    ]
    assert instagram.bring_all(events) == 200
    assert len(said(anna)) == 2


def test_what_nobody_understands_goes_to_the_manager(
    shop: BotShop, instagram: Instagram, anna: Person
) -> None:
    instagram.write(anna, "Когда привезёте?")
    instagram.write(anna, attachments=[{"type": "image", "payload": {"url": "https://x"}}])
    assert [letter.subject for letter in mail.outbox] == [
        "Instagram: Когда привезёте?",
        "Instagram: ",
    ]


def test_commands_and_buttons(shop: BotShop, instagram: Instagram, anna: Person) -> None:
    customer = shop.customer()
    instagram.open(anna, shop.link(customer))
    order = shop.order(customer)
    said(anna)
    instagram.write(anna, "Статус")
    assert f"{order.pk}" in said(anna)[0]
    (hold,) = holds.create(cart_id(shop.line(customer=customer.email)))
    shop.pass_time(minutes=10)
    assert send(anna, buttons=[Button("Продлить", command=f"extend:{hold.pk}")]) == "Sent"
    assert instagram.press(anna, "Продлить") == 200
    assert said(anna)[-1].startswith("Отложено до ")
    instagram.ask(anna, *instagram.questions)
    assert "заказ" in said(anna)[-1]
    instagram.write(anna, "стоп")
    said(anna)
    shop.order(customer)
    assert said(anna) == []


def test_a_message_is_read(shop: BotShop, instagram: Instagram, anna: Person) -> None:
    customer = shop.customer()
    instagram.open(anna, shop.link(customer))
    shop.order(customer)
    assert instagram.see(anna) == 200
    assert Delivery.objects.get(about="order.placed").state == State.DELIVERED
    anna.read.append({"mid": "by hand"})
    assert instagram.see(anna) == 200


# What sending comes to.


def test_a_day_after_he_has_written_it_is_silent(
    shop: BotShop, settings: Any, instagram: Instagram, anna: Person
) -> None:
    rules = "order.placed = instagram, email"
    configure(settings, email={}, messages={**MESSAGES, "rules": rules})
    customer = shop.customer()
    instagram.open(anna, shop.link(customer))
    instagram.later(timedelta(hours=25))
    said(anna)
    shop.order(customer)
    assert said(anna) == []
    states = Delivery.objects.filter(about="order.placed").order_by("pk")
    assert list(states.values_list("channel", "state")) == [
        ("instagram", State.UNREACHABLE),
        ("email", State.SENT),
    ]
    instagram.write(anna, "/status")
    assert len(said(anna)) == 1
    shop.order(customer)
    assert len(said(anna)) == 1


@pytest.mark.parametrize(
    ("code", "subcode", "comes_to"),
    [
        (190, 463, "Retry: Meta does not accept the token"),
        (10, 0, "Retry: Meta does not let the application speak"),
        (200, 0, "Retry: Meta does not let the application speak"),
        (613, 0, "Retry: Meta wants to be left alone"),
        (4, 0, "Retry: Meta wants to be left alone"),
        (2, 0, "Retry: "),
        (1, 0, "Lost: "),
        (551, 1545041, "Unreachable: "),
        (100, 2018001, "Unreachable: "),
        (100, 0, "Refused: "),
    ],
)
def test_what_meta_says(
    shop: BotShop, instagram: Instagram, anna: Person, code: int, subcode: int, comes_to: str
) -> None:
    anna.wrote = instagram.now()
    instagram.plan = [(code, subcode)]
    assert send(anna).startswith(comes_to)
    calls = len(instagram.exchanges)
    if "alone" in comes_to:
        assert send(anna).startswith("Retry: Its limit is reached")
        assert len(instagram.exchanges) == calls
        Pace.objects.all().delete()
    assert send(anna) == "Sent"


def test_what_sending_comes_to(
    shop: BotShop, instagram: Instagram, anna: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert send(anna).startswith("Unreachable: ")
    anna.wrote = instagram.now()
    anna.has_blocked = True
    assert send(anna).startswith("Unreachable: ")
    anna.has_blocked = False
    for fault in Fault:
        instagram.faults.script.append(fault)
        assert send(anna).startswith("Lost: ")
    monkeypatch.setenv("ONEC_INSTAGRAM_API", "http://127.0.0.1:9")
    assert send(anna).startswith("Retry: ")


def test_a_message_is_as_long_as_it_may_be(
    shop: BotShop, instagram: Instagram, anna: Person
) -> None:
    anna.wrote = instagram.now()
    way_out = "Не писать сюда: /stop"
    assert send(anna, f"{'Чашка, ' * 200}\n\n{way_out}") == "Sent"
    assert send(anna, "ж" * 900) == "Sent"
    assert send(anna, "короткое\n\n" + "ж" * 900) == "Sent"
    long, plain, tail = said(anna)
    assert long.startswith("Чашка, Чашка")
    assert long.endswith(f"…\n\n{way_out}")
    assert len(long.encode()) in (999, 1000)
    assert len(plain.encode()) in (999, 1000)
    assert tail.startswith("короткое\n\nж")
    buttons = [
        Button("Подробности о заказе и доставке", command="status"),
        Button("Оплатить", url="https://shop.example/pay"),
    ]
    assert send(anna, buttons=buttons) == "Sent"
    assert anna.buttons() == {"Подробности о заказе": "status"}
    assert said(anna) == ["?\nОплатить: https://shop.example/pay"]


# A token of the account's own is renewed.


def renew(days: float = 0) -> None:
    """The regular work of a day that comes so many days later."""
    Token.objects.update(since=F("since") - timedelta(days=days))
    tasks.renew()


def test_a_token_is_renewed_before_it_is_over(
    shop: BotShop, instagram: Instagram, anna: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    shop.configure(OTHER)
    first = instagram.token = OTHER["token"]
    instagram.tokens = {first}
    for days in (0, 6.9):
        renew(days)
        assert instagram.token == first
    instagram.faults.script.append(Fault.LOST)
    renew(1)
    lost = instagram.token
    assert lost != first
    renew(1)
    renewed = instagram.token
    assert renewed not in (lost, first)
    # The others are over by then.
    instagram.tokens = {renewed}
    anna.wrote = instagram.now()
    Channel().send(OTHER, anna.id, Text("?"), "1")
    with translation.override("en"):
        assert connect(OTHER) == "Connected to @lavka.ru."
    renew(8)
    assert instagram.token != renewed
    kept = str([*Token.objects.values(), *(record.getMessage() for record in caplog.records)])
    assert first not in kept
    assert renewed not in kept


def test_another_token_in_the_settings_is_used(
    shop: BotShop, instagram: Instagram, settings: Any
) -> None:
    shop.configure(OTHER)
    instagram.token = OTHER["token"]
    instagram.tokens = {instagram.token}
    renew()
    renew(8)
    ours = InstagramSettings.from_configuration(OTHER)
    assert tokens.newest(ours) == instagram.token
    other = InstagramSettings.from_configuration({**OTHER, "token": "IGAA" + "z" * 60})
    assert tokens.newest(other) == other.token
    # What was sealed with another key opens no more.
    settings.SECRET_KEY = "another"
    assert tokens.newest(ours) == ours.token
    for saved in (SAVED, None, {**OTHER, "token": "none"}):
        shop.configure(saved)
        renew(8)
    assert Token.objects.count() == 1


def test_a_token_that_is_over_is_no_reason_to_fail(shop: BotShop, instagram: Instagram) -> None:
    shop.configure(OTHER)
    renew()
    renew(8)
    assert Token.objects.get().sealed == ""


# The stand-in itself.


def test_the_stand_in_checks_what_it_is_told(instagram: Instagram) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    url = f"{instagram.url}/me/messages"
    anna = instagram.person()
    anna.wrote = instagram.now()
    reply = {"content_type": "text", "title": "?", "payload": "x"}
    for wrong in (
        {"text": ""},
        {"text": "я" * 501},
        {"text": "?", "quick_replies": []},
        {"text": "?", "quick_replies": [reply] * 14},
        {"text": "?", "quick_replies": [{**reply, "title": "x" * 21}]},
        {"text": "?", "quick_replies": [{**reply, "url": "https://x"}]},
        {"text": "?", "metadata": "x"},
    ):
        fields = {"recipient": {"id": anna.id}, "message": wrong}
        answer = requests.post(url, json=fields, headers=headers, timeout=20)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, 100), wrong
    assert requests.post(url, json={}, timeout=20).status_code == 401
    assert not anna.read
    fields = {"recipient": {"id": anna.id}, "message": {"text": "?"}, "tag": "HUMAN_AGENT"}
    requests.post(url, json=fields, headers=headers, timeout=20)
    assert [one.where for one in instagram.violations] == ["tag"]
    instagram.violations.clear()
