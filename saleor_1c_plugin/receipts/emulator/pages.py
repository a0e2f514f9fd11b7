"""The emulated registers for people: how they are, what they have printed, what they are to do.

It says at the top, and of every receipt, that this is none.
"""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from ...language import in_host_language
from ...outbox.staff_pages import FormKey, private, stale
from ..driver import OutcomeUnknown, Unavailable
from . import drive
from .models import Document, Drive

_KEY = FormKey("receipts.emulator")
#: Documents of each register.
_SHOWN = 30
_SWITCHES = ("is_away", "has_paper", "is_offline")
_SHARES = ("fails", "loses")


@in_host_language
def emulator(request: HttpRequest, user: str = "") -> HttpResponse:
    """The page, and what its buttons do.

    Parameters
    ----------
    user
        Who was let in, by whoever serves the page: the buttons work for nobody else, so that
        another site can't press them in his name.
    """
    if request.method == "POST":
        if not _KEY.is_of(request, user):
            return stale(request)
        _act(request)
        return private(HttpResponseRedirect(request.get_full_path()))
    context = {
        "registers": [_shown(row) for row in Drive.objects.order_by("name")],
        "form": _KEY.of(user),
    }
    return private(render(request, "onec_receipts_emulator/emulator.html", context))


def _act(request: HttpRequest) -> None:
    row = Drive.objects.filter(name=request.POST.get("register", "")).first()
    if row is None:
        return
    if request.POST.get("action") == "close":
        try:
            drive.close_shift(row.name)
        except (OutcomeUnknown, Unavailable):
            # It can't: the page shows why.
            return
        return
    values: dict[str, bool | int] = {name: name in request.POST for name in _SWITCHES}
    for name in _SHARES:
        text = request.POST.get(name, "")
        values[name] = min(int(text), 100) if text.isascii() and text.isdigit() else 0
    Drive.objects.filter(pk=row.pk).update(**values)
    if row.is_offline and not values["is_offline"]:
        drive.go_online(row.name)


def _shown(row: Drive) -> dict[str, object]:
    documents = row.documents.exclude(type=Document.Type.REGISTRATION)
    return {
        "row": row,
        "problem": drive.problem(row),
        "unsent": row.documents.filter(sent=None).count(),
        "documents": documents.order_by("-number")[:_SHOWN],
    }
