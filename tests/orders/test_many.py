"""Files of ten thousand documents are a stream: memory stays as it is, nothing is left out."""

from collections.abc import Iterator
from io import BufferedReader, RawIOBase
from pathlib import Path
from typing import Any

import pytest

from saleor_1c_plugin.commerceml.model import ItemKind
from saleor_1c_plugin.orders.incoming.apply import import_documents
from saleor_1c_plugin.report import Level
from saleor_1c_plugin.store.orders import OrderStatus
from tests.catalog.support import Recorder

from .onec import document, line, package, read, shop_order

pytestmark = pytest.mark.django_db

MANY = 10_000


class Endless(RawIOBase):
    """A file that is made up as it is read."""

    def __init__(self, parts: Iterator[str]) -> None:
        self._parts = parts
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._left:
            part = next(self._parts, None)
            if part is None:
                return 0
            self._left = part.encode()
        piece, self._left = self._left[: len(buffer)], self._left[len(buffer) :]
        buffer[: len(piece)] = piece
        return len(piece)


class Counting(Recorder):
    """Keeps no messages, and watches the memory (MB)."""

    def __init__(self) -> None:
        super().__init__()
        self.used: list[float] = []

    def problem(self, level: Level, message: str, **about: Any) -> None: ...

    def beat(self, seen: int) -> None:
        if seen % 100 == 0:
            pages = Path("/proc/self/statm").read_text().split()[1]
            self.used.append(int(pages) * 4096 / 1e6)


def test_ten_thousand_documents() -> None:
    orders = [shop_order(reference=str(number)) for number in range(5)]
    head, tail = package("|").split("|")
    every = MANY // len(orders)

    def parts() -> Iterator[str]:
        yield head
        for number in range(MANY):
            if number % every == every - 1:
                yield document(
                    orders[number // every], line("cup0#1"), requisites={"Проведен": "true"}
                )
            else:
                yield document(f"d{number}", *[line("cup0#1")] * 5, kind="Списание")
        yield tail

    source = Endless(parts())
    report = Counting()
    import_documents(BufferedReader(source), report)
    assert report.of(ItemKind.DOCUMENT) == {
        "seen": MANY,
        "failed": MANY - len(orders),
        "updated": len(orders),
    }
    assert {read(order_id).status for order_id in orders} == {OrderStatus.OPEN}
    # All the documents, held in memory, would be some 35 MB.
    assert max(report.used) < max(report.used[:10]) + 20
