"""The invoice for people: to be printed, or to be read by a bank's application from the screen.

In Russian whatever the reader's language: it is a document of Russian law.
"""

import segno
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.shortcuts import render
from django.utils.safestring import mark_safe
from num2words import num2words

from ...money import quantize
from ..provider import Status
from . import links, qr
from .models import Invoice
from .settings import Requisites

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"


def show(request: HttpRequest, path: str) -> HttpResponse:
    """The page at a path that was given to the buyer."""
    number = links.number_in(path)
    found = Invoice.objects.select_related("attempt")
    invoice = found.filter(pk=number).first() if number is not None else None
    if invoice is None:
        return HttpResponseNotFound()
    attempt = invoice.attempt
    requisites = Requisites(**invoice.requisites)
    amount = quantize(attempt.amount, attempt.currency)
    is_over = attempt.status == Status.CANCELLED
    code = segno.make(qr.payload(requisites, amount, invoice.purpose), error="m", micro=False)
    response = render(
        request,
        "onec_invoice/invoice.html",
        {
            "invoice": invoice,
            "attempt": attempt,
            "requisites": requisites,
            "amount": _grouped(f"{amount:f}"),
            "words": num2words(amount, lang="ru", to="currency", currency="RUB").capitalize(),
            "is_paid": attempt.status == Status.CHARGED and attempt.charged >= attempt.amount,
            "is_over": is_over,
            "paid": _grouped(f"{quantize(attempt.charged, attempt.currency):f}")
            if attempt.charged
            else "",
            # Paths that this process has drawn, of numbers: nothing of it is text of anybody's.
            "code": "" if is_over else mark_safe(code.svg_inline(scale=3)),  # noqa: S308
        },
    )
    # The address is the key to it: it must not go on to others.
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = _POLICY
    return response


def _grouped(amount: str) -> str:
    """1234567.50 as 1 234 567,50, with blanks that lines are not broken at."""
    whole, _, part = amount.partition(".")
    return f"{int(whole):,}".replace(",", "\N{NO-BREAK SPACE}") + f",{part}"
