"""SMSC.ru over HTTP."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from saleor_1c_plugin.configuration import SettingsError
from saleor_1c_plugin.history.event import Customer
from saleor_1c_plugin.messaging.channel import Button, Lost, Sent, Text, Unreachable
from saleor_1c_plugin.messaging.sms.account import AccessDenied, NoMoney, Outcome, Report
from saleor_1c_plugin.messaging.sms.smsc.account import SmscAccount, message_id
from saleor_1c_plugin.messaging.sms.smsc.channel import Smsc as Channel
from saleor_1c_plugin.messaging.sms.smsc.settings import SmscSettings
from saleor_1c_plugin.outbox.errors import Retry
from saleor_1c_plugin.sandbox.standins.faults import Fault

from .standins.smsc import Smsc

PHONE = "+79123456789"
SAVED = {"login": "shop", "password": "tajna-parol", "sender": "SHOP", "secret": "tajnoe-slovo"}
BODY = "Заказ № 15 отправлен"


@pytest.fixture
def smsc(monkeypatch: pytest.MonkeyPatch) -> Iterator[Smsc]:
    with Smsc() as server:
        monkeypatch.setenv("ONEC_SMSC_API", server.url)
        yield server


def account(**more: str) -> SmscAccount:
    return SmscAccount(SmscSettings.from_configuration({**SAVED, **more}))


def test_a_message_is_sent_with_its_price(smsc: Smsc) -> None:
    text = Text(f"{BODY}\n", subject="никуда", buttons=[Button("Заказ", "https://s.example/15")])
    assert Channel().address(Customer(phone="8 912 345-67-89"), {}) == PHONE
    sent = Channel().send(SAVED, PHONE, text, "k1")
    (letter,) = smsc.sent
    assert sent == Sent(letter.id, 1, Decimal("4.20"), "RUB", is_told_later=True)
    assert (letter.to, letter.sender) == ("79123456789", "SHOP")
    assert letter.text == f"{BODY}\nЗаказ: https://s.example/15"


def test_a_long_message_costs_more(smsc: Smsc) -> None:
    sent = account().send(PHONE, "ж" * 135, "k1")
    assert (sent.parts, sent.cost) == (3, Decimal("12.60"))


def test_an_account_with_a_key_instead_of_a_password(smsc: Smsc) -> None:
    saved = {"api_key": "kljuch-api"}
    assert Channel().send(saved, PHONE, Text(BODY), "k1").cost == Decimal("4.20")
    assert smsc.sent[0].sender == ""


def test_numbers_that_can_not_be_reached(smsc: Smsc) -> None:
    smsc.absent.add("79123456789")
    with pytest.raises(Unreachable):
        account().send(PHONE, BODY, "k1")


def test_an_account_without_money(smsc: Smsc) -> None:
    smsc.balance = Decimal("4.19")
    with pytest.raises(NoMoney, match="no money") as caught:
        account().send(PHONE, BODY, "k1")
    # The merchant has to do something first.
    assert caught.value.after == 900
    smsc.balance = Decimal("4.20")
    smsc.later(timedelta(minutes=1))
    account().send(PHONE, BODY, "k1")
    assert len(smsc.sent) == 1


def test_a_wrong_password_and_being_shut_out_for_it(smsc: Smsc) -> None:
    wrong = account(password="drugoj")
    for number in range(10):
        with pytest.raises(AccessDenied, match="authorise"):
            wrong.send(PHONE, f"{BODY} {number}", f"k{number}")
    with pytest.raises(Retry, match="blocked") as caught:
        wrong.send(PHONE, BODY, "k")
    assert caught.value.after == 60
    assert not smsc.sent


def test_a_text_or_a_sender_that_the_service_does_not_carry(smsc: Smsc) -> None:
    smsc.forbidden.add("казино")
    with pytest.raises(Unreachable, match="denied"):
        account().send(PHONE, "казино", "k1")
    with pytest.raises(Unreachable, match="denied"):
        account(sender="BANK").send(PHONE, BODY, "k1")
    with pytest.raises(Unreachable, match="1000"):
        account().send(PHONE, "a" * 1001, "k1")


def test_the_same_text_again_too_soon(smsc: Smsc) -> None:
    first = account().send(PHONE, BODY, "k1")
    # The same message is not said a second time.
    assert account().send(PHONE, BODY, "k1") == first
    # Another with the same words waits.
    with pytest.raises(Retry) as caught:
        account().send(PHONE, BODY, "k2")
    assert caught.value.after == 60
    smsc.later(timedelta(minutes=1))
    account().send(PHONE, BODY, "k2")
    assert len(smsc.sent) == 2


@pytest.mark.parametrize("fault", [Fault.LOST, Fault.DROPPED, Fault.CUT])
def test_a_lost_answer_is_asked_for(smsc: Smsc, fault: Fault) -> None:
    smsc.faults.script.append(fault)
    sent = account().send(PHONE, "ж" * 71, "k1")
    assert sent == Sent(f"{message_id('k1')}", 2, Decimal("8.40"), "RUB", is_told_later=True)
    assert len(smsc.sent) == 1


@pytest.mark.parametrize("fault", [Fault.DOWN, Fault.UNHEARD])
def test_what_was_never_taken_is_sent_again(smsc: Smsc, fault: Fault) -> None:
    smsc.faults.script.append(fault)
    with pytest.raises(Retry, match="not taken"):
        account().send(PHONE, BODY, "k1")
    account().send(PHONE, BODY, "k1")
    assert len(smsc.sent) == 1


def test_a_service_that_stays_silent(smsc: Smsc) -> None:
    smsc.faults.script.extend([Fault.DROPPED, Fault.DROPPED])
    with pytest.raises(Lost):
        account().send(PHONE, BODY, "k1")
    # Later it can say.
    sent = Channel().find(SAVED, PHONE, "k1")
    assert sent is not None
    assert sent.reference == smsc.sent[0].id
    assert Channel().find(SAVED, PHONE, "k2") is None


def test_without_a_connection_nothing_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    with Smsc() as server:
        monkeypatch.setenv("ONEC_SMSC_API", server.url)
    with pytest.raises(Retry, match="No answer"):
        account().send(PHONE, BODY, "k1")


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (-1, Outcome.PENDING),
        (0, Outcome.PENDING),
        (1, Outcome.DELIVERED),
        (2, Outcome.DELIVERED),
        (3, Outcome.FAILED),
        (20, Outcome.FAILED),
        (22, Outcome.FAILED),
        (25, Outcome.FAILED),
    ],
)
def test_what_became_of_a_message(smsc: Smsc, status: int, outcome: Outcome) -> None:
    sent = account().send(PHONE, BODY, "k1")
    smsc.sent[0].status = status
    report = account().ask(PHONE, sent.reference)
    assert report == Report(sent.reference, outcome, report.reason, Decimal("4.20"), "RUB")
    assert bool(report.reason) == (outcome is Outcome.FAILED)


def test_asking_too_often(smsc: Smsc) -> None:
    sent = account().send(PHONE, BODY, "k1")
    for _ in range(5):
        account().ask(PHONE, sent.reference)
    with pytest.raises(Retry) as caught:
        account().ask(PHONE, sent.reference)
    assert caught.value.after == 60
    assert account().ask(PHONE, "17") is None


def test_the_connection_is_tried(smsc: Smsc) -> None:
    assert "100.00 RUB" in account().check_connection()
    with pytest.raises(AccessDenied):
        account(password="drugoj").check_connection()
    smsc.faults.script.append(Fault.DOWN)
    with pytest.raises(Retry, match="HTTP 50"):
        account().check_connection()


@pytest.mark.parametrize(
    ("saved", "wrong"),
    [
        ({}, "login"),
        ({"login": "shop"}, "password"),
        ({"login": "shop", "password": "p", "sender": "Магазин"}, "sender"),
        ({"login": "shop", "password": "p", "sender": "LONGER-THAN-11"}, "sender"),
        ({"login": "shop", "password": "p", "secret": "коротко"}, "secret"),
    ],
)
def test_settings_that_can_not_be_used(saved: dict[str, Any], wrong: str) -> None:
    with pytest.raises(SettingsError) as caught:
        SmscSettings.from_configuration(saved)
    assert set(caught.value.faults) == {wrong}


def test_secrets_are_nowhere(smsc: Smsc, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    smsc.faults.script.extend([Fault.DROPPED, Fault.DROPPED])
    said = repr(SmscSettings.from_configuration({**SAVED, "api_key": "kljuch-api"}))
    with pytest.raises(Lost) as lost:
        account().send(PHONE, BODY, "k1")
    with pytest.raises(AccessDenied) as denied:
        account(password="drugoj").check_connection()
    for secret in ("tajna-parol", "tajnoe-slovo", "kljuch-api", "drugoj", "79123456789"):
        assert secret not in said + caplog.text + str(lost.value) + str(denied.value)
