"""Orders for 1C: given until they are confirmed, never lost, never as an older state."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import StreamingHttpResponse
from django.test.utils import CaptureQueriesContext

from saleor_1c_plugin.commerceml.documents import Document
from saleor_1c_plugin.commerceml.reader import scan
from saleor_1c_plugin.exchange.models import Exchange, JournalEntry
from saleor_1c_plugin.exchange.sweep import close
from saleor_1c_plugin.orders.models import HandOut, OrderRecord, Watermark
from saleor_1c_plugin.sandbox.models import Order as Row
from saleor_1c_plugin.sandbox.orders import SandboxOrderStore
from saleor_1c_plugin.store.orders import Address, Buyer, LineChange, NewOrder
from tests.sandbox.goods import CHANNEL, goods

from .conftest import LOGIN, PASSWORD, OneC

pytestmark = pytest.mark.django_db(transaction=True)


class Sale(OneC):
    """1C that exchanges orders."""

    kind = "sale"

    def query(self, **more: Any) -> list[Document]:
        response = self.http.get("/1c/", {"type": "sale", "mode": "query", **more})
        assert isinstance(response, StreamingHttpResponse), response.content.decode()
        body = b"".join(response)  # type: ignore[arg-type]
        assert response["Content-Length"] == str(len(body))
        return documents(body)

    def numbers(self) -> list[str]:
        return [document.number for document in self.query()]


def documents(body: bytes) -> list[Document]:
    parsed = [node.parse() for node in scan(BytesIO(body))]
    return [item for item in parsed if isinstance(item, Document)]


@pytest.fixture
def sale() -> Sale:
    client = Sale()
    assert client.log_in().startswith("success")
    return client


@pytest.fixture(autouse=True)
def _orders_on(_configured: None, settings: Any) -> None:
    # Tests empty the table that the migration began.
    Watermark.objects.all().delete()
    configure(settings)


def configure(settings: Any, **orders: Any) -> None:
    settings.ONEC_CONFIGURATION = {**settings.ONEC_CONFIGURATION, "orders": orders}


def order(reference: str = "1", quantity: int = 2, **more: Any) -> str:
    line = LineChange(quantity, variant_id=str(goods(quantity=1000).pk))
    with transaction.atomic():
        return SandboxOrderStore().create_order(
            NewOrder(
                reference,
                CHANNEL,
                Buyer(email=f"{reference}@example.com", first_name="Анна"),
                (line,),
                Address(first_name="Анна", city="Москва", street_1="ул. Мира, д. 5"),
                **more,
            )
        )


def touch(order_id: str, note: str = "Позвоните") -> None:
    row = Row.objects.get(key=order_id)
    row.note = note
    row.save()


def test_an_order_comes_until_it_is_confirmed_and_not_after(sale: Sale) -> None:
    order_id = order()
    (first,) = sale.query()
    assert (first.id, first.amount) == (order_id, 200)
    assert first.lines[0].id == "cup#1"
    # 1C died before it had written anything down, and comes back.
    later = Sale()
    later.log_in()
    assert [item.id for item in later.query()] == [order_id]
    assert later.ask("success") == "success"
    assert later.query() == []
    assert sale.query() == []
    assert "1С получила заказов: 1" in JournalEntry.objects.values_list("message", flat=True)


def test_a_change_made_meanwhile_is_not_swallowed_by_success(sale: Sale) -> None:
    order_id = order()
    sale.query()
    touch(order_id)
    sale.ask("success")
    (again,) = sale.query()
    assert (again.id, again.comment) == (order_id, "Позвоните")
    sale.ask("success")
    assert sale.query() == []


def test_success_confirms_what_this_session_was_given_and_nothing_else(sale: Sale) -> None:
    order("1")
    sale.query()
    second = order("2")
    other = Sale()
    other.log_in()
    other.ask("success")
    assert len(other.query()) == 2
    sale.ask("success")
    assert [item.id for item in sale.query()] == [second]


def test_an_older_session_confirms_no_newer_state(sale: Sale) -> None:
    order_id = order()
    sale.query()
    touch(order_id)
    newer = Sale()
    newer.log_in()
    newer.query()
    newer.ask("success")
    sale.ask("success")
    record = OrderRecord.objects.get()
    assert record.confirmed == record.version
    touch(order_id, "")
    # What 1C has is the newer state: the older one is news.
    assert [item.comment for item in sale.query()] == [""]


def test_a_write_that_changes_no_document_is_no_news(sale: Sale) -> None:
    order_id = order()
    sale.query()
    sale.ask("success")
    touch(order_id, "")
    assert OrderRecord.objects.get().version > OrderRecord.objects.get().confirmed
    assert sale.query() == []
    assert OrderRecord.objects.get().version == OrderRecord.objects.get().confirmed


def test_portions_come_one_after_another(settings: Any, sale: Sale) -> None:
    configure(settings, portion="2")
    made = [order(str(number)) for number in range(5)]
    got = []
    for expected in (2, 2, 1, 0):
        found = sale.query()
        assert len(found) == expected
        got += [item.id for item in found]
        sale.ask("success")
    assert got == made


def test_the_number_of_queries_does_not_grow_with_the_portion(sale: Sale) -> None:
    for number in range(3):
        order(str(number))
    with CaptureQueriesContext(connection) as few:
        assert len(sale.query()) == 3
    sale.ask("success")
    for number in range(3, 40):
        order(str(number))
    with CaptureQueriesContext(connection) as many:
        assert len(sale.query()) == 37
    # The transaction of an answer may end a moment after it was read.
    one, other = ([row["sql"] for row in rows if row["sql"] != "COMMIT"] for rows in (few, many))
    assert len(one) == len(other)


@pytest.mark.parametrize(
    ("asked", "written"),
    [("", "2.08"), ("2.09", "2.09"), ("3.1", "3.1"), ("3.0", "3.1")],
)
def test_the_version_is_what_1c_asked_for(asked: str, written: str) -> None:
    client = Sale()
    client.log_in()
    client.ask("init", **({"version": asked} if asked else {}))
    order()
    response = client.http.get("/1c/", {"type": "sale", "mode": "query"})
    body = b"".join(response).decode()  # type: ignore[arg-type]
    assert f'ВерсияСхемы="{written}"' in body
    assert ("<Контейнер>" in body) == (written == "3.1")


def test_the_version_is_what_the_merchant_set(settings: Any, sale: Sale) -> None:
    configure(settings, schema="2.09")
    sale.ask("init", version="3.1")
    order()
    response = sale.http.get("/1c/", {"type": "sale", "mode": "query"})
    assert 'ВерсияСхемы="2.09"' in b"".join(response).decode()  # type: ignore[arg-type]


def test_the_package_is_in_the_encoding_of_the_exchange(settings: Any) -> None:
    configure(settings)
    settings.ONEC_CONFIGURATION["exchange"]["encoding"] = "windows-1251"
    client = Sale()
    client.log_in()
    order_id = order()
    touch(order_id, "Окно во двор ☺")
    (found,) = client.query()
    assert found.comment == "Окно во двор ☺"


def test_orders_of_the_past_stay_where_they_are(settings: Any, sale: Sale) -> None:
    old = order("old")
    OrderRecord.objects.all().delete()
    moment = Row.objects.get().updated + timedelta(milliseconds=1)
    Watermark.objects.update_or_create(pk=1, defaults={"moment": moment, "began": moment})
    new = order("new")
    assert [item.id for item in sale.query()] == [new]
    # Until the merchant wants them.
    configure(settings, since="2020-01-01")
    assert {item.id for item in sale.query()} == {old, new}


def test_bulk_writes_that_nobody_told_of_are_found(sale: Sale) -> None:
    order_id = order()
    sale.query()
    sale.ask("success")
    row = Row.objects.get(key=order_id)
    Row.objects.filter(key=order_id).update(
        note="Иначе", updated=row.updated + timedelta(seconds=1)
    )
    assert OrderRecord.objects.get().version == OrderRecord.objects.get().confirmed
    assert [item.comment for item in sale.query()] == ["Иначе"]


def test_only_what_the_merchant_chose_goes_to_1c(settings: Any, sale: Sale) -> None:
    configure(settings, only_paid="true")
    order_id = order()
    assert sale.query() == []
    with transaction.atomic():
        row = Row.objects.get(key=order_id)
        row.payments.create(
            kind="charge", amount=200, at=row.created, method="Карта", reference="p1"
        )
        row.save()
    assert [item.id for item in sale.query()] == [order_id]
    configure(settings, channels="usd")
    other = Sale()
    other.log_in()
    # This one 1C may have: it is told whatever becomes of it.
    assert [item.id for item in other.query()] == [order_id]
    unpaid = order("2")
    assert len(other.query()) == 1
    configure(settings)
    assert [item.id for item in other.query()] == [order_id, unpaid]


def test_a_cancelled_order_is_news_to_a_1c_that_has_it_only(sale: Sale) -> None:
    known, unknown = order("1"), order("2")
    with transaction.atomic():
        SandboxOrderStore().cancel(unknown)
    (found,) = sale.query()
    assert found.id == known
    sale.ask("success")
    with transaction.atomic():
        SandboxOrderStore().cancel(known)
    (found,) = sale.query()
    assert (found.id, found.requisite("Отменен")) == (known, "true")


def test_a_dry_run_gives_orders_and_takes_no_confirmation(settings: Any, sale: Sale) -> None:
    order()
    settings.ONEC_CONFIGURATION["exchange"]["dry_run"] = True
    assert len(sale.query()) == 1
    assert sale.ask("success") == "success"
    assert len(sale.query()) == 1


def test_without_the_plugin_1c_is_told_so(settings: Any, sale: Sale) -> None:
    settings.ONEC_CONFIGURATION = {
        "exchange": {"login": LOGIN, "password": PASSWORD},
        "orders": None,
    }
    response = sale.http.get("/1c/", {"type": "sale", "mode": "query"})
    assert "«1С: заказы»" in sale.text(response)


def test_what_a_closed_session_was_given_is_forgotten(sale: Sale) -> None:
    order()
    sale.query()
    assert HandOut.objects.count() == 1
    close(Exchange.objects.get())
    assert not HandOut.objects.exists()


def test_waiting_for_news_ends_when_there_are_some_or_the_time_is_over(sale: Sale) -> None:
    assert sale.query(wait="1") == []
    order_id = order()
    assert [item.id for item in sale.query(wait="50")] == [order_id]


def test_info_lists_what_1c_maps(sale: Sale) -> None:
    response = sale.http.get("/1c/", {"type": "sale", "mode": "info"})
    body = b"".join(response).decode()  # type: ignore[arg-type]
    assert body.startswith("<?xml")
    for status in ("unconfirmed", "open", "shipped", "cancelled"):
        assert f"<Ид>{status}</Ид>" in body, status


def test_an_order_has_the_status_by_the_name_that_1c_maps(sale: Sale) -> None:
    order()
    response = sale.http.get("/1c/", {"type": "sale", "mode": "info"})
    offered = b"".join(response).decode()  # type: ignore[arg-type]
    (found,) = sale.query()
    status, name = found.requisite("Статуса заказа ИД"), found.requisite("Статус заказа")
    assert f"<Ид>{status}</Ид><Название>{name}</Название>" in offered
