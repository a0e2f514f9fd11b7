"""What an order's document says, and in which words."""

import json
from dataclasses import replace
from datetime import date, time
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings

from saleor_1c_plugin.commerceml.documents import Document, DocumentLine, DocumentWarehouse
from saleor_1c_plugin.orders.outgoing.compose import compose
from saleor_1c_plugin.store.orders import Order, OrderStatus

from .samples import CUP, ORDER, TEA
from .strategies import TERMS, orders


def document(order: Order = ORDER) -> Document:
    return compose(order, TERMS).order


def line(order: Order, number: int = 0) -> DocumentLine:
    return document(order).lines[number]


def test_the_head_is_dated_by_the_shops_clock() -> None:
    found = document()
    assert (found.id, found.number, found.kind, found.role) == (
        ORDER.id,
        "1001",
        "Заказ товара",
        "Продавец",
    )
    assert (found.issued, found.issued_at) == (date(2026, 4, 1), time(0, 30, 15))
    assert (found.currency, found.rate, found.amount) == ("RUB", Decimal(1), Decimal("1800.00"))
    assert found.comment == "Позвонить заранее"
    assert found.warehouses == (DocumentWarehouse("onec-1", "Основной"),)


def test_goods_go_by_1cs_id_with_their_characteristic() -> None:
    cup = line(ORDER)
    assert cup.id == CUP.key
    assert (cup.name, cup.article, cup.quantity) == ("Чашка (белая)", "CUP-W", 3)
    assert (cup.price, cup.amount) == (Decimal("400.00"), Decimal("1000.00"))
    assert [(item.name, item.amount) for item in cup.discounts] == [("Весна", Decimal("200.00"))]
    assert [(tax.name, tax.amount, tax.included) for tax in cup.taxes] == [
        ("НДС", Decimal("180.33"), True)
    ]
    assert cup.unit is not None
    assert (cup.unit.code, cup.unit.name) == ("796", "шт")
    assert cup.requisites == (("ВидНоменклатуры", "Посуда"), ("ТипНоменклатуры", "Товар"))
    assert cup.warehouse_id == "onec-1"


def test_goods_that_1c_does_not_know_have_a_lasting_id() -> None:
    tea = line(ORDER, 1)
    again = replace(ORDER, id="another", lines=(replace(TEA, id="another", quantity=2),))
    other = replace(ORDER, lines=(replace(TEA, sku="TEA-2"),))
    unnamed = replace(ORDER, lines=(replace(TEA, sku=""), replace(TEA, sku="", name="Кофе")))
    assert tea.id == line(again).id
    assert len({tea.id, line(other).id, line(unnamed).id, line(unnamed, 1).id}) == 4
    assert (tea.name, tea.article) == ("Чай", "TEA")
    assert tea.unit is not None
    assert tea.unit.code == "166"
    assert tea.requisites == (("ВидНоменклатуры", "Товар"), ("ТипНоменклатуры", "Товар"))


@pytest.mark.parametrize(
    ("metadata", "code", "name"),
    [
        ({}, "796", "шт"),
        ({"onec.unit": "Шт."}, "796", "шт"),
        ({"onec.unit": "м2"}, "055", "м²"),
        ({"onec.unit": "паллета"}, "", "паллета"),
    ],
)
def test_units(metadata: dict[str, str], code: str, name: str) -> None:
    unit = line(replace(ORDER, lines=(replace(TEA, metadata=metadata),))).unit
    assert unit is not None
    assert (unit.code, unit.name) == (code, name)


def test_a_service_that_is_sold_stays_one() -> None:
    sold = replace(TEA, metadata={"onec.ТипНоменклатуры": "Услуга"})
    assert line(replace(ORDER, lines=(sold,))).is_service
    assert not line(ORDER, 1).is_service


def test_the_delivery_is_a_service_with_its_own_tax() -> None:
    delivery = line(ORDER, -1)
    assert (delivery.id, delivery.name) == ("ORDER_DELIVERY", "Доставка заказа")
    assert delivery.is_service
    assert (delivery.quantity, delivery.price, delivery.amount) == (1, 300, 300)
    assert delivery.taxes[0].amount == Decimal("54.10")


def test_a_delivery_that_was_free_from_the_first_is_no_line() -> None:
    nothing = Decimal("0.00")
    free = replace(
        ORDER, delivery_net=nothing, delivery_gross=nothing, delivery_undiscounted=nothing
    )
    assert [item.id for item in document(free).lines] == [item.id for item in document().lines[:2]]
    assert document(free).requisite("Способ доставки") == "Курьер"


def test_a_delivery_that_a_voucher_pays_keeps_its_price() -> None:
    nothing = Decimal("0.00")
    delivery = line(replace(ORDER, delivery_net=nothing, delivery_gross=nothing), -1)
    assert (delivery.price, delivery.amount) == (Decimal("300.00"), 0)
    assert delivery.discounts[0].amount == Decimal("300.00")


def test_taxes_come_on_top_of_prices_without_tax() -> None:
    order = replace(
        ORDER,
        prices_with_tax=False,
        lines=(replace(CUP, undiscounted=Decimal("819.67")), TEA),
        delivery_undiscounted=Decimal("245.90"),
    )
    found = document(order)
    assert [item.amount for item in found.lines] == [
        Decimal("819.67"),
        Decimal("500.00"),
        Decimal("245.90"),
    ]
    assert [(tax.amount, tax.included) for tax in found.taxes] == [(Decimal("234.43"), False)]
    assert found.amount == ORDER.total_gross


def test_a_document_without_taxed_goods_has_no_taxes() -> None:
    nothing = Decimal("0.00")
    order = replace(
        ORDER, lines=(TEA,), delivery_net=nothing, delivery_gross=nothing, delivery_tax_rate=None
    )
    assert document(order).taxes == ()
    (tax,) = line(order).taxes
    assert tax.rate is not None
    assert (tax.amount, tax.rate.percent) == (0, None)


def test_goods_that_cost_more_than_they_did_have_no_discount() -> None:
    dearer = line(replace(ORDER, lines=(replace(CUP, undiscounted=Decimal("900.00")),)))
    assert dearer.price is not None
    assert dearer.price * 3 - dearer.discounts[0].amount == Decimal("1000.00")
    assert [item.name for item in dearer.discounts] == ["Округление цены"]


def test_discounts_of_the_order_are_told_and_not_taken_again() -> None:
    (discount,) = document().discounts
    assert (discount.name, discount.amount, discount.comment) == (
        "Весна",
        Decimal("200.00"),
        "SPRING",
    )
    assert discount.included
    # 1C makes a kind of discount of its own of every per cent that it sees here.
    assert discount.percent is None


@pytest.mark.parametrize(
    ("until", "shown"),
    [
        ("2026-04-02T21:30:15+00:00", "2026-04-03 00:30:15"),
        ("2026-04-02T21:30:15.123456Z", "2026-04-03 00:30:15"),
        # The metadata are public: anybody may have written anything.
        ("2026-04-02 12:00", "2026-04-02 12:00"),
        ("9999-12-31T23:59:59+00:00", "9999-12-31T23:59:59+00:00"),
        ("до вечера", "до вечера"),
    ],
)
def test_the_hold_is_told_with_the_shops_clock(until: str, shown: str) -> None:
    metadata = {"onec.reservation": "a1,b2, c3,", "onec.reserved_until": until}
    found = document(replace(ORDER, metadata=metadata))
    assert found.requisite("Номер резерва") == "a1, b2, c3"
    assert found.requisite("Резерв до") == shown


def test_requisites() -> None:
    assert dict(document().requisites) == {
        "Метод оплаты": "Банковская карта",
        "Метод оплаты ИД": "yookassa",
        "Дата оплаты": "2026-04-01 00:30:15",
        "Номер платежного документа": "pay-2",
        "Сумма оплаты": "1200.00",
        "Авторизовано": "1300.00",
        "Заказ оплачен": "false",
        "Доставка разрешена": "true",
        "Отменен": "false",
        "Финальный статус": "false",
        "Статус заказа": "Частично отгружен",
        "Статуса заказа ИД": "partly_shipped",
        "Канал": "ru",
        "Способ доставки": "Курьер",
        "Способ доставки ИД": "ship-1",
        "Метод доставки ИД": "ship-1",
        "Адрес доставки": (
            "420000, Россия, Республика Татарстан, Казань, ул. Ленина, д. 5, корп. 2, кв. 10"
        ),
        "Промокод": "SPRING",
        "Подарочная карта": "4321",
        "Сумма подарочных карт": "500.00",
        "Номер резерва": "Р-15",
        "Резерв до": "2026-04-02 12:00:00",
    }


@pytest.mark.parametrize(
    ("paid", "answer"), [("1299.99", "false"), ("1300.00", "true"), ("1500.00", "true")]
)
def test_paid_counts_gift_cards(paid: str, answer: str) -> None:
    found = document(replace(ORDER, paid=Decimal(paid)))
    assert found.requisite("Заказ оплачен") == answer


@pytest.mark.parametrize(
    ("status", "cancelled", "allowed", "final"),
    [
        (OrderStatus.UNCONFIRMED, "false", "false", "false"),
        (OrderStatus.OPEN, "false", "true", "false"),
        (OrderStatus.SHIPPED, "false", "true", "true"),
        (OrderStatus.CANCELLED, "true", "false", "false"),
        (OrderStatus.EXPIRED, "true", "false", "false"),
    ],
)
def test_states(status: OrderStatus, cancelled: str, allowed: str, final: str) -> None:
    found = document(replace(ORDER, status=status))
    assert found.requisite("Отменен") == cancelled
    assert found.requisite("Доставка разрешена") == allowed
    assert found.requisite("Финальный статус") == final
    assert not found.deleted


def test_statuses_are_called_as_1cs_mapping_has_them() -> None:
    terms = replace(TERMS, status_names={OrderStatus.OPEN: "Принят"}, site="shop.example")
    found = compose(replace(ORDER, status=OrderStatus.OPEN), terms).order
    assert found.requisite("Статус заказа") == "Принят"
    assert found.requisite("Сайт") == "shop.example"
    found = compose(replace(ORDER, status=OrderStatus.SHIPPED), terms).order
    assert found.requisite("Статус заказа") == "Отгружен"


def test_a_pick_up_point() -> None:
    order = replace(
        ORDER,
        shipping=None,
        delivery_name="",
        delivery_id="",
        pickup_id="w1",
        pickup_name="На Мира",
    )
    found = document(order)
    assert found.requisite("Пункт самовывоза") == "На Мира"
    assert found.requisite("Способ доставки") == "Самовывоз"
    assert found.requisite("Адрес доставки") == ""


def test_a_shop_that_counts_otherwise_is_seen() -> None:
    found = document(replace(ORDER, total_gross=Decimal("1800.01")))
    assert found.amount == Decimal("1800.00")
    assert found.requisite("Сумма на сайте") == "1800.01"


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(orders())
def test_any_order_can_be_told(order: Order) -> None:
    container = compose(order, TERMS)
    assert container == compose(order, TERMS)
    (buyer,) = container.order.counterparties
    assert buyer.name.isprintable()
    assert buyer.name.strip()
    ids = [item.id for item in (container.order, *container.others)]
    assert len(set(ids)) == len(ids)
    for item in container.order.lines:
        assert item.id
        assert item.name


def receipt(**more: object) -> dict[str, object]:
    """As the cash registers leave it on an order."""
    return {
        "kind": "sell",
        "total": "1234.00",
        "at": "2026-04-02T21:30:15.123456+00:00",
        "drive": "9999078902004339",
        "document": 12345,
        "sign": "0234567890",
        "register_number": "0001234567012345",
        "shift": 12,
        "number": 3,
        "url": "",
        "page": "https://shop.example/plugins/saleor1c.receipts/r/x/",
        **more,
    }


def with_receipts(text: str) -> Document:
    return document(replace(ORDER, metadata={"onec.receipts": text}))


def test_the_last_receipt_is_told_by_its_requisites() -> None:
    told = dict(with_receipts(json.dumps([receipt()])).requisites)
    expected = {
        "Вид чека": "Приход",
        "Сумма чека": "1234.00",
        "Дата и время чека": "2026-04-03 00:30:15",
        "Номер ФД": "12345",
        "Номер ФН": "9999078902004339",
        "ФПД": "0234567890",
        "Регистрационный номер ККТ": "0001234567012345",
        "Номер смены": "12",
        "Номер чека за смену": "3",
        "Ссылка на чек": "https://shop.example/plugins/saleor1c.receipts/r/x/",
    }
    assert told | expected == told
    assert "Фискальные чеки" not in told


def test_several_receipts_are_listed() -> None:
    back = receipt(kind="sell_refund", total="34.00", document=12346, url="https://ofd.example/1")
    found = with_receipts(json.dumps([receipt(), back]))
    assert found.requisite("Вид чека") == "Возврат прихода"
    assert found.requisite("Ссылка на чек") == "https://ofd.example/1"
    assert found.requisite("Фискальные чеки") == (
        "Приход 1234.00 от 2026-04-03 00:30:15, ФН 9999078902004339, ФД 12345, ФПД 0234567890; "
        "Возврат прихода 34.00 от 2026-04-03 00:30:15, ФН 9999078902004339, ФД 12346, "
        "ФПД 0234567890"
    )


def test_what_a_register_did_not_tell_is_left_out() -> None:
    found = with_receipts(json.dumps([receipt(shift=0, number=0, register_number="", page="")]))
    assert (
        not {"Номер смены", "Номер чека за смену", "Регистрационный номер ККТ"}
        & dict(found.requisites).keys()
    )


def test_many_receipts_are_as_long_as_a_requisite_may_be() -> None:
    found = with_receipts(json.dumps([receipt(document=number) for number in range(100)]))
    listed = found.requisite("Фискальные чеки")
    assert listed.startswith("ещё ")
    assert listed.endswith("ФД 99, ФПД 0234567890")
    assert len(listed) < 1000


@pytest.mark.parametrize(
    "text",
    [
        *("", "[", "null", "7", '"x"', "{}", "[]", "[7, null]", "[" * 5000),
        '[{"kind": ["x"], "total": {"a": 1}, "at": null, "document": 1.5}]',
    ],
)
def test_what_somebody_else_wrote_is_no_receipt(text: str) -> None:
    assert not {name for name, value in with_receipts(text).requisites if "ФД" in name and value}
