"""The receipts' part of the demo: what is paid and what is shipped has its receipt."""

import time
from collections.abc import Callable

from ..onec.books import Books
from ..onec.client import Client
from ..onec.sale import fetch_orders, send_orders
from .demo_orders import Visitor, print_facts

#: What a demo with receipts is set up with: the registers are emulated.
SETTINGS: dict[str, dict[str, object]] = {
    "receipts": {
        "place": "https://shop.example",
        "seller": "ООО «Рога и копыта»",
        "inn": "7707083893",
        "sender": "receipts@shop.example",
    },
    "emulator": {"drives": "1 2"},
}
_SECONDS = 60


class NoReceipt(Exception):
    """A receipt did not come in time."""


def show(buyer: Visitor, onec: Callable[[], Client], books: Books) -> str:
    """Print the receipts of a sale; returns the address of the first one.

    Parameters
    ----------
    onec
        Begins a session for orders with the shop.
    """
    print("\n== Somebody orders and pays: an emulated register prints a receipt", flush=True)
    order = buyer.buy()
    buyer.pay(order)
    first, *_ = _wait(buyer, order, 1)
    print_facts(buyer.look(order))
    print("\n== 1C fetches the order and ships it: what was paid in advance is set off", flush=True)
    came = fetch_orders(onec(), books)
    for order_id in came:
        books.post(order_id)
        books.ship(order_id)
    send_orders(onec(), books, came)
    _wait(buyer, order, 2)
    print_facts(buyer.look(order))
    return first


def _wait(buyer: Visitor, order: str, number: int) -> list[str]:
    deadline = time.monotonic() + _SECONDS
    while len(found := buyer.receipts(order)) < number:
        if time.monotonic() > deadline:
            raise NoReceipt(f"{order} has {len(found)} receipts of {number} after {_SECONDS} s")
        time.sleep(0.5)
    return found
