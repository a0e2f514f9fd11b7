"""Numbers, switches, moments and tax rates."""

import re
from datetime import UTC, datetime, time, timedelta, timezone
from decimal import Decimal

import pytest

from saleor_1c_plugin.commerceml import values


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1234.56", "1234.56"),
        ("1234,56", "1234.56"),
        ("1 234,56", "1234.56"),
        ("1\u00a0234,56", "1234.56"),
        ("1\u202f234\u2009567.5", "1234567.5"),
        ("1'234.5", "1234.5"),
        ("1,234.56", "1234.56"),
        ("1.234.567,89", "1234567.89"),
        ("1,234,567", "1234567"),
        ("  7 \n", "7"),
        ("-3", "-3"),
        ("0", "0"),
        ("45000.0", "45000.0"),
        ("1.0E7", "10000000"),
        ("+5", "5"),
        (".5", "0.5"),
        (",5", "0.5"),
        ("12.", "12"),
    ],
)
def test_number(text: str, expected: str) -> None:
    assert values.number(text) == Decimal(expected)


@pytest.mark.parametrize("text", ["", None, " ", "\n\t", "\u00a0"])
def test_no_number(text: str | None) -> None:
    assert values.number(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "abc",
        "12шт",
        "1.2.3",
        "1,2,3",
        "NaN",
        "Infinity",
        "1_000",
        "--1",
        ".",
        "-",
        "1e999",
        "٣",
        "1,23.4.5",
        "9" * 99,
    ],
)
def test_not_a_number(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(text)):
        values.number(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("true", True),
        ("1", True),
        (" Да ", True),
        ("Истина", True),
        ("false", False),
        ("0", False),
        ("нет", False),
        ("ложь", False),
        ("", None),
        (None, None),
    ],
)
def test_switch(text: str | None, expected: bool | None) -> None:
    assert values.switch(text) is expected


def test_not_a_switch() -> None:
    with pytest.raises(ValueError, match="наверное"):
        values.switch("наверное")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2008-03-28", datetime(2008, 3, 28)),  # noqa: DTZ001
        ("2018-10-18T16:52:07", datetime(2018, 10, 18, 16, 52, 7)),  # noqa: DTZ001
        ("2018-10-18 16:52:07", datetime(2018, 10, 18, 16, 52, 7)),  # noqa: DTZ001
        ("28.03.2008", datetime(2008, 3, 28)),  # noqa: DTZ001
        ("28.03.2008 10:11:12", datetime(2008, 3, 28, 10, 11, 12)),  # noqa: DTZ001
        ("2024-01-08T12:00:00Z", datetime(2024, 1, 8, 12, tzinfo=UTC)),
        (
            "2024-01-08T15:44:45.076+03:00",
            datetime(2024, 1, 8, 15, 44, 45, 76000, timezone(timedelta(hours=3))),
        ),
        ("", None),
    ],
)
def test_moment(text: str, expected: datetime | None) -> None:
    assert values.moment(text) == expected


@pytest.mark.parametrize(
    ("text", "percent", "calculated"),
    [
        *((str(rate), str(rate), False) for rate in (22, 20, 18, 10, 7, 5, 0)),
        ("20%", "20", False),
        ("НДС 20%", "20", False),
        ("НДС20", "20", False),
        ("16,67", "16.67", False),
        ("22/122", "22", True),
        ("20/120", "20", True),
        ("10 / 110", "10", True),
        ("20% / 120%", "20", True),
        ("НДС20_120", "20", True),
        ("5/105", "5", True),
        ("7/107", "7", True),
        ("Без налога", None, False),
        ("Без НДС", None, False),
        ("без ндс", None, False),
        ("НДС (20%)", "20", False),
        ("НДС не облагается", None, False),
        ("Не НДС", None, False),
    ],
)
def test_tax_rate(text: str, percent: str | None, calculated: bool) -> None:
    expected = None if percent is None else Decimal(percent)
    assert values.tax_rate(text) == (expected, calculated)


def test_no_tax_rate() -> None:
    assert values.tax_rate(" ") is None


@pytest.mark.parametrize("text", ["двадцать", "20/110", "20/0", "-5", "20/1200"])
def test_not_a_tax_rate(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(text)):
        values.tax_rate(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("15:19:27", time(15, 19, 27)),
        (" 9:05 ", time(9, 5)),
        ("09:05:06.789+03:00", time(9, 5, 6)),
        ("09:05:06Z", time(9, 5, 6)),
        ("2017-08-04T12:22:01.5", time(12, 22, 1)),
        ("", None),
        (None, None),
    ],
)
def test_clock(text: str | None, expected: time | None) -> None:
    assert values.clock(text) == expected


@pytest.mark.parametrize("text", ["24:00:00", "9", "9:5", "полдень", "09:60"])
def test_not_a_clock(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        values.clock(text)


@pytest.mark.parametrize("text", ["2024-01-08T9:05:00", "2024-01-08 9:05:00", "08.01.2024 9:05:00"])
def test_a_moment_with_a_short_hour(text: str) -> None:
    assert values.moment(text) == datetime(2024, 1, 8, 9, 5)  # noqa: DTZ001
