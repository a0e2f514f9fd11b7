"""A process may die between any two steps: nothing is half done, and the next run does it all."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

import pytest
from django.db import DatabaseError, connection
from django.db.models import Model

from saleor_1c_plugin.commerceml.model import ItemKind
from saleor_1c_plugin.orders.apply import import_documents
from saleor_1c_plugin.orders.models import AppliedDocument, CustomerLink, OrderRecord, ToldFact
from saleor_1c_plugin.report import Outcome
from saleor_1c_plugin.sandbox.models import Customer, Order, OrderLine, Payment, Shipment
from saleor_1c_plugin.store.orders import OrderStatus
from tests.sandbox.goods import goods

from .onec import EMAIL, Journal, document, line, package, party, payment, read, send, shop_order

pytestmark = pytest.mark.django_db

ALL = {
    "Проведен": "true",
    "Номер по 1С": "К1",
    "Оплачен": "true",
    "Отгружен": "true",
    "Номер отправления": "RA1",
}


@contextmanager
def failing(model: type[Model]) -> Iterator[None]:
    """Every write of this table fails, as if the database went down there."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE OR REPLACE FUNCTION fail() RETURNS trigger AS "
            "$$ BEGIN RAISE EXCEPTION 'gone'; END $$ LANGUAGE plpgsql"
        )
        cursor.execute(
            f"CREATE TRIGGER fail BEFORE INSERT OR UPDATE ON {table} EXECUTE FUNCTION fail()"
        )
    yield
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER fail ON {table}")


def state() -> list[object]:
    """All rows that a document may write."""
    return [
        list(model.objects.order_by("pk").values())  # type: ignore[attr-defined]
        for model in (
            Order,
            OrderLine,
            Payment,
            Shipment,
            Customer,
            OrderRecord,
            AppliedDocument,
            ToldFact,
            CustomerLink,
        )
    ]


@pytest.mark.parametrize(
    "model", [OrderRecord, OrderLine, Order, Payment, Shipment, ToldFact, AppliedDocument]
)
def test_every_step_of_a_document_stands_or_falls_with_the_others(model: type[Model]) -> None:
    order_id = shop_order()
    before = state()
    told = document(order_id, line("cup0#1", "3", "300"), requisites=ALL, buyer=party("a"))
    with failing(model), pytest.raises(DatabaseError, match="gone"):
        send(told)
    assert state() == before
    assert send(told).of(ItemKind.DOCUMENT) == {"seen": 1, "updated": 1}
    order = read(order_id)
    assert (order.status, order.paid) == (OrderStatus.SHIPPED, order.total_gross)
    assert order.metadata == {"onec.number": "К1"}


@pytest.mark.parametrize("model", [Payment, Shipment, ToldFact])
def test_what_came_with_an_order_stands_or_falls_with_it(model: type[Model]) -> None:
    order_id = shop_order()
    before = state()
    told = (
        document(order_id, line("cup0#1"), requisites={"Проведен": "true"}),
        payment(order_id, "50"),
        document("s", line("cup0#1", "1", "100"), kind="Отпуск товара", basis=order_id),
    )
    with failing(model), pytest.raises(DatabaseError, match="gone"):
        send(*told)
    assert state() == before
    assert send(*told).of(ItemKind.DOCUMENT) == {"seen": 3, "updated": 3}
    assert read(order_id).status is OrderStatus.PARTLY_SHIPPED


@pytest.mark.parametrize(
    "model", [Customer, CustomerLink, Order, OrderLine, Payment, AppliedDocument]
)
def test_an_order_is_made_whole_or_not_at_all(settings, model: type[Model]) -> None:
    settings.ONEC_CONFIGURATION = {
        "orders": {"create_orders": True, "new_order_channel": "default-channel"}
    }
    goods("cup0")
    before = state()
    told = document("new", line("cup0#1"), requisites=ALL, buyer=party("a", EMAIL))
    with failing(model), pytest.raises(DatabaseError, match="gone"):
        send(told)
    assert state() == before
    assert send(told).of(ItemKind.DOCUMENT) == {"seen": 1, "created": 1}


def test_a_worker_that_lost_its_job_leaves_the_document_to_the_next() -> None:
    class Lost(Exception):
        pass

    class Losing(Journal):
        def count(self, kind: ItemKind, outcome: Outcome, n: int = 1) -> None:
            super().count(kind, outcome, n)
            if self.counts[ItemKind.DOCUMENT, Outcome.SEEN] == 2:
                raise Lost

    first, second = shop_order(), shop_order(reference="2")
    file = package(document(first, requisites=ALL), document(second, requisites=ALL))
    with pytest.raises(Lost):
        import_documents(BytesIO(file.encode()), Losing())
    assert read(first).status is OrderStatus.SHIPPED
    assert read(second).status is OrderStatus.UNCONFIRMED
    report = Journal()
    import_documents(BytesIO(file.encode()), report)
    assert report.of(ItemKind.DOCUMENT) == {"seen": 2, "unchanged": 1, "updated": 1}
