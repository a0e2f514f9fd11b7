"""Rates of the value-added tax, in force by date.

A shop knows an order's rate as a fraction (``0.22``). What the receipt says depends on the day,
too: goods that were ordered at the general rate are taxed, when they are handed over, at the
general rate of that day, and of what is paid before, the tax is calculated as a part (22/122).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from .document import Vat
from .problem import Problem


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate, what it is called in a receipt, and when it is in force; both days belong to it.

    `plain` is ``None`` where the format has no value for it any more.
    """

    fraction: Decimal
    plain: Vat | None
    #: Of what includes the tax: prepayments and advances.
    calculated: Vat | None
    first: date
    last: date
    source: str
    #: There is one general rate at a time; the next one takes over for what is not handed over.
    is_general: bool = False

    def is_in_force(self, day: date) -> bool:
        return self.first <= day <= self.last

    @property
    def percent(self) -> str:
        return f"{(self.fraction * 100).normalize():f}%"


#: НК РФ is the Tax Code. Values of tag 1199 are those of :class:`Vat`.
RATES: Sequence[Rate] = (
    Rate(
        Decimal("0.18"),
        None,
        None,
        date(2004, 1, 1),
        date(2018, 12, 31),
        "НК РФ, ст. 164, п. 3, в ред. закона от 07.07.2003 № 117-ФЗ",
        is_general=True,
    ),
    Rate(
        Decimal("0.20"),
        Vat.RATE_20,
        Vat.RATE_20_120,
        date(2019, 1, 1),
        date(2025, 12, 31),
        "НК РФ, ст. 164, п. 3, в ред. закона от 03.08.2018 № 303-ФЗ",
        is_general=True,
    ),
    Rate(
        Decimal("0.22"),
        Vat.RATE_22,
        Vat.RATE_22_122,
        date(2026, 1, 1),
        date.max,
        "НК РФ, ст. 164, п. 3, в ред. закона от 28.11.2025 № 425-ФЗ; "
        "значения тега 1199 — приказ ФНС России от 08.12.2025 № ЕД-7-20/1050@",
        is_general=True,
    ),
    Rate(
        Decimal("0.10"),
        Vat.RATE_10,
        Vat.RATE_10_110,
        date(2004, 1, 1),
        date.max,
        "НК РФ, ст. 164, п. 2",
    ),
    Rate(
        Decimal("0.05"),
        Vat.RATE_5,
        Vat.RATE_5_105,
        date(2025, 1, 1),
        date.max,
        "НК РФ, ст. 164, п. 8 (УСН), в ред. закона от 12.07.2024 № 176-ФЗ",
    ),
    Rate(
        Decimal("0.07"),
        Vat.RATE_7,
        Vat.RATE_7_107,
        date(2025, 1, 1),
        date.max,
        "НК РФ, ст. 164, п. 8 (УСН), в ред. закона от 12.07.2024 № 176-ФЗ",
    ),
    Rate(Decimal(0), Vat.RATE_0, Vat.RATE_0, date.min, date.max, "НК РФ, ст. 164, п. 1"),
)


def rate_of(fraction: Decimal, day: date, agreed: date) -> Rate:
    """The rate that counts on `day` for what was agreed on at `fraction` on the day `agreed`.

    Raises
    ------
    Problem
        There is no such rate, or it was not in force.
    """
    known = [rate for rate in RATES if rate.fraction == fraction]
    if not known:
        percent = f"{(fraction * 100).normalize():f}".replace(".", ",")
        raise Problem(f"Ставки НДС {percent}% нет: проверьте налог товара или доставки в магазине")
    (rate,) = known
    if rate.is_in_force(day):
        return rate
    if rate.is_general and rate.is_in_force(agreed):
        return general(day)
    raise Problem(
        f"Ставка НДС {rate.percent} на {day:%d.%m.%Y} не действует: "
        "проверьте налог товара или доставки в магазине"
    )


def general(day: date) -> Rate:
    """The general rate of a day."""
    for rate in RATES:
        if rate.is_general and rate.is_in_force(day):
            return rate
    raise Problem(f"Основная ставка НДС на {day:%d.%m.%Y} неизвестна")


@lru_cache
def vat(fraction: Decimal | None, day: date, *, agreed: date, advance: bool = False) -> Vat:
    """What the receipt says about a tax rate.

    Parameters
    ----------
    fraction
        The rate of the order's line; ``None``: not taxed.
    day
        Of the payment, or of the handing over, by the seller's clock.
    agreed
        When the order was placed: its general rate becomes that of `day`.
    advance
        The money comes before the goods: the rate is the calculated one.
    """
    if fraction is None:
        return Vat.NONE
    rate = rate_of(fraction, day, agreed)
    found = rate.calculated if advance else rate.plain
    if found is None:
        raise Problem(f"Чек со ставкой НДС {rate.percent} по нынешнему формату не пробить")
    return found
