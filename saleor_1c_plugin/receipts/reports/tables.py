"""The report's tables as files have them: one for 1C, a workbook."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from .. import words
from ..models import Receipt
from .matching import Row
from .totals import MeansTotal, RateTotal, ShiftTotal

#: Money is ``Decimal``. A time has no zone of its own: it is the shop's.
type Cell = str | int | Decimal | date | datetime | None


@dataclass(frozen=True, slots=True)
class Table:
    #: For an address and the name of a file.
    name: str
    title: str
    columns: Sequence[str]
    rows: Iterable[Sequence[Cell]]


def facts(rows: Iterable[Row], zone: ZoneInfo) -> Table:
    """Money beside its receipts."""
    outcomes, knowledge = words.outcomes(), words.knowledge()
    sale, refund = _("Payment"), _("Refund")
    columns = [
        *(_("Result"), _("Time"), _("Order"), _("Channel"), _("Kind"), _("Way to pay")),
        *(_("In the store"), _("By receipts"), _("Currency"), _("In 1C"), _("Register")),
        *(_("Remark"), _("Receipt")),
    ]

    def cells() -> Iterator[Sequence[Cell]]:
        for row in rows:
            yield (
                outcomes[row.outcome],
                _local(row.at, zone),
                row.order_number,
                row.channel,
                refund if row.is_refund else sale,
                row.method,
                row.paid,
                row.receipted,
                row.currency,
                knowledge[row.onec] if row.onec else "",
                row.register,
                row.reason,
                str(row.receipt or ""),
            )

    return Table("facts", _("Receipts beside payments"), columns, cells())


def shifts(totals: Iterable[ShiftTotal]) -> Table:
    columns = [
        *(_("Day"), _("Register"), _("Fiscal drive"), _("Shift"), _("Receipts")),
        *(_("Corrections"), _("Sales"), _("Refunds"), _("Money taken"), _("Money given back")),
    ]
    rows = (
        (
            *(one.day, one.register, one.drive, one.shift or None, one.receipts),
            *(one.corrections, one.sold, one.refunded, one.taken, one.given_back),
        )
        for one in totals
    )
    return Table("shifts", _("By days and shifts"), columns, rows)


def rates(totals: Iterable[RateTotal]) -> Table:
    names = words.rates()
    columns = [
        *(_("Rate of VAT"), _("Sales"), _("VAT in them")),
        *(_("Refunds"), _("VAT in refunds"), _("VAT, difference")),
    ]
    rows = (
        (
            *(names[one.rate], one.sold, one.tax_sold),
            *(one.refunded, one.tax_refunded, one.tax_sold - one.tax_refunded),
        )
        for one in totals
    )
    return Table("rates", _("By rates of VAT"), columns, rows)


def means(totals: Iterable[MeansTotal]) -> Table:
    names = words.means()
    columns = [_("Way to pay"), _("Sales"), _("Refunds"), _("Difference")]
    rows = ((names[one.means], one.sold, one.refunded, one.sold - one.refunded) for one in totals)
    return Table("means", _("By ways to pay"), columns, rows)


def receipts(rows: "QuerySet[Receipt]", zone: ZoneInfo) -> Table:
    """Every receipt of a period."""
    kinds = words.kinds()
    columns = [
        *(_("Registered"), _("Kind"), _("Order"), _("Channel"), _("Amount"), _("Money moved")),
        *(_("Register"), _("Register number"), _("Fiscal drive"), _("Fiscal document")),
        *(_("Fiscal sign"), _("Shift"), _("Number in the shift"), _("Address"), _("Test")),
    ]

    def cells() -> Iterator[Sequence[Cell]]:
        for row in rows.defer("document").order_by("registered", "pk").iterator():
            yield (
                _local(row.registered, zone) if row.registered else None,
                kinds[row.kind],
                row.order_number,
                row.channel,
                row.total,
                row.moved,
                row.register,
                row.register_number,
                row.drive,
                row.fiscal_document,
                row.sign,
                row.shift_number or None,
                row.number or None,
                row.url,
                _("yes") if row.is_test else "",
            )

    return Table("receipts", _("Receipts"), columns, cells())


def _local(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(microsecond=0, tzinfo=None)
