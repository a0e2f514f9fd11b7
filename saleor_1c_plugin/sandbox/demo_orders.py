"""The orders' part of the demo: somebody buys, 1C takes the order and acts on it."""

import re
from collections.abc import Mapping
from functools import partial
from html import unescape
from typing import Protocol
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

import requests

from ..onec.__main__ import Printer
from ..onec.books import Books
from ..onec.client import Client
from ..onec.sale import described, fetch_orders, send_orders
from .settings import TIME_ZONE

_TRACKING = "RA644000001RU"
#: What somebody types at the checkout.
_BUYER = {
    "first_name": "Анна",
    "last_name": "Ли",
    "email": "anna@example.com",
    "phone": "+7 900 123-45-67",
    "delivery": "courier",
    "postal_code": "101000",
    "city": "Москва",
    "street": "Мясницкая, 1",
    "note": "Позвонить за час",
    "code": "TEN",
}
#: What the page of an order tells, by where it stands there.
_SHOWN = {
    "Number": r"<h1>\s*(.*?)\s*</h1>",
    "Status": r'id="status"[^>]*>(.*?)<',
    "Goods": r'id="lines">(.*?)</table>',
    "In 1C": r'id="onec-number"[^>]*>(.*?)<',
    "Payments": r'id="payments">(.*?)</table>',
    "Receipts": r'id="receipts">(.*?)</table>',
    "Shipments": r'id="shipments">(.*?)</table>',
}
#: The same of the cart's page.
_IN_CART = {
    "Goods": r'href="/goods/\d+/">(.*?)</a>',
    "Price": r'class="number each">(.*?)</td>',
    "Reserved": r"<time [^>]*>(.*?)</time>",
}
_PLACE = re.compile(r'<div class="place">(.*?)</div>')


class Buyer(Protocol):
    """Somebody at a shop's storefront."""

    def buy(self) -> str:
        """Order the first goods that can be had; returns where the order is seen."""

    def look(self, order: str) -> dict[str, str]:
        """What the shop tells of the order."""


class Visitor:
    """A buyer at the mini-shop's page, with a browser of his own.

    Parameters
    ----------
    shop
        Address of the shop's page.
    """

    def __init__(self, shop: str) -> None:
        self._shop = shop
        self._session = requests.Session()
        # No proxy stands between this machine and itself.
        self._session.trust_env = False

    def buy(self) -> str:
        """Order the first goods that can be had; returns the address of the order's page."""
        self.put()
        return self.order()

    def put(self) -> str:
        """Put the first goods that can be had into the cart; returns the address of their page."""
        page = self._get(self._shop)
        for card in re.findall(r'class="card" href="([^"]+)"', page):
            goods = self._get(urljoin(self._shop, card))
            variant = re.search(r'name="variant" value="(\d+)"', goods)
            if variant is None:
                continue
            cart = self._post("cart/", {"variant": variant[1], "quantity": "1"}, goods).text
            if 'id="buy"' in cart:
                return str(urljoin(self._shop, card))
            # Sold out: it may not stay in the cart.
            self._post("cart/", {"variant": variant[1], "quantity": "0"}, cart)
        raise LookupError("nothing in the shop can be bought")

    def reserve(self) -> None:
        """Have all that is in the cart reserved."""
        self._post("cart/reservations/", {"action": "create"}, self._cart())

    def sign_in(self, email: str) -> None:
        """Say who buys."""
        self._post("cart/buyer/", {"email": email}, self._cart())

    def bot_link(self, messenger: str) -> str:
        """A link that opens a bot of the shop's, by which it knows whose chat that is."""
        url = urljoin(self._shop, f"bots/{messenger}/link")
        response = self._session.post(url, json={}, timeout=60)
        response.raise_for_status()
        return str(response.json()["url"])

    def order(self) -> str:
        """Order what is in the cart; returns the address of the order's page."""
        checkout = self._get(urljoin(self._shop, "checkout/"))
        return self._post("checkout/", _BUYER, checkout).url

    def pay(self, order: str) -> None:
        """Pay the order at its address; returns when the money is there."""
        self._post(f"{order}pay/", {}, self._get(order))

    def receipts(self, order: str) -> list[str]:
        """Addresses of the order's receipts, in the order in which they were registered."""
        table = re.search(_SHOWN["Receipts"], self._get(order), re.DOTALL)
        found = re.findall(r'href="([^"]+)"', table[1]) if table else []
        return [urljoin(self._shop, unescape(address)) for address in found]

    def look_into_cart(self) -> dict[str, str]:
        """What the cart's page tells of the goods in it."""
        return _found(_IN_CART, self._cart())

    def look_at_stock(self, goods: str) -> str:
        """What the page of some goods tells of their stock."""
        return ", ".join(_PLACE.findall(self._get(goods)))

    def look(self, order: str) -> dict[str, str]:
        """What the page of the order tells."""
        return _found(_SHOWN, self._get(order))

    def _cart(self) -> str:
        return self._get(urljoin(self._shop, "cart/"))

    def _get(self, url: str) -> str:
        response = self._session.get(url, timeout=60)
        response.raise_for_status()
        return response.text

    def _post(self, path: str, values: dict[str, str], page: str) -> requests.Response:
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        fields = {**values, "csrfmiddlewaretoken": token[1] if token else ""}
        response = self._session.post(urljoin(self._shop, path), fields, timeout=60)
        response.raise_for_status()
        return response


def client(exchange: str, login: str, password: str) -> Client:
    """A session of 1C's for orders, which prints what is said."""
    return Client(exchange, login, password, kind="sale", version="3.1", listener=Printer())


def show(buyer: Buyer, exchange: str, login: str, password: str) -> str:
    """Print an order's way; returns where the order is seen.

    Parameters
    ----------
    exchange
        The shop's address for 1C.
    """
    books = Books(zone=ZoneInfo(TIME_ZONE))
    begin = partial(client, exchange, login, password)
    print("\n== Somebody orders at the storefront", flush=True)
    order = buyer.buy()
    _print_order(buyer, order)
    print("\n== 1C fetches the order", flush=True)
    came = fetch_orders(begin(), books)
    for order_id in came:
        print(f"  {described(books[order_id])}")
        books.post(order_id)
    print("\n== 1C confirms it, with a number of its own", flush=True)
    send_orders(begin(), books, came)
    _print_order(buyer, order)
    print("\n== 1C receives the money and ships", flush=True)
    for order_id in came:
        books.pay(order_id)
        books.ship(order_id, _TRACKING)
    send_orders(begin(), books, came)
    _print_order(buyer, order)
    print("\n== 1C asks once more: what it did itself is no news to it", flush=True)
    print(f"  orders that came: {len(fetch_orders(begin(), books))}", flush=True)
    return order


def _print_order(buyer: Buyer, order: str) -> None:
    print_facts(buyer.look(order))


def print_facts(facts: Mapping[str, str]) -> None:
    """Print what a page tells."""
    for name, text in facts.items():
        print(f"  {name + ':':<10} {text}", flush=True)


def _found(patterns: Mapping[str, str], page: str) -> dict[str, str]:
    found = {name: re.search(pattern, page, re.DOTALL) for name, pattern in patterns.items()}
    return {name: _text(match[1]) for name, match in found.items() if match is not None}


def _text(markup: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", markup)).split())
