"""Registers of the merchant's own, behind ATOL's web server."""

import base64
import logging
import threading
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from saleor_1c_plugin.configuration import SettingsError
from saleor_1c_plugin.receipts.atol_local.driver import AtolLocalDriver
from saleor_1c_plugin.receipts.atol_local.register import AtolLocalRegister
from saleor_1c_plugin.receipts.atol_local.settings import AtolLocalSettings, Place
from saleor_1c_plugin.receipts.compose.document import (
    AgentKind,
    Buyer,
    Correction,
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
from saleor_1c_plugin.receipts.connecting import AccessDenied, connect
from saleor_1c_plugin.receipts.driver import (
    KeepsShifts,
    Missing,
    OutcomeUnknown,
    Progress,
    Refused,
    Unavailable,
    driver,
)
from saleor_1c_plugin.sandbox.standins.faults import Fault, Faults
from saleor_1c_plugin.sandbox.standins.messages import Answer

from .samples import document, item
from .standins.atol_local import AtolLocal, Device

PASSWORD = "tajna-kassy"
GS1 = "010463003407001221CMK45BrhN0WLf\x1d91EE06\x1d92b2lkZGRlbg=="


@pytest.fixture
def server() -> Iterator[AtolLocal]:
    with AtolLocal() as made:
        yield made


@pytest.fixture
def till(server: AtolLocal) -> AtolLocalRegister:
    """With an open shift."""
    made = register(server)
    made.open_shift()
    return made


def register(server: AtolLocal | str, **more: Any) -> AtolLocalRegister:
    address = server if isinstance(server, str) else server.address
    (made,) = AtolLocalDriver().registers({"registers": f"till1 = {address}", **more})
    return made


def printed(server: AtolLocal) -> list[Any]:
    return server.device.drive.receipts


# A receipt's way.


@pytest.mark.parametrize("kind", list(Kind))
def test_a_receipt_is_printed_and_its_numbers_told(
    server: AtolLocal, till: AtolLocalRegister, kind: Kind
) -> None:
    answer = till.send(document(kind=kind), "r1")
    (made,) = printed(server)
    data = answer.data
    assert data is not None
    assert (answer.progress, answer.reference) == (Progress.DONE, "r1")
    assert (data.drive, data.document, data.sign) == ("9960440300123456", 2, str(made.sign))
    assert (data.total, data.shift, data.number) == (Decimal(1234), 1, 1)
    assert data.register_number == "0000000001002292"
    assert data.at == made.at.replace(microsecond=0)
    assert till.find("r1", "r1") == answer
    names = {
        Kind.SELL: "sell",
        Kind.SELL_REFUND: "sellReturn",
        Kind.SELL_CORRECTION: "sellCorrection",
        Kind.SELL_REFUND_CORRECTION: "sellReturnCorrection",
    }
    assert made.kind == names[kind]
    assert till.name == "atol_local:till1"


def test_a_register_that_takes_its_time(
    server: AtolLocal, till: AtolLocalRegister, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("saleor_1c_plugin.receipts.atol_local.register._SEND_SECONDS", 0.1)
    server.at_once = False
    assert till.send(document(), "r1").progress is Progress.WAITING
    assert till.find("r1", "r1").progress is Progress.WAITING
    server.work()
    assert till.find("r1", "r1").progress is Progress.DONE


def test_what_is_sent_twice_is_printed_once(server: AtolLocal, till: AtolLocalRegister) -> None:
    assert till.send(document(), "r1") == till.send(document(), "r1")
    assert len(printed(server)) == 1


@pytest.mark.parametrize("fault", list(Fault))
def test_a_lost_answer_is_asked_for(
    server: AtolLocal, till: AtolLocalRegister, fault: Fault
) -> None:
    server.faults.script.append(fault)
    with pytest.raises(OutcomeUnknown):
        till.send(document(), "r1")
    if fault.is_before:
        with pytest.raises(Missing):
            till.find("r1", "")
        till.send(document(), "r1")
    assert till.find("r1", "").progress is Progress.DONE
    assert len(printed(server)) == 1


def test_many_receipts_with_faults() -> None:
    with AtolLocal(faults=Faults(share=0.25, seed=3)) as server:
        till = register(server)
        signs = set()
        for number in range(1, 31):
            receipt = document(item(f"{number}.{number:02d}", "2"))
            signs.add(_finish(till, receipt, f"r{number}"))
        assert len(signs) == 30 == len(printed(server))
        assert server.faults.met


def _finish(till: AtolLocalRegister, receipt: Receipt, external_id: str) -> str:
    """As the queue does: what was sent is asked for, what is missing is sent."""
    was_sent = False
    for _attempt in range(60):
        try:
            if was_sent:
                answer = till.find(external_id, "")
            else:
                till.open_shift()
                was_sent = True
                answer = till.send(receipt, external_id)
        except Missing:
            was_sent = False
        except Unavailable:
            was_sent = False
        except OutcomeUnknown:
            continue
        else:
            if answer.data is not None:
                return answer.data.sign
    raise AssertionError(external_id)


# What stands in the way.


def test_paper_runs_out_and_the_receipt_is_printed_once_it_is_back(server: AtolLocal) -> None:
    till = register(server, electronically="false")
    till.open_shift()
    server.device.has_paper = False
    for _attempt in range(2):
        with pytest.raises(Unavailable, match=r"till1: Нет бумаги \(код 44\)"):
            till.send(document(), "r1")
        with pytest.raises(Missing):
            till.find("r1", "")
    server.device.has_paper = True
    answer = till.send(document(), "r1")
    assert (answer.progress, answer.reference) == (Progress.DONE, "r1-3")
    assert till.find("r1", "") == till.find("r1", "r1-3") == answer
    assert till.send(document(), "r1") == answer
    assert len(printed(server)) == 1


def test_a_closed_shift_is_no_receipts_fault(server: AtolLocal) -> None:
    till = register(server)
    with pytest.raises(Unavailable, match="Смена закрыта"):
        till.send(document(), "r1")
    till.open_shift()
    assert till.send(document(), "r1").progress is Progress.DONE


def test_a_shift_of_more_than_a_day(server: AtolLocal, till: AtolLocalRegister) -> None:
    server.later(timedelta(hours=24))
    with pytest.raises(Unavailable, match="24 часа"):
        till.send(document(), "r1")
    assert till.health().problem == "Смена открыта дольше 24 часов"
    assert till.close_shift() is not None
    assert till.open_shift().number == 2
    assert till.send(document(), "r1").progress is Progress.DONE


def test_what_the_driver_does_not_take_is_the_receipts_fault(
    server: AtolLocal, till: AtolLocalRegister
) -> None:
    wrong = document(item(amount=Decimal("1.00"), price=Decimal(617)))
    with pytest.raises(Refused, match=r"Неверная цена \(сумма\) \(код 16\)"):
        till.send(wrong, "r1")
    with pytest.raises(Refused):
        till.find("r1", "")
    assert not printed(server)


@pytest.mark.parametrize("when", ["before", "after"])
def test_the_line_breaks_in_the_middle_of_a_receipt(
    server: AtolLocal, till: AtolLocalRegister, when: str
) -> None:
    server.device.breaks.append(when)
    with pytest.raises(OutcomeUnknown, match="остановлена"):
        till.send(document(), "r1")
    with pytest.raises(OutcomeUnknown):
        till.find("r1", "")
    assert "Очередь" in till.health().problem
    server.recover(server.device)
    if when == "before":
        with pytest.raises(Missing):
            till.find("r1", "")
        assert till.send(document(), "r1").reference == "r1-2"
    assert till.find("r1", "").progress is Progress.DONE
    assert len(printed(server)) == 1


def test_a_register_that_is_switched_off(server: AtolLocal, till: AtolLocalRegister) -> None:
    server.device.is_connected = False
    with pytest.raises(Unavailable, match="ККТ не подключена"):
        till.send(document(), "r1")
    assert "ККТ не подключена" in till.health().problem


def test_a_server_that_is_not_there() -> None:
    with AtolLocal() as server:
        address = server.address
    till = register(address)
    with pytest.raises(Unavailable, match="недоступна"):
        till.send(document(), "r1")
    assert "недоступна" in connect([till])


def test_the_older_server_tells_errors_otherwise() -> None:
    with AtolLocal(is_old=True) as server:
        till = register(server)
        with pytest.raises(Unavailable, match=r"Смена закрыта.*\(код 73\)"):
            till.send(document(), "r1")
        till.open_shift()
        assert till.send(document(), "r1").progress is Progress.DONE


@pytest.mark.parametrize(
    "wrong",
    [
        {"fnNumber": ""},
        {"fiscalDocumentNumber": None},
        {"fiscalDocumentDateTime": "2026-11-25T12:00:00"},
        {"total": float("inf")},
    ],
)
def test_numbers_that_no_drive_can_have_made(
    server: AtolLocal, till: AtolLocalRegister, wrong: dict[str, object]
) -> None:
    till.send(document(), "r1")
    server.device.jobs["r1"].results[0]["result"]["fiscalParams"].update(wrong)
    with pytest.raises(OutcomeUnknown, match="реквизитов"):
        till.find("r1", "")


# Shifts.


def test_a_shift_is_opened_once_and_closed_once(server: AtolLocal) -> None:
    till = register(server, operator="Иванова А. А.", operator_inn="500100732259")
    assert isinstance(till, KeepsShifts)
    assert till.close_shift() is None
    assert till.interim_report() is None
    opened = till.open_shift()
    assert (opened.number, opened.document) == (1, 1)
    assert opened.sign == str(server.device.drive.documents[0].sign)
    again = till.open_shift()
    assert (again.number, again.at) == (1, opened.at)
    till.send(document(item("100.00", "2")), "r1")
    till.send(document(item("30.00", "1"), kind=Kind.SELL_REFUND), "r2")
    interim = till.interim_report()
    assert interim is not None
    assert (interim.number, interim.receipts) == (1, 2)
    assert (interim.sold, interim.refunded) == (Decimal(200), Decimal(30))
    assert server.device.x_reports == 1
    closed = till.close_shift()
    assert closed is not None
    assert (closed.number, closed.document, closed.receipts) == (1, 4, 2)
    assert (closed.sold, closed.refunded) == (Decimal(200), Decimal(30))
    assert till.close_shift() is None
    kinds = [one.kind for one in server.device.drive.documents]
    assert kinds == ["openShift", "sell", "sellReturn", "closeShift"]


def test_a_model_that_counts_nothing_closes_its_shift_all_the_same(
    server: AtolLocal, till: AtolLocalRegister
) -> None:
    server.device.counts = False
    till.send(document(), "r1")
    interim, closed = till.interim_report(), till.close_shift()
    assert interim is not None
    assert (interim.receipts, interim.sold) == (None, None)
    assert closed is not None
    assert (closed.receipts, closed.sold) == (1, None)


def test_a_lost_answer_about_a_shift_opens_no_second_one(server: AtolLocal) -> None:
    till = register(server)
    # The question, its answer, and the order whose answer is lost.
    server.faults.script.extend([None, None, Fault.LOST])
    with pytest.raises(OutcomeUnknown):
        till.open_shift()
    assert till.open_shift().number == 1
    # The same, and what was counted.
    server.faults.script.extend([None, None, None, None, Fault.DROPPED])
    with pytest.raises(OutcomeUnknown):
        till.close_shift()
    assert till.close_shift() is None
    assert len(server.device.drive.documents) == 2


def test_a_shift_can_not_be_opened_without_paper(server: AtolLocal) -> None:
    till = register(server, electronically="false")
    server.device.has_paper = False
    with pytest.raises(Unavailable, match="Нет бумаги"):
        till.open_shift()


# Health.


def test_how_a_register_is(server: AtolLocal) -> None:
    till = register(server, electronically="false")
    device = server.device
    device.unsent = 3
    found = till.health()
    assert (found.problem, found.shift, found.has_paper, found.unsent) == ("", None, True, 3)
    assert found.drive_ends is not None
    assert found.drive_ends.year == 2027
    opened = till.open_shift()
    found = till.health()
    assert (found.shift, found.shift_opened) == (1, opened.at)
    device.warnings = {"resourceExhausted"}
    assert till.health().problem == "Ресурс фискального накопителя подходит к концу"
    device.has_paper = False
    found = till.health()
    assert (found.problem, found.has_paper) == ("Закончилась бумага", False)
    assert register(server).health().problem.startswith("Ресурс")
    device.is_cover_open = True
    assert till.health().problem == "Открыта крышка кассы"
    device.warnings = {"criticalError"}
    assert till.health().problem == "Фискальный накопитель неисправен"


def test_a_server_that_answers_something_else(
    server: AtolLocal, till: AtolLocalRegister, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = {"results": [{"status": "ready", "error": {"code": 0}, "result": {}}]}
    monkeypatch.setattr(server, "_show", lambda *_: Answer.of(200, shown))
    assert "не о тех" in till.health().problem
    with pytest.raises(OutcomeUnknown, match="открыта ли смена"):
        till.open_shift()
    with pytest.raises(OutcomeUnknown, match="реквизитов"):
        till.find("r1", "")
    monkeypatch.setattr(server, "_show", lambda *_: Answer.of(200, {"results": "нет"}))
    with pytest.raises(OutcomeUnknown):
        till.find("r1", "")


@pytest.mark.usefixtures("english")
def test_what_is_said_when_settings_are_saved(server: AtolLocal) -> None:
    server.devices["2"] = Device()
    lines = [f"till1 = {server.address}"]
    lines += [f"till{number} = {server.address}/?deviceID={number}" for number in (2, 3)]
    tills = AtolLocalDriver().registers({"registers": "\n".join(lines)})
    tills[1].open_shift()
    assert connect(tills).splitlines() == [
        "till1: it answers; no shift is open",
        "till2: it answers; shift 1 is open",
        "Сервер кассы: Устройство не найдено",
    ]


def test_registers_of_one_server_are_told_apart(server: AtolLocal) -> None:
    server.devices["2"] = Device()
    till = register(f"{server.address}/api/v2/?deviceID=2")
    till.open_shift()
    till.send(document(), "r1")
    assert not printed(server)
    assert len(server.devices["2"].drive.receipts) == 1


def test_a_server_that_asks_for_a_password(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with AtolLocal(login="kassa", password=PASSWORD) as server:
        till = register(server, login="kassa", password=PASSWORD)
        till.open_shift()
        assert till.send(document(), "r1").progress is Progress.DONE
        wrong = register(server, login="kassa", password="drugoj")
        with pytest.raises(AccessDenied) as error:
            wrong.send(document(), "r2")
        with pytest.raises(AccessDenied):
            connect([wrong])
        for text in (repr(till), repr(till._client), repr(till._settings), str(error.value)):
            assert PASSWORD not in text
            assert "drugoj" not in text
        assert PASSWORD not in caplog.text


class _Elsewhere(BaseHTTPRequestHandler):
    """Sends callers away, or says more than anybody can hear."""

    asked: list[str] = []
    is_endless = False

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        self.asked.append(self.path)
        if self.is_endless:
            self.send_response(201)
            self.send_header("Content-Length", str(1 << 30))
            self.end_headers()
            chunk = b" " * (1 << 16)
            try:
                for _ in range(1 << 10):
                    self.wfile.write(chunk)
            except OSError:
                return
            return
        self.send_response(302)
        self.send_header("Location", "/secret")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.mark.parametrize("is_endless", [False, True])
def test_nobody_sends_us_elsewhere_or_fills_our_memory(is_endless: bool) -> None:
    handler = type("Handler", (_Elsewhere,), {"asked": [], "is_endless": is_endless})
    elsewhere = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=elsewhere.serve_forever, args=[0.02], daemon=True)
    thread.start()
    try:
        till = register(f"http://127.0.0.1:{elsewhere.server_port}")
        with pytest.raises((Unavailable, OutcomeUnknown)):
            till.send(document(), "r1")
        assert handler.asked == ["/api/v2/requests"]
    finally:
        elsewhere.shutdown()
        thread.join()
        elsewhere.server_close()


# What is sent.


def test_a_sale_in_the_drivers_words(server: AtolLocal) -> None:
    till = register(server, operator="Иванова А. А.", operator_inn="500100732259")
    till.open_shift()
    supplier = Supplier("ООО «Поставщик»", "7707083893", ("+74951234567",))
    line = item(
        "50.50",
        "0.3",
        measure=Measure.KILOGRAM,
        agent=AgentKind.COMMISSION_AGENT,
        supplier=supplier,
    )
    buyer = Buyer(phone="+79251234567", name="ООО «Ромашка»", tax_number="7707083893")
    till.send(document(line, buyer=buyer, tax_system=TaxSystem.USN_INCOME), "r1")
    (made,) = printed(server)
    assert made.asked == {
        "type": "sell",
        "electronically": True,
        "taxationType": "usnIncome",
        "operator": {"name": "Иванова А. А.", "vatin": "500100732259"},
        "clientInfo": {
            "emailOrPhone": "+79251234567",
            "name": "ООО «Ромашка»",
            "vatin": "7707083893",
        },
        "items": [
            {
                "type": "position",
                "name": "Чайник",
                "price": Decimal("50.5"),
                "quantity": Decimal("0.3"),
                "amount": Decimal("15.15"),
                "measurementUnit": "kilogram",
                "paymentMethod": "fullPayment",
                "paymentObject": "commodity",
                "tax": {"type": "vat22"},
                "agentInfo": {"agents": ["commissionAgent"]},
                "supplierInfo": {
                    "name": "ООО «Поставщик»",
                    "vatin": "7707083893",
                    "phones": ["+74951234567"],
                },
            }
        ],
        "payments": [{"type": "electronically", "sum": Decimal("15.15")}],
        "total": Decimal("15.15"),
        "paymentsPlace": "https://shop.example",
    }


@pytest.mark.parametrize(
    ("kind", "fraction", "status"),
    [
        (Kind.SELL, None, "itemPieceSold"),
        (Kind.SELL, Fraction(1, 2), "itemDryForSale"),
        (Kind.SELL_REFUND, None, "itemPieceReturn"),
        (Kind.SELL_REFUND, Fraction(1, 2), "itemDryReturn"),
    ],
)
def test_marked_goods(
    server: AtolLocal, till: AtolLocalRegister, kind: Kind, fraction: Fraction | None, status: str
) -> None:
    line = item(
        "10.00",
        "1",
        object=PaymentObject.COMMODITY_WITH_CODE,
        marking_code=GS1,
        fraction=fraction,
    )
    till.send(document(line, kind=kind), "r1")
    (made,) = printed(server)
    (told,) = made.asked["items"]
    assert told["paymentObject"] == "commodityWithMarking"
    marking = told["imcParams"]
    assert base64.b64decode(marking["imc"]).decode() == GS1
    assert marking["itemEstimatedStatus"] == status
    assert marking.get("itemFractionalAmount") == (fraction and "1/2")
    assert made.asked["validateMarkingCodes"] is True


def test_every_word(server: AtolLocal, till: AtolLocalRegister) -> None:
    supplier = Supplier("ООО «Поставщик»", "7707083893")
    lines = [
        *(item("1.00", "1", vat=vat) for vat in Vat),
        *(item("1.00", "1", method=method) for method in PaymentMethod),
        *(item("1.00", "1", object=one) for one in PaymentObject),
        *(item("1.00", "1", measure=measure) for measure in Measure),
        *(item("1.00", "1", agent=agent, supplier=supplier) for agent in AgentKind),
    ]
    rest = Decimal(len(lines)) - 4
    paid = {means: Decimal(1) for means in Means} | {Means.ELECTRONIC: rest}
    for number, system in enumerate(TaxSystem):
        till.send(document(*lines, tax_system=system, paid=paid), f"r{number}")
    assert len(printed(server)) == len(TaxSystem)


def test_a_correction_by_order(server: AtolLocal, till: AtolLocalRegister) -> None:
    ordered = Correction(date(2026, 10, 31), on_order=True, number="1791")
    till.send(document(kind=Kind.SELL_CORRECTION, correction=ordered), "r1")
    (made,) = printed(server)
    assert made.asked["correctionType"] == "instruction"
    assert made.asked["correctionBaseDate"] == "2026.10.31"
    assert made.asked["correctionBaseNumber"] == "1791"


def test_a_buyer_without_an_address_gets_paper(server: AtolLocal) -> None:
    with pytest.raises(Refused, match="ни e-mail, ни телефон"):
        register(server).send(document(buyer=Buyer()), "r1")
    till = register(server, electronically="false")
    till.open_shift()
    assert till.send(document(buyer=Buyer()), "r2").progress is Progress.DONE


@pytest.mark.parametrize(
    ("receipt", "text"),
    [
        (document(item(name="")), "Наименование"),
        (document(item(quantity="0")), "больше нуля"),
        (document(item("0.001", "1")), "рубли с копейками"),
        (document(item(marking_code=GS1, fraction=Fraction(3, 2))), "доля 3/2"),
        (document(item(agent=AgentKind.ATTORNEY)), "нужен поставщик"),
        (document(buyer=Buyer(email="a" * 60 + "@example.com")), "длиннее 64"),
        (document(kind=Kind.SELL_CORRECTION, correction=None), "что он исправляет"),
    ],
)
def test_what_can_not_be_said_is_refused_before_it_is_sent(
    server: AtolLocal, receipt: Receipt, text: str
) -> None:
    with pytest.raises(Refused, match=text):
        register(server).send(receipt, "r1")
    assert not server.exchanges


# Settings.


def test_registers_are_lines() -> None:
    settings = AtolLocalSettings.from_configuration(
        {
            "registers": """
            # у входа
            till1 = http://192.168.1.10:16732
            касса-2 = https://kassa.shop.example/api/v2/?deviceID=K2
            till3=http://[fd00::1]:80/
            """
        }
    )
    assert settings.places == (
        Place("till1", "http://192.168.1.10:16732"),
        Place("касса-2", "https://kassa.shop.example", "K2"),
        Place("till3", "http://[fd00::1]:80"),
    )


@pytest.mark.parametrize(
    "line",
    [
        "till1",
        "till1 = ",
        " = http://a:1",
        "till 1 = http://a:1",
        "till1 = ftp://a",
        "till1 = file:///etc/passwd",
        "till1 = http://user:pass@a:1",
        "till1 = http://a:99999",
        "till1 = http://a:1/other",
        "till1 = http://a:1/#x",
        "till1 = http://a:1/?x=1",
        "till1 = http://a:1/?deviceID=1&deviceID=2",
        "till1 = http://a b:1",
        "till1 = http://a:1\ntill1 = http://b:1",
    ],
)
def test_lines_that_can_not_be_used(line: str) -> None:
    with pytest.raises(SettingsError) as error:
        AtolLocalSettings.from_configuration({"registers": line})
    assert error.value.faults.keys() == {"registers"}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("registers", ""),
        ("login", "касса"),
        ("login", "a:b"),
        ("password", "пароль"),
        ("operator", "я" * 65),
        ("operator_inn", "500100732258"),
        ("electronically", "иногда"),
    ],
)
def test_settings_that_can_not_be_used(key: str, value: str) -> None:
    saved = {"registers": "till1 = http://a:1", "operator": "Иванова А. А.", key: value}
    with pytest.raises(SettingsError) as error:
        AtolLocalSettings.from_configuration(saved)
    assert error.value.faults.keys() == {key}


def test_registers_are_asked_one_at_a_time() -> None:
    found = driver("atol_local")
    assert found is not None
    assert not found.is_parallel
