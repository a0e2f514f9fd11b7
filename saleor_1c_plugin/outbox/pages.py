"""The outbox for people: what is dead, what waits, what was delivered lately."""

from collections.abc import Sequence

from django.core.paginator import Paginator
from django.db.models import F
from django.db.models.expressions import OrderBy
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from ..language import in_host_language
from . import messages
from .models import Circuit, Message
from .staff_pages import FormKey, private, stale

_A_PAGE = 50
_KEY = FormKey("outbox")
_ORDERS: dict[str, Sequence[str | OrderBy]] = {
    Message.State.DEAD: ["id"],
    # What is tried again comes first, then what stands behind another message.
    Message.State.PENDING: [F("due").asc(nulls_last=True), "id"],
    Message.State.DELIVERED: ["-delivered"],
}


@in_host_language
def outbox(request: HttpRequest, user: str = "") -> HttpResponse:
    """The page, and what its buttons do.

    Parameters
    ----------
    user
        Who was let in, by whoever serves the page: the buttons work for nobody else, so that
        another site can't press them in his name.
    """
    state = _state(request)
    if request.method == "POST":
        if not _KEY.is_of(request, user):
            return stale(request)
        _act(request, state)
        return private(HttpResponseRedirect(request.get_full_path()))
    page = Paginator(
        Message.objects.filter(state=state).order_by(*_ORDERS[state]).defer("payload"), _A_PAGE
    ).get_page(request.GET.get("page"))
    context = {
        "state": state,
        "page": page,
        "dead": Message.objects.filter(state=Message.State.DEAD).count(),
        "circuits": Circuit.objects.filter(open_until__gt=Now()).order_by("topic"),
        "form": _KEY.of(user),
    }
    return private(render(request, "onec_outbox/outbox.html", context))


def _state(request: HttpRequest) -> Message.State:
    asked = request.GET.get("state", "")
    return Message.State(asked) if asked in Message.State.values else Message.State.DEAD


def _act(request: HttpRequest, shown: Message.State) -> None:
    # A longer number is no id of the database's.
    given = (text[:18] for text in request.POST.getlist("message"))
    ids = [int(text) for text in given if text.isascii() and text.isdigit()]
    match request.POST.get("action"):
        case "send":
            messages.send_again(Message.objects.filter(pk__in=ids))
        case "send-all":
            messages.send_again(Message.objects.filter(state=shown))
        case "drop":
            messages.drop(Message.objects.filter(pk__in=ids))
