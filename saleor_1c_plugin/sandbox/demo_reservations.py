"""The reservations' part of the demo: what is in the cart stays there, at its price."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from lxml import etree

from .amounts import cents
from .demo_orders import print_facts

_PRICE = "{*}ЦенаЗаЕдиницу"
_RISE = Decimal("1.2")


class Visitor(Protocol):
    """Somebody with a cart at a shop's storefront."""

    def put(self) -> str:
        """Put the first goods that can be had into the cart; returns where they are seen."""

    def reserve(self) -> None:
        """Have all that is in the cart reserved."""

    def order(self) -> str:
        """Order what is in the cart; returns where the order is seen."""

    def look_into_cart(self) -> dict[str, str]:
        """What the shop tells of the goods in the cart, their ``Price`` among it."""

    def look_at_stock(self, goods: str) -> str:
        """What the shop tells everybody of their stock."""

    def look(self, order: str) -> dict[str, str]:
        """What the shop tells of the order."""


def show(
    anna: Visitor,
    boris: Visitor,
    send: Callable[[Sequence[Path]], None],
    exports: Sequence[Path],
) -> None:
    """Print how a reservation keeps goods for one buyer from another, and from 1C's new prices.

    Parameters
    ----------
    send
        Sends folders as 1C does.
    exports
        The folders that 1C has sent.
    """
    print("\n== Somebody puts goods into the cart", flush=True)
    goods = anna.put()
    print_facts(anna.look_into_cart() | {"Stock": boris.look_at_stock(goods)})
    print("\n== … and reserves them: everybody else finds one less", flush=True)
    anna.reserve()
    print_facts(anna.look_into_cart() | {"Stock": boris.look_at_stock(goods)})
    with TemporaryDirectory() as folder:
        send(list(_dearer(exports, Path(folder) / "dearer prices")))
    print("\n== Others see the new price, and the cart keeps its own", flush=True)
    boris.put()
    print_facts({"Others": boris.look_into_cart()["Price"]} | anna.look_into_cart())
    print("\n== That is what is paid", flush=True)
    print_facts(anna.look(anna.order()))


def _dearer(exports: Sequence[Path], folder: Path) -> Iterator[Path]:
    """Exports with nothing in them but what names prices, and those are higher."""
    for export in exports:
        copy = folder / export.name
        for path in sorted(export.rglob("*.xml")):
            tree = etree.parse(path, etree.XMLParser(resolve_entities=False, huge_tree=True))
            prices = list(tree.iter(_PRICE))
            for price in prices:
                price.text = str(cents(Decimal(price.text or 0) * _RISE))
            if prices:
                target = copy / path.relative_to(export)
                target.parent.mkdir(parents=True, exist_ok=True)
                tree.write(target, encoding="utf-8", xml_declaration=True)
        if copy.exists():
            yield copy
