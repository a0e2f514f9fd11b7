"""The addresses of a bot: where its messenger brings what was said, and where links are made.

A storefront asks for a link by ``POST …/link`` with a JSON object: signed in as the buyer, as in
the shop's own API, or with the id of an order (``{"order": "…"}``). It is answered with
``{"url": "…", "expires": "…"}``.
"""

import json
import logging
from collections.abc import Mapping
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, JsonResponse
from django.http.request import UnreadablePostError

from ...configuration import SettingsError
from ...history.facts import iso
from ...reservations.graphql import ids
from ...store import current_carts, current_orders, current_store
from . import codes
from .codes import Owner
from .messengers import Messenger

#: Bytes of a request. The longest message that a buyer can write is some ten thousand.
_MOST_BODY = 1 << 20
_LINK = "link"

logger = logging.getLogger(__name__)


class _Refused(Exception):
    """The request is none that can be answered.

    Parameters
    ----------
    why
        For the storefront's developer, in English.
    """

    def __init__(self, status: HTTPStatus, why: str) -> None:
        super().__init__(why)
        self.status = status


def serve(messenger: Messenger, request: HttpRequest, path: str) -> HttpResponse:
    """Answer the messenger, or a storefront.

    There is no CSRF to be kept off: the messenger signs, and a storefront's answer is of no use to
    another site, which can't read it.

    Parameters
    ----------
    path
        What follows the address of the plugin.
    """
    path = path.strip("/")
    if path not in ("", _LINK):
        return HttpResponseNotFound()
    saved = current_store().configuration(messenger.name)
    try:
        if request.method == "POST":
            return _posted(messenger, saved, request, path)
        if request.method == "GET" and not path:
            tried = messenger.verify(saved, request)
            if tried is not None:
                return tried
    except SettingsError as error:
        # They were checked when they were saved: another version of the plugin did that.
        logger.error("The settings of %s can't be used: %s", messenger.name, error)
        return HttpResponseNotFound()
    response = HttpResponse(status=HTTPStatus.METHOD_NOT_ALLOWED)
    response["Allow"] = "POST"
    return response


def _posted(
    messenger: Messenger, saved: Mapping[str, object] | None, request: HttpRequest, path: str
) -> HttpResponse:
    try:
        # Never `request.body`: that would read whatever comes.
        body = request.read(_MOST_BODY + 1)
    except UnreadablePostError:
        return HttpResponse(status=HTTPStatus.BAD_REQUEST)
    if len(body) > _MOST_BODY:
        return HttpResponse(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    if path == _LINK:
        return _made(messenger, saved, request, body)
    return messenger.receive(saved, request, body)


def _made(
    messenger: Messenger,
    saved: Mapping[str, object] | None,
    request: HttpRequest,
    body: bytes,
) -> HttpResponse:
    """A link by which the buyer's chat is known to be his."""
    try:
        if saved is None:
            raise _Refused(HTTPStatus.NOT_FOUND, "The bot is switched off.")
        if not messenger.link(saved, ""):
            raise _Refused(HTTPStatus.NOT_FOUND, "The bot hears nothing: it has no address.")
        if request.content_type != "application/json":
            raise _Refused(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Content-Type must be application/json."
            )
        owner = _owner(request, _order_id(body))
    except _Refused as error:
        return _answer({"error": str(error)}, error.status)
    code, expires = codes.make(messenger.name, owner)
    return _answer({"url": messenger.link(saved, code), "expires": iso(expires)})


def _order_id(body: bytes) -> str:
    """The order that is named; empty: none is."""
    try:
        asked = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        asked = None
    if not isinstance(asked, dict) or not isinstance(given := asked.get("order", ""), str):
        raise _Refused(HTTPStatus.BAD_REQUEST, "Send an object: {} or {“order”: “<its id>”}.")
    if not given:
        return ""
    try:
        return ids.key_of(given, "Order")
    except ids.InvalidId:
        # The shop's own, as it is.
        return given


def _owner(request: HttpRequest, order_id: str) -> Owner:
    if order_id:
        # Whoever knows the id may read the order.
        if "\0" in order_id or not current_orders().read_orders([order_id]):
            raise _Refused(HTTPStatus.NOT_FOUND, "There is no such order.")
        return Owner(order_id=order_id)
    customer_id = current_carts().buyer_of(request)
    if not customer_id:
        raise _Refused(HTTPStatus.UNAUTHORIZED, "Sign in as the buyer, or name an order.")
    return Owner(customer_id=customer_id)


def _answer(told: dict[str, str], status: int = HTTPStatus.OK) -> JsonResponse:
    response = JsonResponse(told, status=status)
    response["Cache-Control"] = "no-store"
    return response
