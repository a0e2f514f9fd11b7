"""Prices and stock of an offer, in all their forms."""

from collections.abc import Callable

from lxml import etree

from .draft import Draft
from .model import Price, Stock
from .names import NAMES, text_of
from .units import ONE
from .unreadable import number_of

PRICES = "Цены"


def prices(draft: Draft, element: etree._Element) -> None:
    """Read ``Цены``; a price without an amount is passed over."""
    if draft.prices is None:
        draft.prices = []
    for entry in element:
        type_id = currency = unit_name = ""
        amount = ratio = least = None
        for child in entry:
            name = NAMES[child.tag]
            if name == "ИдТипаЦены":
                type_id = text_of(child)
            elif name == "ЦенаЗаЕдиницу":
                amount = number_of(child)
            elif name == "Валюта":
                currency = text_of(child)
            elif name == "Единица":
                unit_name = text_of(child)
            elif name == "Коэффициент":
                ratio = number_of(child)
            elif name in ("МинКоличество", "КоличествоОт"):
                least = number_of(child)
        if amount is not None:
            # A ratio of zero is what 1C writes for one that nobody filled in.
            draft.prices.append(Price(type_id, amount, currency, unit_name, ratio or ONE, least))


def warehouse_stock(draft: Draft, element: etree._Element) -> None:
    """Read ``Склад`` of an offer, with attributes (2.x) or with elements (3.1)."""
    own = element.get("ИдСклада") or ""
    quantity = number_of(element, "КоличествоНаСкладе")
    for child in element:
        name = NAMES[child.tag]
        if name in ("Ид", "ИдСклада"):
            own = own or text_of(child)
        elif name in ("Количество", "КоличествоНаСкладе"):
            quantity = number_of(child) if quantity is None else quantity
    # A warehouse without a number says nothing; an empty tuple would say "nowhere in stock".
    if quantity is not None:
        if draft.stocks is None:
            draft.stocks = []
        draft.stocks.append(Stock(own.strip(), quantity))


def warehouse_stocks(draft: Draft, element: etree._Element) -> None:
    """Read ``Склады`` of an offer, or ``КоличествоНаСкладах`` (1C-Bitrix)."""
    # 2.08 lets ``Склады`` itself carry the attributes, once per warehouse.
    if element.get("ИдСклада"):
        warehouse_stock(draft, element)
    else:
        for child in element:
            warehouse_stock(draft, child)


def rests(draft: Draft, element: etree._Element) -> None:
    """Read ``Остатки``, by warehouse or in total."""
    if len(element) == 0 and draft.stocks is None:
        draft.stocks = []
    for rest in element:
        for child in rest:
            name = NAMES[child.tag]
            if name == "Склад":
                warehouse_stock(draft, child)
            elif name == "Количество":
                quantity(draft, child)


def quantity(draft: Draft, element: etree._Element) -> None:
    """Read the total; an empty element says nothing."""
    total = number_of(element)
    if total is not None:
        draft.quantity = total


#: Where an offer's prices and stock may stand.
READERS: dict[str, Callable[[Draft, etree._Element], None]] = {
    PRICES: prices,
    "Склад": warehouse_stock,
    "Склады": warehouse_stocks,
    "КоличествоНаСкладах": warehouse_stocks,
    "Остатки": rests,
    "Количество": quantity,
}
