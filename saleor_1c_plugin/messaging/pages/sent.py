"""The messages, newest first, and what they have cost."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from ...orders.customers import normal_email, normal_phone
from ...outbox.staff_pages import FormKey, stale
from ...periods import Period
from .. import again
from ..channel import channels
from ..models import Delivery
from ..settings import MessagesSettings

State = Delivery.State

_KEY = FormKey("messages sent")
_A_PAGE = 50


def show(request: HttpRequest, user: str, root: str) -> HttpResponse:
    """The page; its filters are in the address. A button sends a message again."""
    if request.method == "POST":
        if not _KEY.is_of(request, user):
            return stale(request)
        # A longer number is no id of the database's.
        number = request.POST.get("again", "")[:18]
        if number.isascii() and number.isdigit():
            again.send(int(number), is_sure=request.POST.get("sure") == "yes")
        return HttpResponseRedirect(request.get_full_path())
    everywhere = MessagesSettings.all().values()
    zone = next((settings.zone for settings in everywhere), MessagesSettings().zone)
    period = Period.asked(request.GET, zone)
    since, until = period.bounds(zone)
    # A zero byte is no text of the database's.
    text = request.GET.get("q", "").replace("\x00", "").strip()[:254]
    rows = _found(Delivery.objects.filter(created__gte=since, created__lt=until), text)
    asked = {key: request.GET.get(key, "") for key in ("state", "channel")}
    chosen = rows
    for key, value in asked.items():
        if value:
            chosen = chosen.filter(**{key: value.replace("\x00", "")})
    page = Paginator(chosen.order_by("-created", "-pk"), _A_PAGE).get_page(request.GET.get("page"))
    names, titles = state_names(), {one.name: one.title for one in channels()}
    possible = again.possible(list(page))
    context: dict[str, Any] = {
        "root": root,
        "here": "sent",
        "period": period,
        "text": text,
        **asked,
        "query": urlencode({**period.query, "q": text, **asked}),
        "states": names.items(),
        "titles": titles.items(),
        "page": page,
        "lines": [
            {
                "row": row,
                "state": names[row.state],
                "channel": titles.get(row.channel, row.channel),
                "again": row.pk in possible,
                "is_doubtful": row.state in again.DOUBTFUL,
            }
            for row in page
        ],
        "costs": [
            {**line, "title": titles.get(line["channel"], line["channel"])} for line in _costs(rows)
        ],
        "zone": zone,
        "form": _KEY.of(user),
    }
    return render(request, "onec_messaging/sent.html", context)


def state_names() -> dict[str, str]:
    return {
        State.HELD: _("waits for the morning"),
        State.QUEUED: _("in the queue"),
        State.SENDING: _("being sent"),
        State.SENT: _("sent"),
        State.DELIVERED: _("delivered"),
        State.UNREACHABLE: _("not reached"),
        State.FAILED: _("refused by the service"),
        State.UNKNOWN: _("no answer: perhaps sent"),
        State.OVERTAKEN: _("sent by another channel"),
        State.EXPIRED: _("too late"),
        State.DROPPED: _("not sent"),
    }


def _found(rows: "QuerySet[Delivery]", text: str) -> "QuerySet[Delivery]":
    """Those of an order by its number, or of a person by e-mail or phone."""
    if not text:
        return rows
    fits = Q(order_number=text) | Q(address=text)
    if "@" in text:
        fits |= Q(email=normal_email(text))
    elif phone := normal_phone(text):
        fits |= Q(phone=phone)
    return rows.filter(fits)


def _costs(rows: "QuerySet[Delivery]") -> Sequence[Mapping[str, Any]]:
    """By channel and currency: how many were sent, in how many parts, for how much."""
    sent = rows.exclude(sent=None).values("channel", "currency").order_by("channel", "currency")
    return list(sent.annotate(messages=Count("pk"), parts=Sum("parts"), cost=Sum("cost")))
