"""The journal page by page, for systems that ask: whoever has read to the end asks again later.

A reader says how far he has come, and nobody else keeps that: he can begin anew at any time.
"""

import hmac
from collections.abc import Collection
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from . import journal, schema, wire
from .event import Kind
from .settings import HistorySettings

#: Events of a page.
_LIMIT, _LONGEST = 100, 1000
#: Digits of a number that the database can hold.
_DIGITS = 18


def serve(request: HttpRequest) -> HttpResponse:
    """The page that is asked for, to whoever has the token."""
    settings = HistorySettings.load()
    if settings is None or not settings.feed_token:
        return _error(404, "The feed is off")
    if request.method not in ("GET", "HEAD"):
        response = _error(405, "Ask by GET")
        response["Allow"] = "GET, HEAD"
        return response
    if not _is_let_in(request, settings.feed_token):
        response = _error(401, "Send the header “Authorization: Bearer” with the feed's token")
        response["WWW-Authenticate"] = 'Bearer realm="1C events"'
        return response
    try:
        after = _number(request, "after", 0, 10**_DIGITS - 1)
        limit = _number(request, "limit", 1, _LONGEST)
        kinds = _kinds(request)
    except ValueError as error:
        return _error(400, str(error))
    return _page(after, limit or _LIMIT, kinds)


def serve_schema(request: HttpRequest) -> HttpResponse:
    """What an event looks like, as JSON Schema; no secret."""
    response = JsonResponse(schema.published(), json_dumps_params={"ensure_ascii": False})
    response["Content-Type"] = "application/schema+json"
    return response


def _page(after: int | None, limit: int, kinds: Collection[Kind]) -> HttpResponse:
    first, last = journal.first(), journal.last()
    start = first - 1 if after is None else after
    if after is not None and not max(first - 1, 0) <= after <= last:
        # Pruned; or the shop was brought back from a copy, and has told of more than it knows.
        text = "The journal does not reach back there: begin anew without “after”"
        return _error(410, text, first=first, last=last)
    # Asked for one more: whether this is the end.
    events = journal.after(max(start, 0), limit + 1, kinds)
    page = events[:limit]
    reached = page[-1][0] if len(events) > limit else max([last, *(number for number, _ in page)])
    body = {
        "events": [wire.as_json(number, event) for number, event in page],
        "next": reached,
        "last": max(last, reached),
    }
    return _json(body)


def _is_let_in(request: HttpRequest, token: str) -> bool:
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    # In a time that tells nothing of where they differ.
    is_right = hmac.compare_digest(given.strip().encode(), token.encode())
    return is_right and scheme.lower() == "bearer"


def _number(request: HttpRequest, name: str, least: int, most: int) -> int | None:
    text = request.GET.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        raise ValueError(f"“{name}” is a whole number")
    if not least <= int(text) <= most:
        raise ValueError(f"“{name}” is a whole number from {least} to {most}")
    return int(text)


def _kinds(request: HttpRequest) -> Collection[Kind]:
    names = [name.strip() for name in request.GET.get("kinds", "").split(",") if name.strip()]
    unknown = sorted(set(names) - set(Kind))
    if unknown:
        raise ValueError(f"There are no events {', '.join(unknown)[:200]}; see the schema")
    return [Kind(name) for name in names]


def _error(status: int, text: str, **more: int) -> HttpResponse:
    return _json({"error": text, **more}, status)


def _json(body: dict[str, Any], status: int = 200) -> HttpResponse:
    response = JsonResponse(body, status=status, json_dumps_params={"ensure_ascii": False})
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
