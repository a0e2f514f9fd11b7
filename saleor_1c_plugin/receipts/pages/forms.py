"""The key in every form of these pages: it works for whoever was shown the page, for a while."""

from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

_SIGNER = TimestampSigner(salt="saleor_1c_plugin.receipts.pages")
#: A page that was opened this long ago can still be used, in seconds.
_AGE = 12 * 3600


def key(user: str) -> str:
    return _SIGNER.sign(user)


def is_of(request: HttpRequest, user: str) -> bool:
    """Whether a form was sent by whoever was shown it."""
    try:
        return _SIGNER.unsign(request.POST.get("form", ""), max_age=_AGE) == user
    except BadSignature:
        return False


def clean(text: str) -> str:
    """What was typed, without what no database takes."""
    return text.replace("\0", "").strip()


def stale(request: HttpRequest) -> HttpResponse:
    """Says that nothing was done."""
    return render(request, "onec_outbox/stale.html", status=403)
