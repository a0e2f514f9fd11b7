"""YooKassa's receipts over HTTP, held against the published description of its API."""

import base64
import logging
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import requests
from django.utils import timezone, translation

from saleor_1c_plugin.configuration import SettingsError
from saleor_1c_plugin.receipts.compose.document import (
    AgentKind,
    Buyer,
    Fraction,
    Kind,
    Means,
    Measure,
    PaymentMethod,
    PaymentObject,
    Receipt,
    Supplier,
    TaxSystem,
    Vat,
)
from saleor_1c_plugin.receipts.connecting import AccessDenied
from saleor_1c_plugin.receipts.driver import (
    Answer,
    Missing,
    OutcomeUnknown,
    Progress,
    Refused,
    Unavailable,
)
from saleor_1c_plugin.receipts.yookassa import reading, writing
from saleor_1c_plugin.receipts.yookassa.driver import YooKassaReceipts as Driver
from saleor_1c_plugin.receipts.yookassa.driver import recall
from saleor_1c_plugin.receipts.yookassa.register import Kept, YooKassaRegister
from saleor_1c_plugin.receipts.yookassa.settings import YooKassaReceiptsSettings
from saleor_1c_plugin.sandbox.standins.faults import Fault

from ..payments.standins.yookassa import YooKassa
from .samples import document, item, row

ID = "6a2c5a4e-6f0f-4a5e-9f6b-0c1d2e3f4a5b"
SECRET = "test_secret-key"
SAVED = {"shop_id": "100500", "secret_key": SECRET}
GATEWAY = "saleor1c.yookassa"
CODE = "010460406000590021N4N57RTCBUZTQ\x1d91ffd0\x1d92tIAF/YVpU4roQS3M"


@pytest.fixture
def yookassa(monkeypatch: pytest.MonkeyPatch) -> Iterator[YooKassa]:
    with YooKassa() as server, translation.override("en"):
        monkeypatch.setenv("ONEC_YOOKASSA_API", server.url)
        yield server


@pytest.fixture
def paid(yookassa: YooKassa) -> str:
    """Id of a payment of 1234 roubles."""
    return pay(yookassa)


def pay(yookassa: YooKassa) -> str:
    answer = requests.post(
        f"{yookassa.url}/payments",
        json={
            "amount": {"value": "1234.00", "currency": "RUB"},
            "capture": True,
            "confirmation": {"type": "redirect", "return_url": "https://shop.example"},
        },
        headers={"Idempotence-Key": f"pay-{len(yookassa.payments)}"},
        auth=("100500", SECRET),
        timeout=30,
    )
    payment_id = str(answer.json()["id"])
    yookassa.pay(payment_id)
    return payment_id


class Room:
    """What was sent, as the room keeps it."""

    def __init__(self) -> None:
        self.kept: dict[str, Kept] = {}

    def keep(self, receipt: Receipt, hours: float = 0, others: tuple[str, ...] = ()) -> None:
        self.kept[ID] = Kept(receipt, timezone.now() - timedelta(hours=hours), others)


def register(room: Room | None = None, **values: object) -> YooKassaRegister:
    settings = YooKassaReceiptsSettings.from_configuration({**SAVED, **values})
    return YooKassaRegister(settings, (room or Room()).kept.get)


def about(reference: str, *items: Any, **more: Any) -> Receipt:
    return document(*items, gateway=GATEWAY, gateway_reference=reference, **more)


def told(yookassa: YooKassa) -> Mapping[str, Any]:
    (receipt,) = yookassa.receipts.values()
    return receipt.asked


def test_a_receipt_is_taken_registered_and_its_fiscal_data_are_there(
    yookassa: YooKassa, paid: str
) -> None:
    yookassa.receipts_wait = True
    till = register()
    taken = till.send(about(paid), ID)
    assert taken.progress is Progress.WAITING
    assert till.find(ID, taken.reference) == taken
    yookassa.register(taken.reference)
    done = till.find(ID, taken.reference)
    assert (done.progress, done.reference) == (Progress.DONE, taken.reference)
    (receipt,) = yookassa.receipts.values()
    assert done.data
    assert (done.data.drive, done.data.document) == ("9288000100115785", receipt.number)
    assert done.data.sign == str(2617603900 + receipt.number)
    assert (done.data.at, done.data.total) == (receipt.registered, Decimal(1234))
    assert not done.data.is_test


def test_what_is_told(yookassa: YooKassa, paid: str) -> None:
    buyer = Buyer("anna@example.com", "+79001234567", "ООО «Ромашка»", "7727401209")
    register().send(about(paid, buyer=buyer), ID)
    assert told(yookassa) == {
        "type": "payment",
        "payment_id": paid,
        "customer": {
            "full_name": "ООО «Ромашка»",
            "inn": "7727401209",
            "email": "anna@example.com",
            "phone": "79001234567",
        },
        "items": [
            {
                "description": "Чайник",
                "quantity": 2,
                "amount": {"value": "617.00", "currency": "RUB"},
                "vat_code": 11,
                "payment_mode": "full_payment",
                "payment_subject": "commodity",
                "measure": "piece",
            }
        ],
        "send": True,
        "tax_system_code": 1,
        "settlements": [{"type": "cashless", "amount": {"value": "1234.00", "currency": "RUB"}}],
    }
    (exchange,) = [one for one in yookassa.exchanges if one.request.path.endswith("/receipts")]
    assert exchange.request.headers["idempotence-key"] == ID


def test_a_refund(yookassa: YooKassa, paid: str) -> None:
    refund = yookassa.give_back(paid, Decimal(617))
    register().send(about(refund.id, item(quantity="1"), kind=Kind.SELL_REFUND), ID)
    asked = told(yookassa)
    assert (asked["type"], asked["refund_id"]) == ("refund", refund.id)
    assert "payment_id" not in asked


def test_a_prepayment_that_is_set_off(yookassa: YooKassa, paid: str) -> None:
    means = {Means.PREPAID: Decimal(1000), Means.CREDIT: Decimal(200), Means.OTHER: Decimal(34)}
    register().send(about(paid, paid=means), ID)
    assert [one["type"] for one in told(yookassa)["settlements"]] == [
        *("prepayment", "postpayment", "consideration"),
    ]


@pytest.mark.parametrize(
    ("vat", "code"),
    [
        (Vat.NONE, 1),
        (Vat.RATE_0, 2),
        (Vat.RATE_10, 3),
        (Vat.RATE_20, 4),
        (Vat.RATE_10_110, 5),
        (Vat.RATE_20_120, 6),
        (Vat.RATE_5, 7),
        (Vat.RATE_7, 8),
        (Vat.RATE_5_105, 9),
        (Vat.RATE_7_107, 10),
        (Vat.RATE_22, 11),
        (Vat.RATE_22_122, 12),
    ],
)
def test_every_rate(yookassa: YooKassa, paid: str, vat: Vat, code: int) -> None:
    register().send(about(paid, item(vat=vat)), ID)
    assert told(yookassa)["items"][0]["vat_code"] == code


def test_every_mark_measure_and_agent(yookassa: YooKassa, paid: str) -> None:
    supplier = Supplier("ООО «Ромашка»", "7727401209", ("+79001234567",))
    lines = [
        *(item(method=method) for method in PaymentMethod),
        *(item(object=thing) for thing in PaymentObject),
        *(item(measure=measure) for measure in Measure),
        *(item(agent=agent, supplier=supplier) for agent in AgentKind),
    ]
    register().send(about(paid, *lines), ID)
    items = told(yookassa)["items"]
    # That they are words of the description's own the stand-in has seen to.
    assert len({one["payment_mode"] for one in items}) == len(PaymentMethod)
    assert len({one["payment_subject"] for one in items}) == len(PaymentObject)
    assert len({one["measure"] for one in items}) == len(Measure)
    assert len({one["agent_type"] for one in items if "agent_type" in one}) == len(AgentKind)
    assert items[-1]["supplier"] == {
        "name": "ООО «Ромашка»",
        "inn": "7727401209",
        "phone": "79001234567",
    }


@pytest.mark.parametrize(
    ("tax_system", "code"),
    [
        (TaxSystem.OSN, 1),
        (TaxSystem.USN_INCOME, 2),
        (TaxSystem.USN_INCOME_OUTCOME, 3),
        (TaxSystem.ESN, 5),
        (TaxSystem.PATENT, 6),
    ],
)
def test_every_tax_system(yookassa: YooKassa, paid: str, tax_system: TaxSystem, code: int) -> None:
    register().send(about(paid, tax_system=tax_system), ID)
    assert told(yookassa)["tax_system_code"] == code


@pytest.mark.parametrize(
    ("more", "is_refund", "status"),
    [
        ({}, False, 1),
        ({}, True, 3),
        ({"measure": Measure.KILOGRAM}, False, 2),
        ({"fraction": Fraction(1, 3)}, False, 2),
        ({"fraction": Fraction(1, 3)}, True, 4),
    ],
)
def test_marked_goods(
    yookassa: YooKassa, paid: str, more: Any, is_refund: bool, status: int
) -> None:
    marked = item(
        *("617.00", "1"),
        object=PaymentObject.COMMODITY_WITH_CODE,
        marking_code=CODE,
        **more,
    )
    reference = yookassa.give_back(paid, Decimal(617)).id if is_refund else paid
    kind = Kind.SELL_REFUND if is_refund else Kind.SELL
    register(time_zone="5").send(about(reference, marked, kind=kind), ID)
    asked = told(yookassa)
    (line,) = asked["items"]
    assert asked["timezone"] == 5
    assert (line["payment_subject"], line["mark_mode"]) == ("marked", "0")
    assert line["mark_code_info"] == {"mark_code_raw": CODE, "gs_1m": CODE}
    assert line["planned_status"] == status
    parts = {"numerator": 1, "denominator": 3 if "fraction" in more else 1}
    assert line.get("mark_quantity") == (None if "measure" in more else parts)


@pytest.mark.parametrize(
    ("receipt", "why"),
    [
        (document(), "только своих"),
        (document(gateway="saleor1c.tbank", gateway_reference="1"), "только своих"),
        (document(gateway=GATEWAY), "только своих"),
        (about("1", kind=Kind.SELL_CORRECTION), "коррекции"),
        (about("1", paid={Means.CASH: Decimal(1234)}), "наличными"),
    ],
)
def test_what_another_register_has_to_do(yookassa: YooKassa, receipt: Receipt, why: str) -> None:
    till = register()
    assert why in writing.objection(receipt)
    with pytest.raises(Refused, match=why):
        till.send(receipt, ID)
    assert not yookassa.exchanges


@pytest.mark.parametrize(
    ("receipt", "why"),
    [
        (about("1", buyer=Buyer()), "e-mail или телефон"),
        (about("1", item(marking_code="1" * 201)), "Код маркировки"),
    ],
)
def test_what_can_not_be_told(yookassa: YooKassa, receipt: Receipt, why: str) -> None:
    till = register()
    assert not writing.objection(receipt)
    with pytest.raises(Refused, match=why):
        till.send(receipt, ID)
    assert not yookassa.exchanges


def test_what_yookassa_turns_down(yookassa: YooKassa, paid: str) -> None:
    till = register()
    with pytest.raises(Refused, match="Settlements differ"):
        till.send(about(paid, paid={Means.ELECTRONIC: Decimal(1)}), ID)
    with pytest.raises(Refused, match="Payment doesn't exist"):
        till.send(about("215d8da0-000f-50be-b000-0003308c89be"), ID)
    # Nothing was done: mended, it goes by the same key.
    assert till.send(about(paid), ID).progress is Progress.WAITING


def test_a_receipt_that_can_not_be_registered(yookassa: YooKassa, paid: str) -> None:
    yookassa.receipts_wait = True
    till = register()
    taken = till.send(about(paid), ID)
    yookassa.turn_down(taken.reference)
    with pytest.raises(Refused, match=taken.reference):
        till.find(ID, taken.reference)
    # Mended it is another one.
    again = till.send(about(paid), f"{ID}.2")
    assert again.reference != taken.reference


def test_a_receipt_that_is_sent_again_is_the_same_one(yookassa: YooKassa, paid: str) -> None:
    till = register()
    assert till.send(about(paid), ID) == till.send(about(paid), ID)
    assert len(yookassa.receipts) == 1


def test_a_key_that_is_another_receipt_s_says_nothing_of_this_one(
    yookassa: YooKassa, paid: str
) -> None:
    till = register()
    till.send(about(paid), ID)
    with pytest.raises(OutcomeUnknown):
        till.send(about(paid, item("1.00")), ID)
    assert len(yookassa.receipts) == 1


@pytest.mark.parametrize("fault", Fault)
def test_whatever_becomes_of_an_answer_it_is_one_receipt(
    yookassa: YooKassa, paid: str, fault: Fault
) -> None:
    room = Room()
    till = register(room)
    room.keep(about(paid))
    yookassa.faults.script.extend([fault, fault])
    with pytest.raises(OutcomeUnknown):
        till.send(about(paid), ID)
    with pytest.raises(OutcomeUnknown):
        till.find(ID, "")
    found = till.find(ID, "")
    assert till.find(ID, found.reference).progress is Progress.DONE
    assert len(yookassa.receipts) == 1


def test_after_a_day_it_is_looked_for_among_those_of_its_payment(
    yookassa: YooKassa, paid: str
) -> None:
    room = Room()
    till = register(room)
    receipt = about(paid)
    other = till.send(about(paid, item(method=PaymentMethod.FULL_PREPAYMENT)), "other")
    twin = till.send(receipt, "twin")
    yookassa.faults.script.append(Fault.LOST)
    with pytest.raises(OutcomeUnknown):
        till.send(receipt, ID)
    yookassa.later(timedelta(days=2))
    room.keep(receipt, hours=48, others=(other.reference, twin.reference))
    found = till.find(ID, "")
    assert found.reference not in (other.reference, twin.reference)
    assert found.progress is Progress.DONE
    assert len(yookassa.receipts) == 3


def test_after_a_day_it_may_be_that_it_never_came(yookassa: YooKassa, paid: str) -> None:
    room = Room()
    till = register(room)
    twin = till.send(about(paid), "twin")
    till.send(about(pay(yookassa)), "of another payment")
    yookassa.receipts_wait = True
    failed = till.send(about(paid), "failed")
    yookassa.turn_down(failed.reference)
    room.keep(about(paid), hours=48, others=(twin.reference,))
    with pytest.raises(Missing):
        till.find(ID, "")
    assert till.send(about(paid), ID).reference != twin.reference


def test_what_nobody_has_sent(yookassa: YooKassa) -> None:
    with pytest.raises(Missing):
        register().find(ID, "")
    assert not yookassa.exchanges


@pytest.mark.django_db
def test_what_the_room_remembers() -> None:
    since = datetime(2026, 11, 25, tzinfo=UTC)
    asked = about("2a-payment")
    name = "yookassa_receipts:100500"
    mine = row(asked, state="sent", register=name, created=since, version=2)
    row(asked, register=name, reference="rt-1")
    row(asked, register=name, reference="rt-2", order_id="another")
    row(asked, register="atol:1", reference="uuid")
    assert recall(f"{mine.pk}.2") == Kept(asked, since, ["rt-1"])
    # Before it was mended it was another one.
    assert recall(str(mine.pk)) is None
    assert recall(ID) is None


def test_a_key_that_does_not_open(yookassa: YooKassa, paid: str) -> None:
    with pytest.raises(Unavailable):
        register(secret_key="wrong").send(about(paid), ID)
    assert not yookassa.receipts


def test_nobody_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONEC_YOOKASSA_API", "http://127.0.0.1:9/v3")
    with pytest.raises(Unavailable):
        register().send(about("1"), ID)


def test_the_connection_is_tried(yookassa: YooKassa) -> None:
    till = register()
    assert "100500" in till.check_connection()
    assert not till.health().problem
    yookassa.fiscalization = "avanpost"
    assert "prepayment" in till.check_connection()
    yookassa.fiscalization = ""
    assert till.health().problem
    with pytest.raises(AccessDenied):
        till.check_connection()
    with pytest.raises(AccessDenied):
        register(secret_key="wrong").check_connection()
    yookassa.faults.script.append(Fault.DROPPED)
    with pytest.raises(OutcomeUnknown):
        till.check_connection()


def test_no_secret_is_written_down(
    yookassa: YooKassa, paid: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    till = register()
    yookassa.faults.script.extend([Fault.DROPPED, Fault.CUT, Fault.LOST])
    written = [repr(till), repr(YooKassaReceiptsSettings.from_configuration(SAVED))]
    for _ in range(3):
        with pytest.raises(OutcomeUnknown) as unknown:
            till.send(about(paid), ID)
        written += [str(unknown.value), repr(unknown.value)]
    with pytest.raises(AccessDenied) as denied:
        register(secret_key=f"{SECRET}-wrong").check_connection()
    written += [str(denied.value), repr(denied.value), caplog.text]
    token = base64.b64encode(f"100500:{SECRET}".encode()).decode()[:-4]
    assert "urllib3" in caplog.text
    for text in written:
        assert SECRET not in text
        assert token not in text


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("shop_id", ""),
        ("shop_id", "магазин"),
        ("secret_key", ""),
        ("secret_key", "ключ"),
        ("time_zone", "12"),
        ("time_zone", "Moscow"),
    ],
)
def test_settings_that_can_not_be_used(key: str, value: str) -> None:
    with pytest.raises(SettingsError) as error:
        YooKassaReceiptsSettings.from_configuration({**SAVED, key: value})
    assert list(error.value.faults) == [key]


def test_settings_of_a_driver_that_is_off_may_be_empty() -> None:
    assert YooKassaReceiptsSettings.from_configuration({}, complete=False).time_zone == 2


def test_a_shop_is_one_register() -> None:
    (till,) = Driver().registers(SAVED)
    assert till.name == "yookassa_receipts:100500"


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"id": "rt-1", "status": "lost"},
        {"id": "rt-1", "status": "succeeded"},
        {
            "id": "rt-1",
            "status": "succeeded",
            "fiscal_document_number": "x",
            "fiscal_storage_number": "1",
            "fiscal_attribute": "1",
            "registered_at": "2026-11-25T10:00:00",
            "settlements": [],
        },
    ],
)
def test_an_answer_that_says_nothing(told: Mapping[str, Any]) -> None:
    with pytest.raises(OutcomeUnknown):
        reading.answer(told)
    assert isinstance(reading.answer({"id": "rt-1", "status": "pending"}), Answer)
