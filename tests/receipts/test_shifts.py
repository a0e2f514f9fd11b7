"""Shifts are opened before the first receipt, and closed in time, whatever happens."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from saleor_1c_plugin.receipts import registers, shifts
from saleor_1c_plugin.receipts.emulator import drive
from saleor_1c_plugin.receipts.emulator.models import Document, Drive
from saleor_1c_plugin.receipts.models import Receipt, RegisterHealth, Shift
from saleor_1c_plugin.receipts.settings import ReceiptsSettings

from .support import FIRST, SECOND, House

Type = Document.Type


def documents(register: str = FIRST) -> list[str]:
    rows = Document.objects.filter(drive__name=register).exclude(type=Type.REGISTRATION)
    return list(rows.order_by("number").values_list("type", flat=True))


def test_a_shift_is_opened_before_the_first_receipt_and_kept(house: House) -> None:
    house.put()
    house.put()
    assert documents() == [Type.OPENING, Type.RECEIPT, Type.RECEIPT]
    (shift,) = Shift.objects.all()
    assert (shift.register, shift.number, shift.closed) == (FIRST, 1, None)
    assert not documents(SECOND)


def test_an_old_shift_is_closed_before_anything_is_printed(house: House) -> None:
    house.put("10.00")
    house.put("5.50")
    house.pass_time(hours=25)
    row = house.put()
    assert documents() == [
        *(Type.OPENING, Type.RECEIPT, Type.RECEIPT),
        *(Type.CLOSING, Type.OPENING, Type.RECEIPT),
    ]
    assert (row.state, row.shift_number, row.number) == (Receipt.State.DONE, 2, 1)
    closed, now = Shift.objects.order_by("number")
    assert (closed.receipts, closed.sold, closed.refunded) == (2, 15.5, 0)
    assert closed.closed is not None
    assert (closed.fiscal_document, len(closed.sign)) == (5, 10)
    assert now.closed is None


def test_a_shift_is_closed_in_time_though_nobody_buys(house: House) -> None:
    house.put()
    house.look_after()
    assert documents()[-1] == Type.RECEIPT
    house.pass_time(hours=23, minutes=45)
    house.look_after()
    assert documents()[-1] == Type.CLOSING
    assert Shift.objects.get().closed is not None
    # And it is not opened for nothing.
    house.look_after()
    assert documents()[-1] == Type.CLOSING


def test_a_shift_is_closed_at_the_hour_that_is_set(house: House) -> None:
    house.put()
    house.pass_time(hours=2)
    hour = datetime.now(UTC).hour
    house.configure(closing_hour=hour)
    house.look_after()
    assert documents()[-1] == Type.CLOSING


@pytest.mark.parametrize(
    ("opened", "now", "is_over"),
    [
        ("2026-03-01T10:00", "2026-03-01T22:59", False),
        ("2026-03-01T10:00", "2026-03-01T23:00", True),
        # Whoever buys at night has a shift until the next evening, but no longer than it may be.
        ("2026-03-01T23:10", "2026-03-02T22:00", False),
        ("2026-03-01T23:10", "2026-03-02T22:40", True),
        ("2026-03-01T22:59", "2026-03-02T00:30", True),
        # It was missed: no worker ran.
        ("2026-03-01T10:00", "2026-03-05T10:00", True),
    ],
)
def test_when_a_shift_is_over(opened: str, now: str, is_over: bool) -> None:
    zone = ZoneInfo("Asia/Vladivostok")
    settings = ReceiptsSettings(closing_hour=23, zone=zone)
    moments = [datetime.fromisoformat(text).replace(tzinfo=zone) for text in (opened, now)]
    before, after = (moment.astimezone(UTC) for moment in moments)
    assert shifts.is_over(before, settings, after) is is_over


def test_no_shift_grows_older_than_a_day_whatever_the_hour() -> None:
    for closing in range(24):
        settings = ReceiptsSettings(closing_hour=closing)
        for opened in range(24):
            begun = datetime(2026, 3, 1, opened, 30, tzinfo=UTC)
            assert shifts.is_over(begun, settings, begun + timedelta(hours=23, minutes=30))
            assert not shifts.is_over(begun, settings, begun)


def test_a_shift_that_a_dead_worker_has_opened_is_found(house: House) -> None:
    """It was opened, and nobody wrote that down."""
    drive.open_shift(FIRST)
    row = house.put()
    assert (row.state, documents()) == (Receipt.State.DONE, [Type.OPENING, Type.RECEIPT])
    assert Shift.objects.get().number == 1


def test_an_old_shift_that_nobody_knows_of_is_closed_first(house: House) -> None:
    drive.open_shift(FIRST)
    house.pass_time(hours=30)
    row = house.put()
    assert documents() == [Type.OPENING, Type.CLOSING, Type.OPENING, Type.RECEIPT]
    assert row.shift_number == 2


def test_a_shift_that_was_closed_and_the_answer_lost_is_closed(house: House) -> None:
    house.put()
    house.pass_time(hours=25)
    house.break_down(loses=100)
    house.look_after()
    assert documents()[-1] == Type.CLOSING
    assert Shift.objects.get().closed is None
    house.break_down(loses=0)
    RegisterHealth.objects.update(away_until=None)
    house.look_after()
    assert Shift.objects.get().closed is not None
    assert house.put().shift_number == 2


def test_a_shift_that_somebody_has_closed_at_the_register_is_opened_anew(house: House) -> None:
    house.put()
    drive.close_shift(FIRST)
    row = house.put()
    # The first register has said that its shift is closed, and that nothing was done.
    assert row.register == SECOND
    house.wait()
    row = house.put()
    assert (row.register, row.shift_number) == (FIRST, 2)
    assert [number for number, closed in house.shifts() if closed is None] == [1, 2]


def test_each_register_has_shifts_of_its_own(house: House) -> None:
    house.put()
    house.break_down(is_away=True)
    house.put()
    house.break_down(is_away=False)
    house.pass_time(hours=25)
    RegisterHealth.objects.update(away_until=None)
    house.look_after()
    assert documents()[-1] == documents(SECOND)[-1] == Type.CLOSING
    assert set(Shift.objects.values_list("register", "number")) == {(FIRST, 1), (SECOND, 1)}


def test_a_register_that_another_worker_has_is_not_touched(house: House) -> None:
    house.put()
    house.pass_time(hours=25)
    token = registers.take(FIRST)
    assert token is not None
    house.look_after()
    assert documents()[-1] == Type.RECEIPT
    registers.leave(FIRST, token)
    house.look_after()
    assert documents()[-1] == Type.CLOSING


def test_what_registers_say_of_themselves_is_written_down(house: House) -> None:
    house.break_down(has_paper=False, is_offline=True)
    house.look_after()
    row = RegisterHealth.objects.get(register=FIRST)
    assert (row.problem, row.has_paper, row.unsent) == ("Закончилась бумага", False, 0)
    assert row.drive_ends == Drive.objects.get(name=FIRST).ends
