"""What pages for staff do alike: nobody keeps or frames them, and their forms are their readers'.

A form carries a key that works for whoever was shown the page, for a while: not every shop has
Django's own, and another site can't press a button in somebody's name.
"""

from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

#: A page that was opened this long ago can still be used, in seconds.
_AGE = 12 * 3600


class FormKey:
    """The key in the forms of a page.

    Parameters
    ----------
    page
        Names it: keys of other pages do not work on it.
    """

    def __init__(self, page: str) -> None:
        self._signer = TimestampSigner(salt=f"saleor_1c_plugin.{page}")

    def of(self, user: str) -> str:
        """The key for whoever is shown the page; goes into the field ``form``."""
        return self._signer.sign(user)

    def is_of(self, request: HttpRequest, user: str) -> bool:
        """Whether a form was sent by whoever was shown it."""
        try:
            return self._signer.unsign(request.POST.get("form", ""), max_age=_AGE) == user
        except BadSignature:
            return False


def stale(request: HttpRequest) -> HttpResponse:
    """Says that nothing was done, since the page is too old or somebody else's."""
    return private(render(request, "onec_outbox/stale.html", status=403))


def private(response: HttpResponse) -> HttpResponse:
    """Have nobody keep, find, frame or guess at a page."""
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    response["X-Frame-Options"] = "DENY"
    response["X-Content-Type-Options"] = "nosniff"
    response["Referrer-Policy"] = "same-origin"
    return response
