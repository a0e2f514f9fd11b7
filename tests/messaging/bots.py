"""A shop with bots: its buyers, their orders and reservations, and how a storefront gets a link."""

from collections.abc import Mapping
from typing import Any

import requests
from django.http import HttpResponse

from saleor_1c_plugin.history import journal
from saleor_1c_plugin.remembered import Remembered
from saleor_1c_plugin.sandbox import checkout, signing_in
from saleor_1c_plugin.sandbox.checkout import Wishes
from saleor_1c_plugin.sandbox.models import Customer, Order
from saleor_1c_plugin.store.orders import Address
from tests.reservations.support import Shop

_SECONDS = 20
#: Nobody sleeps in tests, whatever the hour is.
MESSAGES = {"quiet": "no", "manager": "manager@shop.example", "shop": "Лавка"}


class BotShop(Shop):
    """The mini-shop as it is served at `url`, with one bot.

    Parameters
    ----------
    name
        Of the bot's messenger.
    saved
        Settings of its plugin.
    """

    def __init__(self, settings: Any, url: str, name: str, saved: Mapping[str, object]) -> None:
        self.name = name
        self._url = url
        settings.ONEC_CONFIGURATION = {
            **settings.ONEC_CONFIGURATION,
            "history": {},
            "messages": MESSAGES,
            name: saved,
        }
        super().__init__(settings)
        Remembered.forget_all()
        # Whoever reads the journal hears of what happens from now on.
        journal.read_on()

    @property
    def address(self) -> str:
        """Of the bot."""
        return f"{self._url}/bots/{self.name}/"

    def configure(self, saved: Mapping[str, object] | None) -> None:
        """Other settings of the bot; ``None``: it is off."""
        self._settings.ONEC_CONFIGURATION = {
            **self._settings.ONEC_CONFIGURATION,
            self.name: saved,
        }

    def customer(self, email: str = "anna@example.com") -> Customer:
        return Customer.objects.get_or_create(email=email)[0]

    def ask_for_link(self, customer: Customer | None = None, **asked: object) -> requests.Response:
        """What a storefront does."""
        cookies = {}
        if customer is not None:
            response = HttpResponse()
            signing_in.sign_in(response, customer, for_company=False)
            cookies = {name: morsel.value for name, morsel in response.cookies.items()}
        return requests.post(f"{self.address}link", json=asked, cookies=cookies, timeout=_SECONDS)

    def link(self, customer: Customer | None = None, **asked: object) -> str:
        answer = self.ask_for_link(customer, **asked)
        assert answer.status_code == 200, answer.text
        found: str = answer.json()["url"]
        return found

    def order(self, customer: Customer | None = None, email: str = "guest@example.com") -> Order:
        """One is placed."""
        line = self.line(1, customer=customer.email if customer else "")
        wishes = Wishes(
            customer.email if customer else email,
            Address(first_name="Анна", phone="+79990000000"),
            delivery="courier",
        )
        order = checkout.place(line.cart, wishes)
        assert order is not None
        return order
