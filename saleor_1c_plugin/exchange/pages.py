"""The journal of exchanges for people."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.paginator import Paginator
from django.db.models import Count, Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from ..report import Level
from . import journal as figures
from .journal import Counts
from .models import Exchange, ImportJob, JournalEntry

_A_PAGE = 50
_ENTRIES_A_PAGE = 200


@dataclass(frozen=True, slots=True)
class JobLine:
    """A job with its figures."""

    job: ImportJob
    counts: Counts
    kinds: dict[str, Counts]
    unlisted: int

    @classmethod
    def of(cls, job: ImportJob) -> "JobLine":
        rows = job.counts.all()
        kinds = figures.counts_by_kind(rows)
        return cls(job, figures.total(kinds), kinds, figures.unlisted(rows))


@dataclass(frozen=True, slots=True)
class ExchangeLine:
    """An exchange with its jobs, and what it came to."""

    exchange: Exchange
    jobs: list[JobLine]
    errors: int = 0
    warnings: int = 0

    @property
    def counts(self) -> Counts:
        return sum((line.counts for line in self.jobs), Counts())

    @property
    def state(self) -> str:
        statuses = {line.job.status for line in self.jobs}
        if ImportJob.Status.FAILED in statuses:
            return "failed"
        if statuses & {ImportJob.Status.QUEUED, ImportJob.Status.RUNNING}:
            return "running"
        if self.exchange.finished or self.exchange.closed:
            return "done" if self.jobs else "empty"
        return "open"


def journal(request: HttpRequest) -> HttpResponse:
    """The exchanges, newest first, with refused strangers beside them."""
    jobs = Prefetch("jobs", ImportJob.objects.order_by("pk").prefetch_related("counts"))
    page = Paginator(
        Exchange.objects.order_by("-started").prefetch_related(jobs), _A_PAGE
    ).get_page(request.GET.get("page"))
    remarks = _remarks(page)
    lines = [
        ExchangeLine(
            exchange,
            [JobLine.of(job) for job in exchange.jobs.all()],
            errors=remarks.get((exchange.pk, Level.ERROR), 0),
            warnings=remarks.get((exchange.pk, Level.WARNING), 0),
        )
        for exchange in page
    ]
    strangers = JournalEntry.objects.filter(exchange=None).order_by("-created")[:20]
    return render(
        request,
        "onec_exchange/journal.html",
        {"page": page, "lines": lines, "strangers": strangers},
    )


def _remarks(exchanges: Iterable[Exchange]) -> dict[tuple[int, str], int]:
    """How many entries of each level each exchange has."""
    entries = JournalEntry.objects.filter(exchange__in=list(exchanges)).order_by()
    rows = entries.values_list("exchange_id", "level").annotate(n=Count("pk"))
    return {(exchange_id, level): n for exchange_id, level, n in rows}


def exchange(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One exchange: its files, figures and entries."""
    found = get_object_or_404(Exchange, public_id=public_id)
    jobs = found.jobs.order_by("pk").prefetch_related("counts")
    line = ExchangeLine(found, [JobLine.of(job) for job in jobs])
    entries = Paginator(
        found.entries.select_related("job").order_by("pk"), _ENTRIES_A_PAGE
    ).get_page(request.GET.get("page"))
    return render(
        request, "onec_exchange/exchange.html", {"line": line, "exchange": found, "page": entries}
    )
