"""Night is where the reader is."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from saleor_1c_plugin.messaging.quiet import Quiet, zone_of

MOSCOW = ZoneInfo("Europe/Moscow")


def at(hour: int, minute: int = 0, day: int = 26) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=MOSCOW)


def test_a_night_goes_over_midnight() -> None:
    night = Quiet.parsed("22:00-09:00")
    assert night.over(at(21, 59), MOSCOW) is None
    assert night.over(at(22), MOSCOW) == at(9, day=27)
    assert night.over(at(0), MOSCOW) == at(9)
    assert night.over(at(8, 59), MOSCOW) == at(9)
    assert night.over(at(9), MOSCOW) is None


def test_a_pause_at_noon_does_not() -> None:
    noon = Quiet.parsed("12:00 - 13:30")
    assert noon.over(at(12), MOSCOW) == at(13, 30)
    assert noon.over(at(13, 30), MOSCOW) is None
    assert noon.over(at(23), MOSCOW) is None


def test_equal_times_are_no_night() -> None:
    assert Quiet.parsed("00:00-00:00").over(at(0), MOSCOW) is None


def test_it_is_night_by_the_reader_s_clock() -> None:
    night = Quiet()
    # Seven in the evening in Moscow is two in the morning in Vladivostok.
    vladivostok = ZoneInfo("Asia/Vladivostok")
    until = night.over(at(19), vladivostok)
    assert until == datetime(2026, 11, 27, 9, tzinfo=vladivostok)
    assert until is not None
    assert until.tzinfo is UTC


def test_a_clock_that_is_put_forward_at_night() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    before = datetime(2026, 3, 28, 23, tzinfo=berlin)
    assert Quiet().over(before, berlin) == datetime(2026, 3, 29, 7, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "22", "22:00", "22:00-25:00", "night", "22:00-09:00-10:00"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        Quiet.parsed(text)


def test_where_somebody_lives() -> None:
    assert zone_of("Asia/Omsk", "+375291234567", MOSCOW).key == "Asia/Omsk"
    # Not known any more, or nonsense of a form.
    assert zone_of("Mars/Olympus", "+375291234567", MOSCOW).key == "Europe/Minsk"
    assert zone_of("", "+375291234567", MOSCOW).key == "Europe/Minsk"
    # Russia has many: the shop's is as good as any.
    assert zone_of("", "+79990000000", MOSCOW) is MOSCOW
    assert zone_of("", "+77011234567", MOSCOW).key == "Asia/Almaty"
    for nothing in ("", "none", "+999"):
        assert zone_of("", nothing, MOSCOW) is MOSCOW
