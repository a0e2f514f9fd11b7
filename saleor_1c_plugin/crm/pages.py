"""CRMs for people: how far everything was sent, and who is who where that is in doubt."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from ..language import in_host_language
from ..outbox.staff_pages import FormKey, private, stale
from ..store import current_store
from . import back, proposals, resync
from .adapter import Kind, System, Why, system, systems
from .models import Held, Link, Look, Mark, Proposal, Resync

_KEY = FormKey("crm")
_MOST_PROPOSALS = 100


# Its forms carry a key of their own: not every shop has Django's.
@csrf_exempt
@in_host_language
def crm(request: HttpRequest, user: str = "") -> HttpResponse:
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
    shown = [_shown(one, saved) for one in systems() if (saved := _saved(one)) is not None]
    context = {"systems": shown, "form": _KEY.of(user)}
    return private(render(request, "onec_crm/crm.html", context))


def _act(request: HttpRequest) -> None:
    chosen = system(request.POST.get("system", ""))
    if chosen is None or _saved(chosen) is None:
        return
    match request.POST.get("action"):
        case "resync":
            resync.begin(chosen)
        case "decide":
            # A longer number is no id of the database's.
            number = request.POST.get("proposal", "")[:18]
            if number.isascii() and number.isdigit() and "record" in request.POST:
                proposals.decide(chosen, int(number), request.POST["record"])


def _shown(one: System, saved: Mapping[str, object]) -> dict[str, Any]:
    rows = Proposal.objects.filter(system=one.name, decided=None).order_by("made", "pk")
    return {
        "name": one.name,
        "title": one.title,
        "resync": Resync.objects.filter(system=one.name, run__gt=0).first(),
        "look": Look.objects.filter(system=one.name).first() if back.settings_of(one) else None,
        "contacts": Link.objects.filter(system=one.name, of=Link.Of.CONTACT).count(),
        "deals": Link.objects.filter(system=one.name, of=Link.Of.DEAL).count(),
        "proposals": [_proposal(one, saved, row) for row in rows[:_MOST_PROPOSALS]],
    }


def _proposal(one: System, saved: Mapping[str, object], row: Proposal) -> dict[str, Any]:
    kind, names = Kind(row.of), _names()
    is_person = row.of == Link.Of.CONTACT
    return {
        "row": row,
        "who": ", ".join(_known_by(row.ours) if is_person else [row.ours.partition(":")[2]]),
        "waits": _waiting(one, row) if is_person else 0,
        "candidates": [
            {
                "id": candidate["id"],
                "page": one.page(saved, kind, candidate["id"]),
                "why": ", ".join(names.get(why, why) for why in candidate["why"]),
            }
            for candidate in row.candidates
        ],
    }


def _waiting(one: System, row: Proposal) -> int:
    return Held.objects.filter(system=one.name, person=UUID(row.ours)).count()


def _known_by(person: str) -> list[str]:
    marks = Mark.objects.filter(person=UUID(person)).exclude(mark__startswith="order:")
    return [mark.partition(":")[2] for mark in marks.values_list("mark", flat=True)]


def _names() -> dict[str, str]:
    return {
        Why.ONEC: _("1C's id"),
        Why.EMAIL: _("e-mail"),
        Why.PHONE: _("phone"),
        Why.INN: _("ИНН"),
    }


def _saved(one: System) -> Mapping[str, object] | None:
    return current_store().configuration(one.name)
