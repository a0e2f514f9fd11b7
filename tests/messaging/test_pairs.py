"""Every event that is told of, by every channel: it arrives once, and says of which order it is.

The pairs of a channel are sent together: to empty the database for each of them takes minutes.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Any, NamedTuple

import pytest
from django.core import mail
from django.db import transaction
from django.utils import timezone

from saleor_1c_plugin.history import journal
from saleor_1c_plugin.history.event import Event, Kind
from saleor_1c_plugin.messaging import people, planning
from saleor_1c_plugin.messaging.apprise import channel as apprise
from saleor_1c_plugin.messaging.channel import channels
from saleor_1c_plugin.messaging.instagram import bot as instagram_bot
from saleor_1c_plugin.messaging.models import Delivery
from saleor_1c_plugin.messaging.pages.texts import sample
from saleor_1c_plugin.messaging.push import access, devices
from saleor_1c_plugin.messaging.tasks import look_after
from saleor_1c_plugin.messaging.telegram import bot
from saleor_1c_plugin.messaging.texts import TEXTS, names_for
from saleor_1c_plugin.sandbox.standins.bitrix24 import Bitrix24
from saleor_1c_plugin.sandbox.standins.telegram import Telegram

from .conftest import ANNA, configure, settle
from .standins.firebase import TOKENS, Firebase
from .standins.instagram import Instagram
from .standins.mattermost import Mattermost
from .standins.smsc import Smsc
from .standins.smsru import SmsRu
from .standins.twilio import Twilio
from .standins.viber import Viber
from .test_instagram import APP_SECRET as INSTAGRAM_SECRET
from .test_instagram import SAVED as INSTAGRAM
from .test_instagram import TOKEN as INSTAGRAM_TOKEN
from .test_push import SAVED as PUSH
from .test_smsc import SAVED as SMSC
from .test_smsru import SAVED as SMSRU
from .test_telegram import SAVED as TELEGRAM
from .test_telegram import TOKEN as TELEGRAM_TOKEN
from .test_viber import SAVED as VIBER
from .test_viber import TOKEN as VIBER_TOKEN

CUSTOMER = replace(ANNA, phone="+79123456789")
Patch = pytest.MonkeyPatch


class Reader(NamedTuple):
    """Somebody who is told by a channel."""

    saved: Mapping[str, object]
    #: What he has read.
    texts: Callable[[], list[str]]
    #: What he is known by there, where he has linked himself.
    link: str = ""
    #: Of the settings, where that is not the channel's name.
    plugin: str = ""


@contextmanager
def telegram(patch: Patch) -> Iterator[Reader]:
    patch.setattr(bot, "_PAUSE_OF_CHAT", 0.0)
    with Telegram(TELEGRAM_TOKEN, "lavka_bot") as server:
        server.in_chat = 100
        patch.setenv("ONEC_TELEGRAM_API", server.address)
        person = server.person()
        person.has_started = True
        yield Reader(TELEGRAM, lambda: person.texts, f"{person.id}")


@contextmanager
def viber(patch: Patch) -> Iterator[Reader]:
    with Viber(VIBER_TOKEN, "lavka") as server:
        patch.setenv("ONEC_VIBER_API", server.url)
        person = server.person()
        person.is_subscribed = True
        server.webhook = str(VIBER["webhook_url"])
        yield Reader(VIBER, lambda: person.texts, person.id)


@contextmanager
def email(patch: Patch) -> Iterator[Reader]:
    yield Reader({}, lambda: [f"{letter.subject}\n{letter.body}" for letter in mail.outbox])


@contextmanager
def smsc(patch: Patch) -> Iterator[Reader]:
    with Smsc() as server:
        server.balance *= 100
        patch.setenv("ONEC_SMSC_API", server.url)
        yield Reader(SMSC, lambda: [letter.text for letter in server.sent])


@contextmanager
def smsru(patch: Patch) -> Iterator[Reader]:
    with SmsRu() as server:
        server.balance *= 100
        patch.setenv("ONEC_SMSRU_API", server.url)
        yield Reader(SMSRU, lambda: [letter.text for letter in server.sent])


@contextmanager
def twilio(patch: Patch) -> Iterator[Reader]:
    with Twilio() as server:
        server.most_a_second = 1000
        patch.setenv("ONEC_TWILIO_API", server.url)
        saved = {"account_sid": server.sid, "auth_token": server.token, "sender": "SHOP"}
        yield Reader(saved, lambda: [letter.text for letter in server.sent])


@contextmanager
def portal(patch: Patch) -> Iterator[Reader]:
    with Bitrix24(per_second=50, burst=1000) as server:
        saved = {"webhook": server.webhook, "manager": "1"}
        yield Reader(saved, lambda: [*server.notified.get(1, {}).values()])


@contextmanager
def portal_task(patch: Patch) -> Iterator[Reader]:
    with Bitrix24(per_second=50, burst=1000) as server:
        saved = {"webhook": server.webhook, "manager": "1"}
        yield Reader(
            saved,
            lambda: [f"{task['TITLE']}\n{task['DESCRIPTION']}" for task in server.tasks.values()],
            plugin="portal",
        )


@contextmanager
def chat(patch: Patch) -> Iterator[Reader]:
    patch.setattr(apprise, "_PAUSE", 0.0)
    with Mattermost() as server:
        yield Reader({"address": server.url}, lambda: server.texts)


@contextmanager
def instagram(patch: Patch) -> Iterator[Reader]:
    patch.setattr(instagram_bot, "_PAUSE_OF_CHAT", 0.0)
    with Instagram(INSTAGRAM_TOKEN, "lavka.ru", INSTAGRAM_SECRET) as server:
        patch.setenv("ONEC_INSTAGRAM_API", server.url)
        person = server.person()
        person.wrote = server.now()
        yield Reader(INSTAGRAM, lambda: person.texts, person.id)


@contextmanager
def push(patch: Patch) -> Iterator[Reader]:
    access._tokens.clear()
    with Firebase() as server:
        patch.setenv("ONEC_FCM_API", server.address)
        patch.setenv("ONEC_GOOGLE_OAUTH", server.address + TOKENS)
        device = server.device()
        devices.register(CUSTOMER.id, device.token)
        yield Reader(PUSH, lambda: device.texts, CUSTOMER.id)


READERS: Mapping[str, Callable[[Patch], AbstractContextManager[Reader]]] = {
    "telegram": telegram,
    "viber": viber,
    "instagram": instagram,
    "push": push,
    "email": email,
    "smsc": smsc,
    "smsru": smsru,
    "twilio": twilio,
    "portal": portal,
    "portal_task": portal_task,
    "apprise": chat,
}


def event_of(about: str) -> Event:
    event = sample(about)
    if about == Kind.ORDER_STATUS:
        # A status without a text of its own.
        event = replace(event, data={**event.data, "status": "returned"})
    elif about == Kind.SHIPMENT_SENT:
        # With a number the event of that says it all.
        event = replace(event, data={**event.data, "tracking": ""})
    return replace(
        event,
        key=f"order-1:{about}",
        at=timezone.now(),
        customer=CUSTOMER,
        channel="default-channel",
        order_id="order-1",
    )


def read_by(name: str, settings: Any, patch: Patch) -> dict[str, str]:
    """What the channel's reader has read when everything has happened."""
    kinds = dict.fromkeys(about.partition(":")[0] for about in TEXTS)
    messages = {
        "rules": "\n".join(f"{kind} = {name}" for kind in kinds),
        "quiet": "no",
        "consent": "no",
        "a_day": "1000",
        "place": "https://shop.example",
    }
    with READERS[name](patch) as reader:
        plugin = reader.plugin or name
        configure(settings, history={}, messages=messages, **{plugin: reader.saved})
        journal.read_on()
        if reader.link:
            people.link(name, reader.link, customer_id=CUSTOMER.id)
        with transaction.atomic():
            journal.record([event_of(about) for about in TEXTS])
        settle()
        texts = [*reader.texts()]
        # Whatever is read and looked at again says nothing new.
        with transaction.atomic():
            planning.take(journal.after(0, 1000))
        look_after()
        settle()
        assert reader.texts() == texts
    rows = Delivery.objects.order_by("pk").values_list("about", "state", "reason")
    assert {state for _about, state, _reason in rows} == {"sent"}, list(rows)
    assert len(rows) == len(texts) == len(TEXTS)
    # Messages to one reader, and those about one order, arrive in their order.
    return dict(zip(TEXTS, texts, strict=True))


@pytest.mark.parametrize("name", READERS)
def test_everything_arrives_once(
    name: str, transactional_db: None, settings: Any, monkeypatch: Patch
) -> None:
    read = read_by(name, settings, monkeypatch)
    assert {about: text for about, text in read.items() if subject_of(about) not in text} == {}


def subject_of(about: str) -> str:
    """What a text about it names: the order, or else the goods, or else the buyer."""
    names = names_for(about)
    return "1024" if "order" in names else "Чашка" if "goods" in names else CUSTOMER.name


def test_there_is_a_reader_for_every_channel() -> None:
    assert {one.name for one in channels()} == set(READERS)
