"""Whether the day agrees: receipts beside payments and 1C, differences first, and the totals."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ...orders import known
from ...periods import Period
from .. import words
from ..models import Receipt
from ..reports import csv_file, gathering, tables, totals, xlsx_file
from ..reports.chart import chart
from ..reports.matching import Outcome, Row
from . import forms

_A_PAGE = 100
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the address asks for; nonsense in it means what is usual."""

    period: Period
    register: str = ""
    outcome: Outcome | None = None

    @property
    def query(self) -> str:
        values = self.period.query
        if self.register:
            values["register"] = self.register
        if self.outcome:
            values["outcome"] = self.outcome.value
        return urlencode(values)


def show(request: HttpRequest, user: str, root: str) -> HttpResponse:
    """The page, and its files."""
    asked = _asked(request)
    zone = known.zone()
    since, until = asked.period.bounds(zone)
    made = totals.registered(since, until, asked.register)
    all_rows = _of(asked, gathering.rows(since, until))
    wanted = [row for row in all_rows if asked.outcome in (None, row.outcome)]
    by_shift = totals.by_shift(made, zone)
    by_rate, by_means = totals.by_rate(made), totals.by_means(made)
    written = (
        tables.facts(wanted, zone),
        tables.shifts(by_shift),
        tables.rates(by_rate),
        tables.means(by_means),
        tables.receipts(made, zone),
    )
    match request.GET.get("format"):
        case "csv":
            name = request.GET.get("table", "")
            table = next((one for one in written if one.name == name), written[0])
            return _file(csv_file.write(table), asked, table.name, "csv", "text/csv; charset=utf-8")
        case "xlsx":
            return _file(xlsx_file.write(written), asked, "receipts", "xlsx", _XLSX)
    counts = Counter(row.outcome for row in all_rows)
    outcomes, knowledge = words.outcomes(), words.knowledge()
    page = Paginator(wanted, _A_PAGE).get_page(request.GET.get("page"))
    rates, means = words.rates(), words.means()
    context: dict[str, Any] = {
        "root": root,
        "here": "report",
        "asked": asked,
        "page": page,
        "lines": [
            {
                "row": row,
                "outcome": outcomes[row.outcome],
                "is_difference": row.outcome.is_difference,
                "onec": knowledge[row.onec] if row.onec else "",
            }
            for row in page
        ],
        "differences": sum(counts[one] for one in Outcome if one.is_difference),
        "outcomes": [(one.value, outcomes[one], counts[one]) for one in Outcome if counts[one]],
        "registers": _registers(since, until),
        "shifts": by_shift,
        "rates": [(rates[one.rate], one) for one in by_rate],
        "means": [(means[one.means], one) for one in by_means],
        "chart": chart(totals.by_day(made, zone), asked.period.first, asked.period.last),
        "tests": made.filter(is_test=True).count(),
        "zone": zone,
    }
    return render(request, "onec_receipts/report.html", context)


def _of(asked: _Asked, rows: list[Row]) -> list[Row]:
    """Of one register, where that is asked for: then what none has had is left out."""
    return [row for row in rows if asked.register in ("", row.register)]


def _asked(request: HttpRequest) -> _Asked:
    outcome = request.GET.get("outcome", "")
    return _Asked(
        Period.asked(request.GET, known.zone()),
        forms.clean(request.GET.get("register", ""))[:128],
        Outcome(outcome) if outcome in set(Outcome) else None,
    )


def _registers(since: datetime, until: datetime) -> list[str]:
    rows = Receipt.objects.filter(registered__gte=since, registered__lt=until)
    return sorted(set(rows.order_by().values_list("register", flat=True).distinct()))


def _file(content: bytes, asked: _Asked, name: str, ending: str, kind: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    name = f"{name}-{asked.period.name}.{ending}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
