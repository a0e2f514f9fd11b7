"""What the receipts of a period come to, added up by the database."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Count, DecimalField, F, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce, TruncDate

from ..compose.document import Kind, Means, Vat
from ..models import Receipt
from ..printing.form import PERCENT

_REFUNDS = [kind.value for kind in Kind if kind.is_refund]
_CORRECTIONS = [kind.value for kind in Kind if kind.is_correction]
_ZERO = Value(Decimal(0), output_field=DecimalField(max_digits=15, decimal_places=2))

#: Tax is counted on each receipt, as its register has, and then added up.
_BY_RATE = """
WITH rates (vat, percent) AS (SELECT * FROM unnest(%s::int[], %s::int[])),
amounts AS (
    SELECT r.id, r.register, r.drive, r.shift_number, r.kind = ANY(%s) AS is_refund,
           (item->>'vat')::int AS vat, sum((item->>'amount')::numeric) AS amount
    FROM onec_receipts_receipt AS r, jsonb_array_elements(r.document->'items') AS item
    WHERE r.id IN ({rows})
    GROUP BY 1, 2, 3, 4, 5, 6
)
SELECT register, drive, shift_number, vat,
       coalesce(sum(amount) FILTER (WHERE NOT is_refund), 0),
       coalesce(sum(round(amount * percent / (100 + percent), 2)) FILTER (WHERE NOT is_refund), 0),
       coalesce(sum(amount) FILTER (WHERE is_refund), 0),
       coalesce(sum(round(amount * percent / (100 + percent), 2)) FILTER (WHERE is_refund), 0)
FROM amounts LEFT JOIN rates USING (vat)
GROUP BY 1, 2, 3, 4
"""
_BY_MEANS = """
SELECT r.register, r.drive, r.shift_number, means,
       coalesce(sum(amount::numeric) FILTER (WHERE NOT r.kind = ANY(%s)), 0),
       coalesce(sum(amount::numeric) FILTER (WHERE r.kind = ANY(%s)), 0)
FROM onec_receipts_receipt AS r, jsonb_each_text(r.document->'paid') AS paid (means, amount)
WHERE r.id IN ({rows})
GROUP BY 1, 2, 3, 4
"""
_RATES = [*PERCENT, Vat.RATE_0, Vat.NONE]

#: Register, fiscal drive and number.
type ShiftKey = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class ShiftTotal:
    """A shift of a register, or the part of it that is within a day."""

    day: date
    register: str
    drive: str
    #: 0: its service does not say.
    shift: int
    receipts: int
    corrections: int
    #: Of receipts of sales and of refunds.
    sold: Decimal
    refunded: Decimal
    #: Money that has moved: without what was set off or left on credit.
    taken: Decimal
    given_back: Decimal


@dataclass(frozen=True, slots=True)
class DayTotal:
    day: date
    receipts: int
    taken: Decimal
    given_back: Decimal


@dataclass(frozen=True, slots=True)
class RateTotal:
    """What was sold and given back under a rate, and the tax in it."""

    rate: Vat
    sold: Decimal = Decimal(0)
    tax_sold: Decimal = Decimal(0)
    refunded: Decimal = Decimal(0)
    tax_refunded: Decimal = Decimal(0)

    def __add__(self, other: "RateTotal") -> "RateTotal":
        return RateTotal(
            self.rate,
            self.sold + other.sold,
            self.tax_sold + other.tax_sold,
            self.refunded + other.refunded,
            self.tax_refunded + other.tax_refunded,
        )


@dataclass(frozen=True, slots=True)
class MeansTotal:
    means: Means
    sold: Decimal = Decimal(0)
    refunded: Decimal = Decimal(0)

    def __add__(self, other: "MeansTotal") -> "MeansTotal":
        return MeansTotal(self.means, self.sold + other.sold, self.refunded + other.refunded)


def registered(since: datetime, until: datetime, register: str = "") -> "QuerySet[Receipt]":
    """Receipts that a register has printed from `since` on and before `until`.

    Parameters
    ----------
    register
        Only this one's; empty: all.
    """
    rows = Receipt.objects.filter(
        state=Receipt.State.DONE, registered__gte=since, registered__lt=until
    )
    return rows.filter(register=register) if register else rows


def by_shift(rows: "QuerySet[Receipt]", zone: ZoneInfo) -> list[ShiftTotal]:
    """The newest day first."""
    found = (
        rows.annotate(day=TruncDate("registered", tzinfo=zone))
        .values("day", "register", "drive", shift=F("shift_number"))
        .annotate(
            receipts=Count("pk"),
            corrections=Count("pk", filter=Q(kind__in=_CORRECTIONS)),
            sold=_sum("total", is_refund=False),
            refunded=_sum("total", is_refund=True),
            taken=_sum("moved", is_refund=False),
            given_back=_sum("moved", is_refund=True),
        )
        .order_by("-day", "register", "drive", "-shift")
    )
    return [ShiftTotal(**one) for one in found]


def by_day(rows: "QuerySet[Receipt]", zone: ZoneInfo) -> list[DayTotal]:
    """The oldest day first; days without receipts are left out."""
    found = (
        rows.annotate(day=TruncDate("registered", tzinfo=zone))
        .values("day")
        .annotate(
            receipts=Count("pk"),
            taken=_sum("moved", is_refund=False),
            given_back=_sum("moved", is_refund=True),
        )
        .order_by("day")
    )
    return [DayTotal(**one) for one in found]


def by_rate(rows: "QuerySet[Receipt]") -> list[RateTotal]:
    """In the order of the names on a receipt."""
    found = {rate: RateTotal(rate) for rate in _RATES}
    for shift in rates_of_shifts(rows).values():
        for total in shift:
            found[total.rate] += total
    return [total for total in found.values() if total.sold or total.refunded]


def by_means(rows: "QuerySet[Receipt]") -> list[MeansTotal]:
    found = {means: MeansTotal(means) for means in Means}
    for shift in means_of_shifts(rows).values():
        for total in shift:
            found[total.means] += total
    return [total for total in found.values() if total.sold or total.refunded]


def rates_of_shifts(rows: "QuerySet[Receipt]") -> Mapping[ShiftKey, list[RateTotal]]:
    """Shift by shift; one query for all of them."""
    found: defaultdict[ShiftKey, list[RateTotal]] = defaultdict(list)
    before = [[*PERCENT], [*PERCENT.values()], _REFUNDS]
    for register, drive, shift, vat, *amounts in _asked(_BY_RATE, rows, before):
        found[register, drive, shift].append(RateTotal(Vat(vat), *amounts))
    for totals in found.values():
        totals.sort(key=lambda total: _RATES.index(total.rate))
    return found


def means_of_shifts(rows: "QuerySet[Receipt]") -> Mapping[ShiftKey, list[MeansTotal]]:
    """Shift by shift; one query for all of them."""
    found: defaultdict[ShiftKey, list[MeansTotal]] = defaultdict(list)
    for register, drive, shift, means, *amounts in _asked(_BY_MEANS, rows, [_REFUNDS, _REFUNDS]):
        if any(amounts):
            found[register, drive, shift].append(MeansTotal(Means(means), *amounts))
    return found


def _sum(field: str, *, is_refund: bool) -> Coalesce:
    wanted = Q(kind__in=_REFUNDS)
    return Coalesce(Sum(field, filter=wanted if is_refund else ~wanted), _ZERO)


def _asked(
    statement: str, rows: "QuerySet[Receipt]", before: Sequence[Any]
) -> Sequence[tuple[Any, ...]]:
    """Ask about some receipts; `before` are the values that stand before them."""
    chosen, values = rows.order_by().values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(statement.format(rows=chosen), [*before, *values])
        found: Sequence[tuple[Any, ...]] = cursor.fetchall()
    return found
