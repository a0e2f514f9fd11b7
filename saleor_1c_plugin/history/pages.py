"""The journal for people: what has happened, newest first, and a person who is to be forgotten."""

import logging
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.translation import ngettext

from ..language import in_host_language
from ..outbox.staff_pages import FormKey, private, stale
from . import erasing, journal, telling, wire
from .erasing import Person
from .event import Kind
from .models import Record

_A_PAGE = 50
_LONGEST_TEXT = 254
_KEY = FormKey("history")

logger = logging.getLogger(__name__)


@in_host_language
def show(request: HttpRequest, user: str = "") -> HttpResponse:
    """The page, and what its button does.

    Parameters
    ----------
    user
        Who was let in, by whoever serves the page: the button works for nobody else, so that
        another site can't press it in his name.
    """
    text = request.GET.get("q", "").replace("\0", "").strip()[:_LONGEST_TEXT]
    asked = request.GET.get("kind", "")
    kind = asked if asked in set(Kind) else ""
    who = _person(text)
    if request.method == "POST":
        if not _KEY.is_of(request, user):
            return stale(request)
        return private(_forget(request, user, who))
    if who is not None and request.GET.get("format") == "json":
        return private(_told(who))
    rows = Record.objects.filter(_named(text, who)).order_by("-pk")
    if kind:
        rows = rows.filter(kind=kind)
    page = Paginator(rows, _A_PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "page": page,
        "lines": [{"row": row, "who": _words(row), "what": _brief(row)} for row in page],
        "text": text,
        "kind": kind,
        "kinds": list(Kind),
        "query": urlencode({"q": text, "kind": kind}),
        "person": urlencode({"q": text}),
        "is_person": who is not None and _is_known(who),
        "done": _done(request.GET.get("forgotten", "")),
        "form": _KEY.of(user),
    }
    return private(render(request, "onec_history/events.html", context))


def _person(text: str) -> Person | None:
    """Who is meant by an e-mail address, a phone or an account's id (“id:7”); or nobody."""
    if text.startswith("id:"):
        return erasing.person(customer_id=text.removeprefix("id:").strip())
    if text.startswith("+"):
        return erasing.person(phone=text)
    return erasing.person(email=text) if "@" in text else None


def _named(text: str, who: Person | None) -> Q:
    if who is not None:
        return who.events
    return Q(order_number=text.removeprefix("#")) if text else Q()


def _forget(request: HttpRequest, user: str, who: Person | None) -> HttpResponse:
    if request.POST.get("action") != "forget" or who is None:
        return HttpResponseRedirect(request.get_full_path())
    if not request.POST.get("sure"):
        return HttpResponseRedirect(request.get_full_path())
    count = erasing.forget(who)
    logger.info("A person was forgotten by %s; events: %d", user, count)
    return HttpResponseRedirect(f"{request.path}?forgotten={count}")


def _is_known(who: Person) -> bool:
    """Whether anything is kept of him: events are kept for a while, and messages for another."""
    return Record.objects.filter(who.events).exists() or telling.is_anything(who)


def _told(who: Person) -> HttpResponse:
    """All that is kept of him, for himself."""
    rows = Record.objects.filter(who.events).order_by("pk")
    events = [wire.as_json(row.number or 0, journal.event_of(row)) for row in rows]
    response = JsonResponse(
        {"events": events, **telling.told(who)},
        json_dumps_params={"ensure_ascii": False, "indent": 1},
    )
    response["Content-Disposition"] = 'attachment; filename="events.json"'
    return response


def _words(row: Record) -> str:
    """What finds everything of the same person."""
    return row.email or (f"id:{row.customer_id}" if row.customer_id else row.phone)


def _brief(row: Record) -> str:
    data = row.data
    amount = data.get("amount") or data.get("total") or data.get("price")
    money = f"{amount} {data.get('currency', '')}" if amount else ""
    words = (data.get(name) for name in ("status", "tracking", "channel", "reason", "until"))
    return " · ".join([*(str(word) for word in words if word), *filter(None, [money])])


def _done(count: str) -> str:
    if not (count.isascii() and count.isdigit() and len(count) <= 9):
        return ""
    return ngettext(
        "The person was forgotten; %(count)d event is nobody's now.",
        "The person was forgotten; %(count)d events are nobody's now.",
        int(count),
    ) % {"count": int(count)}
