"""A document that can't be used is named with its reason, and changes nothing."""

from decimal import Decimal
from io import BytesIO

import pytest

from saleor_1c_plugin.commerceml.errors import CommerceMLError
from saleor_1c_plugin.commerceml.model import ItemKind
from saleor_1c_plugin.orders.incoming.apply import import_documents
from saleor_1c_plugin.orders.models import AppliedDocument, OrderRecord
from saleor_1c_plugin.report import Level
from saleor_1c_plugin.sandbox.models import Customer
from saleor_1c_plugin.store.orders import OrderStatus
from tests.catalog.support import DATA, Recorder

from .onec import document, line, package, party, payment, read, send, shop_order

pytestmark = pytest.mark.django_db

DOCUMENT = ItemKind.DOCUMENT
FAILED = {"seen": 1, "failed": 1}
POSTED = {"Проведен": "true"}


def said(report: Recorder, words: str) -> bool:
    return any(words in message for message in report.messages)


@pytest.mark.parametrize("kind", ["Заказ товара", "Выплата наличных денег", "Отпуск товара"])
def test_documents_of_unknown_orders(kind: str) -> None:
    report = send(document("d", line("cup0#1"), kind=kind, number="9", basis="nobody's"))
    assert report.of(DOCUMENT) == FAILED
    [(level, message, onec_id)] = report.problems
    assert (level, onec_id) == (Level.ERROR, "d")
    assert "нет в магазине" in message


@pytest.mark.parametrize("kind", ["Заказ товара", "Выплата наличных денег"])
def test_documents_without_an_id(kind: str) -> None:
    assert said(send(document("", amount="1", kind=kind)), "Не указан")


def test_the_others_go_on() -> None:
    order_id = shop_order()
    report = send(
        document("lost", line("cup0#1")),
        document(order_id, line("cup0#1"), requisites=POSTED),
    )
    assert report.of(DOCUMENT) == {"seen": 2, "failed": 1, "updated": 1}
    assert read(order_id).status is OrderStatus.OPEN


def test_a_document_older_than_the_one_applied() -> None:
    order_id = shop_order()
    send(document(order_id, line("cup0#1", "3", "300")), created="2026-01-02T12:00:00")
    older = document(order_id, line("cup0#1", "1", "100"), requisites=POSTED)
    report = send(older, created="2026-01-02T11:59:59")
    assert report.of(DOCUMENT) == {"seen": 1, "unchanged": 1}
    assert said(report, "более поздний обмен")
    order = read(order_id)
    assert (order.lines[0].quantity, order.status) == (3, OrderStatus.UNCONFIRMED)
    assert send(older, created="2026-01-02T12:00:00").of(DOCUMENT) == {"seen": 1, "updated": 1}


@pytest.mark.parametrize("currency", ["USD", "840", "тугрики"])
def test_another_currency(currency: str) -> None:
    order_id = shop_order(status=OrderStatus.OPEN)
    report = send(payment(order_id, "200", currency=currency))
    assert report.of(DOCUMENT) == FAILED
    assert said(report, "RUB")
    assert not read(order_id).payments


@pytest.mark.parametrize("currency", ["", "руб", "руб.", "RUB", "RUR", "643"])
def test_the_same_currency_by_other_names(currency: str) -> None:
    order_id = shop_order(status=OrderStatus.OPEN)
    assert not send(payment(order_id, "200", currency=currency)).problems
    assert read(order_id).paid == Decimal(200)


@pytest.mark.parametrize(("quantity", "amount"), [("-2", "200"), ("2", "-200"), ("0.5", "50")])
def test_impossible_lines_leave_the_order_unconfirmed(quantity: str, amount: str) -> None:
    order_id = shop_order()
    report = send(document(order_id, line("cup0#1", quantity, amount), requisites=POSTED))
    assert report.of(DOCUMENT) == FAILED
    assert said(report, "Состав заказа оставлен")
    assert read(order_id).status is OrderStatus.UNCONFIRMED


def test_a_negative_payment() -> None:
    order_id = shop_order(status=OrderStatus.OPEN)
    assert send(payment(order_id, "-200")).of(DOCUMENT) == FAILED
    assert not read(order_id).payments


def test_sums_that_do_not_add_up_leave_the_lines_and_keep_the_facts() -> None:
    order_id = shop_order(status=OrderStatus.OPEN)
    told = {"Номер по 1С": "К1", "Оплачен": "true", "Отгружен": "true"}
    report = send(document(order_id, line("cup0#1", "3", "300"), amount="250", requisites=told))
    assert report.of(DOCUMENT) == FAILED
    assert said(report, "не сходится")
    order = read(order_id)
    assert order.lines[0].quantity == 2
    assert (order.paid, order.status) == (Decimal(200), OrderStatus.SHIPPED)
    assert order.metadata["onec.number"] == "К1"


def test_goods_that_the_shop_does_not_know() -> None:
    order_id = shop_order()
    report = send(document(order_id, line("cup0#1"), line("fork"), requisites=POSTED))
    assert said(report, "(fork) в магазине нет")
    order = read(order_id)
    assert (len(order.lines), order.status) == (1, OrderStatus.UNCONFIRMED)


def test_another_customers_order_by_number() -> None:
    order_id = shop_order()
    stranger = party("other", "other@example.com", "+79990000000")
    for buyer in (stranger, ""):
        report = send(
            document(
                "uuid",
                line("cup0#1"),
                number=read(order_id).number,
                buyer=buyer,
                requisites={"Отменен": "true"},
            )
        )
        assert report.of(DOCUMENT) == FAILED
        assert said(report, "другому покупателю")
    assert read(order_id).status is OrderStatus.UNCONFIRMED


@pytest.mark.parametrize(
    "other",
    [
        party("other", "other@example.com"),
        party("user:4711"),
        party("email:third@example.com"),
        party("order:another"),
    ],
)
def test_another_customers_order_by_id(other: str) -> None:
    Customer.objects.create(email="other@example.com")
    order_id = shop_order()
    report = send(document(order_id, buyer=other, requisites={"Отменен": "true"}))
    assert said(report, "другому покупателю")
    assert read(order_id).status is OrderStatus.UNCONFIRMED


def test_an_unknown_status_is_told_once_a_file() -> None:
    orders = [shop_order(reference=str(number)) for number in range(3)]
    report = send(*(document(order, requisites={"Статус заказа": "На складе"}) for order in orders))
    assert report.of(DOCUMENT) == {"seen": 3, "unchanged": 3}
    [(level, message, _)] = report.problems
    assert level is Level.WARNING
    assert "«На складе»" in message
    assert "документов: 3" in message


@pytest.mark.parametrize(
    ("kind", "words"), [("Списание", "«Списание»"), ("Возврат товара", "оформите возврат")]
)
def test_operations_that_nothing_can_be_done_about(kind: str, words: str) -> None:
    order_id = shop_order()
    report = send(document("d", line("cup0#1"), kind=kind, basis=order_id))
    assert report.of(DOCUMENT) == FAILED
    assert said(report, words)


@pytest.mark.parametrize(
    "bad",
    [
        line("cup0#1", "много", "200"),
        line("cup0#1", "2", "12,3,4"),
    ],
)
def test_a_value_that_cannot_be_read_is_told_with_its_line(bad: str) -> None:
    order_id = shop_order()
    report = send(document(order_id, bad, amount="1"), document(order_id, requisites=POSTED))
    assert report.of(DOCUMENT) == {"seen": 2, "failed": 1, "updated": 1}
    assert report.lines == [3]


def test_a_file_cut_off_in_the_middle_of_a_document_keeps_what_stands_before() -> None:
    first, second = shop_order(), shop_order(reference="2")
    whole = package(
        document(first, line("cup0#1"), requisites=POSTED),
        document(second, line("cup0#1"), requisites=POSTED),
    ).encode()
    report = Recorder()
    with pytest.raises(CommerceMLError):
        import_documents(BytesIO(whole[: whole.rindex("<Значение>".encode())]), report)
    assert report.of(DOCUMENT) == {"seen": 1, "updated": 1}
    assert read(first).status is OrderStatus.OPEN
    assert read(second).status is OrderStatus.UNCONFIRMED
    again = Recorder()
    import_documents(BytesIO(whole), again)
    assert again.of(DOCUMENT) == {"seen": 2, "unchanged": 1, "updated": 1}


def test_texts_longer_than_the_shop_can_keep() -> None:
    order_id = shop_order()
    long = {"Номер по 1С": "К" * 5000}
    report = send(document(order_id, requisites=long), document("i" * 5000, amount="1"))
    assert report.of(DOCUMENT) == {"seen": 2, "failed": 2}
    assert "onec.number" not in read(order_id).metadata


@pytest.mark.parametrize(
    "path",
    [
        "bitrix-module-6/documents/1/documents.xml",
        "bitrix-module-6/documents/2/documents.xml",
        "off-doc-1c/orders.xml",
        "carono/orders.xml",
    ],
)
def test_real_files_of_another_shop_change_nothing_here(path: str) -> None:
    file = DATA / path
    if not file.exists():
        pytest.skip("the shared data are not here")
    order_id = shop_order()
    report = Recorder()
    with file.open("rb") as source:
        import_documents(source, report)
    counts = report.of(DOCUMENT)
    assert counts["seen"] == counts["failed"] > 0
    assert read(order_id).status is OrderStatus.UNCONFIRMED
    assert not AppliedDocument.objects.exists()
    assert OrderRecord.objects.count() == 1
