"""An exchange of orders between a site and the books of a 1C."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from ..commerceml.documents import Operation
from .books import Books, Entry
from .client import Client
from .package import open_package


def fetch_orders(client: Client, books: Books) -> list[str]:
    """Take all that is new into `books`; returns the ids of the orders that came, each once."""
    came: dict[str, None] = {}

    def take(package: BinaryIO) -> int:
        documents = books.take(package)
        for document in documents:
            if document.operation is Operation.ORDER:
                came[document.id] = None
        return len(documents)

    client.fetch(take)
    return list(came)


def send_orders(client: Client, books: Books, order_ids: Sequence[str]) -> None:
    """Tell the site what the books say of these orders."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "documents.xml"
        with path.open("wb") as target:
            books.write(target, order_ids)
        client.upload(open_package([path]), complete=False)


def described(entry: Entry) -> str:
    """The order in a line, for people."""
    order = entry.order
    buyer = next((item.name for item in order.counterparties), "")
    return (
        f"{order.number} ({entry.number}): {buyer}, lines {len(order.lines)}, "
        f"{order.amount} {order.currency}, paid {entry.paid}"
    )
