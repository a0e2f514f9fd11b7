"""Somebody with a browser: buys, pays, and looks what became of the order."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from urllib.parse import urljoin

import requests

_TYPED = {
    "first_name": "Анна",
    "last_name": "Ли",
    "email": "anna@example.com",
    "phone": "+7 900 123-45-67",
    "delivery": "courier",
    "postal_code": "101000",
    "city": "Москва",
    "street": "ул. Мясницкая, д. 1",
    "note": "Позвонить за час ☺",
}


@dataclass(frozen=True)
class Page:
    """What the page of an order tells."""

    status: str
    onec_number: str
    lines: str
    payments: str
    shipments: str
    total: str
    to_pay: str


class Buyer:
    def __init__(self, shop: str) -> None:
        self._shop = shop
        self._session = requests.Session()
        # No proxy stands between this machine and itself.
        self._session.trust_env = False

    def order(self, quantities: Mapping[int, int]) -> str:
        """Order so many of some variants; the address of the order's page."""
        page = self._get("")
        for variant, quantity in quantities.items():
            page = self._post("cart/", page, variant=variant, quantity=quantity).text
        return self._post("checkout/", self._get("checkout/"), **_TYPED).url

    def pay(self, order: str) -> None:
        self._post(f"{order}pay/", self._get(order))

    def look(self, order: str) -> Page:
        page = self._get(order)

        def text(pattern: str) -> str:
            found = re.search(pattern, page, re.DOTALL)
            if found is None:
                return ""
            return " ".join(unescape(re.sub(r"<[^>]*>", " ", found[1])).split())

        return Page(
            status=text(r'data-status="(\w+)"'),
            onec_number=text(r'id="onec-number"[^>]*>(.*?)<'),
            lines=text(r'id="lines">(.*?)</table>'),
            payments=text(r'id="payments">(.*?)</table>'),
            shipments=text(r'id="shipments">(.*?)</table>'),
            total=text(r'id="total">(.*?)<'),
            to_pay=text(r'<button id="pay">(.*?)<'),
        )

    def _get(self, path: str) -> str:
        response = self._session.get(urljoin(self._shop, path), timeout=60)
        response.raise_for_status()
        return response.text

    def _post(self, path: str, page: str, **values: object) -> requests.Response:
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        token = token or re.search(
            r'name="csrfmiddlewaretoken" value="(\w+)"', self._get("cart/") + self._any_goods()
        )
        assert token is not None
        fields = {**values, "csrfmiddlewaretoken": token[1]}
        response = self._session.post(urljoin(self._shop, path), fields, timeout=60)
        response.raise_for_status()
        return response

    def _any_goods(self) -> str:
        """A page with a form."""
        card = re.search(r'class="card" href="([^"]+)"', self._get(""))
        assert card is not None
        return self._get(card[1])
