"""What people have written to us, newest first."""

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ...periods import Period
from ..channel import channels
from ..models import Heard
from ..settings import MessagesSettings

_A_PAGE = 50


def show(request: HttpRequest, root: str) -> HttpResponse:
    """The page; its filters are in the address."""
    everywhere = MessagesSettings.all().values()
    zone = next((settings.zone for settings in everywhere), MessagesSettings().zone)
    period = Period.asked(request.GET, zone)
    since, until = period.bounds(zone)
    rows = Heard.objects.filter(at__gte=since, at__lt=until).order_by("-at", "-pk")
    only = request.GET.get("only") == "manager"
    if only:
        rows = rows.filter(command="")
    page = Paginator(rows, _A_PAGE).get_page(request.GET.get("page"))
    titles: dict[str, Any] = {one.name: one.title for one in channels()}
    context: dict[str, Any] = {
        "root": root,
        "here": "received",
        "period": period,
        "only": only,
        "query": urlencode({**period.query, **({"only": "manager"} if only else {})}),
        "page": page,
        "lines": [{"row": row, "channel": titles.get(row.channel, row.channel)} for row in page],
        "zone": zone,
    }
    return render(request, "onec_messaging/received.html", context)
