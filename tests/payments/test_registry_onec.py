"""A day of a provider's registry as a document in 1C: once, and again when it has changed."""

from datetime import timedelta
from decimal import Decimal

import pytest

from saleor_1c_plugin.commerceml.documents import Document, Operation
from saleor_1c_plugin.exchange.models import JournalEntry
from saleor_1c_plugin.orders.models import Watermark
from saleor_1c_plugin.payments.models import RegistryDocument
from tests.exchange.test_orders_out import Sale
from tests.orders.onec import document, send

from .registries import DAY, Books, today


@pytest.fixture(autouse=True)
def _told(books: Books) -> None:
    Watermark.objects.all().delete()
    books.configure("payments", registry_to_onec="true")


def onec() -> Sale:
    client = Sale()
    client.log_in()
    return client


def taken(**more: str) -> list[Document]:
    """What 1C gets, and confirms: the registries among it."""
    client = onec()
    found = client.query(**more)
    assert client.ask("success").startswith("success")
    return [one for one in found if one.id.startswith("reg-")]


def test_a_day_is_a_document(books: Books) -> None:
    books.foreign("1000.00")
    sold = books.foreign("500.50")
    books.give_back(sold.id, Decimal("100.10"))
    books.foreign("3.00", ago=2 * DAY)
    books.load(1, 1)
    (found,) = taken()
    assert found.operation is Operation.OTHER
    assert (found.amount, found.currency) == (Decimal("1500.50"), "RUB")
    assert found.issued == today() - DAY
    assert len(found.id) <= 40
    assert found.counterparties[0].name == "ЮKassa"
    told = dict(found.requisites)
    assert (
        told
        | {
            "Вид документа": "Реестр платежей",
            "Платёжная система": "ЮKassa",
            "Счёт в платёжной системе": "100500",
            "Сумма платежей": "1500.50",
            "Количество платежей": "2",
            "Сумма возвратов": "100.10",
            "Количество возвратов": "1",
            "Комиссия": "42.01",
            "К перечислению": "1358.39",
        }
        == told
    )


@pytest.mark.parametrize("schema", ["2.08", "2.09", "3.1"])
def test_every_version_has_it(books: Books, schema: str) -> None:
    books.configure("orders", schema=schema)
    books.foreign("1000.00")
    books.load(1, 1)
    (found,) = taken()
    assert (found.operation, found.amount) == (Operation.OTHER, 1000)


def test_it_comes_once_and_again_when_it_has_changed(books: Books) -> None:
    sold = books.foreign("1000.00")
    books.load(1, 1)
    (first,) = taken()
    books.load(1, 1)
    assert taken() == []
    books.give_back(sold.id, Decimal("1.00"))
    books.load(1, 1)
    (again,) = taken()
    assert again.id == first.id
    assert again.requisite("Сумма возвратов") == "1.00"
    assert taken() == []


def test_what_was_not_confirmed_comes_again(books: Books) -> None:
    books.foreign("1000.00")
    books.load(1, 1)
    assert len(onec().query()) == 1
    assert len(taken()) == 1


def test_a_day_that_is_not_over_is_not_told(books: Books) -> None:
    books.foreign("1000.00", ago=timedelta())
    books.load(0, 0)
    assert taken() == []


def test_each_account_and_day_has_its_own(books: Books) -> None:
    for ago in (1, 2):
        books.foreign("10.00", ago=ago * DAY)
    books.load(3, 1)
    assert {one.issued for one in taken()} == {today() - DAY, today() - 2 * DAY}


def test_it_is_off_unless_it_is_set(books: Books) -> None:
    books.configure("payments", registry_to_onec="")
    books.foreign("1000.00")
    books.load(1, 1)
    assert taken() == []
    assert not RegistryDocument.objects.exists()
    # What was to be told is not, once it is off.
    books.configure("payments", registry_to_onec="true")
    books.load(1, 1)
    books.configure("payments", registry_to_onec="false")
    assert taken() == []


def test_the_rate_is_that_of_the_settings(books: Books) -> None:
    books.configure("orders", rates="RUB = 5.5")
    books.foreign("1000.00")
    books.load(1, 1)
    (found,) = taken()
    assert found.rate == Decimal("5.5")


def test_1c_that_sends_it_back_changes_nothing(books: Books) -> None:
    books.foreign("1000.00")
    books.load(1, 1)
    (found,) = taken()
    journal = send(document(found.id, kind="Прочее", amount="1000"))
    assert not [level for level, *_ in journal.problems if str(level) == "error"]
    assert taken() == []
    assert not JournalEntry.objects.filter(level="error").exists()
