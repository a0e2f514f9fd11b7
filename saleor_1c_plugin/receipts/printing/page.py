"""A receipt as the buyer sees it, and prints it."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseNotFound
from django.shortcuts import render
from django.utils.safestring import mark_safe

from .. import qr
from ..models import Receipt
from . import links
from .paper import PAPERS, USUAL
from .printed import printed

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"
_METHODS = ["GET", "HEAD"]


def show(request: HttpRequest, path: str) -> HttpResponse:
    """The page at a path that was given to the buyer."""
    if request.method not in _METHODS:
        return HttpResponseNotAllowed(_METHODS)
    found = links.receipt_in(path)
    row = Receipt.objects.filter(pk=found, state=Receipt.State.DONE).first() if found else None
    if row is None:
        return HttpResponseNotFound()
    return page(request, row)


def page(request: HttpRequest, row: Receipt) -> HttpResponse:
    """A receipt that is registered, on the paper that the address asks for."""
    receipt = printed(row)
    match request.GET.get("format"):
        case "svg":
            return _closed(HttpResponse(qr.svg_file(receipt.code), content_type="image/svg+xml"))
        case "png":
            return _closed(HttpResponse(qr.png(receipt.code), content_type="image/png"))
    paper = PAPERS.get(request.GET.get("paper", ""), USUAL)
    context: dict[str, Any] = {
        "form": receipt.form,
        "data": receipt.data,
        "paper": paper,
        "papers": PAPERS.values(),
        "page_size": paper.page_size(receipt.form),
        "url": _shown(receipt.data.url),
        "is_test": receipt.data.is_test,
        # A path that this process has drawn, of numbers: nothing of it is text of anybody's.
        "code": mark_safe(qr.svg(receipt.code)),  # noqa: S308
    }
    return _closed(render(request, "onec_receipts/receipt.html", context))


def _shown(url: str) -> str:
    """What a register has said where the receipt is shown; nothing that is no address of a page."""
    return url if url.startswith(("https://", "http://")) else ""


def _closed(response: HttpResponse) -> HttpResponse:
    # The address is the key to it: it must not go on to others.
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = _POLICY
    return response
