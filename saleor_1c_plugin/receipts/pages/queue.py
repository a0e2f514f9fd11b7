"""The queue for people: what has failed and what to mend, what waits and until when it may."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import ngettext

from ...orders import known
from ...outbox.staff_pages import stale
from .. import actions, gauges, words
from ..models import Receipt, RegisterHealth
from . import forms

State = Receipt.State

_A_PAGE = 50
#: Tab → the states in it, and the order: what is most urgent comes first.
_TABS: dict[str, tuple[Sequence[str], Sequence[str]]] = {
    "failed": ([State.FAILED], ["deadline", "created"]),
    "waiting": ([State.QUEUED, State.SENT], ["deadline", "created"]),
    "done": ([State.DONE], ["-registered"]),
    "dropped": ([State.DROPPED], ["-created"]),
}


def show(request: HttpRequest, user: str, root: str) -> HttpResponse:
    """The page, and what its button does."""
    asked = request.GET.get("state", "")
    tab = asked if asked in _TABS else "failed"
    text = forms.clean(request.GET.get("q", ""))[:64]
    done = ""
    if request.method == "POST":
        if not forms.KEY.is_of(request, user):
            return stale(request)
        if request.POST.get("action") != "send":
            return HttpResponseRedirect(request.get_full_path())
        done = _send_all(_rows(tab, text))
    page = Paginator(_rows(tab, text), _A_PAGE).get_page(request.GET.get("page"))
    now = timezone.now()
    kinds, states = words.kinds(), words.states()
    context: dict[str, Any] = {
        "root": root,
        "here": "queue",
        "tab": tab,
        "text": text,
        "query": urlencode({"state": tab, "q": text}),
        "page": page,
        "lines": [
            {
                "row": row,
                "kind": kinds[row.kind],
                "state": states[row.state],
                "is_overdue": tab in ("failed", "waiting") and row.deadline < now,
            }
            for row in page
        ],
        "gauges": gauges.read(),
        "ailing": RegisterHealth.objects.filter(Q(away_until__gt=now) | ~Q(problem="")).order_by(
            "register"
        ),
        "now": now,
        "done": done,
        "zone": known.zone(),
        "form": forms.KEY.of(user),
    }
    return render(request, "onec_receipts/queue.html", context)


def _rows(tab: str, text: str) -> "QuerySet[Receipt]":
    states, order = _TABS[tab]
    rows = Receipt.objects.filter(state__in=states).defer("document").order_by(*order, "pk")
    if text:
        rows = rows.filter(Q(order_number=text) | Q(fiscal_document__in=_numbers(text)))
    return rows


def _numbers(text: str) -> list[int]:
    # A longer number is none of the database's.
    return [int(text)] if text.isascii() and text.isdigit() and len(text) <= 18 else []


def _send_all(rows: "QuerySet[Receipt]") -> str:
    """Have what has failed composed anew: after something was mended that all of it needs."""
    sent = 0
    for pk in list(rows.filter(state=State.FAILED).values_list("pk", flat=True)[:_A_PAGE]):
        try:
            sent += actions.send_anew(pk).state != State.FAILED
        except actions.Impossible:
            continue
    return ngettext(
        "%(count)d receipt is sent anew.", "%(count)d receipts are sent anew.", sent
    ) % {"count": sent}
