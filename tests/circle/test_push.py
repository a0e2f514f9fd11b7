"""From the buyer's checkout to 1C's HTTP service: real web server, worker and receiver."""

import time
from collections.abc import Iterator
from decimal import Decimal

import pytest

from tests.orders.service import SECRET, Service, serving

from .buyer import Buyer
from .conftest import CHAIR, SellingShop
from .test_circle import OneC

#: A person at the till would not wait longer.
SECONDS = 20


@pytest.fixture
def service(shop: SellingShop) -> Iterator[Service]:
    with serving() as running:
        shop.configure(orders={"push_url": running.url, "push_secret": SECRET})
        # A running one looks at the settings every few seconds only.
        shop.restart_web()
        yield running


def test_an_order_is_in_1c_within_seconds(
    shop: SellingShop, buyer: Buyer, service: Service
) -> None:
    started = time.monotonic()
    page = buyer.order({shop.variant(CHAIR): 2})
    service.wait(1, SECONDS)
    print(f"{time.monotonic() - started:.2f} s from the cart to 1C")
    assert (service.orders[0].amount, service.orders[0].comment) == (
        Decimal("550.00"),
        "Позвонить за час ☺",
    )
    buyer.pay(page)
    service.wait(2, SECONDS)
    paid = service.orders[1]
    assert (paid.id, paid.requisite("Заказ оплачен")) == (service.orders[0].id, "true")
    onec = OneC(shop)
    deadline = time.monotonic() + SECONDS
    while shop.value("SELECT count(*) FROM onec_outbox_message WHERE state <> 'delivered'"):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert onec.fetch() == []
    # What 1C does itself does not come back by this way either.
    onec.books.take(service.bodies[-1])
    onec.books.post(paid.id)
    onec.tell(paid.id)
    assert buyer.look(page).status == "open"
    assert onec.fetch() == []
    assert len(service.packages) == 2


def test_orders_made_while_no_worker_lives_come_when_one_does(
    shop: SellingShop, buyer: Buyer, service: Service
) -> None:
    assert shop.worker is not None
    shop.worker.kill()
    for _ in range(3):
        buyer.order({shop.variant(CHAIR): 1})
    assert service.packages == []
    shop.start_worker()
    service.wait(3, 3 * SECONDS)
    assert len({order.id for order in service.orders}) == 3


def test_a_worker_that_dies_with_orders_in_hand_loses_none(
    shop: SellingShop, buyer: Buyer, service: Service
) -> None:
    service.meanwhile = shop.kill_pool
    buyer.order({shop.variant(CHAIR): 1})
    service.wait(1, SECONDS)
    service.meanwhile = lambda: None
    # 1C that comes itself gets what is not confirmed, and has the worker look after the rest.
    shop.rows("UPDATE onec_outbox_message SET due = now() WHERE state = 'pending'")
    shop.rows("UPDATE onec_outbox_deliverer SET lease_until = now()")
    shop.rows("DELETE FROM onec_outbox_regularrun")
    onec = OneC(shop)
    onec.fetch()
    deadline = time.monotonic() + 3 * SECONDS
    while shop.value("SELECT count(*) FROM onec_outbox_message WHERE state <> 'delivered'"):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert onec.fetch() == []
    assert {order.id for order in service.orders} == {
        key for (key,) in shop.rows("SELECT key::text FROM onec_sandbox_order")
    }
