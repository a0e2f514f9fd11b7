"""An order that a manager typed into 1C becomes one of the shop's, once, of the right buyer."""

from decimal import Decimal

import pytest

from saleor_1c_plugin.commerceml.model import ItemKind
from saleor_1c_plugin.orders.models import CustomerLink, OrderRecord
from saleor_1c_plugin.sandbox.models import Customer, Order
from saleor_1c_plugin.store.orders import Address, Buyer, OrderStatus
from tests.sandbox.goods import goods

from .onec import EMAIL, PHONE, Journal, document, line, party, read, send

pytestmark = pytest.mark.django_db

CREATED = {"seen": 1, "created": 1}
FAILED = {"seen": 1, "failed": 1}
UNCHANGED = {"seen": 1, "unchanged": 1}


@pytest.fixture(autouse=True)
def _creating(settings) -> None:
    settings.ONEC_CONFIGURATION = {
        "orders": {"create_orders": True, "new_order_channel": "default-channel"}
    }
    goods("cup0")
    goods("cup1")


def typed(
    *lines: str,
    onec_id: str = "onec-1",
    buyer: str = "",
    requisites: dict[str, str] | None = None,
    **more: str,
) -> str:
    told = {"Проведен": "true", "Номер по 1С": "К7", "Дата по 1С": "2026-01-02"}
    return document(
        onec_id,
        *(lines or (line("cup0#1"),)),
        number="К7",
        buyer=buyer or party(email=EMAIL, phone=PHONE),
        requisites={**told, **(requisites or {})},
        **more,  # type: ignore[arg-type]
    )


def documents(report: Journal) -> dict[str, int]:
    return report.of(ItemKind.DOCUMENT)


def only() -> str:
    return str(Order.objects.get().key)


def test_1c_of_old_has_but_one_number_of_its_order() -> None:
    told = document("onec-1", line("cup0#1"), number="К7", requisites={"Проведен": "true"})
    assert documents(send(told)) == CREATED
    assert read(only()).metadata == {"onec.number": "К7", "onec.date": "2026-01-01"}
    assert OrderRecord.objects.get().onec_number == "К7"
    assert documents(send(told)) == UNCHANGED


def test_the_order_is_made_as_1c_has_it() -> None:
    address = (
        "<Адрес><Представление>101000, Москва, ул Примерная, д 1</Представление>"
        "<АдресноеПоле><Тип>Почтовый индекс</Тип><Значение>101000</Значение></АдресноеПоле>"
        "<АдресноеПоле><Тип>Город</Тип><Значение>Москва</Значение></АдресноеПоле>"
        "<АдресноеПоле><Тип>Улица</Тип><Значение>ул Примерная</Значение></АдресноеПоле>"
        "<АдресноеПоле><Тип>Дом</Тип><Значение>1</Значение></АдресноеПоле></Адрес>"
    )
    person = "<Имя>Анна</Имя><Фамилия>Иванова</Фамилия>"
    report = send(
        typed(
            line("cup0#1", "3", "270"),
            line("cup1#1", "1", "50"),
            buyer=party("party-1", EMAIL, "8 (916) 123-45-67", more=person + address),
            more="<Комментарий>Позвонить</Комментарий>",
        )
    )
    assert documents(report) == CREATED
    order = read(only())
    customer = Customer.objects.get()
    assert order.status is OrderStatus.OPEN
    assert order.buyer == Buyer(str(customer.pk), EMAIL, "Анна", "Иванова")
    assert customer.phone == PHONE
    assert [(row.key, row.quantity, row.total_gross) for row in order.lines] == [
        ("cup0#1", 3, Decimal(270)),
        ("cup1#1", 1, Decimal(50)),
    ]
    assert order.shipping == Address(
        first_name="Анна",
        last_name="Иванова",
        street_1="ул Примерная, 1",
        city="Москва",
        postal_code="101000",
        country_code="RU",
        country="Россия",
        phone=PHONE,
    )
    assert (order.note, order.metadata) == (
        "Позвонить",
        {"onec.number": "К7", "onec.date": "2026-01-02"},
    )
    record = OrderRecord.objects.get()
    assert (record.order_id, record.onec_number) == (order.id, "К7")
    assert record.version == record.confirmed, "1C knows of it"
    assert Order.objects.get().taken


def test_told_again_it_is_the_same_order() -> None:
    send(typed())
    assert documents(send(typed())) == UNCHANGED
    paid = send(typed(requisites={"Оплачен": "true"}))
    assert documents(paid) == {"seen": 1, "updated": 1}
    assert read(only()).paid == Decimal(200)


def test_facts_of_the_same_document_are_done_at_once() -> None:
    send(typed(requisites={"Оплачен": "true", "Отгружен": "true"}))
    order = read(only())
    assert (order.paid, order.status) == (Decimal(200), OrderStatus.SHIPPED)


@pytest.mark.parametrize(
    ("told", "failed"),
    [
        ({"requisites": {"Проведен": "false"}}, False),
        ({"requisites": {"Отменен": "true"}}, False),
        ({"requisites": {"ПометкаУдаления": "true"}}, False),
        ({"currency": "USD"}, True),
        ({"amount": "999"}, True),
        ({"kind": "Отпуск товара"}, True),
    ],
)
def test_what_makes_no_order(told: dict[str, object], failed: bool) -> None:
    report = send(typed(**told))  # type: ignore[arg-type]
    assert documents(report) == (FAILED if failed else UNCHANGED)
    assert len(report.problems) == 1
    assert not Order.objects.exists()
    assert not Customer.objects.exists()


@pytest.mark.parametrize(
    "item", [line("fork"), line("cup0#1", "999", "99900"), line("cup0#1", "0", "0")]
)
def test_goods_that_cannot_be_sold(item: str) -> None:
    assert documents(send(typed(item))) == FAILED
    assert not Order.objects.exists()
    assert not Customer.objects.exists()


def test_the_delivery_is_left_out_and_told() -> None:
    report = send(typed(line("cup0#1"), line("ORDER_DELIVERY", "1", "300")))
    assert documents(report) == CREATED
    assert any("Доставка" in message for message in report.messages)
    assert read(only()).total_gross == Decimal(200)


def test_the_buyer_is_known_by_1cs_id_before_all() -> None:
    Customer.objects.create(email=EMAIL)
    mine = Customer.objects.create(email="other@example.com")
    CustomerLink.objects.create(buyer=f"user:{mine.pk}", onec_id="party-1")
    send(typed())
    assert read(only()).buyer.id == str(mine.pk)


def test_the_buyer_is_known_by_the_id_that_the_shop_gave() -> None:
    mine = Customer.objects.create(email="other@example.com")
    send(typed(buyer=party(f"user:{mine.pk}")))
    assert read(only()).buyer.id == str(mine.pk)


def test_then_by_e_mail_then_by_phone() -> None:
    by_phone = Customer.objects.create(email="p@example.com", phone=PHONE)
    send(typed(buyer=party("a", phone="8 916 123-45-67")))
    assert read(only()).buyer.id == str(by_phone.pk)
    by_email = Customer.objects.create(email=EMAIL)
    report = send(typed(onec_id="onec-2", buyer=party("b", EMAIL.upper(), PHONE)))
    assert any("разным покупателям" in message for message in report.messages)
    assert read(str(Order.objects.last().key)).buyer.id == str(by_email.pk)  # type: ignore[union-attr]


def test_a_counterparty_of_many_buyers_is_none_of_them() -> None:
    for number in (1, 2):
        CustomerLink.objects.create(buyer=f"user:{number}", onec_id="retail")
    send(typed(buyer=party("retail", EMAIL)))
    assert read(only()).buyer.id == str(Customer.objects.get().pk)


def test_a_company() -> None:
    company = "<ОфициальноеНаименование>ООО «Ромашка»</ОфициальноеНаименование><КПП>770001001</КПП>"
    send(typed(buyer=party("c", EMAIL, PHONE, more=company)))
    order = read(only())
    assert order.billing is not None
    assert order.billing.company == "ООО «Ромашка»"
    assert order.buyer.first_name == "ООО «Ромашка»"


def test_a_buyer_without_an_e_mail_is_a_guest() -> None:
    send(typed(buyer=party("g", phone=PHONE)))
    order = read(only())
    assert (order.buyer.id, order.buyer.first_name) == ("", "Анна")
    assert order.billing is not None
    assert order.billing.phone == PHONE


def test_off_by_default(settings) -> None:
    settings.ONEC_CONFIGURATION = {}
    assert documents(send(typed())) == FAILED
    assert not Order.objects.exists()
