"""The buyer's way: cart, checkout, and the page of an order."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from ..store.orders import Forbidden, OrderStatus
from . import cart_events, checkout
from .cart_reading import live_prices
from .forms import CartLineForm, CheckoutForm
from .models import Cart, CartLine, Order, Stock
from .order_reading import order_data
from .stock import with_free

_COOKIE = "onec_cart"
_COOKIE_SECONDS = 30 * 24 * 3600
#: Where the orders room keeps 1C's number of an order in its metadata.
_ONEC_NUMBER = "onec.number"
_STATUSES = {
    OrderStatus.UNCONFIRMED: _("Waits for confirmation"),
    OrderStatus.OPEN: _("Confirmed"),
    OrderStatus.PARTLY_SHIPPED: _("Partly shipped"),
    OrderStatus.SHIPPED: _("Shipped"),
    OrderStatus.CANCELLED: _("Cancelled"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the cart; without a live price the goods are not on sale any more."""

    line: CartLine
    #: What the catalogue asks for one.
    live: Decimal | None
    free: int

    @property
    def price(self) -> Decimal | None:
        """What is charged for one."""
        frozen = self.line.frozen
        return self.live if self.live is None or frozen is None else frozen

    @property
    def sum(self) -> Decimal | None:
        return None if self.price is None else self.price * self.line.quantity

    @property
    def problem(self) -> bool:
        return self.price is None or self.free < self.line.quantity


@never_cache
def cart(request: HttpRequest) -> HttpResponse:
    """The cart; a POST says how many of some goods it is to hold."""
    channel, _currency = settings.ONEC_SANDBOX_CHANNELS[0]
    found = _cart(request)
    if request.method != "POST":
        return _show_cart(request, found)
    form = CartLineForm(request.POST, channel)
    if not form.is_valid():
        return _show_cart(request, found, status=400)
    with transaction.atomic():
        found = _locked(found) or Cart.objects.create(channel=channel)
        variant, quantity = form.cleaned_data["variant"], form.cleaned_data["quantity"]
        if quantity:
            found.lines.update_or_create(variant=variant, defaults={"quantity": quantity})
        else:
            found.lines.filter(variant=variant).delete()
    response = redirect("cart")
    response.set_cookie(
        _COOKIE, str(found.key), max_age=_COOKIE_SECONDS, httponly=True, samesite="Lax"
    )
    return response


@never_cache
def buy(request: HttpRequest) -> HttpResponse:
    """The checkout."""
    found = _cart(request)
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


def _cart(request: HttpRequest) -> Cart | None:
    try:
        key = UUID(request.COOKIES.get(_COOKIE, ""))
    except ValueError:
        return None
    return Cart.objects.filter(key=key).first()


def _locked(found: Cart | None) -> Cart | None:
    """The cart, which nobody else changes until the commit; nothing where it is gone."""
    return found and Cart.objects.select_for_update().filter(pk=found.pk).first()


def _show_cart(request: HttpRequest, found: Cart | None, status: int = 200) -> HttpResponse:
    rows = [] if found is None else _rows(found)
    return render(
        request,
        "onec_sandbox/cart.html",
        {
            "rows": rows,
            "total": sum((row.sum or Decimal(0) for row in rows), Decimal(0)),
            "may_buy": bool(rows) and not any(row.problem for row in rows),
            "channel": "" if found is None else found.channel,
        },
        status=status,
    )


def _rows(found: Cart) -> list[Row]:
    cart_events.opened(found)
    stocks = Prefetch("variant__stocks", with_free(Stock.objects.all(), found))
    lines = list(found.lines.select_related("variant__product").prefetch_related(stocks))
    prices = live_prices(found, lines)
    return [Row(line, prices[line.pk], _free(line)) for line in lines]


def _free(line: CartLine) -> int:
    # An order's line comes from one warehouse.
    free = max((getattr(stock, "free", 0) for stock in line.variant.stocks.all()), default=0)
    return max(free, 0)
