"""A reader's own page: which messages he wants, where, in which language, and not at night.

No login: its address is in every message, and nobody else knows it. It shows nothing of whose it
is.
"""

import zoneinfo
from collections.abc import Sequence
from functools import cache
from zoneinfo import ZoneInfo

from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseNotFound,
    HttpResponseRedirect,
)
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt

from ..outbox.staff_pages import private
from . import consent
from .channel import Channel, StaffChannel, channels
from .choosing import saved_of
from .models import Preference
from .settings import MessagesSettings
from .texts import LANGUAGES

_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"
)
#: What a mail program sends when its own button is pressed (RFC 8058).
_ONE_CLICK = "List-Unsubscribe"


# The address is the key: a form elsewhere could not know it.
@csrf_exempt
def serve(request: HttpRequest, path: str) -> HttpResponse:
    """The page, and what its form does."""
    secret = path.strip("/")
    # A zero byte is no text of the database's.
    row = Preference.objects.filter(secret=secret).first() if secret.isprintable() else None
    if row is None:
        return _closed(HttpResponseNotFound())
    if request.method == "POST":
        if _ONE_CLICK in request.POST:
            consent.opt_out(row)
            return _closed(HttpResponse(status=200))
        _save(row, request)
        return _closed(HttpResponseRedirect(f"{request.path}?saved"))
    if request.method not in ("GET", "HEAD"):
        return _closed(HttpResponseNotAllowed(["GET", "HEAD", "POST"]))
    return _closed(_page(request, row))


def _page(request: HttpRequest, row: Preference) -> HttpResponse:
    everywhere = list(MessagesSettings.all().values())
    language = row.language if row.language in LANGUAGES else consent.usual_language()
    # Where consent is needed somewhere, nothing is taken for granted.
    asked = {name for settings in everywhere for name in settings.consent}
    context = {
        "row": row,
        "spoken": language,
        "languages": LANGUAGES,
        "shop": next((settings.shop for settings in everywhere if settings.shop), ""),
        "channels": [
            {
                "name": one.name,
                "title": one.title,
                "on": row.allowed.get(one.name, one.name not in asked),
            }
            for one in _on()
        ],
        "zones": _zones(),
        "is_saved": "saved" in request.GET,
    }
    with override(language):
        return render(request, "onec_messaging/preference.html", context)


def _save(row: Preference, request: HttpRequest) -> None:
    """Take what the form says; nonsense in it changes nothing."""
    given = request.POST
    wanted = set(given.getlist("channel"))
    # Of what the form did not show, it says nothing.
    row.allowed = {**row.allowed, **{one.name: one.name in wanted for one in _on()}}
    if given.get("language") in LANGUAGES:
        row.language = given["language"]
    row.zone = _zone(given.get("zone", ""), row.zone)
    if "nothing" not in given:
        row.opted_out = None
    elif row.opted_out is None:
        row.opted_out = timezone.now()
    row.save()


def _on() -> Sequence[Channel]:
    """Channels that are switched on."""
    found = [one for one in channels() if not isinstance(one, StaffChannel)]
    return [one for one in found if saved_of(one) is not None]


@cache
def _zones() -> Sequence[str]:
    """Names of those that a place has: "Asia/Omsk"."""
    places = (name for name in zoneinfo.available_timezones() if "/" in name)
    return sorted(name for name in places if not name.startswith(("Etc/", "SystemV/", "US/")))


def _zone(text: str, otherwise: str) -> str:
    name = text.strip()[:64]
    try:
        return ZoneInfo(name).key if name else ""
    except (KeyError, ValueError, OSError):
        return otherwise


def _closed(response: HttpResponse) -> HttpResponse:
    private(response)
    # The address is the key to it: it must not go on to others.
    response["Referrer-Policy"] = "no-referrer"
    response["Content-Security-Policy"] = _POLICY
    return response
