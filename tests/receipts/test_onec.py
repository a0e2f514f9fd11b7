"""A shift as a document in 1C: once it is over, and again when more is known of it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from saleor_1c_plugin.commerceml.documents import Document, Operation
from saleor_1c_plugin.orders import news
from saleor_1c_plugin.orders.models import Watermark
from saleor_1c_plugin.orders.outgoing.settings import OutgoingSettings
from saleor_1c_plugin.receipts import onec, registers
from saleor_1c_plugin.receipts.compose.document import Kind, Means, Vat
from saleor_1c_plugin.receipts.models import Receipt, Shift, ShiftDocument
from tests.exchange.conftest import LOGIN, PASSWORD
from tests.exchange.test_orders_out import Sale
from tests.orders.onec import document as onec_document
from tests.orders.onec import send

from .prints import Prints
from .samples import document, item, row
from .support import FIRST, House

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def told(prints: Prints) -> Prints:
    """A shop whose shifts go to 1C."""
    Watermark.objects.all().delete()
    prints.configure("exchange", login=LOGIN, password=PASSWORD)
    prints.configure("receipts", to_onec="true")
    return prints


def printed(ago: timedelta = 2 * DAY, **more: Any) -> Receipt:
    """A receipt that a register has just told of."""
    plain = {"registered": timezone.now() - ago, "register": "atol:1", "shift_number": 12}
    receipt = row(**{**plain, **more})
    with transaction.atomic():
        onec.registered(receipt, registers.park())
    return receipt


def look() -> None:
    """The regular work of the orders' room."""
    settings = OutgoingSettings.load()
    assert settings is not None
    news.look_through(settings)


def taken(**more: str) -> list[Document]:
    """What 1C gets, and confirms: the shifts among it."""
    look()
    client = Sale()
    client.log_in()
    found = client.query(**more)
    assert client.ask("success").startswith("success")
    return [one for one in found if one.id.startswith(onec.PREFIX)]


def test_a_shift_is_a_document(prints: Prints) -> None:
    began = datetime(2026, 11, 20, 6, 0, 5, tzinfo=UTC)
    sold = document(
        item("122.00", "1"),
        item("0.05", "1", vat=Vat.NONE),
        paid={Means.ELECTRONIC: Decimal("22.05"), Means.PREPAID: Decimal("100.00")},
    )
    printed(made=sold, registered=began)
    back = document(item("61.00", "1"), kind=Kind.SELL_REFUND)
    printed(made=back, registered=began + timedelta(hours=5))
    # Of other shifts.
    printed(shift_number=13)
    printed(register="atol:2")
    printed(drive="9999")
    Shift.objects.create(
        register="atol:1",
        number=12,
        opened=began - timedelta(minutes=1),
        closed=began + timedelta(hours=12),
        fiscal_document=345,
        sign="777",
    )
    found = [one for one in taken() if one.amount == Decimal("22.05")]
    (one,) = found
    assert one.operation is Operation.OTHER
    assert (one.currency, len(one.id) <= 40) == ("RUB", True)
    assert f"{one.issued}" == "2026-11-20"
    assert one.counterparties[0].name == "atol:1"
    assert dict(one.requisites) == dict(one.requisites) | {
        "Вид документа": "Отчёт о закрытии смены",
        "Касса": "atol:1",
        "Регистрационный номер ККТ": "0001234567012345",
        "Номер ФН": "9999078902004339",
        "Номер смены": "12",
        "Дата открытия смены": "2026-11-20 08:59:05",
        "Дата закрытия смены": "2026-11-20 21:00:05",
        "Номер ФД отчёта": "345",
        "ФПД отчёта": "777",
        "Количество чеков прихода": "1",
        "Количество чеков возврата прихода": "1",
        "Сумма оплат": "22.05",
        "Сумма возвратов": "61.00",
        "Выручка": "-38.95",
        "Безналичными, приход": "22.05",
        "Безналичными, возврат": "61.00",
        "Предварительная оплата (аванс), приход": "100.00",
        "НДС 22%, приход": "122.00",
        "НДС 22%, налог с прихода": "22.00",
        "НДС 22%, возврат": "61.00",
        "НДС 22%, налог с возврата": "11.00",
        "Без НДС, приход": "0.05",
    }


@pytest.mark.parametrize("schema", ["2.08", "2.09", "3.1"])
def test_every_version_has_it(prints: Prints, schema: str) -> None:
    prints.configure("orders", schema=schema)
    printed()
    (found,) = taken()
    assert (found.operation, found.amount) == (Operation.OTHER, 1234)


def test_a_shift_that_a_service_keeps_is_told_of_after_its_24_hours(prints: Prints) -> None:
    printed(ago=timedelta(hours=23))
    assert taken() == []
    ShiftDocument.objects.update(began=timezone.now() - timedelta(hours=24, seconds=1))
    assert len(taken()) == 1
    # Once.
    assert taken() == []


def test_a_shift_that_we_keep_is_told_of_when_it_is_closed(prints: Prints, house: House) -> None:
    prints.configure("receipts", to_onec="true")
    house.put("100.00")
    house.put("30.00")
    assert taken() == []
    house.pass_time(hours=1)
    Shift.objects.update(closed=None)
    house.configure(to_onec="true", closing_hour=str(timezone.localtime().hour))
    Shift.objects.update(opened=timezone.now() - timedelta(hours=23, minutes=45))
    ShiftDocument.objects.update(began=timezone.now() - timedelta(hours=23, minutes=40))
    house.look_after()
    assert Shift.objects.exclude(closed=None).exists()
    (found,) = taken()
    assert (found.requisite("Касса"), found.amount) == (FIRST, Decimal(130))
    assert found.requisite("Номер ФД отчёта")
    assert taken() == []


def test_what_is_learnt_later_is_told_of(prints: Prints) -> None:
    printed()
    assert len(taken()) == 1
    printed(ago=2 * DAY - timedelta(hours=1))
    (again,) = taken()
    assert again.amount == 2468
    assert taken() == []


def test_it_is_off_unless_it_is_set(prints: Prints) -> None:
    prints.configure("receipts", to_onec="")
    printed()
    assert not ShiftDocument.objects.exists()
    assert taken() == []
    # What was before it was switched on is nobody's wish.
    prints.configure("receipts", to_onec="true")
    assert taken() == []
    printed(shift_number=14)
    assert len(taken()) == 1
    printed(shift_number=15)
    prints.configure("receipts", to_onec="false")
    assert taken() == []


def test_a_service_that_names_no_shift_has_no_document(prints: Prints) -> None:
    printed(shift_number=0)
    assert taken() == []


def test_1c_that_sends_it_back_changes_nothing(prints: Prints) -> None:
    printed()
    (found,) = taken()
    journal = send(onec_document(found.id, kind="Прочее", amount="1000"))
    assert not [level for level, *_ in journal.problems if str(level) == "error"]
    assert taken() == []


def test_the_number_of_queries_does_not_grow(
    prints: Prints, django_assert_num_queries: Any
) -> None:
    for number in range(5):
        printed(shift_number=20 + number)
    ids = [f"{onec.PREFIX}{pk}" for pk in ShiftDocument.objects.values_list("pk", flat=True)]
    zone = OutgoingSettings().zone
    for asked in (ids[:1], ids):
        with django_assert_num_queries(5):
            assert len(onec.Shifts().read(asked, zone)) == len(asked)
    assert onec.Shifts().read(["kkt-x", "kkt-"], zone) == {}
