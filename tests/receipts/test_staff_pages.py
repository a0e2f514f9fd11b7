"""What staff see of receipts, and what they can do: over HTTP, with real registers behind it."""

import re
from collections.abc import Iterator
from decimal import Decimal
from html import unescape
from uuid import uuid4

import pytest
from django.test import Client, RequestFactory
from selenium.webdriver import Chrome

from saleor_1c_plugin.receipts import pages
from saleor_1c_plugin.receipts.compose.document import Kind, PaymentObject, Vat
from saleor_1c_plugin.receipts.compose.document import Receipt as Document
from saleor_1c_plugin.receipts.models import Receipt, RegisterHealth
from saleor_1c_plugin.receipts.printing import links
from saleor_1c_plugin.receipts.stored import load
from tests import serving
from tests.browsing import follow

from . import sales
from .samples import document, item, row, waiting
from .support import FIRST, House, contents

ROOT = "/receipts/"
State = Receipt.State
_HOSTILE = """<script>alert(1)</script>"'{{ x }}"""

pytestmark = pytest.mark.usefixtures("english")


class Person:
    """Somebody with a browser."""

    def __init__(self) -> None:
        self.http = Client(headers={"Accept-Language": "en"})

    def look(self, path: str = "", **query: object) -> str:
        response = self.http.get(ROOT + path, query)
        assert response.status_code == 200
        assert response["Cache-Control"] == "no-store"
        assert response["X-Frame-Options"] == "DENY"
        return unescape(response.content.decode())

    def press(self, path: str, action: str, status: int = 302, **given: object) -> str:
        """Press a button of a page; what the next page says."""
        form = re.search(r'name="form" value="([^"]+)"', self.look(path))
        assert form
        response = self.http.post(ROOT + path, {"form": form[1], "action": action, **given})
        assert response.status_code == status
        return unescape(response.content.decode()) if status != 302 else self.look(path)


@pytest.fixture
def person(house: House) -> Person:
    return Person()


def page_of(receipt: Receipt) -> str:
    return f"receipt/{receipt.pk}/"


def failed(
    reason: str = "Нет адреса покупателя", made: Document | None = None, **values: object
) -> Receipt:
    return waiting(made, **{"state": State.FAILED, "reason": reason, **values})


def test_without_receipts_there_are_pages(person: Person) -> None:
    for path in ("", "report/", "shifts/"):
        assert "There are none." in person.look(path)


def test_what_failed_is_shown_with_what_to_mend(person: Person) -> None:
    receipt = failed(order_number="77", register="atol:1")
    late = failed(order_number="78", deadline=receipt.deadline.replace(year=2020))
    text = person.look()
    assert "Нет адреса покупателя" in text
    # What is most overdue comes first.
    assert re.findall(r'receipt/([^/]+)/">', text) == [str(late.pk), str(receipt.pk)]
    assert "overdue" in text
    assert "atol:1" in text
    assert "77" in person.look(q="77")
    assert "Нет адреса покупателя" not in person.look(q="nobody")


def test_what_waits_has_its_term(person: Person) -> None:
    waiting(deadline=failed().deadline.replace(year=2020))
    waiting(state=State.SENT, register="emulator:1")
    text = person.look(state="waiting")
    assert text.count("/receipts/receipt/") == 2
    assert "At the register" in text
    assert "overdue" in text


def test_done_ones_are_found_by_their_number(person: Person) -> None:
    receipt = row()
    row()
    text = person.look(state="done", q=receipt.fiscal_document)
    assert re.findall(r'receipt/([^/]+)/">', text) == [str(receipt.pk)]


def test_an_ailing_register_is_named(person: Person) -> None:
    RegisterHealth.objects.create(register="atol:1", problem="Нет бумаги")
    assert "atol:1: Нет бумаги" in person.look()
    assert "Нет бумаги" in person.look("shifts/")


@pytest.mark.parametrize(
    "path",
    [
        *("receipt/x/", "receipt/", f"receipt/{uuid4()}/", "nothing/", "shifts/x/"),
        *("receipt/%00/", "report/../x/"),
    ],
)
def test_what_is_not_there_is_not_found(person: Person, path: str) -> None:
    assert person.http.get(ROOT + path).status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        {"state": "x", "page": "-1", "q": "\x00"},
        {"state": "done", "q": "9" * 40, "page": "x"},
        {"q": "<script>"},
    ],
)
def test_nonsense_shows_what_is_usual(person: Person, query: dict[str, object]) -> None:
    assert "There are none." in person.look(**query)
    assert "<script>" not in person.http.get(ROOT, query).content.decode()


def test_hostile_names_are_text(person: Person) -> None:
    made = document(item(name=_HOSTILE))
    for receipt in (
        failed(_HOSTILE, order_number=_HOSTILE, note=_HOSTILE, register=_HOSTILE),
        row(made, reason=_HOSTILE, order_number=_HOSTILE),
        waiting(made, state=State.DROPPED, note=_HOSTILE),
    ):
        for path in (page_of(receipt), "?state=failed", "?state=done", "?state=dropped"):
            response = person.http.get(ROOT + path)
            assert response.status_code == 200
            assert b"<script" not in response.content


def test_a_mended_receipt_is_sent(house: House, person: Person) -> None:
    receipt = failed(made=contents())
    text = person.look(page_of(receipt))
    assert "Mend it here" in text
    person.press(
        page_of(receipt),
        "mend",
        email="  anna@example.com ",
        phone="8 (999) 000-00-01",
        name="Чай\n чёрный",
        vat=str(Vat.RATE_10_110.value),
        code="",
        note="По телефону",
    )
    receipt.refresh_from_db()
    assert (receipt.state, receipt.note, receipt.reason) == (State.DONE, "По телефону", "")
    kept = load(receipt.document or {})
    assert (kept.buyer.email, kept.buyer.phone) == ("anna@example.com", "+79990000001")
    (line,) = kept.items
    assert (line.name, line.vat) == ("Чай чёрный", Vat.RATE_10_110)
    # Money is a fact.
    assert line.amount == receipt.total
    (printed,) = house.printed(FIRST)
    assert printed.external_id == str(receipt.pk)


def test_what_a_register_has_turned_down_is_another_one_to_it(house: House, person: Person) -> None:
    receipt = failed(register="emulator:1", channel="default-channel")
    person.press(page_of(receipt), "mend", **same(receipt))
    receipt.refresh_from_db()
    assert (receipt.state, receipt.version) == (State.DONE, 2)
    assert house.printed(FIRST)[0].external_id == f"{receipt.pk}.2"


def same(receipt: Receipt, **other: object) -> dict[str, object]:
    """The form as the page has it."""
    kept = load(receipt.document or {})
    return {
        "email": kept.buyer.email,
        "phone": kept.buyer.phone,
        "name": [one.name for one in kept.items],
        "vat": [str(one.vat.value) for one in kept.items],
        "code": [one.marking_code for one in kept.items],
        **other,
    }


def test_a_code_is_typed_with_a_sign_for_its_separator(person: Person) -> None:
    marked = document(item("10.00", "1", object=PaymentObject.COMMODITY_WITHOUT_CODE))
    receipt = failed("Нет кода маркировки", made=marked)
    person.press(page_of(receipt), "mend", **same(receipt, code="0104600␝93abc"))
    receipt.refresh_from_db()
    (line,) = load(receipt.document or {}).items
    assert line.marking_code == "0104600\x1d93abc"
    assert line.object is PaymentObject.COMMODITY_WITH_CODE
    assert "0104600␝93abc" in person.look(page_of(receipt))


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"email": "", "phone": ""}, "Не указан контакт покупателя"),
        ({"email": "x"}, "Электронная почта покупателя указана с ошибкой"),
        ({"name": "x" * 200}, "наименование длиннее"),
        ({"name": " "}, "нет наименования"),
        ({"vat": "99"}, "There is no such rate."),
        ({"vat": "x"}, "There is no such rate."),
        ({"name": ["a", "b"]}, "The receipt has changed"),
        ({"vat": []}, "The receipt has changed"),
        ({"code": "01046"}, "на один код маркировки"),
        ({"email": "\x00"}, "Не указан контакт покупателя"),
    ],
)
def test_what_can_not_be_printed_is_not_sent(
    person: Person, other: dict[str, object], said: str
) -> None:
    receipt = failed()
    before = receipt.document
    text = person.press(page_of(receipt), "mend", 409, **same(receipt, **other))
    assert said in text
    receipt.refresh_from_db()
    assert (receipt.state, receipt.document) == (State.FAILED, before)


def test_what_was_typed_stays_when_it_is_wrong(person: Person) -> None:
    receipt = failed()
    typed = same(receipt, email="x", phone="", name='Чай "Ли"')
    text = person.press(page_of(receipt), "mend", 409, **typed)
    assert 'name="email" value="x"' in text
    assert 'value="Чай "Ли""' in text


def test_a_receipt_is_dropped_with_a_reason(person: Person) -> None:
    receipt = failed()
    assert "Say why." in person.press(page_of(receipt), "drop", 409, note=" \x00")
    person.press(page_of(receipt), "drop", note="Тестовый заказ")
    receipt.refresh_from_db()
    assert (receipt.state, receipt.note) == (State.DROPPED, "Тестовый заказ")
    assert "Тестовый заказ" in person.look(state="dropped")


def test_what_is_registered_can_be_neither_dropped_nor_mended(person: Person) -> None:
    receipt = row()
    for action in ("drop", "mend", "send", "let-go"):
        person.press(page_of(receipt), action, 409, **same(receipt, note="x"))
        receipt.refresh_from_db()
        assert receipt.state == State.DONE


def test_a_register_that_never_answers_is_given_up(house: House, person: Person) -> None:
    receipt = waiting(state=State.SENT, register="atol:gone", due=None)
    person.press(page_of(receipt), "let-go", note="Смотрели в личном кабинете")
    receipt.refresh_from_db()
    assert (receipt.state, receipt.register) == (State.DONE, FIRST)


def test_a_wrong_receipt_is_taken_back_by_a_correction(house: House, person: Person) -> None:
    order = sales.order()
    sales.pay(order, "200.00")
    wrong = Receipt.objects.get()
    assert "Say why." in person.press(page_of(wrong), "correct", 409, note="")
    text = person.press(page_of(wrong), "correct", note="Оплата была не у нас", number="12/3")
    assert "Corrected by" in text
    (back,) = Receipt.objects.filter(corrects=wrong)
    assert (back.kind, back.state) == (Kind.SELL_REFUND_CORRECTION, State.DONE)
    assert (back.moved, back.note) == (Decimal(200), "Оплата была не у нас")
    correction = load(back.document or {}).correction
    assert correction is not None
    assert (correction.number, correction.sign) == ("12/3", wrong.sign)
    assert "another receipt" in person.look(page_of(back))
    # Once.
    text = person.press(page_of(wrong), "correct", 409, note="Ещё раз")
    assert "being corrected already" in text
    # It is printed as what it is.
    shown = person.http.get(links.address_of(back.pk)).content.decode()
    assert "Кассовый чек коррекции" in shown
    assert "По предписанию" in shown
    assert wrong.sign in shown


def test_nobody_else_s_form_works(person: Person) -> None:
    receipt = failed()
    data = {"form": "guessed", "action": "drop", "note": "x"}
    for path in (page_of(receipt), "", "shifts/"):
        assert person.http.post(ROOT + path, data).status_code == 403
    # Nor that of another member of staff.
    request = RequestFactory().get(ROOT)
    shown = pages.serve(request, "1").content.decode()
    form = re.search(r'name="form" value="([^"]+)"', shown)
    assert form
    request = RequestFactory().post(ROOT, {"form": form[1], "action": "send"})
    assert pages.serve(request, "2").status_code == 403
    assert pages.serve(request, "1").status_code == 200
    receipt.refresh_from_db()
    assert receipt.state == State.FAILED


def test_all_that_failed_is_composed_anew(person: Person) -> None:
    failed()
    # Its order is gone: it can't be.
    assert "0 receipts are sent anew." in person.press("", "send", 200)


def test_the_x_report_is_the_register_s(house: House, person: Person) -> None:
    house.put("100.00")
    house.put("30.00", kind=Kind.SELL_REFUND)
    text = person.look("shifts/")
    assert "emulator:1" in text
    assert "since" in text
    form = re.search(r'name="form" value="([^"]+)"', text)
    assert form
    response = person.http.post(f"{ROOT}shifts/", {"form": form[1], "register": FIRST})
    report = unescape(response.content.decode()).partition('id="report"')[2]
    assert "X report of shift 1" in report
    assert "100.00" in report
    assert "30.00" in report
    response = person.http.post(f"{ROOT}shifts/", {"form": form[1], "register": "nobody"})
    assert b"There is no such register" in response.content


def test_a_register_that_is_away_says_so(house: House, person: Person) -> None:
    house.put("100.00")
    house.break_down(FIRST, is_away=True)
    form = re.search(r'name="form" value="([^"]+)"', person.look("shifts/"))
    assert form
    response = person.http.post(f"{ROOT}shifts/", {"form": form[1], "register": FIRST})
    assert response.status_code == 200


def test_closed_shifts_are_listed(house: House, person: Person) -> None:
    house.put("100.00")
    house.pass_time(hours=25)
    house.look_after()
    text = person.look("shifts/").partition("<h2>Shifts</h2>")[2]
    assert "100.00" in text


@pytest.fixture
def served(house: House) -> Iterator[str]:
    with serving.served() as url:
        yield url


def test_somebody_mends_a_receipt_in_a_browser(served: str, house: House, browser: Chrome) -> None:
    receipt = failed(channel="default-channel", order_number="4711")
    browser.get(served + ROOT)
    follow(browser, browser.find_element("link text", "4711"))
    field = browser.find_element("name", "email")
    field.clear()
    field.send_keys("ivan@example.com")
    follow(browser, browser.find_element("css selector", "button[value=mend]"))
    receipt.refresh_from_db()
    assert receipt.state == State.DONE
    assert load(receipt.document or {}).buyer.email == "ivan@example.com"
