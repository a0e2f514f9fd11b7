"""The report for people: registries beside the books, and payments that need a person."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.core.signing import BadSignature
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from ...language import in_host_language
from ...orders import known
from ...outbox.staff_pages import FormKey, private, stale
from ...periods import Period
from ..models import Attempt, Notification
from ..provider import providers
from . import asking, closing, csv_file, gathering, lines
from .doubles import doubles
from .matching import Outcome
from .models import RegistryRun
from .totals import totals
from .words import Words

_A_PAGE = 100
#: Of payments and notifications that a person must look at, and of what was closed.
_SHOWN = 50
#: The newest of them: what is older than so many nobody looks at any more.
_LOOKED_AT = 1000
_KEY = FormKey("payments.registry")


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the address asks for; nonsense in it means what is usual."""

    period: Period
    provider: str = ""
    outcome: Outcome | None = None

    @property
    def query(self) -> str:
        values = self.period.query
        if self.provider:
            values["provider"] = self.provider
        if self.outcome:
            values["outcome"] = self.outcome.value
        return urlencode(values)


@in_host_language
def registries(request: HttpRequest, user: str = "") -> HttpResponse:
    """The page, its file, and what its buttons do.

    Parameters
    ----------
    user
        Who was let in, by whoever serves the page: the buttons work for nobody else, so that
        another site can't press them in his name. Lines are closed under this name.
    """
    asked = _asked(request)
    wrong = ""
    if request.method == "POST":
        if not _KEY.is_of(request, user):
            return stale(request)
        try:
            wrong = _done(request, asked, user)
        except BadSignature:
            return stale(request)
        if not wrong:
            return private(HttpResponseRedirect(f"?{asked.query}"))
    zone, words = known.zone(), Words()
    since, until = asked.period.bounds(zone)
    rows = gathering.rows(since, until, asked.provider)
    wanted = [row for row in rows if asked.outcome in (None, row.outcome)]
    twice = doubles(since, until, asked.provider)
    if request.GET.get("format") == "csv" and not wrong:
        # They have come to no result.
        also = twice if asked.outcome is None else []
        return private(_file(csv_file.write(wanted, zone, also), asked))
    page = Paginator([row for row in wanted if row.closed is None], _A_PAGE).get_page(
        request.GET.get("page")
    )
    closed = [row for row in wanted if row.closed is not None]
    counts = Counter(row.outcome for row in rows)
    context = {
        "asked": asked,
        "wrong": wrong,
        "page": page,
        "lines": [lines.moved(row, words) for row in page],
        "closed": {
            "count": len(closed),
            "rows": [lines.moved(row, words) for row in closed[:_A_PAGE]],
        },
        "totals": [lines.total(total) for total in totals(rows, zone)],
        "differences": sum(row.is_difference for row in rows),
        "outcomes": [
            (one.value, words.outcomes[one], counts[one]) for one in Outcome if counts[one]
        ],
        "providers": [(name, lines.title(name)) for name in gathering.listing()],
        "runs": _runs(since, until, asked.provider),
        "doubles": [lines.doubled(one) for one in twice if not one.is_settled],
        "settled": [lines.doubled(one) for one in twice if one.is_settled],
        "duplicates": words.duplicates,
        "problems": _latest(_problems(asked.provider), "-created", closing.problem),
        "asides": _latest(_asides(asked.provider), "-received", closing.notification),
        "most_note": closing.MOST_NOTE,
        "zone": zone,
        "form": _KEY.of(user),
    }
    status = 400 if wrong else 200
    return private(render(request, "onec_payments/registries.html", context, status=status))


def _done(request: HttpRequest, asked: _Asked, user: str) -> str:
    """Do what a button says; why nothing was done, where nothing was.

    Raises
    ------
    django.core.signing.BadSignature
        No page has shown the line that is meant.
    """
    action, line = request.POST.get("action"), request.POST.get("line", "")
    if action == "load":
        asking.ask(asked.period.first, asked.period.last, asked.provider)
    elif action == "reopen":
        closing.reopen(line, user)
    elif action == "close":
        note = closing.note_of(request.POST.get("note", ""))
        if not note:
            return _("Nothing was closed: write why the line needs nobody any more.")
        closing.close(line, user, note)
    return ""


def _asked(request: HttpRequest) -> _Asked:
    provider, outcome = request.GET.get("provider", ""), request.GET.get("outcome", "")
    return _Asked(
        Period.asked(request.GET, known.zone()),
        provider if provider in providers() else "",
        Outcome(outcome) if outcome in set(Outcome) else None,
    )


def _runs(since: Any, until: Any, provider: str) -> "QuerySet[RegistryRun]":
    """Periods that are not loaded, though they were asked for."""
    wanted = Q(provider=provider) if provider else Q()
    runs = RegistryRun.objects.filter(wanted, since__lt=until, until__gt=since)
    return runs.exclude(state=RegistryRun.State.DONE).order_by("provider", "account", "since")


def _problems(provider: str) -> "QuerySet[Attempt]":
    wanted = Q(provider=provider) if provider else Q()
    return Attempt.objects.filter(wanted).exclude(problem="")


def _asides(provider: str) -> "QuerySet[Notification]":
    wanted = Q(provider=provider) if provider else Q()
    return Notification.objects.filter(wanted, state=Notification.State.ASIDE).defer("body")


def _latest(
    rows: "QuerySet[Any]", newest: str, line: Callable[[Any], closing.Line]
) -> dict[str, Any]:
    """The newest ones that are open, and those that are closed."""
    found = lines.listed(list(rows.order_by(newest, "-pk")[:_LOOKED_AT]), line)
    still = [one for one in found if one["closed"] is None]
    closed = [one for one in found if one["closed"] is not None]
    return {
        "count": len(still),
        "rows": still[:_SHOWN],
        "closed": closed[:_SHOWN],
    }


def _file(content: bytes, asked: _Asked) -> HttpResponse:
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    name = f"registry-{asked.period.name}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
