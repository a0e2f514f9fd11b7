"""Buyers who say who they are, without a password: here is nothing to steal."""

from django.http import HttpRequest, HttpResponse

from .models import Customer

_COOKIE = "onec_buyer"


def customer_of(request: HttpRequest) -> Customer | None:
    """Who has signed in."""
    pk = request.get_signed_cookie(_COOKIE, default=None)
    return None if pk is None else Customer.objects.filter(pk=int(pk)).first()


def sign_in(response: HttpResponse, customer: Customer) -> None:
    response.set_signed_cookie(_COOKIE, str(customer.pk), httponly=True, samesite="Lax")


def sign_out(response: HttpResponse) -> None:
    response.delete_cookie(_COOKIE, samesite="Lax")
