"""SMS.ru over HTTP."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from saleor_1c_plugin.configuration import SettingsError
from saleor_1c_plugin.messaging.channel import Lost, Sent, Text, Unreachable
from saleor_1c_plugin.messaging.sms.account import AccessDenied, NoMoney, Outcome, Report
from saleor_1c_plugin.messaging.sms.channel import Forged
from saleor_1c_plugin.messaging.sms.smsru.account import SmsRuAccount
from saleor_1c_plugin.messaging.sms.smsru.channel import SmsRu as Channel
from saleor_1c_plugin.messaging.sms.smsru.settings import SmsRuSettings
from saleor_1c_plugin.outbox.errors import Retry
from saleor_1c_plugin.sandbox.standins.faults import Fault

from .standins.smsru import SmsRu

PHONE = "+79123456789"
SAVED = {"api_id": SmsRu.api_id, "sender": "SHOP"}
BODY = "Заказ № 15 отправлен"


@pytest.fixture
def smsru(monkeypatch: pytest.MonkeyPatch) -> Iterator[SmsRu]:
    with SmsRu() as server:
        monkeypatch.setenv("ONEC_SMSRU_API", server.url)
        yield server


def account(**more: object) -> SmsRuAccount:
    return SmsRuAccount(SmsRuSettings.from_configuration({**SAVED, **more}))


def test_a_message_is_sent_with_its_price(smsru: SmsRu) -> None:
    sent = Channel().send(SAVED, PHONE, Text("ж" * 71), "1")
    (letter,) = smsru.sent
    assert sent == Sent(letter.id, 2, Decimal("8.4"), "RUB", is_told_later=True)
    assert (letter.to, letter.sender, letter.text) == ("79123456789", "SHOP", "ж" * 71)


def test_a_price_that_is_not_told_holds_nothing_up(smsru: SmsRu) -> None:
    smsru.faults.script.append(Fault.DROPPED)
    sent = account().send(PHONE, "ж" * 71, "1")
    assert sent == Sent(smsru.sent[0].id, 2, None, "RUB", is_told_later=True)


def test_a_message_for_a_test(smsru: SmsRu) -> None:
    sent = account(test=True).send(PHONE, BODY, "1")
    assert not smsru.sent
    assert smsru.pretended[0].text == BODY
    assert not sent.is_told_later
    assert smsru.balance == 100


def test_numbers_that_can_not_be_reached(smsru: SmsRu) -> None:
    smsru.absent.add("79123456789")
    with pytest.raises(Unreachable, match="202"):
        account().send(PHONE, BODY, "1")
    # Nobody was asked to send anything.
    assert [one.request.path for one in smsru.exchanges] == ["/sms/cost"]
    smsru.absent.clear()
    smsru.most_a_day = 0
    with pytest.raises(Unreachable, match="230"):
        account().send(PHONE, BODY, "1")


def test_an_account_without_money(smsru: SmsRu) -> None:
    smsru.balance = Decimal("4.19")
    with pytest.raises(NoMoney, match="средств") as caught:
        account().send(PHONE, BODY, "1")
    assert caught.value.after == 900
    assert not smsru.sent


def test_a_wrong_key(smsru: SmsRu) -> None:
    with pytest.raises(AccessDenied, match="api_id"):
        account(api_id="chuzhoj").send(PHONE, BODY, "1")


@pytest.mark.parametrize(("code", "after"), [(231, 60), (206, 900), (220, 900), (500, 900)])
def test_what_is_to_be_tried_later(smsru: SmsRu, code: int, after: float) -> None:
    smsru.trouble = code
    with pytest.raises(Retry, match=f"{code}") as caught:
        account().send(PHONE, BODY, "1")
    assert caught.value.after == after


def test_the_same_text_again_too_soon(smsru: SmsRu) -> None:
    account().send(PHONE, BODY, "1")
    with pytest.raises(Retry) as caught:
        account().send(PHONE, BODY, "2")
    assert caught.value.after == 60
    smsru.later(timedelta(minutes=1))
    account().send(PHONE, BODY, "2")
    assert len(smsru.sent) == 2


def test_what_the_service_never_takes(smsru: SmsRu) -> None:
    with pytest.raises(Unreachable, match="отправителя"):
        account(sender="BANK").send(PHONE, BODY, "1")
    with pytest.raises(Unreachable, match="8 parts"):
        account().send(PHONE, "ж" * (67 * 8 + 1), "1")
    account().send(PHONE, "ж" * (67 * 8), "1")


@pytest.mark.parametrize("fault", list(Fault))
def test_a_lost_answer_is_lost(smsru: SmsRu, fault: Fault) -> None:
    # The price is told.
    smsru.faults.script.extend([None, fault])
    with pytest.raises(Lost):
        account().send(PHONE, BODY, "1")
    assert len(smsru.sent) == (not fault.is_before)
    with pytest.raises(Lost):
        Channel().find(SAVED, PHONE, "1")


def test_without_a_connection_nothing_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    with SmsRu() as server:
        monkeypatch.setenv("ONEC_SMSRU_API", server.url)
    with pytest.raises(Retry, match="No answer"):
        account().send(PHONE, BODY, "1")


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (100, Outcome.PENDING),
        (101, Outcome.PENDING),
        (102, Outcome.PENDING),
        (103, Outcome.DELIVERED),
        (110, Outcome.DELIVERED),
        (104, Outcome.FAILED),
        (105, Outcome.FAILED),
        (106, Outcome.FAILED),
        (107, Outcome.FAILED),
        (108, Outcome.FAILED),
        (150, Outcome.FAILED),
    ],
)
def test_what_became_of_a_message(smsru: SmsRu, status: int, outcome: Outcome) -> None:
    sent = account().send(PHONE, BODY, "1")
    smsru.sent[0].status = status
    report = account().ask(PHONE, sent.reference)
    assert report is not None
    assert report == Report(sent.reference, outcome, report.reason, Decimal("4.2"), "RUB")
    assert bool(report.reason) == (outcome is Outcome.FAILED)
    (told,) = Channel().heard(SAVED, {}, smsru.told([smsru._record(smsru.sent[0])]))
    assert told == Report(sent.reference, outcome, report.reason)


def test_a_message_that_the_service_has_not(smsru: SmsRu) -> None:
    assert account().ask(PHONE, "202648-0000000") is None
    smsru.faults.script.append(Fault.DOWN)
    with pytest.raises(Retry):
        account().ask(PHONE, "202648-0000000")


def test_many_reports_together(smsru: SmsRu) -> None:
    for number in range(12):
        account().send(PHONE, f"{BODY} {number}", f"{number}")
        smsru.sent[number].status = 103
    records = [smsru._record(letter) for letter in smsru.sent]
    odd = ["test\n1732600000", "callcheck_status\n7\n401\n1732600000", "sms_status", "", "novoe\n1"]
    fields = smsru.told([*records, *odd])
    # The fields come in whatever order: they are signed by their numbers.
    shuffled = dict(reversed(fields.items()))
    told = Channel().heard(SAVED, {}, shuffled)
    assert [report.reference for report in told] == [letter.id for letter in smsru.sent]


def test_forged_reports_are_refused(smsru: SmsRu) -> None:
    account().send(PHONE, BODY, "1")
    smsru.sent[0].status = 103
    true = smsru.told([smsru._record(smsru.sent[0])])
    record = true["data[0]"]
    for fields in (
        {},
        {"hash": ""},
        {"data[0]": record},
        {**true, "hash": "ж"},
        {**true, "data[0]": record.replace("103", "104")},
        {**true, "data[1]": record},
        smsru.told([record], api_id="ugadannyj"),
    ):
        with pytest.raises(Forged):
            Channel().heard(SAVED, {}, fields)
    assert Channel().heard(SAVED, {}, true)


def test_the_connection_is_tried(smsru: SmsRu) -> None:
    assert "100.00 RUB" in account().check_connection()
    assert "100.00 RUB" in account(test=True).check_connection()
    with pytest.raises(AccessDenied):
        account(api_id="chuzhoj").check_connection()
    smsru.faults.script.append(Fault.DOWN)
    with pytest.raises(Retry, match="HTTP 50"):
        account().check_connection()


@pytest.mark.parametrize(
    ("saved", "wrong"),
    [
        ({}, "api_id"),
        ({"api_id": "ключ"}, "api_id"),
        ({"api_id": "k", "sender": "Магазин"}, "sender"),
        ({"api_id": "k", "test": "может быть"}, "test"),
    ],
)
def test_settings_that_can_not_be_used(saved: dict[str, Any], wrong: str) -> None:
    with pytest.raises(SettingsError) as caught:
        SmsRuSettings.from_configuration(saved)
    assert set(caught.value.faults) == {wrong}


def test_secrets_are_nowhere(smsru: SmsRu, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    smsru.faults.script.extend([None, Fault.DROPPED])
    said = repr(SmsRuSettings.from_configuration(SAVED))
    with pytest.raises(Lost) as lost:
        account().send(PHONE, BODY, "1")
    with pytest.raises(AccessDenied) as denied:
        account(api_id="chuzhoj").check_connection()
    for secret in (SmsRu.api_id, "chuzhoj", "79123456789"):
        assert secret not in said + caplog.text + str(lost.value) + str(denied.value)
