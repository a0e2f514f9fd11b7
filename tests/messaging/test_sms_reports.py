"""Text messages of a shop: sent for what happens, and what services say of them later."""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
import requests
from django.core.cache import cache
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from saleor_1c_plugin.history import journal
from saleor_1c_plugin.history.event import Customer, Event, Kind
from saleor_1c_plugin.messaging.models import Delivery, Heard, Preference
from saleor_1c_plugin.messaging.sms.tasks import ask_all
from saleor_1c_plugin.messaging.tasks import look_after
from saleor_1c_plugin.outbox.models import Circuit, Message
from saleor_1c_plugin.outbox.tasks import deliver_pending
from saleor_1c_plugin.remembered import Remembered
from saleor_1c_plugin.sandbox.standins.faults import Fault
from tests.serving import served

from .standins.smsc import Letter, Smsc
from .standins.smsru import SmsRu
from .standins.twilio import Twilio
from .test_smsc import SAVED

ANNA = Customer("17", "anna@shop.example", "+79123456789", "Анна Ли")
State = Delivery.State


@pytest.fixture
def shop(transactional_db: None, settings: Any) -> Iterator[str]:
    """One that writes text messages, and e-mails where they do not get through; its address."""
    cache.clear()
    rules = {"rules": "order.placed = sms, email", "quiet": "no", "shop": "Чашки"}
    rules["place"] = "https://shop.example"
    configure(settings, history={}, messages=rules, email={})
    journal.read_on()
    with served() as address:
        yield address


@pytest.fixture
def smsc(shop: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Smsc]:
    with Smsc() as server:
        server.notifier.url = f"{shop}/sms/smsc/"
        monkeypatch.setenv("ONEC_SMSC_API", server.url)
        configure(settings, smsc=SAVED)
        yield server


@pytest.fixture
def smsru(shop: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[SmsRu]:
    with SmsRu() as server:
        server.notifier.url = f"{shop}/sms/smsru/"
        monkeypatch.setenv("ONEC_SMSRU_API", server.url)
        configure(settings, smsru={"api_id": server.api_id})
        yield server


@pytest.fixture
def twilio(shop: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Twilio]:
    with Twilio() as server:
        monkeypatch.setenv("ONEC_TWILIO_API", server.url)
        saved = {"account_sid": server.sid, "auth_token": server.token, "sender": "SHOP"}
        configure(settings, twilio={**saved, "notification_url": f"{shop}/sms/twilio/"})
        yield server


def configure(settings: Any, **plugins: Mapping[str, object] | None) -> None:
    settings.ONEC_CONFIGURATION = {**settings.ONEC_CONFIGURATION, **plugins}
    Remembered.forget_all()


def place_order(customer: Customer = ANNA) -> None:
    order = {"order_id": "order-1", "order_number": "1024", "channel": "default-channel"}
    event = Event(
        f"{uuid4()}",
        Kind.ORDER_PLACED,
        timezone.now(),
        customer,
        data={"total": "1500.00", "currency": "RUB", "status": "open"},
        **order,
    )
    with transaction.atomic():
        journal.record([event])
    settle()


def post(smsc: Smsc, body: Any) -> int:
    return requests.post(smsc.notifier.url, data=body, timeout=5).status_code


def settle() -> None:
    for _ in range(3):
        deliver_pending()


def later(minutes: float) -> None:
    """So much time has passed for what was sent."""
    Delivery.objects.update(sent=F("sent") - timedelta(minutes=minutes))


def states() -> list[tuple[str, str]]:
    return list(Delivery.objects.order_by("pk").values_list("channel", "state"))


def asked(smsc: Smsc) -> int:
    return sum(one.request.path.endswith("status.php") for one in smsc.exchanges)


def test_an_order_is_told_of_and_the_phone_has_it(smsc: Smsc) -> None:
    place_order()
    (letter,) = smsc.sent
    assert "1024" in letter.text
    row = Delivery.objects.get()
    assert (row.channel, row.state, row.address) == ("smsc", State.SENT, ANNA.phone)
    assert (row.reference, row.cost, row.currency) == (letter.id, letter.cost, "RUB")
    assert row.parts == letter.cost / Decimal("4.20")
    smsc.faults.repeated = 1.0
    smsc.report(letter, 0)
    smsc.report(letter, 1)
    smsc.notifier.wait()
    assert states() == [("smsc", State.DELIVERED)]
    assert not asked(smsc)


def test_a_phone_that_can_not_be_reached_has_an_email_written_instead(
    smsc: Smsc, mailoutbox: list[Any]
) -> None:
    place_order()
    smsc.report(smsc.sent[0], 3)
    smsc.notifier.wait()
    settle()
    assert states() == [("smsc", State.UNREACHABLE), ("email", State.SENT)]
    assert mailoutbox[0].to == [ANNA.email]


def test_a_number_that_does_not_exist_has_an_email_written_instead(
    smsc: Smsc, mailoutbox: list[Any]
) -> None:
    smsc.absent.add("79123456789")
    place_order()
    assert states() == [("smsc", State.UNREACHABLE), ("email", State.SENT)]
    assert len(mailoutbox) == 1


def test_who_has_no_mobile_phone_is_written_to_at_once(smsc: Smsc, mailoutbox: list[Any]) -> None:
    place_order(Customer("18", "ivan@shop.example", "+7 495 123-45-67"))
    assert states() == [("email", State.SENT)]
    assert not smsc.exchanges


def test_a_lost_answer_sends_nothing_twice(smsc: Smsc) -> None:
    smsc.faults.script.extend([Fault.DROPPED, Fault.DROPPED])
    place_order()
    assert states() == [("smsc", State.SENDING)]
    Delivery.objects.update(began=F("began") - timedelta(minutes=3))
    Message.objects.update(due=timezone.now())
    Circuit.objects.all().delete()
    settle()
    assert states() == [("smsc", State.SENT)]
    assert Delivery.objects.get().reference == smsc.sent[0].id
    assert len(smsc.sent) == 1


def test_forged_reports_are_refused(smsc: Smsc, caplog: pytest.LogCaptureFixture) -> None:
    place_order()
    (letter,) = smsc.sent
    letter.status = 1
    forged = smsc.told(letter, "ugadannoe")
    unsigned = {"id": letter.id, "phone": letter.to, "status": "1"}
    for fields in (
        *(forged, unsigned, {**unsigned, "sha1": ""}, {**unsigned, "md5": "ж"}, {}),
        # Of another message, or of another state.
        {**smsc.told(letter, smsc.secret), "status": "3"},
        {**smsc.told(letter, smsc.secret), "id": "17"},
    ):
        assert post(smsc, fields) == 403
    assert states() == [("smsc", State.SENT)]
    assert "tajnoe-slovo" not in caplog.text
    assert post(smsc, smsc.told(letter, smsc.secret)) == 200
    assert states() == [("smsc", State.DELIVERED)]


def test_reports_signed_by_md5(smsc: Smsc) -> None:
    place_order()
    (letter,) = smsc.sent
    text = f"{letter.id}:{letter.to}:1:{smsc.secret}"
    signature = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
    fields = {"id": letter.id, "phone": letter.to, "status": "1", "md5": signature}
    assert post(smsc, fields) == 200
    assert states() == [("smsc", State.DELIVERED)]


def test_without_a_secret_reports_are_refused(smsc: Smsc, settings: Any) -> None:
    place_order()
    (letter,) = smsc.sent
    letter.status = 1
    configure(settings, smsc={**SAVED, "secret": ""})
    assert post(smsc, smsc.told(letter, "")) == 403


def test_a_report_of_what_is_none_of_ours(smsc: Smsc) -> None:
    letter = Letter("17", "79120000000", "Из другого магазина", "", Decimal(1), 3)
    assert post(smsc, smsc.told(letter, smsc.secret)) == 200
    # A state that nobody has described.
    letter.status = 77
    assert post(smsc, smsc.told(letter, smsc.secret)) == 200


def test_what_is_no_report(smsc: Smsc, settings: Any) -> None:
    url = smsc.notifier.url
    assert requests.get(url, timeout=5).status_code == 405
    assert post(smsc, b"id=\xff") == 400
    assert post(smsc, b"a" * (64 << 10) + b"a") == 413
    assert post(smsc, b"&".join([b"a=1"] * 501)) == 400
    configure(settings, smsc=None)
    assert post(smsc, b"id=1") == 404
    configure(settings, smsc={"login": "shop"})
    assert post(smsc, b"id=1") == 404
    for name in ("email", "nobody"):
        assert requests.post(url.replace("smsc", name), timeout=5).status_code == 404


def test_what_nobody_has_told_of_is_asked_for(smsc: Smsc) -> None:
    place_order()
    smsc.sent[0].status = 0
    ask_all()
    # The service is given time to tell by itself.
    assert asked(smsc) == 0
    later(6)
    ask_all()
    ask_all()
    assert (asked(smsc), states()) == (1, [("smsc", State.SENT)])
    cache.clear()
    smsc.sent[0].status = 1
    ask_all()
    assert (asked(smsc), states()) == (2, [("smsc", State.DELIVERED)])
    cache.clear()
    ask_all()
    assert asked(smsc) == 2


def test_a_service_that_is_down_is_left_alone(smsc: Smsc) -> None:
    for _ in range(3):
        place_order()
        smsc.later(timedelta(minutes=2))
    later(6)
    smsc.faults.script.extend([Fault.DOWN])
    ask_all()
    assert asked(smsc) == 1


def test_old_messages_are_given_up(smsc: Smsc) -> None:
    place_order()
    later(3 * 24 * 60 + 1)
    ask_all()
    assert asked(smsc) == 0


# The other services.


def test_reports_of_smsru_come_together(smsru: SmsRu) -> None:
    place_order()
    smsru.later(timedelta(minutes=2))
    place_order()
    first, second = smsru.sent
    first.status, second.status = 103, 102
    # It wants to hear "100", or tells again.
    smsru.report(first, second)
    smsru.notifier.wait()
    assert states() == [("smsru", State.DELIVERED), ("smsru", State.SENT)]
    assert {row.cost for row in Delivery.objects.all()} == {first.cost}


def test_a_lost_answer_of_smsru_has_an_email_written_instead(
    smsru: SmsRu, mailoutbox: list[Any]
) -> None:
    smsru.faults.script.extend([None, Fault.DROPPED])
    place_order()
    Delivery.objects.update(began=F("began") - timedelta(minutes=3))
    Message.objects.update(due=timezone.now())
    Circuit.objects.all().delete()
    settle()
    assert states() == [("smsru", State.UNKNOWN)]
    Delivery.objects.update(due=timezone.now())
    look_after()
    settle()
    assert states() == [("smsru", State.UNKNOWN), ("email", State.SENT)]
    assert (len(smsru.sent), len(mailoutbox)) == (1, 1)


def test_forged_reports_of_smsru(smsru: SmsRu) -> None:
    place_order()
    record = f"sms_status\n{smsru.sent[0].id}\n103\n1732600000"
    url = smsru.notifier.url
    forged = smsru.told([record], api_id="ugadannyj")
    assert requests.post(url, data=forged, timeout=5).status_code == 403
    assert states() == [("smsru", State.SENT)]
    answer = requests.post(url, data=smsru.told([record]), timeout=5)
    assert answer.content == b"100"
    assert states() == [("smsru", State.DELIVERED)]


def test_what_a_message_has_cost_twilio_says_later(twilio: Twilio) -> None:
    place_order()
    (letter,) = twilio.sent
    twilio.report(letter, "delivered")
    twilio.notifier.wait()
    assert states() == [("twilio", State.DELIVERED)]
    assert Delivery.objects.get().cost is None
    letter.price = Decimal("0.0075")
    later(6)
    ask_all()
    row = Delivery.objects.get()
    assert (row.state, row.cost, row.currency) == (State.DELIVERED, Decimal("0.0075"), "USD")
    asked_before = len(twilio.exchanges)
    cache.clear()
    ask_all()
    assert len(twilio.exchanges) == asked_before


def test_who_answers_stop_is_not_written_to_again(twilio: Twilio, mailoutbox: list[Any]) -> None:
    place_order()
    url = twilio.sent[0].callback
    twilio.faults.repeated = 1.0
    twilio.write_back(url, ANNA.phone, "Стоп")
    twilio.notifier.wait()
    settle()
    # It was said more than once, and heard once; the answer went to the phone.
    assert [heard.command for heard in Heard.objects.all()] == ["stop"]
    assert len(twilio.sent) == 2
    assert False in Preference.objects.get(address=f"phone:{ANNA.phone}").allowed.values()
    place_order()
    assert len(twilio.sent) == 2
    assert len(mailoutbox) == 1


def test_forged_answers_are_refused(twilio: Twilio) -> None:
    place_order()
    url = twilio.sent[0].callback
    fields = twilio.said(ANNA.phone, "Стоп", "SM1")
    forged = twilio.signed(url, fields, "ugadannyj")
    assert requests.post(url, data=fields, headers=forged, timeout=5).status_code == 403
    assert not Heard.objects.exists()


def test_what_buyers_write_to_smsc_is_asked_for(smsc: Smsc, settings: Any) -> None:
    smsc.inbox = [("79123456789", "СТОП"), ("79123456780", "Где\x00 заказ?")]
    ask_all()
    # Nobody has said that there is a number.
    assert not Heard.objects.exists()
    configure(settings, smsc={**SAVED, "hears": True})
    ask_all()
    rows = Heard.objects.order_by("pk").values_list("address", "reference", "command")
    assert list(rows) == [("+79123456789", "1", "stop"), ("+79123456780", "2", "")]
    assert Preference.objects.get(address="phone:+79123456789").allowed == {"smsc": False}
    # An answer goes there.
    settle()
    assert [letter.to for letter in smsc.sent] == ["79123456789"]
    # Only what is new is asked for.
    smsc.inbox.append(("79123456789", "Статус"))
    ask_all()
    ask_all()
    assert list(Heard.objects.order_by("pk").values_list("reference", flat=True)) == ["1", "2", "3"]
    (*_before, asked_for) = [
        one.request.body.decode() for one in smsc.exchanges if one.request.path.endswith("get.php")
    ]
    assert "after_id=3" in asked_for


@pytest.mark.parametrize("fault", [Fault.DOWN, Fault.CUT])
def test_a_service_that_can_not_say_what_buyers_write(
    smsc: Smsc, settings: Any, fault: Fault
) -> None:
    configure(settings, smsc={**SAVED, "hears": True})
    smsc.inbox = [("79123456789", "Где заказ?")]
    smsc.faults.script.append(fault)
    ask_all()
    assert not Heard.objects.exists()
    ask_all()
    assert Heard.objects.count() == 1
