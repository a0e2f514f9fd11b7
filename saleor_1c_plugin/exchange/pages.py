"""The journal for people: what each exchange brought and what became of it."""

from uuid import UUID

from django.db.models import Count, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from .models import Exchange

#: Exchanges on a page; an hourly exchange fills two days.
_PAGE = 50


def journal(request: HttpRequest) -> HttpResponse:
    """The latest exchanges."""
    exchanges = Exchange.objects.annotate(
        seen=Sum("jobs__seen"),
        created=Sum("jobs__created"),
        updated=Sum("jobs__updated"),
        hidden=Sum("jobs__hidden"),
        errors=Count("jobs", filter=Q(jobs__status="failed")),
    ).order_by("-started")[:_PAGE]
    return render(request, "onec_exchange/journal.html", {"exchanges": exchanges})


def exchange(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One exchange: its files, counts and remarks."""
    row = get_object_or_404(Exchange, pk=pk)
    jobs = row.jobs.prefetch_related("entries")
    return render(request, "onec_exchange/exchange.html", {"exchange": row, "jobs": jobs})
