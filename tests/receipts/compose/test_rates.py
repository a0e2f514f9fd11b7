"""Which rate a receipt shows, by the day and by what was agreed on."""

from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest

from saleor_1c_plugin.receipts.compose.document import Vat
from saleor_1c_plugin.receipts.compose.problem import Problem
from saleor_1c_plugin.receipts.compose.rates import RATES, vat

OLD, LAST, FIRST, NOW = date(2025, 6, 1), date(2025, 12, 31), date(2026, 1, 1), date(2026, 2, 3)


@pytest.mark.parametrize(
    ("rate", "day", "agreed", "plain", "calculated"),
    [
        ("0.22", FIRST, FIRST, Vat.RATE_22, Vat.RATE_22_122),
        ("0.20", LAST, OLD, Vat.RATE_20, Vat.RATE_20_120),
        # Ordered at 20 %, paid for or handed over at 22 %.
        ("0.20", FIRST, LAST, Vat.RATE_22, Vat.RATE_22_122),
        ("0.10", NOW, NOW, Vat.RATE_10, Vat.RATE_10_110),
        ("0.1", LAST, OLD, Vat.RATE_10, Vat.RATE_10_110),
        ("0.05", NOW, NOW, Vat.RATE_5, Vat.RATE_5_105),
        ("0.07", date(2025, 1, 1), date(2025, 1, 1), Vat.RATE_7, Vat.RATE_7_107),
        ("0", NOW, NOW, Vat.RATE_0, Vat.RATE_0),
        (None, NOW, NOW, Vat.NONE, Vat.NONE),
    ],
)
def test_rate(rate: str | None, day: date, agreed: date, plain: Vat, calculated: Vat) -> None:
    fraction = None if rate is None else Decimal(rate)
    assert vat(fraction, day, agreed=agreed) is plain
    assert vat(fraction, day, agreed=agreed, advance=True) is calculated


@pytest.mark.parametrize(
    ("rate", "day", "agreed", "words"),
    [
        ("0.0625", NOW, NOW, "Ставки НДС 6,25% нет"),
        ("0.20", NOW, NOW, "20% на 03.02.2026 не действует"),
        ("0.22", LAST, LAST, "22% на 31.12.2025 не действует"),
        ("0.05", date(2024, 12, 31), date(2024, 12, 31), "5% на 31.12.2024 не действует"),
        ("0.18", date(2018, 12, 31), date(2018, 12, 31), "18% по нынешнему формату не пробить"),
    ],
)
def test_a_rate_that_is_none_is_told(rate: str, day: date, agreed: date, words: str) -> None:
    with pytest.raises(Problem, match=words):
        vat(Decimal(rate), day, agreed=agreed)


def test_general_rates_follow_each_other_without_a_gap() -> None:
    general = [rate for rate in RATES if rate.is_general]
    for one, other in pairwise(general):
        assert (other.first - one.last).days == 1
    assert all(rate.source for rate in RATES)
