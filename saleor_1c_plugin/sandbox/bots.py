"""Bots in the mini-shop: where messengers bring what buyers say, and the buttons to their chats."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, HttpResponseRedirect
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from ..configuration import SettingsError
from ..messaging.bots import codes, messengers
from ..messaging.bots.messengers import Messenger
from ..messaging.bots.views import serve
from ..messaging.channel import channel
from ..store import current_carts, current_store
from .models import Order


class _ToChat(HttpResponseRedirect):
    """To a messenger's application, which has addresses of its own."""

    allowed_schemes = ["https", "viber"]


@csrf_exempt
def bot(request: HttpRequest, name: str, path: str = "") -> HttpResponse:
    """A bot by the name of its messenger."""
    messenger = messengers.messenger(name)
    return HttpResponseNotFound() if messenger is None else serve(messenger, request, path)


def chats() -> list[tuple[str, str]]:
    """Name and title of every bot that a buyer can have a chat with, now."""
    found = [one.name for one in messengers.messengers() if _link(one, "")]
    return [(name, f"{known.title}") for name in found if (known := channel(name))]


@require_POST
def follow(request: HttpRequest, name: str) -> HttpResponse:
    """Open a chat that hears of an order, or of all that the buyer orders who has signed in."""
    messenger = messengers.messenger(name)
    owner = _owner(request)
    if messenger is None or owner is None or not _link(messenger, ""):
        return HttpResponseNotFound()
    code, _expires = codes.make(name, owner)
    return _ToChat(_link(messenger, code))


def _owner(request: HttpRequest) -> codes.Owner | None:
    """Whose chat it will be; whoever knows the address of an order may see it."""
    if given := request.POST.get("order", ""):
        try:
            row = Order.objects.filter(key=UUID(given)).first()
        except ValueError:
            row = None
        return None if row is None else codes.Owner(order_id=str(row.key))
    customer_id = current_carts().buyer_of(request)
    return codes.Owner(customer_id=customer_id) if customer_id else None


def _link(messenger: Messenger, code: str) -> str:
    saved = current_store().configuration(messenger.name)
    try:
        return "" if saved is None else messenger.link(saved, code)
    except SettingsError:
        return ""
