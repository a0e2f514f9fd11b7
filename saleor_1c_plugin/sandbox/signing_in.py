"""Buyers who say who they are, without a password: here is nothing to steal."""

from typing import NamedTuple

from django.http import HttpRequest, HttpResponse

from .models import Customer

_COOKIE = "onec_buyer"
_FOR_COMPANY = "company"


class Buyer(NamedTuple):
    customer: Customer | None = None
    for_company: bool = False


def buyer_of(request: HttpRequest) -> Buyer:
    """Who has signed in."""
    saved = request.get_signed_cookie(_COOKIE, default=None) or ""
    pk, _, company = saved.partition(" ")
    customer = Customer.objects.filter(pk=int(pk)).first() if pk else None
    return Buyer() if customer is None else Buyer(customer, company == _FOR_COMPANY)


def sign_in(response: HttpResponse, customer: Customer, for_company: bool) -> None:
    value = f"{customer.pk} {_FOR_COMPANY if for_company else ''}"
    response.set_signed_cookie(_COOKIE, value, httponly=True, samesite="Lax")


def sign_out(response: HttpResponse) -> None:
    response.delete_cookie(_COOKIE, samesite="Lax")
