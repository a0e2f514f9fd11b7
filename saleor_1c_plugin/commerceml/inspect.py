"""What a package contains, in numbers."""

from dataclasses import dataclass
from typing import BinaryIO

from lxml import etree

from .model import ItemKind, Package
from .names import NAMES, text_of
from .reader import Limits, scan


@dataclass(slots=True)
class Summary:
    """Counts of the elements read, whichever kind of file it is.

    ``goods`` are cards in a catalogue (the lines of a document are not), ``prices`` the prices
    of offers. ``stocks`` are an offer's statements per warehouse or, where it makes none, its
    total.
    """

    groups: int = 0
    properties: int = 0
    goods: int = 0
    offers: int = 0
    prices: int = 0
    stocks: int = 0
    documents: int = 0
    schema: str = ""


_COUNTED = {
    ItemKind.GROUP: "groups",
    ItemKind.PROPERTY: "properties",
    ItemKind.PRODUCT: "goods",
    ItemKind.OFFER: "offers",
    ItemKind.DOCUMENT: "documents",
}


def inspect(source: BinaryIO, limits: Limits | None = None) -> Summary:
    """Count what is in a package.

    Values are not read, so a package with a broken number is counted all the same.

    Raises
    ------
    CommerceMLError
        The file cannot be read on.
    """
    summary = Summary()
    for node in scan(source, limits):
        if node.kind is ItemKind.PACKAGE:
            package = node.parse()
            if isinstance(package, Package):
                summary.schema = package.schema
        elif name := _COUNTED.get(node.kind):
            setattr(summary, name, getattr(summary, name) + 1)
            if node.kind is ItemKind.OFFER:
                prices, stocks = _trade(node.element)
                summary.prices += prices
                summary.stocks += stocks
    return summary


def _trade(offer: etree._Element) -> tuple[int, int]:
    """Count an offer's prices and statements of stock."""
    prices = warehouses = totals = 0
    for child in offer:
        name = NAMES[child.tag]
        if name == "Цены":
            prices += sum(1 for price in child if NAMES[price.tag] == "Цена")
        elif name == "Склад" or (name == "Склады" and child.get("ИдСклада")):
            warehouses += 1
        elif name == "Склады":
            warehouses += len(child)
        elif name == "Количество":
            totals += bool(text_of(child))
        elif name == "Остатки":
            for entry in (entry for rest in child for entry in rest):
                if NAMES[entry.tag] == "Склад":
                    warehouses += 1
                elif NAMES[entry.tag] == "Количество":
                    totals += bool(text_of(entry))
    return prices, warehouses or totals
