"""Money by days as a drawing: no script, and readable without seeing it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from .totals import DayTotal

_WIDTH, _HEIGHT = 960, 220
_LEFT, _BELOW, _ABOVE = 90, 24, 10
#: Lines across it, besides the one at nought.
_LINES = 4
#: Days that there is room to name.
_NAMED = 16


@dataclass(frozen=True, slots=True)
class Bar:
    """Of a day: a rectangle for what was taken, and one for what was given back."""

    day: date
    total: DayTotal
    x: float
    width: float
    taken_y: float
    taken_height: float
    back_x: float
    back_y: float
    back_height: float
    label_x: float
    is_named: bool


@dataclass(frozen=True, slots=True)
class Line:
    y: float
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Chart:
    width: int
    height: int
    left: int
    base: int
    label_y: int
    bars: tuple[Bar, ...]
    lines: tuple[Line, ...]
    taken: Decimal
    given_back: Decimal


def chart(totals: Sequence[DayTotal], first: date, last: date) -> Chart:
    """All days from the first to the last one, those without receipts too."""
    by_day = {total.day: total for total in totals}
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    rows = [by_day.get(day) or DayTotal(day, 0, Decimal(0), Decimal(0)) for day in days]
    top = _top(max((max(row.taken, row.given_back) for row in rows), default=Decimal(0)))
    base = _HEIGHT - _BELOW
    scale = (base - _ABOVE) / float(top)
    return Chart(
        width=_WIDTH,
        height=_HEIGHT,
        left=_LEFT,
        base=base,
        label_y=_HEIGHT - 6,
        bars=tuple(_bars(rows, base, scale)),
        lines=tuple(
            Line(round(base - float(top) * n / _LINES * scale, 1), top * n / _LINES)
            for n in range(_LINES + 1)
        ),
        taken=sum((row.taken for row in rows), Decimal(0)),
        given_back=sum((row.given_back for row in rows), Decimal(0)),
    )


def _bars(rows: Sequence[DayTotal], base: int, scale: float) -> Iterator[Bar]:
    step = (_WIDTH - _LEFT) / len(rows)
    width = step * 0.36
    every = -(-len(rows) // _NAMED)
    for place, row in enumerate(rows):
        x = _LEFT + step * place + step * 0.12
        taken, back = float(row.taken) * scale, float(row.given_back) * scale
        yield Bar(
            day=row.day,
            total=row,
            x=round(x, 1),
            width=round(width, 1),
            taken_y=round(base - taken, 1),
            taken_height=round(taken, 1),
            back_x=round(x + width, 1),
            back_y=round(base - back, 1),
            back_height=round(back, 1),
            label_x=round(x + width, 1),
            is_named=place % every == 0,
        )


def _top(most: Decimal) -> Decimal:
    """A round number that nothing is above: four parts of it are round as well."""
    if most <= 0:
        return Decimal(100)
    unit = Decimal(10) ** (most.adjusted() - 1)
    for factor in (10, 12, 16, 20, 24, 32, 40, 48, 60, 80, 100):
        if most <= unit * factor:
            return unit * factor
    return unit * 1000
