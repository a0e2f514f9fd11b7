"""A storefront's cart of a real Saleor, filled line by line, with and without the plugin."""

import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from statistics import median
from typing import Any

import graphene
from django.contrib.sites.models import Site
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from saleor.channel.models import Channel
from saleor.plugins.models import PluginConfiguration
from saleor.product.models import ProductVariant
from saleor.site.models import SiteSettings
from saleor.warehouse.models import Stock

from saleor_1c_plugin.reservations.models import Hold
from saleor_1c_plugin.store.saleor import cart_events

from .clocks import Clock, Ratio, Took, ratio
from .telling import note

LINES = 5
_TURNS, _WARMING = 40, 3
_MONEY = "{ gross { amount currency } }"
#: What a storefront's cart shows.
_CART = f"""id email totalPrice {_MONEY} subtotalPrice {_MONEY} lines {{
  id quantity totalPrice {_MONEY} unitPrice {_MONEY} undiscountedUnitPrice {{ amount currency }}
  variant {{ id name sku product {{ id name slug category {{ name }}
    thumbnail(size: 128) {{ url alt }} }} }} }}"""
_CREATE = """mutation ($input: CheckoutCreateInput!) { checkoutCreate(input: $input) {
  checkout { id } errors { field message } } }"""
_ADD = f"""mutation ($id: ID!, $lines: [CheckoutLineInput!]!) {{
  checkoutLinesAdd(id: $id, lines: $lines) {{
  checkout {{ {_CART} }} errors {{ field message code }} }} }}"""


class Storefront:
    """GraphQL over Django's own client: all of Saleor, no network."""

    def __init__(self) -> None:
        self._client = Client()

    def ask(self, text: str, **variables: object) -> Any:
        answer = self._client.post(
            "/graphql/",
            json.dumps({"query": text, "variables": variables}),
            content_type="application/json",
        ).json()
        assert "errors" not in answer, answer
        (found,) = answer["data"].values()
        assert not found.get("errors"), found
        return found

    def create(self) -> str:
        return str(self.ask(_CREATE, input={"channel": "main", "lines": []})["checkout"]["id"])

    def add(self, cart: str, variant: str) -> Any:
        return self.ask(_ADD, id=cart, lines=[{"variantId": variant, "quantity": 1}])["checkout"]


class Comparison:
    """Carts of :data:`LINES` lines, each filled line by line, once in each way by turns."""

    def __init__(self) -> None:
        Stock.objects.update(quantity=1_000_000)
        self._storefront = Storefront()
        self._random = random.Random(1)
        self._variants = [
            graphene.Node.to_global_id("ProductVariant", pk)
            for pk in ProductVariant.objects.order_by("pk").values_list("pk", flat=True)
        ]
        self._clock = Clock()
        self._took: dict[str, list[list[Took]]] = {}

    def run(self) -> None:
        self._took = {way: [] for way in _WAYS}
        for turn in range(-_WARMING, _TURNS):
            variants = self._choose()
            for way, enter in _WAYS.items():
                with enter():
                    took = self._fill(variants, is_held=way == "automatic")
                if turn >= 0:
                    self._took[way].append(took)

    def ratio(self, clock: str, way: str = "automatic") -> Ratio:
        """Against the shop without the plugin: all lines of a cart together."""
        with_it, without = (
            [sum(getattr(one, clock) for one in took) for took in self._took[name]]
            for name in (way, "absent")
        )
        return ratio(with_it, without)

    def explain(self, case: str) -> None:
        note(f"  {case}: carts of {LINES} lines by turns, {_TURNS} each")
        for way, enter in _WAYS.items():
            with enter():
                queries = [len(asked) for asked in self.queries()]
            lines = zip(*self._took[way], strict=True)
            times = " ".join(f"{1000 * median(took.wall for took in line):.1f}" for line in lines)
            note(
                f"  {way}: by line {times} ms, queries {queries}; against absent "
                f"wall {self.ratio('wall', way)}, processors {self.ratio('cpu', way)}"
            )

    def queries(self) -> list[list[str]]:
        """The database's statements for each of a cart's lines."""
        cart = self._storefront.create()
        told = []
        for one in self._choose():
            with CaptureQueriesContext(connection) as queries:
                self._storefront.add(cart, one)
            told.append([query["sql"] for query in queries])
        return told

    def _choose(self) -> Sequence[str]:
        return self._random.sample(self._variants, LINES)

    def _fill(self, variants: Sequence[str], *, is_held: bool) -> list[Took]:
        """How long each line of a new cart takes."""
        cart = self._storefront.create()
        took = [
            self._clock.took(lambda one=one: self._storefront.add(cart, one)) for one in variants
        ]
        key = str(graphene.Node.from_global_id(cart)[1])
        frozen = Hold.objects.live().in_cart(key).filter(price__isnull=False).count()
        assert frozen == (LINES if is_held else 0), frozen
        return took


def saleor_reserves(minutes: int | None) -> None:
    """Set Saleor's own reservation for guests; it counts what is reserved in any case.

    That it does where it reserves for anybody, as in every shop where the plugin is on.
    """
    SiteSettings.objects.update(
        reserve_stock_duration_anonymous_user=minutes,
        reserve_stock_duration_authenticated_user=1,
    )
    Site.objects.clear_cache()


@contextmanager
def _absent() -> Iterator[None]:
    """As if the plugin were not installed: nothing of it hears of a cart."""
    listeners = cart_events._listeners[:]
    cart_events._listeners.clear()
    _switch(on=False)
    yield
    cart_events._listeners.extend(listeners)


@contextmanager
def _off() -> Iterator[None]:
    _switch(on=False)
    yield


@contextmanager
def _automatic() -> Iterator[None]:
    """Every line that is added is held, and its price frozen."""
    _switch(on=True)
    yield


_WAYS: Mapping[str, Callable[[], AbstractContextManager[None]]] = {
    "absent": _absent,
    "off": _off,
    "automatic": _automatic,
}


def _switch(*, on: bool) -> None:
    PluginConfiguration.objects.update_or_create(
        identifier="saleor1c.reservations",
        channel=Channel.objects.get(slug="main"),
        defaults={
            "active": on,
            "name": "reservations",
            "configuration": [{"name": "mode", "value": "automatic"}],
        },
    )
