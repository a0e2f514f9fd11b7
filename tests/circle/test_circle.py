"""The whole way over real HTTP: buyer, shop, 1C and back, whatever 1C speaks."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest

from saleor_1c_plugin.onec.books import Books
from saleor_1c_plugin.onec.sale import fetch_orders, send_orders
from tests.orders.onec import document, line, package

from .buyer import Buyer
from .conftest import CHAIR, TABLE, SellingShop


@dataclass
class OneC:
    """A 1C with its books, that names a version of the exchange or none."""

    shop: SellingShop
    version: str = "3.1"
    books: Books = field(default_factory=lambda: Books(zone=ZoneInfo("Europe/Moscow")))

    def fetch(self) -> list[str]:
        """Ids of the orders that are news."""
        return fetch_orders(self.shop.sale(version=self.version).client, self.books)

    def tell(self, *order_ids: str) -> str:
        """Send what the books say of these orders; what the site makes of the file."""
        talk = self.shop.sale(version=self.version)
        send_orders(talk.client, self.books, order_ids)
        # Where no version was named, the file was imported when it came.
        request = "import documents.xml" if self.version else "file v8_"
        (answer,) = (said for asked, said in talk.said.items() if asked.startswith(request))
        return answer.partition(": ")[2]


def figures(seen: int, *, unchanged: int = 0, updated: int = 0, failed: int = 0) -> str:
    return (
        f"объектов {seen}: без изменений {unchanged}, создано 0, обновлено {updated}, "
        f"скрыто 0, с ошибками {failed}"
    )


@pytest.mark.parametrize(
    ("version", "schema", "encoding"),
    [
        ("", "auto", "utf-8"),
        ("2.09", "auto", "utf-8"),
        ("3.1", "auto", "utf-8"),
        ("", "2.08", "windows-1251"),
        ("3.1", "2.09", "windows-1251"),
        ("3.1", "3.1", "windows-1251"),
    ],
)
def test_an_order_goes_all_the_way_and_nothing_comes_back_as_news(
    shop: SellingShop, buyer: Buyer, version: str, schema: str, encoding: str
) -> None:
    shop.configure(exchange={"encoding": encoding}, orders={"schema": schema})
    page = buyer.order({shop.variant(CHAIR): 3, shop.variant(TABLE): 1})
    onec = OneC(shop, version)
    (order_id,) = onec.fetch()
    order = onec.books[order_id].order
    assert (order.amount, order.comment) == (Decimal("675.50"), "Позвонить за час ☺")
    assert {line.id: line.quantity for line in order.lines} == {
        CHAIR: 3,
        TABLE: 1,
        "ORDER_DELIVERY": 1,
    }
    assert order.counterparties[0].name == "Ли Анна"
    assert onec.fetch() == []

    def step(*, updated: int, unchanged: int = 0) -> None:
        """1C tells what it did: done once, nothing the second time, and no news to it."""
        seen = updated + unchanged
        assert onec.tell(order_id) == figures(seen, unchanged=unchanged, updated=updated)
        assert onec.fetch() == []
        there = shop.orders(), shop.stock()
        assert onec.tell(order_id) == figures(seen, unchanged=seen)
        assert (shop.orders(), shop.stock()) == there
        assert onec.fetch() == []

    onec.books.post(order_id)
    step(updated=1)
    seen = buyer.look(page)
    assert (seen.status, seen.onec_number) == ("open", "ТД00-000001")

    onec.books.ship(order_id, "RA1", {CHAIR: Decimal(2)})
    step(updated=1, unchanged=1)
    seen = buyer.look(page)
    assert seen.status == "partly_shipped"
    assert "Стул × 2" in seen.shipments
    assert "RA1" in seen.shipments
    assert (CHAIR, 99_998) in shop.stock()

    onec.books.ship(order_id, "RA2")
    # The order's own document says now that it is shipped: by another word, the same.
    step(updated=1, unchanged=2)
    seen = buyer.look(page)
    assert seen.status == "shipped"
    assert "Стул × 1" in seen.shipments
    assert "Стол × 1" in seen.shipments
    assert "RA2" in seen.shipments
    assert shop.stock().count((CHAIR, 99_997)) == shop.stock().count((TABLE, 99_999)) == 1

    onec.books.pay(order_id)
    step(updated=1, unchanged=3)
    seen = buyer.look(page)
    assert "675,50" in seen.total
    assert seen.total in seen.payments
    assert not seen.to_pay
    assert shop.journal("error") == shop.journal("warning") == ""


def test_a_buyer_pays_on_the_page_and_1c_books_it_once(shop: SellingShop, buyer: Buyer) -> None:
    page = buyer.order({shop.variant(CHAIR): 1})
    onec = OneC(shop)
    (order_id,) = onec.fetch()
    assert onec.books[order_id].paid == 0
    buyer.pay(page)
    assert onec.fetch() == [order_id]
    assert onec.books[order_id].paid == Decimal("450.00")
    onec.books.post(order_id)
    onec.tell(order_id)
    assert onec.fetch() == []
    ((*_, payments, _shipments, _number, _day, _at, _news, _documents),) = shop.orders()
    assert len(payments) == 1


def test_1c_cancels(shop: SellingShop, buyer: Buyer) -> None:
    page = buyer.order({shop.variant(CHAIR): 1})
    onec = OneC(shop)
    (order_id,) = onec.fetch()
    onec.books.cancel(order_id)
    for answer in (figures(1, updated=1), figures(1, unchanged=1)):
        assert onec.tell(order_id) == answer
        assert buyer.look(page).status == "cancelled"
        assert onec.fetch() == []


def test_what_the_shop_does_not_allow_is_told_to_1c_once(shop: SellingShop, buyer: Buyer) -> None:
    page = buyer.order({shop.variant(CHAIR): 1})
    onec = OneC(shop)
    (order_id,) = onec.fetch()
    onec.books.post(order_id)
    onec.books.ship(order_id)
    onec.tell(order_id)
    onec.books.cancel(order_id)
    answer, remark = onec.tell(order_id).splitlines()
    assert answer == figures(2, unchanged=1, failed=1)
    assert remark.startswith(f"{order_id}: Отмена заказа: магазин не позволяет")
    assert remark.removeprefix(f"{order_id}: ") in shop.journal("warning")
    assert buyer.look(page).status == "shipped"
    # 1C hears how the order is, once: it won't go round in circles.
    assert onec.fetch() == [order_id]
    assert onec.books[order_id].order.requisite("Отменен") == "false"
    assert onec.fetch() == []
    onec.tell(order_id)
    assert onec.fetch() == []


@pytest.mark.parametrize(
    ("winner", "lines", "status"), [("onec", "Стул 2", "open"), ("shop", "Стул 3", "unconfirmed")]
)
def test_an_order_that_was_changed_in_both_places(
    shop: SellingShop, buyer: Buyer, winner: str, lines: str, status: str
) -> None:
    shop.configure(orders={"conflict": winner})
    page = buyer.order({shop.variant(CHAIR): 3})
    onec = OneC(shop)
    (order_id,) = onec.fetch()
    buyer.pay(page)
    onec.books.change(order_id, CHAIR, Decimal(2))
    onec.books.post(order_id)
    answer = onec.tell(order_id)
    seen = buyer.look(page)
    assert lines in seen.lines
    assert seen.status == status
    assert "изменён и в магазине, и в 1С" in answer
    assert "изменён и в магазине, и в 1С" in shop.journal("warning")
    # 1C gets the outcome, and both places say the same.
    assert onec.fetch() == [order_id]
    assert onec.fetch() == []
    order = onec.books[order_id].order
    assert {line.id: line.quantity for line in order.lines}[CHAIR] == int(lines[-1])
    assert onec.books[order_id].paid == 650
    # Told again with all that known, 1C is no longer overruled.
    onec.tell(order_id)
    assert buyer.look(page).status == "open"
    assert onec.fetch() == []


def test_an_older_1c_hears_the_end_of_a_file_that_takes_its_time(shop: SellingShop) -> None:
    shop.configure(orders={"create_orders": "true", "new_order_channel": "default-channel"})
    orders = [
        document(
            f"order-{number}",
            line(CHAIR, "1", "100"),
            number=f"К{number}",
            requisites={"Проведен": "true"},
        )
        for number in range(150)
    ]
    talk = shop.sale(version="")
    talk.client.checkauth()
    talk.client.init()
    talk.send({"documents.xml": package(*orders).encode()})
    assert "объектов 150: без изменений 0, создано 150" in talk.said["file documents.xml"]


def test_the_web_server_is_killed_between_query_and_success(
    shop: SellingShop, buyer: Buyer
) -> None:
    for _ in range(3):
        buyer.order({shop.variant(CHAIR): 1})

    def asked(query: Callable[[BytesIO], int]) -> list[str]:
        package = BytesIO()
        query(package)
        package.seek(0)
        return [document.id for document in Books().take(package)]

    talk = shop.sale()
    talk.client.checkauth()
    given = asked(talk.client.query)
    assert len(given) == 3
    shop.restart_web()
    # 1C never got it, and begins anew.
    again = shop.sale()
    again.client.checkauth()
    assert asked(again.client.query) == given
    shop.restart_web()
    # Or it got it, and goes on in the same session.
    again.client.confirm()
    assert asked(again.client.query) == []
    assert OneC(shop).fetch() == []
