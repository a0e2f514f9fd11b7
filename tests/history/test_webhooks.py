"""Systems of the merchant's own are posted each event: signed, once, in order."""

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from saleor_1c_plugin.history import erasing, journal, webhooks
from saleor_1c_plugin.history.event import Customer, Event, Kind
from saleor_1c_plugin.history.models import Reader, Record
from saleor_1c_plugin.history.settings import HistorySettings, SettingsError
from saleor_1c_plugin.outbox import messages
from saleor_1c_plugin.outbox.models import Message
from tests.receipts import sales

from .conftest import configure
from .system import System

SECRET = "letters-of-a-secret"


@pytest.fixture
def system() -> Iterator[System]:
    server = System()
    yield server
    server.stop()


@pytest.fixture
def other() -> Iterator[System]:
    server = System()
    yield server
    server.stop()


def post_to(settings: Any, *urls: str, **more: str) -> None:
    configure(settings, history={"webhooks": "\n".join(urls), "secret": SECRET, **more})
    journal.read_on()


def tell(*events: Event) -> None:
    with transaction.atomic():
        journal.record(events)


def deliver() -> None:
    """All that waits, whether or not it is due."""
    deadline = time.monotonic() + 120
    waiting = Message.objects.filter(state="pending")
    while waiting.exists():
        assert time.monotonic() < deadline, list(waiting.values("key", "reason"))
        messages.send_again(waiting)


def event(key: str = "o1:placed", kind: Kind = Kind.ORDER_PLACED, order: str = "o1") -> Event:
    who = Customer("7", "anna@shop.example", "+79161234567", "Анна Ли")
    return Event(key, kind, timezone.now(), who, "main", order, "1", {"total": "1.00"})


def test_the_receiver_can_check_who_sent_it_what_and_when(kept: Any, system: System) -> None:
    post_to(kept, system.url)
    tell(event("o1:shipment:1:tracking:РА 1\n2", Kind.SHIPMENT_TRACKING))
    ((head, body),) = system.requests
    moment = head["x-onec-timestamp"]
    assert abs(int(moment) - time.time()) < 60
    signed = hmac.new(SECRET.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()
    assert head["x-onec-signature"] == signed
    assert head["x-onec-event"] == "shipment.tracking"
    assert head["x-onec-delivery"] == "o1:shipment:1:tracking:%D0%A0%D0%90%201%0A2"
    assert head["content-type"] == "application/json"
    row = Record.objects.get()
    assert json.loads(body) == {
        "number": row.number,
        "key": "o1:shipment:1:tracking:РА 1\n2",
        "kind": "shipment.tracking",
        "at": row.at.isoformat(timespec="seconds"),
        "channel": "main",
        "customer": {
            "id": "7",
            "email": "anna@shop.example",
            "phone": "+79161234567",
            "name": "Анна Ли",
        },
        "order": {"id": "o1", "number": "1"},
        "data": {"total": "1.00"},
    }


def test_an_order_s_whole_way_goes_to_each_address_once(
    kept: Any, system: System, other: System
) -> None:
    post_to(kept, system.url, other.url)
    order = sales.order(2)
    sales.pay(order, "200.00")
    sales.ship(order)
    keys = [one["key"] for one in system.told]
    assert len(keys) == len(set(keys)) > 5
    assert keys == list(Record.objects.order_by("number").values_list("key", flat=True))
    assert [one["key"] for one in other.told] == keys
    journal.read_on()
    assert len(system.requests) == len(keys)


def test_only_the_kinds_that_are_wanted_come(kept: Any, system: System) -> None:
    post_to(kept, system.url, kinds="order.paid, payment.charged")
    order = sales.order(2)
    sales.pay(order, "200.00")
    assert system.kinds == ["payment.charged", "order.paid"]


@pytest.mark.parametrize("status", [302, 401, 404, 500])
def test_what_is_not_taken_comes_again_and_what_follows_waits(
    kept: Any, system: System, status: int
) -> None:
    system.refused = {"o1:placed": status}
    post_to(kept, system.url)
    tell(event(), event("o1:paid", Kind.ORDER_PAID), event("o2:placed", order="o2"))
    assert system.taken == ["o2:placed"]
    system.refused.clear()
    deliver()
    assert system.taken == ["o2:placed", "o1:placed", "o1:paid"]
    tried = {head["x-onec-delivery"] for head, body in system.requests if b'"o1:placed"' in body}
    assert tried == {"o1:placed"}


def test_an_address_that_is_away_delays_only_itself(kept: Any, system: System) -> None:
    gone = System()
    gone.stop()
    post_to(kept, gone.url, system.url)
    tell(*(event(f"o{number}:placed", order=f"o{number}") for number in range(15)))
    assert len(system.requests) == 15
    waiting = Message.objects.filter(topic=webhooks.topic(0), state="pending")
    assert waiting.count() == 15
    assert gone.url not in "".join(waiting.values_list("reason", flat=True))


def test_what_is_put_by_knows_nobody_and_no_address(kept: Any, system: System) -> None:
    system.refused = {"o1:placed": 500}
    address = system.url.replace("127", "user:pass-word@127")
    post_to(kept, address)
    tell(event())
    (message,) = Message.objects.filter(state="pending")
    kept_text = f"{message.payload} {message.reason} {HistorySettings.load()!r}"
    for secret in ("anna@shop.example", "+7916", "Анна", "pass-word", SECRET):
        assert secret not in kept_text


def test_who_is_forgotten_is_not_told_of_any_more(kept: Any, system: System) -> None:
    system.refused = {"o1:placed": 500}
    post_to(kept, system.url)
    tell(event())
    erasing.forget(erasing.person(email="anna@shop.example"))
    system.refused.clear()
    deliver()
    assert system.told[-1]["customer"] == {"id": "", "email": "", "phone": "", "name": ""}


def test_an_address_that_is_taken_out_gets_nothing_more(
    kept: Any, system: System, other: System
) -> None:
    system.refused = {"o1:placed": 500}
    post_to(kept, system.url, other.url)
    tell(event())
    # The other one moves to the first place, and gets no event for a second time.
    post_to(kept, other.url)
    system.refused.clear()
    deliver()
    tell(event("o1:paid", Kind.ORDER_PAID))
    assert (system.taken, other.taken) == ([], ["o1:placed", "o1:paid"])


def test_an_event_that_is_kept_no_longer_is_not_waited_for(kept: Any, system: System) -> None:
    system.refused = {"o1:placed": 500}
    post_to(kept, system.url)
    tell(event(), event("o2:placed", order="o2"))
    Record.objects.order_by("number").first().delete()  # type: ignore[union-attr]
    deliver()
    assert system.taken == ["o2:placed"]


def test_a_new_address_hears_of_what_happens_from_now_on(kept: Any, system: System) -> None:
    tell(event())
    journal.read_on()
    assert Reader.objects.filter(name=webhooks.READER).exists()
    post_to(kept, system.url)
    tell(event("o1:paid", Kind.ORDER_PAID))
    assert system.kinds == ["order.paid"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("saved", "fault"),
    [
        ({"webhooks": "https://a.example/"}, "secret"),
        ({"webhooks": "https://a.example/", "secret": "short"}, "secret"),
        ({"webhooks": "https://a.example/", "secret": "п" * 20}, "secret"),
        ({"webhooks": "ftp://a.example/", "secret": SECRET}, "webhooks"),
        ({"webhooks": "a.example", "secret": SECRET}, "webhooks"),
        ({"webhooks": "https://", "secret": SECRET}, "webhooks"),
        ({"webhooks": "https://a.example:port/", "secret": SECRET}, "webhooks"),
        ({"webhooks": "https://a.example/ b", "secret": SECRET}, "webhooks"),
        ({"webhooks": "http://[::1/", "secret": SECRET}, "webhooks"),
        (
            {"webhooks": "\n".join(f"https://{n}.example/" for n in range(6)), "secret": SECRET},
            "webhooks",
        ),
        ({"kinds": "order.placed nonsense"}, "kinds"),
        ({"feed_token": "short"}, "feed_token"),
        ({"days": "0"}, "days"),
    ],
)
def test_settings_that_can_t_be_used(saved: dict[str, str], fault: str) -> None:
    with pytest.raises(SettingsError) as caught:
        HistorySettings.from_configuration(saved)
    assert list(caught.value.faults) == [fault]
    assert "a.example" not in str(caught.value)


def test_settings_as_people_write_them() -> None:
    settings = HistorySettings.from_configuration(
        {
            "webhooks": " https://a.example/1 \n\n# old\nhttps://a.example/2?x=1\nhttps://a.example/1",
            "secret": SECRET,
            "kinds": "order.placed,Order.Paid\npayment.charged",
        }
    )
    assert settings.webhooks == ("https://a.example/1", "https://a.example/2?x=1")
    assert settings.kinds == {Kind.ORDER_PLACED, Kind.ORDER_PAID, Kind.PAYMENT_CHARGED}
