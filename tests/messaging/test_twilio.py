"""Twilio over HTTP."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache

from saleor_1c_plugin.configuration import SettingsError
from saleor_1c_plugin.messaging.channel import Incoming, Lost, Sent, Text, Unreachable
from saleor_1c_plugin.messaging.sms.account import AccessDenied, NoMoney, Outcome, Report
from saleor_1c_plugin.messaging.sms.channel import Forged
from saleor_1c_plugin.messaging.sms.twilio.account import TwilioAccount
from saleor_1c_plugin.messaging.sms.twilio.channel import Twilio as Channel
from saleor_1c_plugin.messaging.sms.twilio.settings import TwilioSettings
from saleor_1c_plugin.messaging.sms.twilio.signing import signature
from saleor_1c_plugin.outbox.errors import Retry
from saleor_1c_plugin.sandbox.standins.faults import Fault

from .standins.twilio import Twilio

PHONE = "+79123456789"
URL = "https://shop.example/plugins/saleor1c.twilio/"
SAVED = {
    "account_sid": Twilio.sid,
    "auth_token": Twilio.token,
    "sender": "+14155550100",
    "notification_url": URL,
}
BODY = "Order No. 15 was shipped"


@pytest.fixture
def twilio(monkeypatch: pytest.MonkeyPatch) -> Iterator[Twilio]:
    cache.clear()
    with Twilio() as server:
        monkeypatch.setenv("ONEC_TWILIO_API", server.url)
        yield server


def account(**more: str) -> TwilioAccount:
    return TwilioAccount(TwilioSettings.from_configuration({**SAVED, **more}))


def test_a_message_is_sent(twilio: Twilio) -> None:
    sent = Channel().send(SAVED, PHONE, Text("ж" * 71), "1")
    (letter,) = twilio.sent
    assert sent == Sent(letter.sid, 2, None, "", is_told_later=True)
    assert (letter.to, letter.sender, letter.text) == (PHONE, "+14155550100", "ж" * 71)
    assert (letter.callback, letter.service) == (URL, "")


def test_a_messaging_service_says_later_how_many_parts(twilio: Twilio) -> None:
    sent = account(sender=twilio.service, notification_url="").send(PHONE, "ж" * 71, "1")
    assert sent.parts == 2
    assert (twilio.sent[0].service, twilio.sent[0].callback) == (twilio.service, "")


def test_numbers_that_can_not_be_reached(twilio: Twilio) -> None:
    twilio.absent.add(PHONE)
    with pytest.raises(Unreachable, match="21211") as caught:
        account().send(PHONE, BODY, "1")
    # Twilio repeats the number.
    assert "79123456789" not in str(caught.value)
    twilio.absent.clear()
    twilio.opted_out.add(PHONE)
    with pytest.raises(Unreachable, match="21610"):
        account().send(PHONE, BODY, "1")


def test_what_the_service_never_takes(twilio: Twilio) -> None:
    with pytest.raises(Unreachable, match="1600"):
        account().send(PHONE, "a" * 1601, "1")
    with pytest.raises(Unreachable, match="21606"):
        account(sender="+14155550199").send(PHONE, BODY, "1")
    assert not twilio.sent


def test_a_wrong_token_and_an_account_that_is_suspended(twilio: Twilio) -> None:
    with pytest.raises(AccessDenied, match="20003") as denied:
        account(auth_token="drugoj").send(PHONE, BODY, "1")
    assert denied.value.after == 900
    twilio.account_status = "suspended"
    with pytest.raises(NoMoney, match="20005"):
        account().send(PHONE, BODY, "1")
    assert not twilio.sent


def test_too_many_at_a_time(twilio: Twilio) -> None:
    twilio.most_a_second = 1
    account().send(PHONE, BODY, "1")
    with pytest.raises(Retry, match="20429"):
        account().send(PHONE, f"{BODY}!", "2")
    twilio.later(timedelta(seconds=1))
    account().send(PHONE, f"{BODY}!", "2")
    assert len(twilio.sent) == 2


@pytest.mark.parametrize("fault", list(Fault))
def test_a_lost_answer_is_looked_for_by_its_words(twilio: Twilio, fault: Fault) -> None:
    account().send(PHONE, "Another one", "0")
    twilio.later(timedelta(minutes=2))
    twilio.faults.script.append(fault)
    # Our own clock has gone on as well.
    twilio._ahead = timedelta()
    twilio.sent[0].created -= timedelta(minutes=5)
    with pytest.raises(Lost):
        account().send(PHONE, BODY, "1")
    found = Channel().find(SAVED, PHONE, "1")
    if fault.is_before:
        assert found is None
        assert len(twilio.sent) == 1
    else:
        assert found == Sent(twilio.sent[1].sid, 1, None, "", is_told_later=True)


def test_words_that_the_service_has_changed(twilio: Twilio) -> None:
    twilio.faults.script.append(Fault.DROPPED)
    with pytest.raises(Lost):
        account().send(PHONE, "“Order”", "1")
    twilio.sent[0].text = '"Order"'
    with pytest.raises(Lost, match="other words"):
        Channel().find(SAVED, PHONE, "1")


def test_a_message_that_nobody_remembers(twilio: Twilio) -> None:
    account().send(PHONE, BODY, "1")
    cache.clear()
    with pytest.raises(Lost):
        Channel().find(SAVED, PHONE, "1")


def test_a_service_that_is_down_when_it_is_asked(twilio: Twilio) -> None:
    sent = account().send(PHONE, BODY, "1")
    twilio.faults.script.extend([Fault.DOWN, Fault.UNHEARD])
    with pytest.raises(Retry):
        Channel().find(SAVED, PHONE, "1")
    with pytest.raises(Retry):
        account().ask(PHONE, sent.reference)


def test_without_a_connection_nothing_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    with Twilio() as server:
        monkeypatch.setenv("ONEC_TWILIO_API", server.url)
    with pytest.raises(Retry, match="No answer"):
        account().send(PHONE, BODY, "1")


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("queued", Outcome.PENDING),
        ("sent", Outcome.PENDING),
        ("delivered", Outcome.DELIVERED),
        ("undelivered", Outcome.FAILED),
        ("failed", Outcome.FAILED),
    ],
)
def test_what_became_of_a_message(twilio: Twilio, status: str, outcome: Outcome) -> None:
    sent = account().send(PHONE, BODY, "1")
    (letter,) = twilio.sent
    letter.status, letter.price = status, Decimal("0.0075")
    letter.error = 30003 if outcome is Outcome.FAILED else None
    report = account().ask(PHONE, sent.reference)
    assert report is not None
    assert report == Report(sent.reference, outcome, report.reason, Decimal("0.0075"), "USD")
    assert ("30003" in report.reason) == (outcome is Outcome.FAILED)
    fields = twilio.told(letter)
    (told,) = Channel().heard(SAVED, headers(twilio, fields), fields)
    assert told == Report(sent.reference, outcome, report.reason)
    assert account().ask(PHONE, "SM" + "f" * 32) is None


def headers(twilio: Twilio, fields: dict[str, str], **more: str) -> dict[str, str]:
    signed = twilio.signed(more.get("url", URL), fields, more.get("token", ""))
    return {name.lower(): value for name, value in signed.items()}


def test_what_somebody_answers(twilio: Twilio) -> None:
    fields = twilio.said(PHONE, "Стоп", "SM1")
    told = Channel().heard(SAVED, headers(twilio, fields), fields)
    assert told == (Incoming("twilio", PHONE, "SM1", "Стоп"),)


def test_what_is_not_about_messages_of_ours(twilio: Twilio) -> None:
    said = twilio.said(PHONE, "Стоп", "SM1")
    odd = {"AccountSid": twilio.sid, "MessageSid": "SM1"}
    for fields in ({**said, "AccountSid": "AC1"}, odd, {**odd, "MessageStatus": "novoe"}):
        assert Channel().heard(SAVED, headers(twilio, fields), fields) == ()


def test_the_signature_of_the_documentation() -> None:
    # Of Twilio's own guide to security.
    fields = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+12349013030",
        "Digits": "1234",
        "From": "+12349013030",
        "To": "+18005551212",
    }
    made = signature("12345", "https://mycompany.com/myapp.php?foo=1&bar=2", fields)
    assert made == "0/KCTR6DLpKmkAf8muzZqo1nDgQ="


def test_forged_reports_are_refused(twilio: Twilio) -> None:
    account().send(PHONE, BODY, "1")
    (letter,) = twilio.sent
    letter.status = "delivered"
    fields = twilio.told(letter)
    true = headers(twilio, fields)
    for given, told in (
        ({}, fields),
        ({"x-twilio-signature": ""}, fields),
        ({"x-twilio-signature": "ж"}, fields),
        (true, {**fields, "MessageStatus": "failed"}),
        (true, {**fields, "More": ""}),
        (headers(twilio, fields, token="ugadannyj"), fields),
        (headers(twilio, fields, url="https://other.example/"), fields),
    ):
        with pytest.raises(Forged):
            Channel().heard(SAVED, given, told)
    with pytest.raises(Forged):
        Channel().heard({**SAVED, "notification_url": ""}, headers(twilio, fields, url=""), fields)
    assert Channel().heard(SAVED, true, fields)


def test_the_connection_is_tried(twilio: Twilio) -> None:
    assert "Чашки" in account().check_connection()
    assert "100.00 USD" in account().check_connection()
    twilio.is_part = True
    assert "USD" not in account().check_connection()
    with pytest.raises(AccessDenied):
        account(auth_token="drugoj").check_connection()
    twilio.account_status = "suspended"
    with pytest.raises(AccessDenied, match="suspended"):
        account().check_connection()
    twilio.faults.script.append(Fault.DOWN)
    with pytest.raises(Retry, match="HTTP 50"):
        account().check_connection()


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"account_sid": ""}, "account_sid"),
        ({"account_sid": "AC1"}, "account_sid"),
        ({"auth_token": ""}, "auth_token"),
        ({"auth_token": "ключ"}, "auth_token"),
        ({"sender": ""}, "sender"),
        ({"sender": "MG1 of a service"}, "sender"),
        ({"notification_url": "shop.example"}, "notification_url"),
    ],
)
def test_settings_that_can_not_be_used(changed: dict[str, Any], wrong: str) -> None:
    with pytest.raises(SettingsError) as caught:
        TwilioSettings.from_configuration({**SAVED, **changed})
    assert set(caught.value.faults) == {wrong}


def test_secrets_are_nowhere(twilio: Twilio, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    twilio.faults.script.append(Fault.DROPPED)
    said = repr(TwilioSettings.from_configuration(SAVED))
    with pytest.raises(Lost) as lost:
        account().send(PHONE, BODY, "1")
    with pytest.raises(AccessDenied) as denied:
        account(auth_token="drugoj").check_connection()
    for secret in (twilio.token, "drugoj", "79123456789"):
        assert secret not in said + caplog.text + str(lost.value) + str(denied.value)
