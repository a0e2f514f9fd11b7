"""The Viber bot over HTTP: the welcome by a link, commands, outcomes, and what is forged."""

import hashlib
import hmac
import json
import logging
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.core import mail
from django.utils import translation

from saleor_1c_plugin.configuration import SettingsError
from saleor_1c_plugin.messaging import people
from saleor_1c_plugin.messaging.bots.models import LinkCode
from saleor_1c_plugin.messaging.channel import Button, Lost, Text, Unreachable
from saleor_1c_plugin.messaging.models import Delivery
from saleor_1c_plugin.messaging.viber.bot import Viber as Channel
from saleor_1c_plugin.messaging.viber.connecting import connect
from saleor_1c_plugin.messaging.viber.settings import ViberSettings
from saleor_1c_plugin.outbox.errors import Refused, Retry
from saleor_1c_plugin.reservations import holds
from saleor_1c_plugin.sandbox.standins.faults import Fault
from tests import serving
from tests.reservations.support import cart_id

from .bots import BotShop
from .standins.viber import Person, Viber

TOKEN = "445da6az1s345z78-dazcczb2542zv51a-e0vc5fva17480im9"
SAVED = {
    "token": TOKEN,
    "uri": "lavka",
    "sender": "Лавка",
    "webhook_url": "https://shop.example/bots/viber/",
}
REFUSED = "This link does not work any more. Get a new one in the store."


@pytest.fixture
def served(transactional_db: None) -> Iterator[str]:
    """Where the mini-shop answers over HTTP."""
    with serving.served() as url:
        yield url


@pytest.fixture
def viber(monkeypatch: pytest.MonkeyPatch) -> Iterator[Viber]:
    with Viber(TOKEN, "lavka") as server:
        monkeypatch.setenv("ONEC_VIBER_API", server.url)
        yield server


@pytest.fixture
def shop(settings: Any, viber: Viber, served: str) -> BotShop:
    viber.hosts = {"shop.example": served}
    # The plugin is off while its settings are tried out.
    with translation.override("en"):
        assert connect(SAVED) == "Connected to lavka."
    return BotShop(settings, served, "viber", SAVED)


@pytest.fixture
def anna(viber: Viber) -> Person:
    """Her application speaks English."""
    return viber.person(language="en")


def said(person: Person) -> list[str]:
    """What the bot has said since this was asked last."""
    texts = [*person.texts]
    person.read.clear()
    return texts


def test_settings_are_tried_out(viber: Viber, served: str) -> None:
    viber.hosts = {"shop.example": served}
    with translation.override("en"):
        assert connect(SAVED) == "Connected to lavka."
        assert viber.webhook == SAVED["webhook_url"]
        assert connect({**SAVED, "webhook_url": ""}).endswith("there is no address.")
        for wrong, where in (
            ({"token": TOKEN.replace("4", "5")}, "token"),
            ({"uri": "other"}, "uri"),
            ({"webhook_url": "https://shop.example/elsewhere/"}, "webhook_url"),
        ):
            with pytest.raises(SettingsError) as error:
                connect({**SAVED, **wrong})
            assert error.value.faults.keys() == {where}
        viber.faults.script.append(Fault.DOWN)
        assert connect(SAVED).startswith("Viber could not be asked: HTTP 5")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("token", "no token"),
        ("token", ""),
        ("uri", "viber://pa"),
        ("uri", ""),
        ("sender", ""),
        ("sender", "я" * 29),
        ("webhook_url", "http://shop.example/"),
    ],
)
def test_settings_that_cant_be_used(key: str, value: str) -> None:
    with pytest.raises(SettingsError) as error:
        ViberSettings.from_configuration({**SAVED, key: value})
    assert error.value.faults.keys() == {key}


def test_a_buyer_who_has_signed_in_links_a_chat(shop: BotShop, viber: Viber, anna: Person) -> None:
    customer = shop.customer()
    link = shop.link(customer)
    assert viber.open(anna, link) == 200
    # Viber asks again where the answer was lost.
    assert viber.open(anna, link) == 200
    done = "Done: you hear of your orders here. To hear no more, write /stop."
    assert anna.texts == [done, done]
    assert people.linked("viber", anna.id).customer_id == str(customer.pk)
    # To somebody who has said nothing yet the bot may not write.
    shop.order(customer)
    assert Delivery.objects.get(about="order.placed").state == Delivery.State.UNREACHABLE
    assert viber.press(anna, "How are my orders?") == 200
    assert "Total: 450.00 RUB" in said(anna)[-1]
    order = shop.order(customer)
    (text,) = said(anna)
    assert str(order.pk) in text
    assert "/stop" in text


def test_a_link_is_for_one_chat(shop: BotShop, viber: Viber, anna: Person) -> None:
    link = shop.link(shop.customer())
    viber.open(anna, link)
    other = viber.person("abcdefg=", "en")
    viber.open(other, link)
    assert said(other) == [REFUSED]
    assert not people.linked("viber", other.id).customer_id


def test_whoever_comes_without_a_link_is_told_of_it(
    shop: BotShop, viber: Viber, anna: Person
) -> None:
    assert viber.open(anna) == 200
    assert said(anna) == ["Open the link to this chat in the store: then I know your orders."]


def test_what_becomes_of_messages(shop: BotShop, viber: Viber, anna: Person) -> None:
    customer = shop.customer()
    viber.open(anna, shop.link(customer))
    viber.write(anna, "/status")
    shop.order(customer)
    assert viber.arrive(anna) == 200
    assert Delivery.objects.get(about="order.placed").state == Delivery.State.DELIVERED
    shop.order(customer)
    assert viber.arrive(anna, "failure description") == 200
    newest = Delivery.objects.filter(about="order.placed").latest("pk")
    assert (newest.state, newest.reason) == (Delivery.State.UNREACHABLE, "failure description")
    # The answer that tells its number may not be written down yet: Viber tells it again.
    assert _told(viber, anna, 0) == 409
    assert _told(viber, anna, 6) == 200


def _told(viber: Viber, person: Person, minutes: int) -> int:
    """What is answered to a message having arrived so long ago that nobody here has sent."""
    at = int((time.time() - minutes * 60) * 1000)
    answer = viber.tell_bot("delivered", {"user_id": person.id, "timestamp": at}, 17)
    assert answer is not None
    return answer.status_code


def test_what_is_forged_is_refused(
    shop: BotShop, viber: Viber, anna: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    viber.open(anna, shop.link(shop.customer()))
    said(anna)
    told = {
        "event": "message",
        "timestamp": 1,
        "message_token": 5,
        "sender": {"id": anna.id, "language": "en"},
        "message": {"type": "text", "text": "/status"},
    }
    anna.is_subscribed = True
    body = json.dumps(told).encode()
    right = hmac.new(TOKEN.encode(), body, hashlib.sha256).hexdigest()
    other = hmac.new(b"other", body, hashlib.sha256).hexdigest()
    for signature in ("", "x", other):
        assert viber.post(body, signature).status_code == 403
    assert viber.post(body + b" ", right).status_code == 403
    assert said(anna) == []
    for _ in range(3):
        assert viber.post(body, right).status_code == 200
    assert said(anna) == ["You have no orders yet."]
    ours = [record for record in caplog.records if record.name.startswith("saleor_1c_plugin")]
    assert not [record for record in ours if TOKEN in record.getMessage()]


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b"{}", b'{"event": "message", "message_token": 1}', b"{" * 9000]
)
def test_what_is_no_callback_is_refused(shop: BotShop, viber: Viber, body: bytes) -> None:
    signature = hmac.new(TOKEN.encode(), body, hashlib.sha256).hexdigest()
    assert viber.post(body, signature).status_code == 400


def test_a_bot_that_is_off_makes_no_links_and_hears_nothing(
    shop: BotShop, viber: Viber, anna: Person
) -> None:
    link = shop.link(shop.customer())
    shop.configure(None)
    assert shop.ask_for_link(shop.customer()).status_code == 404
    assert viber.open(anna, link) == 404
    assert not LinkCode.objects.exclude(used_by="").exists()


def test_a_reservation_is_extended_by_a_button(shop: BotShop, viber: Viber, anna: Person) -> None:
    customer = shop.customer()
    viber.open(anna, shop.link(customer))
    viber.write(anna, "/status")
    (hold,) = holds.create(cart_id(shop.line(customer=customer.email)))
    shop.pass_time(minutes=10)
    button = Button("Extend", command=f"extend:{hold.pk}")
    Channel().send(SAVED, anna.id, Text("Soon", buttons=[button]), "1")
    viber.press(anna, "Extend")
    assert said(anna)[-1].startswith("Reserved until ")


def test_what_nobody_understands_goes_to_the_manager(
    shop: BotShop, viber: Viber, anna: Person
) -> None:
    viber.write(anna, "Когда привезёте?")
    assert viber.write(anna, "а\0б\ud83d") == 200
    letters = [str(letter.body).partition("\n")[0] for letter in mail.outbox]
    assert letters == ["Когда привезёте?", "аб?"]


def test_who_leaves_is_linked_no_more(shop: BotShop, viber: Viber, anna: Person) -> None:
    viber.open(anna, shop.link(shop.customer()))
    assert viber.leave(anna) == 200
    assert not people.linked("viber", anna.id).customer_id


def test_what_sending_comes_to(
    shop: BotShop, viber: Viber, anna: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def send(to: str = anna.id, text: str = "?") -> None:
        Channel().send(SAVED, to, Text(text), "1")

    with pytest.raises(Unreachable, match="receiverNotSubscribed"):
        send()
    with pytest.raises(Unreachable, match="receiverNotRegistered"):
        send("nobody")
    anna.is_subscribed = True
    send(text="я" * 8000)
    assert len(anna.texts[-1]) == 7000
    with pytest.raises(Refused):
        send(text="")
    for fault in Fault:
        viber.faults.script.append(fault)
        with pytest.raises(Lost):
            send()
    viber.token = TOKEN.replace("4", "5")
    with pytest.raises(Retry, match="invalidAuthToken"):
        send()
    viber.token = TOKEN
    viber.busy = 1
    with pytest.raises(Retry) as error:
        send()
    assert error.value.after == 10
    calls = len(viber.exchanges)
    with pytest.raises(Retry):
        send()
    assert len(viber.exchanges) == calls
