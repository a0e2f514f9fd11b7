"""ATOL Online over HTTP, by both versions of its protocol."""

import base64
import json
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from saleor_1c_plugin.configuration import SettingsError
from saleor_1c_plugin.receipts import stored
from saleor_1c_plugin.receipts.atol import client as client_module
from saleor_1c_plugin.receipts.atol import driver as driver_module
from saleor_1c_plugin.receipts.atol.driver import AtolDriver
from saleor_1c_plugin.receipts.atol.marking import mark_code
from saleor_1c_plugin.receipts.atol.register import AtolRegister
from saleor_1c_plugin.receipts.atol.settings import AtolSettings, Version
from saleor_1c_plugin.receipts.compose.document import (
    AgentKind,
    Buyer,
    Correction,
    Fraction,
    Item,
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
from saleor_1c_plugin.receipts.connecting import AccessDenied, connect
from saleor_1c_plugin.receipts.driver import (
    Answer,
    OutcomeUnknown,
    Progress,
    Refused,
    Unavailable,
    driver,
)
from saleor_1c_plugin.receipts.models import Receipt as Row
from saleor_1c_plugin.sandbox.standins.faults import Fault, Faults

from .samples import document, item
from .standins.atol import Atol

PASSWORD = "tajna-parol"
SAVED = {
    "login": "shop",
    "password": PASSWORD,
    "group_code": "shop-ru_1",
    "inn": "7707083893",
    "email": "check@shop.example",
    "payment_address": "https://shop.example",
}
GS1 = "010463003407001221CMK45BrhN0WLf\x1d91EE06\x1d92b2lkZGRlbg=="
BOTH = pytest.mark.parametrize("version", ["v4", "v5"])


@pytest.fixture(autouse=True)
def no_tokens() -> Iterator[None]:
    client_module._tokens.clear()
    yield
    client_module._tokens.clear()


@pytest.fixture
def atol(monkeypatch: pytest.MonkeyPatch) -> Iterator[Atol]:
    with Atol() as server:
        monkeypatch.setenv("ONEC_ATOL_API", server.url)
        yield server


def register(recall: Callable[[str], Receipt | None] = lambda _: None, **more: Any) -> AtolRegister:
    return AtolRegister(AtolSettings.from_configuration({**SAVED, **more}), recall)


def printed(atol: Atol) -> list[Any]:
    return atol.groups["shop-ru_1"].drive.receipts


def calls(atol: Atol, end: str) -> int:
    return sum(one.request.path.endswith(end) for one in atol.exchanges)


# A receipt's way.


@BOTH
@pytest.mark.parametrize("kind", [Kind.SELL, Kind.SELL_REFUND])
def test_a_receipt_is_taken_and_comes_back_with_its_numbers(
    atol: Atol, version: str, kind: Kind
) -> None:
    till = register(version=version)
    taken = till.send(document(kind=kind), "r1")
    assert (taken.progress, taken.data) == (Progress.WAITING, None)
    found = till.find("r1", taken.reference)
    (made,) = printed(atol)
    data = found.data
    assert data is not None
    assert (found.progress, found.reference) == (Progress.DONE, taken.reference)
    assert (data.drive, data.document, data.sign) == ("9960440300123456", 1, str(made.sign))
    assert (data.total, data.register_number) == (Decimal("1234"), "0000000001002292")
    assert (data.shift, data.number) == (23, 1)
    assert data.at == made.at.replace(microsecond=0)
    assert data.url.startswith("https://consumer.1-ofd.ru/")
    assert not data.is_test
    assert made.kind == kind.value
    assert till.name == "atol:shop-ru_1"


def test_registers_that_take_their_time(atol: Atol) -> None:
    atol.at_once = False
    till = register()
    reference = till.send(document(), "r1").reference
    assert till.find("r1", reference) == Answer(Progress.WAITING, reference)
    atol.print_all()
    assert till.find("r1", reference).progress is Progress.DONE


def test_what_is_sent_twice_is_registered_once(atol: Atol) -> None:
    till = register()
    first = till.send(document(), "r1")
    again = till.send(document(), "r1")
    assert (again.progress, again.reference) == (Progress.DONE, first.reference)
    assert len(printed(atol)) == 1
    atol.at_once = False
    waiting = till.send(document(), "r2")
    assert till.send(document(), "r2") == waiting


@pytest.mark.parametrize(
    ("code", "kind", "text"),
    [
        (2007, "agent", "Некорректное значение в JSON"),
        (128, "driver", "Некорректная сумма налога"),
        (1, "timeout", "Превышено время ожидания чека в очереди"),
    ],
)
def test_what_a_register_turns_down(atol: Atol, code: int, kind: str, text: str) -> None:
    atol.at_once = False
    till = register()
    reference = till.send(document(), "r1").reference
    atol.fail_all(code, text, kind)
    with pytest.raises(Refused, match=rf"{text} \(код {code}\)"):
        till.find("r1", reference)


def test_the_company_is_another_one(atol: Atol) -> None:
    till = register(inn="500100732259")
    with pytest.raises(Refused, match="ИНН"):
        till.find("r1", till.send(document(), "r1").reference)


def test_a_document_that_the_service_has_forgotten_is_a_persons_affair(atol: Atol) -> None:
    till = register()
    reference = till.send(document(), "r1").reference
    atol.later(timedelta(days=33))
    with pytest.raises(Refused, match="личном кабинете"):
        till.find("r1", reference)


# Answers that are lost.


@pytest.mark.parametrize("fault", list(Fault))
def test_a_lost_answer_is_asked_for_and_the_receipt_registered_once(
    atol: Atol, fault: Fault
) -> None:
    receipt = document()
    till = register(recall=lambda external_id: receipt if external_id == "r1" else None)
    till.health()
    atol.faults.script.append(fault)
    with pytest.raises(OutcomeUnknown, match=r"ответ"):
        till.send(receipt, "r1")
    assert len(printed(atol)) == (0 if fault.is_before else 1)
    found = till.find("r1", "")
    found = till.find("r1", found.reference)
    assert found.progress is Progress.DONE
    assert len(printed(atol)) == 1


def test_nobody_knows_the_receipt_that_is_asked_for(atol: Atol) -> None:
    with pytest.raises(Refused):
        register().find("r1", "")


def test_a_service_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    with Atol() as server:
        url = server.url
    monkeypatch.setenv("ONEC_ATOL_API", url)
    till = register(recall=lambda _: document())
    with pytest.raises(Unavailable, match="недоступна"):
        till.send(document(), "r1")
    with pytest.raises(Unavailable):
        till.find("r1", "")
    assert "недоступна" in till.health().problem


def test_many_receipts_with_faults(monkeypatch: pytest.MonkeyPatch) -> None:
    with Atol(faults=Faults(share=0.3, seed=5)) as atol:
        monkeypatch.setenv("ONEC_ATOL_API", atol.url)
        receipts = {
            f"r{number}": document(item(f"{number}.{number:02d}", "3")) for number in range(1, 41)
        }
        till = register(recall=receipts.get)

        def finish(external_id: str) -> str:
            reference = ""
            for attempt in range(60):
                try:
                    if attempt:
                        answer = till.find(external_id, reference)
                    else:
                        answer = till.send(receipts[external_id], external_id)
                except (OutcomeUnknown, Unavailable):
                    continue
                reference = answer.reference
                if answer.data is not None:
                    return answer.data.sign
            raise AssertionError(external_id)

        with ThreadPoolExecutor(8) as pool:
            signs = list(pool.map(finish, receipts))
        assert len(set(signs)) == len(receipts) == len(printed(atol))
        expected = sum(receipt.total for receipt in receipts.values())
        assert sum(one.total for one in printed(atol)) == expected
        assert atol.faults.met


# Tokens.


def test_a_token_is_used_until_the_service_says_that_it_is_over(atol: Atol) -> None:
    till = register()
    till.send(document(), "r1")
    till.send(document(), "r2")
    assert atol.issued == 1
    atol.later(timedelta(hours=25))
    assert till.send(document(), "r3").progress is Progress.WAITING
    assert atol.issued == 2
    assert len(printed(atol)) == 3


def test_a_token_that_was_taken_back(atol: Atol) -> None:
    till = register()
    reference = till.send(document(), "r1").reference
    atol.tokens.clear()
    assert till.find("r1", reference).progress is Progress.DONE
    assert atol.issued == 2


def test_threads_ask_for_one_token(atol: Atol) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: register().send(document(), f"r{number}"), range(8)))
    assert atol.issued == 1
    atol.later(timedelta(hours=25))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: register().send(document(), f"s{number}"), range(8)))
    assert atol.issued == 2
    assert len(printed(atol)) == 16


def test_another_process_has_a_token_of_its_own_and_ours_stays_good(atol: Atol) -> None:
    till = register()
    till.send(document(), "r1")
    (ours,) = client_module._tokens.values()
    client_module._tokens.clear()
    till.send(document(), "r2")
    assert client_module._tokens[till._client._key] != ours
    client_module._tokens[till._client._key] = ours
    till.send(document(), "r3")
    assert atol.issued == 2


def test_a_wrong_password_is_no_receipts_fault(atol: Atol) -> None:
    till = register(password="drugoj")
    with pytest.raises(AccessDenied, match="Неверный логин или пароль"):
        till.send(document(), "r1")
    with pytest.raises(AccessDenied):
        connect([till])
    assert not calls(atol, "/sell")


def test_a_lost_token_is_no_lost_receipt(atol: Atol) -> None:
    atol.faults.script.append(Fault.DROPPED)
    till = register()
    with pytest.raises(Unavailable):
        till.send(document(), "r1")
    assert till.send(document(), "r1").progress is Progress.WAITING


# The connection.


@pytest.mark.usefixtures("english")
def test_what_is_said_when_settings_are_saved(atol: Atol) -> None:
    assert connect([register()]) == "Connected to the group shop-ru_1."
    assert "test stand" in connect([register(test="true")])
    assert register().health().problem == ""
    with pytest.raises(AccessDenied, match="не соответствует токену"):
        connect([register(group_code="chuzhaja")])
    atol.groups["shop-ru_1"].versions = ("v5",)
    with pytest.raises(AccessDenied, match="версию протокола"):
        connect([register(version="v4")])
    assert "версию протокола" in register(version="v4").health().problem
    atol.faults.script.append(Fault.DOWN)
    assert "не по протоколу" in connect([register()])


def test_a_stand_is_told_apart_from_the_service() -> None:
    settings = AtolSettings.from_configuration(SAVED)
    assert settings.address == "https://online.atol.ru/possystem/v5"
    test = AtolSettings.from_configuration({**SAVED, "test": "true", "version": "v4"})
    assert test.address == "https://testonline.atol.ru/possystem/v4"


def test_a_receipt_of_the_stand_is_marked(atol: Atol) -> None:
    till = register(test="true")
    data = till.find("r1", till.send(document(), "r1").reference).data
    assert data is not None
    assert data.is_test


def test_a_receipt_of_a_drive_for_trials_is_marked(atol: Atol) -> None:
    atol.groups["shop-ru_1"].drive.serial = "9999078900000961"
    till = register()
    data = till.find("r1", till.send(document(), "r1").reference).data
    assert data is not None
    assert data.is_test


@pytest.mark.parametrize(
    "wrong",
    [
        {"fn_number": "1" * 17},
        {"fn_number": ""},
        {"fiscal_document_number": 0},
        {"fiscal_document_number": float("inf")},
        {"fiscal_document_attribute": "подпись"},
        {"fiscal_document_attribute": 1 << 40},
        {"total": float("nan")},
        {"total": "много"},
        {"shift_number": -1},
        {"receipt_datetime": "вчера"},
        {"receipt_datetime": None},
    ],
)
def test_numbers_that_no_drive_can_have_made(atol: Atol, wrong: dict[str, object]) -> None:
    till = register()
    reference = till.send(document(), "r1").reference
    (sheet,) = atol.sheets.values()
    sheet.payload = {**(sheet.payload or {}), **wrong}
    with pytest.raises(OutcomeUnknown, match="реквизитов"):
        till.find("r1", reference)


# Notifications.


def test_a_notification_names_the_receipt_and_is_not_believed(atol: Atol) -> None:
    till = register(notification_url="https://shop.example/plugins/saleor1c.atol/")
    till.send(document(), "r1")
    (told,) = atol.told
    assert till.read({}, told) == "r1"
    assert register(group_code="other").read({}, told) == ""
    for garbage in (b"", b"[]", b"{", b'{"group_code": "shop-ru_1"}', b"[" * 100_000):
        assert till.read({}, garbage) == ""
    assert till.read({}, json.dumps({"group_code": "shop-ru_1", "external_id": 5}).encode()) == ""


def test_it_is_told_as_often_as_it_likes(atol: Atol) -> None:
    atol.faults.repeated = 1.0
    till = register(notification_url="https://shop.example/plugins/saleor1c.atol/")
    till.send(document(), "r1")
    assert {till.read({}, told) for told in atol.told} == {"r1"}


# What is sent.


def sent(atol: Atol) -> Any:
    (sheet,) = atol.sheets.values()
    return sheet.body


def test_a_sale_in_words_of_version_4(atol: Atol) -> None:
    register(version="v4", notification_url="https://shop.example/n").send(
        document(
            item("50.50", "0.3", measure=Measure.KILOGRAM),
            item("100.00", "1", object=PaymentObject.SERVICE, vat=Vat.NONE),
            buyer=Buyer("a@example.com", "+79251234567", "ООО «Ромашка»", "7707083893"),
            tax_system=TaxSystem.USN_INCOME_OUTCOME,
        ),
        "r1",
    )
    body = sent(atol)
    assert body["service"] == {"callback_url": "https://shop.example/n"}
    told = body["receipt"]
    assert told["client"] == {
        "email": "a@example.com",
        "phone": "+79251234567",
        "name": "ООО «Ромашка»",
        "inn": "7707083893",
    }
    assert told["company"] == {
        "email": "check@shop.example",
        "sno": "usn_income_outcome",
        "inn": "7707083893",
        "payment_address": "https://shop.example",
    }
    assert told["items"] == [
        {
            "name": "Чайник",
            "price": Decimal("50.5"),
            "quantity": Decimal("0.3"),
            "sum": Decimal("15.15"),
            "payment_method": "full_payment",
            "payment_object": "commodity",
            "measurement_unit": "кг",
            "vat": {"type": "vat22"},
        },
        {
            "name": "Чайник",
            "price": Decimal(100),
            "quantity": Decimal(1),
            "sum": Decimal(100),
            "payment_method": "full_payment",
            "payment_object": "service",
            "measurement_unit": "шт",
            "vat": {"type": "none"},
        },
    ]
    assert told["payments"] == [{"type": 1, "sum": Decimal("115.15")}]
    assert told["total"] == Decimal("115.15")


def test_version_5_has_numbers_marking_and_parts(atol: Atol) -> None:
    marked = item(
        "10.00",
        "1",
        object=PaymentObject.COMMODITY_WITH_CODE,
        marking_code=GS1,
        fraction=Fraction(1, 2),
    )
    register().send(document(marked, item("5.00", "1.5", measure=Measure.LITRE)), "r1")
    first, second = sent(atol)["receipt"]["items"]
    assert (first["payment_object"], first["measure"]) == (33, 0)
    assert base64.b64decode(first["mark_code"]["gs1m"]).decode() == GS1
    assert first["mark_processing_mode"] == "0"
    assert first["mark_quantity"] == {"numerator": 1, "denominator": 2}
    assert (second["payment_object"], second["measure"]) == (1, 41)
    assert second["payment_method"] == "full_payment"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (GS1, "gs1m"),
        ("\x1d" + GS1, "gs1m"),
        ("0104600000000001215abc", "gs1m"),
        ("00000046210654P7Tbea?ACmmdGVz", "short"),
        ("RU-430302-ABC1234567", "fur"),
        ("20N00000" + "A" * 60, "egais20"),
        ("1" * 150, "egais30"),
        ("нечто", "unknown"),
    ],
)
def test_kinds_of_marking_codes(code: str, kind: str) -> None:
    assert list(mark_code(code)) == [kind]


@BOTH
def test_every_rate_method_system_and_means(atol: Atol, version: str) -> None:
    till = register(version=version)
    lines = [item("1.00", "1", vat=vat) for vat in Vat]
    lines += [item("1.00", "1", method=method) for method in PaymentMethod]
    each = Decimal(len(lines)) / 5
    paid = {means: each.quantize(Decimal("0.01")) for means in Means}
    assert sum(paid.values()) == len(lines)
    for number, system in enumerate(TaxSystem):
        till.send(document(*lines, tax_system=system, paid=paid), f"r{number}")
    assert len(printed(atol)) == len(TaxSystem)
    told = printed(atol)[0].asked
    assert [one["type"] for one in told["payments"]] == [0, 1, 2, 3, 4]
    rates = [one["vat"]["type"] for one in told["items"]][: len(Vat)]
    assert rates == [
        *("vat20", "vat10", "vat120", "vat110", "vat0", "none", "vat5", "vat7"),
        *("vat105", "vat107", "vat22", "vat122"),
    ]


def test_every_object_and_measure_of_version_5(atol: Atol) -> None:
    coded = (PaymentObject.COMMODITY_WITH_CODE, PaymentObject.EXCISE_WITH_CODE)
    lines = [
        item("1.00", "1", object=one, marking_code=GS1 if one in coded else "")
        for one in PaymentObject
    ]
    lines += [item("1.00", "1", measure=measure) for measure in Measure]
    register().send(document(*lines), "r1")
    assert len(printed(atol)) == 1


@BOTH
@pytest.mark.parametrize("agent", list(AgentKind))
def test_agents_and_whose_goods_they_sell(atol: Atol, version: str, agent: AgentKind) -> None:
    supplier = Supplier("ООО «Поставщик»", "7707083893", ("+74951234567",))
    register(version=version).send(document(item(agent=agent, supplier=supplier)), "r1")
    (line,) = sent(atol)["receipt"]["items"]
    assert line["agent_info"] == {"type": agent.name.lower()}
    assert line["supplier_info"] == {
        "inn": "7707083893",
        "name": "ООО «Поставщик»",
        "phones": ["+74951234567"],
    }


def corrected(kind: Kind = Kind.SELL_CORRECTION, **more: Any) -> Receipt:
    lines = (
        item("122.00", "1", vat=Vat.RATE_22),
        item("110.00", "1", vat=Vat.RATE_10_110),
        item("50.00", "1", vat=Vat.NONE),
    )
    values = {"correction": Correction(date(2026, 10, 31), reason="Ошибка"), **more}
    return document(*lines, kind=kind, **values)


def test_a_correction_of_version_4_has_sums_of_taxes_and_no_lines(atol: Atol) -> None:
    register(version="v4").send(corrected(), "r1")
    told = sent(atol)["correction"]
    assert told["correction_info"] == {
        "type": "self",
        "base_date": "31.10.2026",
        "base_number": "б/н",
    }
    assert told["vats"] == [
        {"type": "vat22", "sum": Decimal(22)},
        {"type": "vat110", "sum": Decimal(10)},
        {"type": "none", "sum": Decimal(50)},
    ]
    assert told["payments"] == [{"type": 1, "sum": Decimal(282)}]
    assert "items" not in told
    with pytest.raises(Refused, match=r"ФФД 1\.2"):
        register(version="v4").send(corrected(Kind.SELL_REFUND_CORRECTION), "r2")


@pytest.mark.parametrize("kind", [Kind.SELL_CORRECTION, Kind.SELL_REFUND_CORRECTION])
def test_a_correction_of_version_5_has_all(atol: Atol, kind: Kind) -> None:
    ordered = Correction(date(2026, 10, 31), on_order=True, number="1791")
    register().send(corrected(kind, correction=ordered), "r1")
    (made,) = printed(atol)
    assert made.kind == kind.value
    assert made.asked["correction_info"] == {
        "type": "instruction",
        "base_date": "31.10.2026",
        "base_number": "1791",
    }
    assert len(made.asked["items"]) == 3
    register().send(corrected(kind), "r2")
    assert "base_number" not in printed(atol)[1].asked["correction_info"]


def test_where_the_sale_was_made(atol: Atol) -> None:
    till = register(payment_address="https://elsewhere.example")
    till.send(document(place=""), "r1")
    told = sent(atol)["receipt"]
    assert told["company"]["payment_address"] == "https://elsewhere.example"


def test_the_time_is_that_of_the_registers(atol: Atol, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "django.utils.timezone.now", lambda: datetime(2026, 11, 25, 21, 30, tzinfo=UTC)
    )
    register().send(document(), "r1")
    assert sent(atol)["timestamp"] == "26.11.2026 00:30:00"


PAYING = item(agent=AgentKind.PAYING_AGENT, supplier=Supplier("", "7707083893"))


@pytest.mark.parametrize(
    ("receipt", "version", "text"),
    [
        (document(item(marking_code=GS1)), "v4", "маркированный товар"),
        (document(item(fraction=Fraction(1, 2))), "v4", "маркированный товар"),
        (document(item(object=PaymentObject.COMMODITY_WITHOUT_CODE)), "v4", "маркированный"),
        (document(item(marking_code=GS1, measure=Measure.LITRE)), "v5", "считается в штуках"),
        (document(item(fraction=Fraction(2, 2))), "v5", "доля 2/2"),
        (document(buyer=Buyer()), "v5", "ни e-mail, ни телефон"),
        (document(buyer=Buyer(email="a" * 60 + "@example.com")), "v5", "длиннее 64"),
        (document(buyer=Buyer(email="a@b.example", tax_number="12")), "v5", "10 или 12 цифр"),
        (document(*[item()] * 101), "v5", "101 строк"),
        (document(item(name="")), "v5", "Наименование"),
        (document(item(name="а" * 129)), "v5", "Наименование"),
        (document(item("0.10", "0.0001")), "v5", "Количество 0.0001"),
        (document(item("0.01", "100000")), "v5", "Количество 100000"),
        (document(item("50000000.00", "1")), "v5", "42 949 672,95"),
        (document(item("0.001", "1")), "v5", "0.001"),
        (document(item(agent=AgentKind.COMMISSION_AGENT)), "v5", "ИНН поставщика"),
        (document(PAYING), "v5", "название и телефон"),
        (corrected(correction=None), "v5", "что он исправляет"),
        (
            corrected(correction=Correction(date(2026, 1, 1), on_order=True)),
            "v5",
            "номер предписания",
        ),
    ],
)
def test_what_the_protocol_can_not_say_is_refused_before_it_is_sent(
    atol: Atol, receipt: Receipt, version: str, text: str
) -> None:
    with pytest.raises(Refused, match=text):
        register(version=version).send(receipt, "r1")
    assert not atol.exchanges


def test_what_the_service_does_not_take_is_refused_with_its_words(atol: Atol) -> None:
    wrong: Item = replace(item(), amount=Decimal("1.00"))
    with pytest.raises(Refused, match=r"price times quantity \(код 32\)"):
        register().send(document(wrong), "r1")
    assert not atol.sheets


# Settings.


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *((key, "") for key in SAVED),
        ("login", "я" * 101),
        ("group_code", "две группы"),
        ("version", "v3"),
        ("inn", "7707083894"),
        ("email", "не почта"),
        ("notification_url", "shop.example"),
        ("notification_url", "https://" + "a" * 250),
        ("time_zone", "Mars/Base"),
        ("test", "может быть"),
    ],
)
def test_settings_that_can_not_be_used(key: str, value: str) -> None:
    with pytest.raises(SettingsError) as error:
        AtolSettings.from_configuration({**SAVED, key: value})
    assert error.value.faults.keys() == {key}
    if value == "":
        AtolSettings.from_configuration({**SAVED, key: value}, complete=False)


def test_the_driver_makes_a_register_of_settings() -> None:
    made = AtolDriver().registers(SAVED)
    assert [one.name for one in made] == ["atol:shop-ru_1"]
    found = driver("atol")
    assert found is not None
    assert found.is_parallel
    assert AtolSettings.from_configuration(SAVED).version is Version.V5


@pytest.mark.django_db
def test_a_receipt_is_recalled_as_it_was_sent() -> None:
    receipt = document(buyer=Buyer(email="recalled@example.com"))
    row = Row.objects.create(
        fact="1:payment:1",
        order_id="1",
        order_number="1",
        channel="default-channel",
        kind=receipt.kind,
        document=stored.dump(receipt),
        total=receipt.total,
        moved=receipt.total,
        happened=datetime.now(UTC),
        deadline=datetime.now(UTC),
    )
    assert driver_module.recall(row.external_id) == receipt
    assert driver_module.recall(f"{row.external_id}.2") is None
    assert driver_module.recall(str(uuid4())) is None


def test_secrets_are_nowhere_to_be_read(atol: Atol, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    till = register()
    till.send(document(), "r1")
    (token,) = atol.tokens
    shown = [repr(till), repr(till._client), repr(till._settings)]
    wrong = register(password="drugoj-parol")
    for act in (lambda: wrong.send(document(), "r2"), lambda: till.find("r1", "nobody")):
        with pytest.raises((Unavailable, Refused)) as error:
            act()
        shown += [str(error.value), repr(error.value)]
    shown.append(caplog.text)
    for text in shown:
        for secret in (PASSWORD, "drugoj-parol", token):
            assert secret not in text
