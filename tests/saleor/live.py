"""A running Saleor with a shop in it, and a 1C that speaks to it over HTTP."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import graphene
from saleor.account.models import Group, User
from saleor.order.models import Order
from saleor.product.models import ProductVariant
from saleor.warehouse.models import Allocation, Stock

from saleor_1c_plugin.commerceml.documents import Container, Document
from saleor_1c_plugin.commerceml.writer import Encoding, write
from saleor_1c_plugin.exchange.models import JournalEntry
from saleor_1c_plugin.onec.answers import Answer
from saleor_1c_plugin.onec.books import Books
from saleor_1c_plugin.onec.client import Client
from saleor_1c_plugin.onec.package import Package, open_package
from saleor_1c_plugin.onec.sale import fetch_orders, send_orders
from saleor_1c_plugin.sandbox.graphql import Saleor
from saleor_1c_plugin.sandbox.storefront import Buyer
from saleor_1c_plugin.sandbox.valkey import free_port
from tests.catalog.support import PRICE_TYPES, catalogue, good, offer, offers

from .running import RunningSaleor, running_saleor
from .sales import delivery, gid, sell_on_trust
from .shop import configure, make_shop

MOSCOW = ZoneInfo("Europe/Moscow")
EMAIL, PASSWORD = "staff@example.com", "secret"
#: Of the interfaces of providers that a running shop is joined with.
_PATHS = {"yookassa": "/v3", "tbank": "/v2"}


class LiveShop:
    """The shop, as those see it who speak to it over HTTP; and its tables."""

    def __init__(self, saleor: RunningSaleor, folder: Path, ports: Mapping[str, int]) -> None:
        self.saleor, self.base, self.folder = saleor, saleor.base, folder
        #: Where the shop looks for a provider, by its name.
        self.ports = ports
        self.staff = self.user(EMAIL, is_staff=True, is_superuser=True)
        # A superuser may do everything, in the channels of his groups.
        everywhere = Group.objects.create(name="everywhere", restricted_access_to_channels=False)
        everywhere.user_set.add(User.objects.get(email=EMAIL))

    def graphql(self) -> Saleor:
        return Saleor(f"{self.base}/graphql/")

    def user(self, email: str, **more: bool) -> Saleor:
        """Somebody with an account, who has logged in."""
        user = User(email=email, is_active=True, is_confirmed=True, **more)
        user.set_password(PASSWORD)
        user.save()
        client = self.graphql()
        client.log_in(email, PASSWORD)
        return client

    def guest(self) -> Buyer:
        return Buyer(self.graphql(), "main")

    def variant(self, key: str) -> str:
        """The storefront's id of the goods."""
        return gid(ProductVariant.objects.get(external_reference=key))

    def stock(self, key: str) -> tuple[int, int]:
        """Pieces that the shop has, and those of them that orders hold."""
        stock = Stock.objects.get(product_variant__external_reference=key)
        held = Allocation.objects.filter(stock=stock).values_list("quantity_allocated", flat=True)
        return stock.quantity, sum(held)


class OneC:
    """A 1C with its books of orders, and the catalogue that it exports."""

    def __init__(
        self, shop: LiveShop, *, version: str = "3.1", encoding: str | None = None
    ) -> None:
        self._shop, self._version, self._encoding = shop, version, encoding
        self.books = Books(zone=MOSCOW)
        #: What the shop answered to imports.
        self.told: list[str] = []
        self.fetch()

    def export(self, quantities: Mapping[str, int], price: str = "100.00") -> None:
        """Tell of goods: how many of each are on hand."""
        products = dict.fromkeys(key.partition("#")[0] for key in quantities)
        cards = "".join(good(key, f"Товар {key}") for key in products)
        pieces = "".join(offer(key, price, str(n)) for key, n in quantities.items())
        self.upload(
            "catalog",
            {
                "import.xml": catalogue(cards, only_changes="true").encode(),
                "offers.xml": offers(pieces, head=PRICE_TYPES, only_changes="true").encode(),
            },
        )

    def fetch(self) -> list[str]:
        """Take the orders that are news; their ids in the shop."""
        return fetch_orders(self.client("sale"), self.books)

    def send(self, *order_ids: str) -> None:
        """Tell what the books say of these orders."""
        send_orders(self.client("sale"), self.books, order_ids)

    def tell(
        self, *documents: Document, encoding: Encoding = "utf-8", zipped: bool | None = None
    ) -> None:
        """Tell of documents in the older schema, each by itself."""
        target = BytesIO()
        containers = [Container(document) for document in documents]
        write(target, containers, schema="2.08", encoding=encoding, created=datetime.now(MOSCOW))
        self.upload("sale", {"orders.xml": target.getvalue()}, zipped=zipped)

    def upload(self, kind: Any, files: Mapping[str, bytes], *, zipped: bool | None = None) -> None:
        folder = self._shop.folder / "export"
        folder.mkdir(exist_ok=True)
        paths = []
        for name, content in files.items():
            paths.append(folder / name)
            paths[-1].write_bytes(content)
        self.upload_package(kind, open_package(paths), zipped=zipped)

    def upload_package(self, kind: Any, package: Package, *, zipped: bool | None = None) -> None:
        self.client(kind).upload(package, zipped=zipped, complete=kind == "catalog")

    def client(self, kind: Any) -> Client:
        return Client(
            f"{self._shop.base}/plugins/saleor1c.exchange/",
            *("1c", "secret"),
            kind=kind,
            version=self._version,
            encoding=self._encoding,
            listener=self._listen,
            patience=120,
        )

    def _listen(self, request: str, answer: Answer | None) -> None:
        if answer is not None and request.startswith("import ") and answer.status == "success":
            self.told.append(answer.message)


def local(order: str) -> str:
    """The id that 1C knows the order by."""
    return str(graphene.Node.from_global_id(order)[1])


def journal() -> str:
    return "\n".join(JournalEntry.objects.order_by("pk").values_list("message", flat=True))


def order_row(order: str) -> Order:
    return Order.objects.get(pk=local(order))


@contextmanager
def live_shop(folder: Path) -> Iterator[LiveShop]:
    """A shop where buyers order now and pay later, and its staff confirm what was ordered."""
    make_shop()
    sell_on_trust(automatically_confirm_all_new_orders=False)
    delivery("350.00")
    configure("orders")
    configure("outbox")
    ports = {name: free_port() for name in _PATHS}
    addresses = {
        f"ONEC_{name.upper()}_API": f"http://127.0.0.1:{ports[name]}{path}"
        for name, path in _PATHS.items()
    }
    with running_saleor(folder, addresses) as saleor:
        yield LiveShop(saleor, folder, ports)


@contextmanager
def configured(room: str, **values: object) -> Iterator[None]:
    """Other settings of a plugin, for a while."""
    configure(room, **values)
    try:
        yield
    finally:
        usual = {"login": "1c", "password": "secret", "encoding": "utf-8"}
        configure(room, **(usual if room == "exchange" else {}))
