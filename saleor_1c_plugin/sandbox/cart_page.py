"""The cart's page: what is in it, who buys, and what is reserved."""

from dataclasses import dataclass
from decimal import Decimal
from math import ceil
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from ..reservations.errors import ReservationError
from ..reservations.models import Hold
from . import bots, cart_events, reserving, signing_in
from .cart_reading import live_prices
from .forms import CartLineForm, ReservationForm, SignInForm
from .models import Cart, CartLine, Customer, Stock
from .stock import with_free

_COOKIE = "onec_cart"
_COOKIE_SECONDS = 30 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the cart; without a live price the goods are not on sale any more."""

    line: CartLine
    #: What the catalogue asks for one.
    live: Decimal | None
    free: int
    hold: Hold | None

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

    @property
    def is_dearer(self) -> bool:
        """The buyer pays less than is asked by now."""
        return self.live is not None and self.price is not None and self.live > self.price

    @property
    def seconds(self) -> int:
        """Left until the reservation ends."""
        return 0 if self.hold is None else ceil((self.hold.ends - timezone.now()).total_seconds())


@never_cache
def cart(request: HttpRequest) -> HttpResponse:
    """The cart; a POST says how many of some goods it is to hold."""
    channel, _currency = settings.ONEC_SANDBOX_CHANNELS[0]
    found = cart_of(request)
    if request.method != "POST":
        return _show(request, found)
    form = CartLineForm(request.POST, channel)
    if not form.is_valid():
        return _show(request, found, status=400)
    with transaction.atomic():
        buyer = signing_in.buyer_of(request)
        found = _locked(found) or Cart.objects.create(channel=channel, **buyer._asdict())
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


@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    """Say who buys, or no longer; the cart goes along."""
    found = cart_of(request)
    form = SignInForm(request.POST)
    if not form.is_valid():
        return _show(request, found, status=400)
    response = redirect("cart")
    email, for_company = form.cleaned_data["email"], form.cleaned_data["for_company"]
    customer = None
    if email:
        customer, _created = Customer.objects.get_or_create(email=email)
        signing_in.sign_in(response, customer, for_company)
    else:
        signing_in.sign_out(response)
    with transaction.atomic():
        if (cart := _locked(found)) is not None:
            cart.customer, cart.for_company = customer, for_company
            cart.save()
    return response


@require_POST
def reserve(request: HttpRequest) -> HttpResponse:
    """Reserve a line or all of them, for longer, or no longer."""
    found = cart_of(request)
    form = ReservationForm(request.POST)
    if not form.is_valid():
        return _show(request, found, status=400)
    if found is not None:
        lines = [line] if (line := form.cleaned_data["line"]) else None
        try:
            reserving.ACTIONS[form.cleaned_data["action"]](str(found.key), lines)
        except ReservationError as error:
            return _show(request, found, status=409, refusal=reserving.refusal(error))
    return redirect("cart")


def cart_of(request: HttpRequest) -> Cart | None:
    """The cart that the buyer's cookie names."""
    try:
        key = UUID(request.COOKIES.get(_COOKIE, ""))
    except ValueError:
        return None
    return Cart.objects.filter(key=key).first()


def _locked(found: Cart | None) -> Cart | None:
    """The cart, which nobody else changes until the commit; nothing where it is gone."""
    return found and Cart.objects.select_for_update().filter(pk=found.pk).first()


def _show(
    request: HttpRequest, found: Cart | None, status: int = 200, refusal: str = ""
) -> HttpResponse:
    if found is not None:
        cart_events.opened(found)
        found = Cart.objects.filter(pk=found.pk).first()
    rows = [] if found is None else _rows(found)
    return render(
        request,
        "onec_sandbox/cart.html",
        {
            "rows": rows,
            "total": sum((row.sum or Decimal(0) for row in rows), Decimal(0)),
            "may_buy": bool(rows) and not any(row.problem for row in rows),
            "channel": "" if found is None else found.channel,
            "may_reserve": found is not None and reserving.may_reserve(found),
            "notices": [] if found is None else reserving.told(found),
            "refusal": refusal,
            "buyer": signing_in.buyer_of(request),
            "chats": bots.chats(),
        },
        status=status,
    )


def _rows(found: Cart) -> list[Row]:
    stocks = Prefetch("variant__stocks", with_free(Stock.objects.all(), found))
    lines = list(found.lines.select_related("variant__product").prefetch_related(stocks))
    prices = live_prices(found, lines)
    held = reserving.by_line(found)
    return [Row(line, prices[line.pk], _free(line), held.get(line.pk)) for line in lines]


def _free(line: CartLine) -> int:
    # An order's line comes from one warehouse.
    free = max((getattr(stock, "free", 0) for stock in line.variant.stocks.all()), default=0)
    return max(free, 0)
