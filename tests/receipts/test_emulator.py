"""The emulated drive keeps the rules that real ones keep."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from saleor_1c_plugin.configuration import SettingsError
from saleor_1c_plugin.receipts.compose.document import Buyer, Correction, Kind, Means
from saleor_1c_plugin.receipts.driver import (
    KeepsShifts,
    Missing,
    OutcomeUnknown,
    Progress,
    Refused,
    Unavailable,
)
from saleor_1c_plugin.receipts.emulator import drive
from saleor_1c_plugin.receipts.emulator.driver import EmulatedRegister, EmulatorDriver
from saleor_1c_plugin.receipts.emulator.models import Document, Drive

from .support import FIRST, House, contents


@pytest.fixture
def register(house: House) -> EmulatedRegister:
    made = EmulatedRegister(FIRST)
    made.open_shift()
    return made


def test_documents_are_numbered_without_gaps(register: EmulatedRegister) -> None:
    answers = [register.send(contents(), str(number)) for number in range(3)]
    register.close_shift()
    register.open_shift()
    answers.append(register.send(contents(), "3"))
    data = [answer.data for answer in answers if answer.data]
    # 1 is the registration, 2 the opening of the shift.
    assert [one.document for one in data] == [3, 4, 5, 8]
    assert [(one.shift, one.number) for one in data] == [(1, 1), (1, 2), (1, 3), (2, 1)]
    numbers = Document.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == list(range(1, 9))


def test_a_receipt_has_a_sign_of_ten_digits_and_says_that_it_is_none(
    register: EmulatedRegister,
) -> None:
    one, other = (register.send(contents(), str(number)).data for number in range(2))
    assert one is not None
    assert other is not None
    assert one.sign.isdigit()
    assert len(one.sign) == 10
    assert one.sign != other.sign
    assert one.drive.startswith("9999")
    assert len(one.drive) == len(one.register_number) == 16
    assert one.is_test


def test_the_same_receipt_sent_again_is_one(register: EmulatedRegister) -> None:
    first = register.send(contents(), "1")
    assert register.send(contents("999.00"), "1") == first
    assert register.find("1", "") == first
    assert first.progress is Progress.DONE
    assert Document.objects.filter(type=Document.Type.RECEIPT).count() == 1


def test_it_does_not_know_what_it_never_got(register: EmulatedRegister) -> None:
    with pytest.raises(Missing):
        register.find("1", "")


def test_a_shift_ends_after_24_hours_and_can_be_closed_even_then(
    register: EmulatedRegister, house: House
) -> None:
    house.pass_time(hours=23, minutes=59)
    register.send(contents("10.00"), "1")
    house.pass_time(minutes=1)
    with pytest.raises(Unavailable, match="24 часов"):
        register.send(contents(), "2")
    report = register.close_shift()
    assert report is not None
    assert (report.receipts, report.sold) == (1, Decimal(10))
    with pytest.raises(Unavailable, match="Смена закрыта"):
        register.send(contents(), "2")
    assert register.close_shift() is None
    register.open_shift()
    register.send(contents(), "2")


def test_an_open_shift_is_not_opened_again(register: EmulatedRegister) -> None:
    again = register.open_shift()
    assert (again.number, again.document) == (1, 2)


def test_reports_count_what_was_sold_and_given_back(register: EmulatedRegister) -> None:
    register.send(contents("10.00"), "1")
    register.send(contents("2.50"), "2")
    register.send(contents("2.50", Kind.SELL_REFUND), "3")
    report = register.interim_report()
    assert report is not None
    assert (report.receipts, report.sold, report.refunded) == (3, Decimal("12.5"), Decimal("2.5"))
    assert report.document is None


@pytest.mark.parametrize(
    ("faults", "reason"),
    [
        ({"is_away": True}, "выключена"),
        ({"has_paper": False}, "бумага"),
        ({"ends": timezone.now() - timedelta(days=1)}, "Срок"),
    ],
)
def test_it_prints_nothing_when_it_can_not(
    register: EmulatedRegister, house: House, faults: dict[str, Any], reason: str
) -> None:
    house.break_down(**faults)
    before = Document.objects.count()
    with pytest.raises(Unavailable, match=reason):
        register.send(contents(), "1")
    assert Document.objects.count() == before


def test_documents_that_nobody_gets_block_it_after_30_days(
    register: EmulatedRegister, house: House
) -> None:
    house.break_down(is_offline=True)
    register.send(contents(), "1")
    assert register.health().unsent == 1
    house.pass_time(days=29, hours=23)
    register.close_shift()
    register.open_shift()
    register.send(contents(), "2")
    house.pass_time(hours=1)
    with pytest.raises(Unavailable, match="30 дней"):
        register.send(contents(), "3")
    assert "30 дней" in register.health().problem
    assert drive.go_online(FIRST) == 4
    register.send(contents(), "3")
    assert register.health().unsent == 0


def test_answers_may_be_lost_after_it_has_printed(register: EmulatedRegister, house: House) -> None:
    house.break_down(loses=100)
    with pytest.raises(OutcomeUnknown):
        register.send(contents(), "1")
    assert len(house.printed()) == 1


def test_calls_may_come_to_nothing(register: EmulatedRegister, house: House) -> None:
    house.break_down(fails=100)
    met = set()
    for number in range(30):
        with pytest.raises((Unavailable, OutcomeUnknown)) as caught:
            register.send(contents(), str(number))
        met.add(caught.type)
    assert met == {Unavailable, OutcomeUnknown}
    assert not house.printed()


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: contents(buyer=Buyer()), "e-mail или телефон"),
        (lambda: contents(items=(), paid={}), "ни одной позиции"),
        (lambda: contents(paid={Means.CASH: Decimal("99.99")}), "Оплата не равна"),
        (lambda: contents(kind=Kind.SELL_CORRECTION), "коррекции"),
        (lambda: contents(correction=Correction(timezone.localdate())), "основание"),
    ],
)
def test_it_turns_down_what_is_wrong(
    register: EmulatedRegister, make: Callable[[], Any], reason: str
) -> None:
    with pytest.raises(Refused, match=reason):
        register.send(make(), "1")


def test_drives_are_different(house: House) -> None:
    numbers = {drive.ensure(name).number for name in (FIRST, "emulator:2", "emulator:3")}
    assert len(numbers) == 3
    assert drive.ensure(FIRST) == Drive.objects.get(name=FIRST)


def test_it_is_a_register_that_keeps_shifts() -> None:
    made = EmulatorDriver().registers({"drives": "a b"})
    assert [one.name for one in made] == ["emulator:a", "emulator:b"]
    assert all(isinstance(one, KeepsShifts) for one in made)
    with pytest.raises(SettingsError):
        EmulatorDriver().registers({"drives": "a/b"})
