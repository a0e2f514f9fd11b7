"""The buyer's way from the cart on: checkout, and the page of an order."""

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotFound,
    HttpResponseRedirect,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from ..payments import intake
from ..payments.offline import Offline
from ..payments.provider import providers
from ..receipts.told import METADATA as RECEIPTS
from ..store.orders import Forbidden, OrderStatus
from . import bots, checkout, payments
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
    # A buyer who comes back may be faster than the provider's news.
    payments.catch_up(get_object_or_404(Order, key=key), request.build_absolute_uri())
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
            "ways": payments.ways(row),
            "promise": payments.promise(row),
            "receipts": _receipts(row.metadata),
            "chats": bots.chats(),
        },
    )


def _receipts(metadata: Mapping[str, str]) -> list[dict[str, Any]]:
    """As a storefront finds them in the order's metadata."""
    return [
        {
            **told,
            "at": datetime.fromisoformat(told["at"]),
            "total": Decimal(told["total"]),
            "is_refund": told["kind"].startswith("sell_refund"),
        }
        for told in json.loads(metadata.get(RECEIPTS, "[]"))
    ]


@require_POST
def pay(request: HttpRequest, key: UUID) -> HttpResponse:
    """To the provider's page, or the invoice's; without a provider the money is there at once."""
    row = get_object_or_404(Order, key=key)
    found = payments.ways(row)
    if not found:
        checkout.pay(row)
        return redirect("order", key)
    asked = request.POST.get("way", "")
    way = next((one for one in found if f"{one.provider.name} {one.method}" == asked), found[0])
    answer = payments.pay(way, row, request.build_absolute_uri(reverse("order", args=[key])))
    confirmation = answer.data.get("confirmation") if answer else None
    if isinstance(confirmation, dict) and confirmation.get("type") == "form":
        return render(request, "onec_sandbox/pay.html", {"form": confirmation})
    url = confirmation.get("url") if isinstance(confirmation, dict) else None
    return HttpResponseRedirect(url) if url else redirect("order", key)


@csrf_exempt
def notified(request: HttpRequest, name: str) -> HttpResponse:
    """What a provider tells of payments."""
    provider = providers().get(name)
    return HttpResponseNotFound() if provider is None else intake.receive(provider, request)


@require_safe
def payment_page(request: HttpRequest, name: str, path: str) -> HttpResponse:
    """A page of a way to pay past every provider: an invoice."""
    provider = providers().get(name)
    if not isinstance(provider, Offline):
        return HttpResponseNotFound()
    return provider.page(request, path)
