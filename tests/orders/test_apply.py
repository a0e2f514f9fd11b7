"""What 1C does with an order is done to the shop's by its own operations."""

from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO

import pytest

from saleor_1c_plugin.commerceml.model import ItemKind
from saleor_1c_plugin.orders.apply import import_documents
from saleor_1c_plugin.orders.models import CustomerLink, OrderRecord
from saleor_1c_plugin.sandbox.orders import SandboxOrderStore
from saleor_1c_plugin.store.orders import NewPayment, OrderStatus, PaymentKind
from tests.catalog.support import DATA
from tests.sandbox.goods import goods

from .onec import Journal, document, line, party, payment, read, send, shop_order

pytestmark = pytest.mark.django_db

DOCUMENT = ItemKind.DOCUMENT
POSTED = {"Проведен": "true"}
UPDATED, UNCHANGED = {"seen": 1, "updated": 1}, {"seen": 1, "unchanged": 1}


def status(order_id: str) -> OrderStatus:
    return read(order_id).status


def test_a_posted_document_gives_its_number_and_confirms() -> None:
    order_id = shop_order()
    more = "<Номер1С>К482   </Номер1С><Дата1С>2026-01-02</Дата1С>"
    report = send(document(order_id, line("cup0#1"), requisites=POSTED, more=more))
    assert report.of(DOCUMENT) == UPDATED
    assert not report.problems
    order, record = read(order_id), OrderRecord.objects.get()
    assert order.status is OrderStatus.OPEN
    assert order.metadata == {"onec.number": "К482", "onec.date": "2026-01-02"}
    assert (record.onec_number, record.onec_issued) == ("К482", date(2026, 1, 2))


def test_lines_are_changed_before_the_order_is_confirmed() -> None:
    order_id = shop_order(2, 1)
    shop_order(1, 1, 1, reference="with cup2")
    report = send(
        document(order_id, line("cup0#1", "3", "270"), line("cup2#1", "1", "90"), requisites=POSTED)
    )
    assert report.of(DOCUMENT) == UPDATED
    order = read(order_id)
    assert order.status is OrderStatus.OPEN
    assert [(row.key, row.quantity, row.total_gross) for row in order.lines] == [
        ("cup0#1", 3, Decimal(270)),
        ("cup2#1", 1, Decimal(90)),
    ]


def test_what_the_shop_no_longer_allows_is_told_to_both_and_never_forced() -> None:
    order_id = shop_order(status=OrderStatus.OPEN)
    report = send(document(order_id, line("cup0#1", "3", "300"), requisites=POSTED))
    assert report.of(DOCUMENT) == {"seen": 1, "failed": 1}
    assert any("магазин не позволяет" in message for message in report.messages)
    assert read(order_id).lines[0].quantity == 2
    record = OrderRecord.objects.get()
    assert record.version > record.confirmed, "1C is to hear how the order is"
    assert record.digest == ""


def test_the_same_refusal_again_is_no_news_to_1c_again() -> None:
    order_id = shop_order(status=OrderStatus.OPEN)
    refused = document(order_id, line("cup0#1", "3", "300"))
    send(refused)
    OrderRecord.objects.update(confirmed=1000, version=1000)
    again = send(refused)
    assert again.of(DOCUMENT) == {"seen": 1, "failed": 1}
    record = OrderRecord.objects.get()
    assert record.version == record.confirmed


def test_what_was_forbidden_is_done_when_it_no_longer_is() -> None:
    order_id = shop_order()
    shipped = document("ship-1", line("cup0#1"), kind="Отпуск товара", basis=order_id)
    assert send(shipped).of(DOCUMENT) == {"seen": 1, "failed": 1}
    SandboxOrderStore().confirm(order_id)
    assert send(shipped).of(DOCUMENT) == UPDATED
    assert status(order_id) is OrderStatus.SHIPPED


def test_a_document_twice_is_applied_once() -> None:
    order_id = shop_order(status=OrderStatus.OPEN)
    paid = payment(order_id, "150.50", requisites={"Оплачен": "true"})  # type: ignore[arg-type]
    assert send(paid).of(DOCUMENT) == UPDATED
    assert send(paid).of(DOCUMENT) == UNCHANGED
    assert send(paid + paid).of(DOCUMENT) == {"seen": 2, "unchanged": 2}
    [fact] = read(order_id).payments
    assert (fact.kind, fact.amount, fact.from_onec) == (PaymentKind.CHARGE, Decimal("150.50"), True)
    assert fact.method == "Оплата по 1С № О1 от 01.01.2026"


def test_the_last_word_in_a_file_is_what_counts() -> None:
    order_id = shop_order()
    two, three = document(order_id, line("cup0#1")), document(order_id, line("cup0#1", "3", "300"))
    send(two)
    assert send(three, two).of(DOCUMENT) == {"seen": 2, "updated": 2}
    assert read(order_id).lines[0].quantity == 2


def test_a_payment_told_by_order_and_by_document_is_one() -> None:
    order_id = shop_order(status=OrderStatus.OPEN)
    told = {"Номер оплаты по 1С": "О1", "Дата оплаты по 1С": "2026-01-01T10:00:00"}
    by_order = document(order_id, line("cup0#1"), requisites=told)
    assert send(by_order).of(DOCUMENT) == UPDATED
    assert send(payment(order_id)).of(DOCUMENT) == UNCHANGED
    [fact] = read(order_id).payments
    assert fact.amount == Decimal(200)
    assert fact.at == datetime(2026, 1, 1, 7, tzinfo=UTC)


def test_what_came_with_an_order_knows_more_than_the_orders_requisites() -> None:
    order_id = shop_order(2, status=OrderStatus.UNCONFIRMED)
    told = {
        **POSTED,
        "Номер оплаты по 1С": "О2",
        "Дата оплаты по 1С": "2026-01-01T10:00:00",
        "Отгружен": "true",
        "Номер отгрузки по 1С": "Р2",
        "Дата отгрузки по 1С": "2026-01-01T10:00:00",
    }
    parts = [
        document(
            f"ship-{number}",
            line("cup0#1", "1", "100"),
            kind="Отпуск товара",
            basis=order_id,
            number=f"Р{number}",
            requisites={"Идентификатор отправления": f"RA{number}"},
        )
        for number in (1, 2)
    ]
    report = send(
        document(order_id, line("cup0#1"), requisites=told),
        payment(order_id, "150", "pay-1"),
        payment(order_id, "50", "pay-2", number="О2"),
        *parts,
    )
    assert not report.problems
    assert report.of(DOCUMENT) == {"seen": 5, "updated": 5}
    order = read(order_id)
    assert [fact.amount for fact in order.payments] == [Decimal(150), Decimal(50)]
    assert [(item.lines[0].quantity, item.tracking) for item in order.shipments] == [
        (1, "RA1"),
        (1, "RA2"),
    ]
    record = OrderRecord.objects.get()
    assert record.version == record.confirmed


def test_what_came_with_an_order_that_is_refused_is_still_looked_at() -> None:
    order_id = shop_order(status=OrderStatus.OPEN)
    report = send(
        document(order_id, line("cup0#1"), requisites={"Проведен": "может быть"}),
        payment(order_id),
    )
    assert report.of(DOCUMENT) == {"seen": 2, "failed": 1, "updated": 1}
    assert read(order_id).paid == Decimal(200)


def test_payments_told_apart_are_not_paid_again_by_the_order_that_is_paid() -> None:
    order_id = shop_order(status=OrderStatus.OPEN)
    send(
        payment(order_id, "150", "pay-1"),
        payment(order_id, "50", "pay-2", number="О2"),
        document(order_id, line("cup0#1"), requisites={"Оплачен": "true"}),
    )
    assert [fact.amount for fact in read(order_id).payments] == [Decimal(150), Decimal(50)]


def test_parts_of_what_1c_called_paid_as_a_whole_are_not_paid_again() -> None:
    order_id = shop_order(status=OrderStatus.OPEN)
    send(document(order_id, line("cup0#1"), requisites={"Заказ оплачен": "true"}))
    send(
        payment(order_id, "150", "pay-1"),
        payment(order_id, "50", "pay-2", number="О2"),
    )
    assert [fact.amount for fact in read(order_id).payments] == [Decimal(200)]


def test_the_shops_own_payment_and_shipment_come_back_and_change_nothing() -> None:
    order_id = shop_order(status=OrderStatus.OPEN)
    send(payment(order_id, "200", "pay-1"))
    send(document("ship-1", line("cup0#1"), kind="Отпуск товара", basis=order_id))
    order = read(order_id)
    back = send(
        payment(order_id, "200", order.payments[0].id, number="other"),
        document(order.shipments[0].id, line("cup0#1"), kind="Отпуск товара", basis=order_id),
    )
    assert back.of(DOCUMENT) == {"seen": 2, "unchanged": 2}
    assert not back.problems


def test_a_refund() -> None:
    order_id = shop_order(status=OrderStatus.OPEN)
    send(payment(order_id))
    report = send(payment(order_id, "50", "back-1", kind="Возврат безналичных денег"))
    assert report.of(DOCUMENT) == UPDATED
    assert [(fact.kind, fact.amount) for fact in read(order_id).payments] == [
        (PaymentKind.CHARGE, Decimal(200)),
        (PaymentKind.REFUND, Decimal(50)),
    ]


def test_what_was_given_back_is_not_owed_again() -> None:
    order_id = shop_order(status=OrderStatus.OPEN)
    send(payment(order_id), payment(order_id, "50", "back-1", kind="Возврат наличных денег"))
    send(document(order_id, line("cup0#1"), requisites={"Оплачен": "true"}))
    assert read(order_id).paid == Decimal(150)


def test_shipments_in_parts_with_a_tracking_number_that_comes_later() -> None:
    order_id = shop_order(2, 1, status=OrderStatus.OPEN)

    def shipped(onec_id: str, *lines: str, **requisites: str) -> str:
        return document(
            onec_id, *lines, kind="Отпуск товара", basis=order_id, requisites=requisites
        )

    send(shipped("s1", line("cup0#1", "1", "100")))
    assert status(order_id) is OrderStatus.PARTLY_SHIPPED
    tracked = {"Идентификатор отправления": "RA1"}
    assert send(shipped("s1", line("cup0#1", "1", "100"), **tracked)).of(DOCUMENT) == UPDATED
    send(shipped("s2", line("cup0#1", "1", "100"), line("cup1#1", "1", "100")))
    order = read(order_id)
    assert order.status is OrderStatus.SHIPPED
    assert [shipment.tracking for shipment in order.shipments] == ["RA1", ""]


def test_a_shipment_by_requisites_and_by_document_is_one() -> None:
    order_id = shop_order(status=OrderStatus.OPEN)
    told = {"Отгружен": "true", "Номер отгрузки по 1С": "О7", "Дата отгрузки по 1С": "2026-01-01"}
    by_document = document(
        "ship-1",
        line("cup0#1"),
        kind="Отпуск товара",
        basis=order_id,
        number="О7",
        requisites={"Номер отправления": "RA1"},
    )
    assert send(document(order_id, line("cup0#1"), requisites=told)).of(DOCUMENT) == UPDATED
    assert send(by_document).of(DOCUMENT) == UPDATED
    [shipment] = read(order_id).shipments
    assert shipment.tracking == "RA1"


def test_more_than_is_left_is_not_shipped() -> None:
    order_id = shop_order(status=OrderStatus.OPEN)
    report = send(document("s", line("cup0#1", "3", "300"), kind="Отпуск товара", basis=order_id))
    assert report.of(DOCUMENT) == {"seen": 1, "failed": 1}
    assert status(order_id) is OrderStatus.OPEN


@pytest.mark.parametrize(
    "said", [{"Отменен": "true"}, {"ПометкаУдаления": "true"}, {"Статус заказа": "Отменён"}]
)
def test_cancellation(said: dict[str, str]) -> None:
    order_id = shop_order(status=OrderStatus.OPEN)
    assert send(document(order_id, line("cup0#1"), requisites=said)).of(DOCUMENT) == UPDATED
    assert status(order_id) is OrderStatus.CANCELLED


def test_a_deletion_mark_is_ignored_where_so_set(settings) -> None:
    settings.ONEC_CONFIGURATION = {"orders": {"deletion_mark": "ignore"}}
    order_id = shop_order()
    report = send(
        document(order_id, line("cup0#1"), requisites={"ПометкаУдаления": "true", **POSTED})
    )
    assert report.of(DOCUMENT) == UNCHANGED
    assert status(order_id) is OrderStatus.UNCONFIRMED


def test_statuses_do_what_the_settings_say(settings) -> None:
    settings.ONEC_CONFIGURATION = {
        "orders": {"statuses": "К отгрузке = confirm\nЗакрыт = ship\nОплачен = paid\nНовый = none"}
    }
    order_id = shop_order()

    def say(word: str) -> None:
        assert not send(
            document(order_id, line("cup0#1"), requisites={"Статус заказа": word})
        ).problems

    say("Новый")
    assert status(order_id) is OrderStatus.UNCONFIRMED
    say("К отгрузке")
    assert status(order_id) is OrderStatus.OPEN
    say("Оплачен")
    assert read(order_id).paid == Decimal(200)
    say("Закрыт")
    assert status(order_id) is OrderStatus.SHIPPED


def test_an_order_is_found_by_its_number_if_the_buyer_is_the_same() -> None:
    order_id = shop_order()
    number = read(order_id).number
    lost = document(
        "uuid-of-1c",
        line("cup0#1"),
        number=number,
        requisites=POSTED,
        buyer=party(email="ANNA@example.com"),
    )
    assert send(lost).of(DOCUMENT) == UPDATED
    assert status(order_id) is OrderStatus.OPEN
    # From then on by 1C's own id, also of the documents that are based on it.
    paid = payment("uuid-of-1c", "200")
    assert send(paid).of(DOCUMENT) == UPDATED
    assert read(order_id).paid == Decimal(200)


def test_the_counterparty_of_an_order_is_remembered() -> None:
    order_id = shop_order()
    send(document(order_id, line("cup0#1"), buyer=party("f1eeedab", name="Покупатель 1")))
    link = CustomerLink.objects.get()
    assert (link.buyer, link.onec_id) == ("email:anna@example.com", "f1eeedab")


def test_one_counterparty_for_all_of_retail_is_nobodys_own() -> None:
    first, second = shop_order(), shop_order(reference="2", email="b@example.com", phone="")
    retail = party("retail", name="Розничный покупатель")
    send(document(first, buyer=retail), document(second, buyer=retail, requisites=POSTED))
    assert CustomerLink.objects.count() == 1
    assert status(second) is OrderStatus.OPEN


def test_what_1c_did_is_no_news_to_1c() -> None:
    order_id = shop_order()
    send(
        document(order_id, line("cup0#1", "3", "300"), requisites=POSTED),
        payment(order_id, "300"),
        document("s", line("cup0#1", "3", "300"), kind="Отпуск товара", basis=order_id),
    )
    record = OrderRecord.objects.get()
    assert record.version == record.confirmed > 1


def test_what_the_shop_did_before_stays_news() -> None:
    order_id = shop_order(status=OrderStatus.OPEN)
    SandboxOrderStore().record_payment(order_id, NewPayment("x", Decimal(10), "Карта"))
    report = send(payment(order_id, "50"))
    assert not report.problems, "facts are no conflict"
    record = OrderRecord.objects.get()
    assert record.version > record.confirmed


@pytest.mark.parametrize(
    ("winner", "quantity", "state"),
    [("onec", 3, OrderStatus.OPEN), ("shop", 2, OrderStatus.UNCONFIRMED)],
)
def test_an_order_changed_in_both_places(
    settings, winner: str, quantity: int, state: OrderStatus
) -> None:
    settings.ONEC_CONFIGURATION = {"orders": {"conflict": winner}}
    order_id = shop_order()
    SandboxOrderStore().write_metadata(order_id, {"touched": "by hand"})
    report = send(
        document(
            order_id,
            line("cup0#1", "3", "300"),
            requisites={**POSTED, "Номер по 1С": "К1", "Оплачен": "true"},
        )
    )
    assert [m for m in report.messages if "и в магазине, и в 1С" in m and "300" in m and "200" in m]
    order, record = read(order_id), OrderRecord.objects.get()
    assert (order.lines[0].quantity, order.status) == (quantity, state)
    assert order.metadata["onec.number"] == "К1"
    assert order.paid == order.total_gross
    assert record.version > record.confirmed, "1C is to get the result"


def test_a_real_document_of_a_newer_exchange_module() -> None:
    file = DATA / "bitrix-module-6/documents/1/documents.xml"
    if not file.exists():
        pytest.skip("the shared data are not here")
    goods("cup0", price="1320")
    order_id = shop_order(1)
    text = file.read_text(encoding="utf-8-sig")
    for theirs, ours in {
        "<Ид>320</Ид>": f"<Ид>{order_id}</Ид>",
        "aa8085b0-ee4d-11e3-9438-00155d020201#9b62e395-ef8b-11e3-9438-00155d020201": "cup0#1",
    }.items():
        assert theirs in text
        text = text.replace(theirs, ours)
    report = Journal()
    import_documents(BytesIO(text.encode()), report)
    assert report.of(DOCUMENT)["updated"] == 1
    assert not [problem for problem in report.problems if problem[2] == order_id]
    order = read(order_id)
    assert order.status is OrderStatus.SHIPPED
    assert order.metadata == {"onec.number": "L320", "onec.date": "2017-08-03"}
    assert order.shipments[0].at == datetime(2017, 8, 4, 9, 22, 1, tzinfo=UTC)
    assert CustomerLink.objects.get().onec_id == "f1eeedab-5cfb-11df-a14c-00155d3ebc00"


def test_somebody_elses_contacts_are_not_the_buyers_counterparty() -> None:
    order_id = shop_order()
    send(document(order_id, buyer=party("company", "office@example.com"), requisites=POSTED))
    assert status(order_id) is OrderStatus.OPEN
    assert not CustomerLink.objects.exists()
