"""The buyer's way from the cart on: checkout, and the page of an order."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from ..store.orders import Forbidden, OrderStatus
from . import checkout
from .cart_page import cart_of
from .forms import CheckoutForm
from .models import Order
from .order_reading import order_data

#: Where the orders room keeps 1C's number of an order in its metadata.
_ONEC_NUMBER = "onec.number"
_STATUSES = {
    OrderStatus.UNCONFIRMED: _("Waits for confirmation"),
    OrderStatus.OPEN: _("Confirmed"),
    OrderStatus.PARTLY_SHIPPED: _("Partly shipped"),
    OrderStatus.SHIPPED: _("Shipped"),
    OrderStatus.CANCELLED: _("Cancelled"),
}


@never_cache
def buy(request: HttpRequest) -> HttpResponse:
    """The checkout."""
    found = cart_of(request)
    if found is None or not found.lines.exists():
        return redirect("cart")
    form = CheckoutForm(request.POST or None)
    if not form.is_valid():
        return render(request, "onec_sandbox/checkout.html", {"form": form})
    try:
        placed = checkout.place(found, form.wishes())
    except Forbidden:
        # In the shop's words, not in the Russian of 1C's operator; the cart names the goods.
        form.add_error("delivery", _("Not all of the goods are in stock: look at the cart."))
        return render(request, "onec_sandbox/checkout.html", {"form": form}, status=409)
    return redirect("cart") if placed is None else redirect("order", placed.key)


@never_cache
def order(request: HttpRequest, key: UUID) -> HttpResponse:
    """What became of an order; whoever knows the address may see it."""
    row = get_object_or_404(
        Order.objects.select_related("customer", "pickup").prefetch_related(
            "lines__variant__product", "discounts", "payments", "shipments__lines__line"
        ),
        key=key,
    )
    return render(
        request,
        "onec_sandbox/order.html",
        {
            "order": order_data(row),
            "shipments": row.shipments.all(),
            "onec_number": row.metadata.get(_ONEC_NUMBER),
            "status": _STATUSES[OrderStatus(row.status)],
            "to_pay": checkout.to_pay(row),
        },
    )


@require_POST
def pay(request: HttpRequest, key: UUID) -> HttpResponse:
    """The stand-in for a payment provider: the money is there at once."""
    checkout.pay(get_object_or_404(Order, key=key))
    return redirect("order", key)
