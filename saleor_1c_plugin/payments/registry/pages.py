"""The report for people: registries beside the books, and payments that need a person."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.core.signing import BadSignature, TimestampSigner
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone

from ...language import in_host_language
from ...money import quantize
from ...orders import known
from ..models import Attempt, Notification
from ..provider import providers
from . import asking, csv_file, gathering
from .days import bounds
from .matching import Outcome, Row
from .models import RegistryRun
from .totals import Total, totals
from .words import Words

_A_PAGE = 100
#: Of payments and notifications that a person must look at.
_SHOWN = 50
#: A page that was opened this long ago can still be used, in seconds.
_FORM_AGE = 12 * 3600
#: Days: what is shown unless asked, and what is shown at most.
_USUAL, _MOST = 7, 92


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the address asks for; nonsense in it means what is usual."""

    first: date
    last: date
    provider: str = ""
    outcome: Outcome | None = None

    @property
    def query(self) -> str:
        values = {"from": self.first.isoformat(), "to": self.last.isoformat()}
        if self.provider:
            values["provider"] = self.provider
        if self.outcome:
            values["outcome"] = self.outcome.value
        return urlencode(values)


@in_host_language
def registries(request: HttpRequest, user: str = "") -> HttpResponse:
    """The page, its file, and what its button does.

    Parameters
    ----------
    user
        Who was let in, by whoever serves the page: the button works for nobody else, so that
        another site can't press it in his name.
    """
    signer = TimestampSigner(salt="saleor_1c_plugin.payments.registry")
    asked = _asked(request)
    if request.method == "POST":
        try:
            is_known = signer.unsign(request.POST.get("form", ""), max_age=_FORM_AGE) == user
        except BadSignature:
            is_known = False
        if not is_known:
            return _private(render(request, "onec_outbox/stale.html", status=403))
        if request.POST.get("action") == "load":
            asking.ask(asked.first, asked.last, asked.provider)
        return _private(HttpResponseRedirect(f"?{asked.query}"))
    zone = known.zone()
    since, _ = bounds(asked.first, zone)
    _, until = bounds(asked.last, zone)
    rows = gathering.rows(since, until, asked.provider)
    wanted = [row for row in rows if asked.outcome in (None, row.outcome)]
    if request.GET.get("format") == "csv":
        return _private(_file(csv_file.write(wanted, zone), asked))
    page = Paginator(wanted, _A_PAGE).get_page(request.GET.get("page"))
    counts = Counter(row.outcome for row in rows)
    words = Words()
    context = {
        "asked": asked,
        "page": page,
        "lines": [_line(row, words) for row in page],
        "totals": [_total(total) for total in totals(rows, zone)],
        "differences": sum(counts[outcome] for outcome in Outcome if outcome.is_difference),
        "outcomes": [
            (one.value, words.outcomes[one], counts[one]) for one in Outcome if counts[one]
        ],
        "providers": [(name, _title(name)) for name in gathering.listing()],
        "runs": _runs(since, until, asked.provider),
        "problems": _latest(_problems(asked.provider), "-created"),
        "asides": _latest(_asides(asked.provider), "-received"),
        "zone": zone,
        "form": signer.sign(user),
    }
    return _private(render(request, "onec_payments/registries.html", context))


def _asked(request: HttpRequest) -> _Asked:
    today = timezone.now().astimezone(known.zone()).date()
    last = min(_day(request.GET.get("to"), today), today)
    first = min(_day(request.GET.get("from"), last - timedelta(days=_USUAL - 1)), last)
    provider, outcome = request.GET.get("provider", ""), request.GET.get("outcome", "")
    return _Asked(
        max(first, last - timedelta(days=_MOST - 1)),
        last,
        provider if provider in providers() else "",
        Outcome(outcome) if outcome in set(Outcome) else None,
    )


def _day(text: str | None, otherwise: date) -> date:
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return otherwise
    # Nothing was paid then, and the calendar does not end in the middle of a sum.
    return day if day.year >= 2000 else date(2000, 1, 1)


def _line(row: Row, words: Words) -> dict[str, Any]:
    fact = row.fact
    sides = {"listed": row.listed, "own": row.own, "sold": row.sold}
    line: dict[str, Any] = {
        name: side and _money(side.amount, side.currency) for name, side in sides.items()
    }
    fee = row.listed.fee if row.listed else None
    return line | {
        "at": fact.at,
        "provider": _title(fact.provider),
        "kind": words.kinds[fact.kind],
        "reference": fact.reference,
        "order": row.sold.order_number if row.sold else "",
        "fee": "" if fee is None else f"{quantize(fee, fact.currency):f}",
        "state": words.state(row.own) if row.own else "",
        "onec": words.knowledge[row.onec] if row.onec else "",
        "outcome": words.outcomes[row.outcome],
        "is_difference": row.outcome.is_difference,
    }


def _total(total: Total) -> dict[str, Any]:
    def amount(name: str) -> str:
        return f"{quantize(getattr(total, name), total.currency):f}"

    amounts = ("paid", "given_back", "fees", "net", "sold", "returned")
    return {name: amount(name) for name in amounts} | {
        "day": total.day,
        "provider": _title(total.provider),
        "account": total.account,
        "currency": total.currency,
        "payments": total.payments,
        "refunds": total.refunds,
        "without_fee": total.without_fee,
        "differences": total.differences,
    }


def _money(amount: Any, currency: str) -> str:
    return f"{quantize(amount, currency):f} {currency}"


def _title(name: str) -> str:
    provider = providers().get(name)
    return provider.title if provider else name


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


def _latest(rows: "QuerySet[Any]", newest: str) -> dict[str, Any]:
    return {"count": rows.count(), "rows": rows.order_by(newest, "-pk")[:_SHOWN]}


def _file(content: bytes, asked: _Asked) -> HttpResponse:
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    name = f"registry-{asked.first.isoformat()}-{asked.last.isoformat()}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    response["X-Frame-Options"] = "DENY"
    response["Referrer-Policy"] = "same-origin"
    return response
