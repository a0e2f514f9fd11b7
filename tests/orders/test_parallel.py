"""Several workers apply documents at once: no order and no buyer comes twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, transaction

from saleor_1c_plugin.commerceml.model import ItemKind
from saleor_1c_plugin.orders.models import CustomerLink, OrderRecord
from saleor_1c_plugin.sandbox.models import Customer, Order
from saleor_1c_plugin.sandbox.orders import SandboxOrderStore
from saleor_1c_plugin.store.orders import OrderStatus
from tests.sandbox.goods import goods

from .onec import EMAIL, PHONE, Journal, document, line, party, payment, read, send, shop_order

pytestmark = pytest.mark.django_db(transaction=True)

WORKERS = 4
POSTED = {"Проведен": "true"}


@pytest.fixture(autouse=True)
def _creating(settings) -> None:
    settings.ONEC_CONFIGURATION = {
        "orders": {"create_orders": True, "new_order_channel": "default-channel"}
    }


def stocked() -> None:
    with transaction.atomic():
        goods("cup0", 100)


def at_once[Result](work: Callable[[int], Result]) -> list[Result]:
    barrier = Barrier(WORKERS)

    def run(number: int) -> Result:
        try:
            barrier.wait()
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(run, range(WORKERS)))


def test_one_document_makes_one_order() -> None:
    stocked()
    told = document("new", line("cup0#1"), requisites=POSTED)
    reports = at_once(lambda number: send(told))
    assert not [message for report in reports for message in report.messages]
    outcomes = [report.of(ItemKind.DOCUMENT) for report in reports]
    assert sum(counts.get("created", 0) for counts in outcomes) == 1
    assert Order.objects.count() == OrderRecord.objects.count() == 1


@pytest.mark.parametrize(
    "buyer",
    [
        lambda number: party("same", EMAIL),
        lambda number: party(f"party-{number}", EMAIL.upper() if number % 2 else EMAIL),
        lambda number: party(f"party-{number}", EMAIL, PHONE if number % 2 else ""),
        lambda number: party("same", f"anna{number}@example.com", PHONE),
    ],
)
def test_orders_of_one_buyer_make_one_account(buyer: Callable[[int], str]) -> None:
    stocked()
    at_once(
        lambda number: send(
            *(
                document(
                    f"new-{number}-{part}",
                    line("cup0#1"),
                    requisites=POSTED,
                    buyer=buyer(number),
                )
                for part in range(3)
            )
        )
    )
    assert Order.objects.count() == 3 * WORKERS
    assert Customer.objects.count() == 1
    assert CustomerLink.objects.count() == 1


def test_counterparties_of_one_buyer_make_one_link() -> None:
    at_once(lambda number: send(f"<Контрагенты>{party(f'p{number}', EMAIL)}</Контрагенты>"))
    assert CustomerLink.objects.count() == 1


def test_one_order_is_written_by_one_at_a_time_and_nothing_is_lost() -> None:
    with transaction.atomic():
        order_id = shop_order(status=OrderStatus.OPEN)

    def work(number: int) -> Journal | None:
        if number == 0:  # the shop itself writes too
            for value in range(10):
                with transaction.atomic():
                    SandboxOrderStore().write_metadata(order_id, {"count": str(value)})
            return None
        return send(
            *(payment(order_id, "1", f"pay-{number}-{part}", number="") for part in range(5))
        )

    reports = at_once(work)
    assert not [m for report in reports if report is not None for m in report.messages]
    assert len(read(order_id).payments) == 5 * (WORKERS - 1)
    assert read(order_id).metadata == {"count": "9"}
